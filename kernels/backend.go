package kernels

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gogpu/gputypes"

	"github.com/gradus-ml/gradus/engine/backend"
)

// Backend is a GPU. Its fields below calls belong to the owner's goroutine.
type Backend struct {
	calls chan call
	gone  chan struct{}
	once  sync.Once // closes gone
	info  backend.Info

	gpu       *gpu
	memories  map[uint64][]*memory // free, by size
	slots     slots
	count     dispatch // counts a submission in the status word
	status    *memory
	submitted uint32
	flight    flight
	failed    error // the first failure of the device: everything after it fails too
	broken    bool  // the failure was a fault in the binding: nothing of it can be trusted any more
	closed    bool
}

// flight is the submission that the device works on, if it has not been waited for.
type flight struct {
	pending bool
	pace    *pace // of the program it belongs to
	steps   int
	start   time.Time
}

// call is work for the owner's goroutine.
type call struct {
	work  func() error
	reply chan error
}

var errClosed = errors.New("kernels: closed")

func newBackend() *Backend {
	b := &Backend{calls: make(chan call), gone: make(chan struct{}), memories: map[uint64][]*memory{}}
	go b.own()
	return b
}

// own does the calls, one after the other, on one thread.
func (b *Backend) own() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for {
		select {
		case c := <-b.calls:
			c.reply <- b.guard(c.work)
		case <-b.gone:
			return
		}
	}
}

// guard does one piece of work and turns a fault of the binding into an error that sticks.
func (b *Backend) guard(work func() error) (err error) {
	if b.closed {
		return errClosed
	}
	defer func() {
		if fault := recover(); fault != nil {
			b.failed = fmt.Errorf("kernels: internal fault: %v\n%s", fault, debug.Stack())
			b.broken, err = true, b.failed
		}
	}()
	return work()
}

// do has the owner do the work, unless the device has failed.
func (b *Backend) do(work func() error) error {
	return b.doAlways(func() error {
		if b.failed != nil {
			return b.failed
		}
		return work()
	})
}

func (b *Backend) doAlways(work func() error) error {
	reply := make(chan error, 1)
	select {
	case b.calls <- call{work, reply}:
		return <-reply
	case <-b.gone:
		return errClosed
	}
}

func (b *Backend) stop() { b.once.Do(func() { close(b.gone) }) }

// prepare makes what every submission needs.
func (b *Backend) prepare() (err error) {
	b.slots.gpu = b.gpu
	if b.status, err = b.memory(memoryStep); err != nil {
		return err
	}
	if b.count, err = b.dispatch(launch{shader: "advance", params: []uint32{1}, x: 1, y: 1,
		operands: []backend.Operand{{Name: "status", Region: backend.Whole(&buffer{b, backend.U32, 1, b.status}), Access: backend.ReadWrite}}}); err != nil {
		return err
	}
	if err := b.gpu.write(b.status.buffer, 0, make([]byte, 4)); err != nil {
		return err
	}
	return b.settle()
}

// Info implements backend.Backend.
func (b *Backend) Info() backend.Info { return b.info }

// enqueue submits the dispatches, so many times over, when the submission before last has finished.
func (b *Backend) enqueue(list []dispatch, times int, p *pace) error {
	commands, err := b.gpu.encode(times, list, b.count)
	if err != nil {
		return b.fail("recording", err)
	}
	if b.flight.pending {
		if err := b.settle(); err != nil {
			return err
		}
	}
	if err := b.gpu.submit(commands); err != nil {
		return b.fail("submitting", err)
	}
	b.submitted++
	b.flight = flight{true, p, times, time.Now()}
	return nil
}

// settle waits for all work and checks that it was done.
func (b *Backend) settle() error { return b.fetch(nil, nil, 0) }

// fetch is settle that reads memory besides.
func (b *Backend) fetch(dst []byte, m *memory, offset uint64) error {
	if m == nil {
		m = b.status
	}
	done, err := b.gpu.read(dst, m.buffer, offset, b.status.buffer)
	if err != nil {
		return b.fail("reading back", err)
	}
	if f := b.flight; f.pending && f.pace != nil {
		f.pace.took(f.steps, time.Since(f.start))
	}
	b.flight = flight{}
	if done != b.submitted {
		return b.fail("running", fmt.Errorf("%s finished %d of %d submissions: the rest was lost", b.info.Device, done, b.submitted))
	}
	return nil
}

// fail makes an error that sticks.
func (b *Backend) fail(doing string, err error) error {
	b.failed = fmt.Errorf("kernels: %s: %w", doing, err)
	return b.failed
}

// Sync implements backend.Backend.
func (b *Backend) Sync() error { return b.do(b.settle) }

// Close implements backend.Backend.
func (b *Backend) Close() error {
	err := b.doAlways(func() error {
		b.closed = true
		err := b.failed
		if err == nil {
			err = b.settle()
		}
		if b.broken {
			return err // better a leak than another fault
		}
		err = errors.Join(err, b.gpu.idle())
		b.gpu.release()
		return err
	})
	b.stop()
	if errors.Is(err, errClosed) {
		return nil
	}
	return err
}

const storage = gputypes.BufferUsageStorage | gputypes.BufferUsageCopyDst | gputypes.BufferUsageCopySrc

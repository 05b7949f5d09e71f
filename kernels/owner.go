package kernels

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
)

var (
	errClosed = errors.New("kernels: the device is closed")
	// errFailed is wrapped by every error after which nothing that the device holds can be trusted.
	errFailed = errors.New("kernels: the device failed")
)

// An owner is a goroutine that runs jobs one after the other on one OS thread: the only one that may touch the device.
type owner struct {
	jobs    chan job // unbuffered, so that a job that was accepted is run
	done    chan struct{}
	failure atomic.Pointer[error]
}

type job struct {
	run   func() error
	reply chan error // nil if nobody waits
	last  bool
}

func newOwner() *owner {
	o := &owner{jobs: make(chan job), done: make(chan struct{})}
	go firm(o.loop)
	return o
}

// floorBytes is more than a quarter of any stack that jobs grow, and leaves them half of the first one.
const floorBytes = 64 << 10

// firm calls f above a frame so large that the runtime neither grows nor shrinks the stack while f calls drivers: that would move it, and the
// binding hands out addresses of variables on it as numbers, which stay as they are. A driver's answer would then overwrite whatever is there.
//
//go:noinline
func firm(f func()) {
	var floor [floorBytes]byte
	f()
	runtime.KeepAlive(&floor)
}

func (o *owner) loop() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread() // or the thread would end, and with it, in a crash, what drivers keep by thread
	defer close(o.done)
	for {
		j := <-o.jobs
		err := o.attempt(j)
		if j.reply != nil {
			j.reply <- err
		}
		if j.last {
			return
		}
	}
}

// attempt runs a job unless the device failed before. A failure that concerns the device, a panic of the binding,
// and any error that nobody waits for are kept.
func (o *owner) attempt(j job) (err error) {
	if failed := o.failed(); failed != nil && !j.last {
		return failed
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: the WebGPU binding panicked: %v", errFailed, p)
		}
		if err != nil && (j.reply == nil || errors.Is(err, errFailed)) {
			o.failure.CompareAndSwap(nil, &err)
		}
	}()
	return j.run()
}

// failed returns the failure that ended the device's use, if any.
func (o *owner) failed() error {
	if err := o.failure.Load(); err != nil {
		return *err
	}
	return nil
}

// do runs a job and waits for its end.
func (o *owner) do(run func() error) error {
	return o.send(job{run: run, reply: make(chan error, 1)})
}

// enqueue has a job run and does not wait for its end. It waits for the end of the jobs before.
func (o *owner) enqueue(run func() error) error { return o.send(job{run: run}) }

// stop runs the last job, even if the device failed, and ends the goroutine.
func (o *owner) stop(run func() error) error {
	return o.send(job{run: run, reply: make(chan error, 1), last: true})
}

func (o *owner) send(j job) error {
	if failed := o.failed(); failed != nil && !j.last {
		return failed
	}
	select {
	case o.jobs <- j:
	case <-o.done:
		return errClosed
	}
	if j.reply == nil {
		return nil
	}
	return <-j.reply
}

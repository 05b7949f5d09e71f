// Package faulty makes a device that fails on purpose, for tests of what programs do then.
//
// It stands between the engine and any other backend and works on the contract alone.
package faulty

import (
	"errors"
	"fmt"
	"sync"

	"github.com/gradus-ml/gradus/engine/backend"
)

// ErrInjected is wrapped by every error of a fault that has none of its own.
var ErrInjected = errors.New("injected fault")

// Call is a kind of call of a device.
type Call uint8

// The calls. Run is that of a program.
const (
	Alloc Call = iota
	Write
	Read
	Compile
	Run
	Sync
	calls
)

// String returns alloc, write, read, compile, run or sync.
func (c Call) String() string {
	if c < calls {
		return [...]string{"alloc", "write", "read", "compile", "run", "sync"}[c]
	}
	return fmt.Sprintf("Call(%d)", uint8(c))
}

// Calls lists the kinds of calls.
func Calls() []Call { return []Call{Alloc, Write, Read, Compile, Run, Sync} }

// How is what a fault does.
type How uint8

// The ways to fail.
const (
	Fail  How = iota // the call has no effect and returns an error
	Lose             // so do this call and every later one, of any kind, as on a device that is lost
	Drop             // a Run does nothing and says nothing, as with a driver that gives up silently
	Spoil            // a Run leaves NaN in the first element of the first result of Operation, each time that it is made
)

// A Fault is one call that fails.
type Fault struct {
	Call  Call
	After int // calls of the kind that go well before it
	How   How // Drop and Spoil are of Run
	// Operation names what Spoil spoils: the first of the name in the program's list. Runs of programs without it are not counted.
	Operation string
	Err       error // what Fail and Lose return; nil means ErrInjected
}

// Device is a backend with faults. Close works whatever has failed.
type Device struct {
	backend.Backend
	mu       sync.Mutex
	pending  []*Fault
	counts   [calls]int
	lost     error
	programs int
	limit    memory
}

// Wrap returns the device with the faults. A program that is to be spoiled is run in two parts, so that the device cannot fuse operations across the place.
func Wrap(dev backend.Backend, faults ...Fault) *Device {
	d := &Device{Backend: dev, limit: memory{most: -1}}
	d.Inject(faults...)
	return d
}

// Inject adds faults; their After counts from now.
func (d *Device) Inject(faults ...Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range faults {
		d.pending = append(d.pending, &f)
	}
}

// Count returns how many calls of the kind there have been.
func (d *Device) Count(c Call) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.counts[c]
}

// Pending returns how many faults have not happened yet.
func (d *Device) Pending() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.pending)
}

// Programs returns how many programs have been compiled and not released.
func (d *Device) Programs() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.programs
}

// call counts a call and returns the fault that it is struck by, if any. operations says what a Run can spoil.
func (d *Device) call(c Call, can func(operation string) bool) (struck *Fault, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts[c]++
	if d.lost != nil {
		return nil, d.lost
	}
	for i := 0; i < len(d.pending); i++ {
		f := d.pending[i]
		if f.Call != c || f.How == Spoil && !can(f.Operation) {
			continue
		}
		if f.After--; f.After >= 0 || struck != nil {
			continue
		}
		d.pending = append(d.pending[:i], d.pending[i+1:]...)
		i--
		struck = f
	}
	if struck == nil || struck.How == Drop || struck.How == Spoil {
		return struck, nil
	}
	if err = struck.Err; err == nil {
		err = fmt.Errorf("%v number %d: %w", c, d.counts[c], ErrInjected)
	}
	if struck.How == Lose {
		d.lost = err
	}
	return struck, err
}

func nothing(string) bool { return false }

// Alloc implements backend.Backend.
func (d *Device) Alloc(kind backend.Kind, n int) (backend.Buffer, error) {
	if _, err := d.call(Alloc, nothing); err != nil {
		return nil, err
	}
	if err := d.limit.take(kind, n); err != nil {
		return nil, err
	}
	return d.Backend.Alloc(kind, n)
}

// Write implements backend.Backend.
func (d *Device) Write(dst backend.Region, src []byte) error {
	if _, err := d.call(Write, nothing); err != nil {
		return err
	}
	return d.Backend.Write(dst, src)
}

// Read implements backend.Backend.
func (d *Device) Read(dst []byte, src backend.Region) error {
	if _, err := d.call(Read, nothing); err != nil {
		return err
	}
	return d.Backend.Read(dst, src)
}

// Sync implements backend.Backend.
func (d *Device) Sync() error {
	if _, err := d.call(Sync, nothing); err != nil {
		return err
	}
	return d.Backend.Sync()
}

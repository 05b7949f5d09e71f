// Package backend is the contract between the engine and the devices that run it.
//
// The engine describes a training step as a list of operations over buffers (package ops); a Backend
// compiles the list once and replays it. The engine says what is computed, the backend decides how.
package backend

import "errors"

var (
	// ErrUnsupported is wrapped by the error of a Compile that met an operation the backend lacks.
	ErrUnsupported = errors.New("operation not supported")
	// ErrOutOfMemory is wrapped by the error of an Alloc or a Compile for which the device has no memory, or never had.
	ErrOutOfMemory = errors.New("out of memory")
)

// A Backend is one device: the CPU, or a GPU reached through WebGPU.
// Its methods may be called from several goroutines; programs run in the order in which Run was called.
type Backend interface {
	// Info says what the device is and what it can hold.
	Info() Info
	// Alloc returns n elements of the kind, all zero. It fails when the device cannot hold them;
	// the error then wraps ErrOutOfMemory.
	Alloc(kind Kind, n int) (Buffer, error)
	// Write copies src, little-endian elements of dst's kind, to dst, after the work enqueued before.
	// src must be as long as the region; see Upload for typed slices.
	Write(dst Region, src []byte) error
	// Read copies src to dst, as Write lays it out. It waits for the work enqueued before
	// and reports any failure of it.
	Read(dst []byte, src Region) error
	// Compile checks the operations and prepares them to be run in their order.
	// An error names the operation.
	Compile(list []Op) (Program, error)
	// Sync waits for all enqueued work and reports any failure of it.
	Sync() error
	// Close waits, then gives everything back. Buffers and programs are unusable afterwards.
	Close() error
}

// A Buffer is memory of one device, holding Len elements of one kind.
type Buffer interface {
	Kind() Kind
	Len() int
	// Release gives the memory back to the backend. No program that uses it may run afterwards.
	Release()
}

// Transient is implemented by buffers of a backend that makes use of knowing what nobody reads. MarkTransient, before Compile, says that
// what the buffer holds after a run does not matter: a program need not write to it what no operation of its list reads.
type Transient interface {
	MarkTransient()
	IsTransient() bool
}

// A Program is a compiled list of operations.
type Program interface {
	// Run enqueues the whole list the given number of times and may return before the device
	// has finished; a later Read or Sync reports what failed meanwhile.
	Run(times int) error
	// Release gives back what the program holds; it waits for runs under way.
	Release()
}

// An Op is one operation described as data: a plain struct of regions and sizes.
type Op interface {
	// Name is the operation's name in snake case, the stem of its files in every package.
	Name() string
	// Check applies the operation's size rules, the same for every backend.
	Check() error
	// Operands lists what the operation reads and writes, in binding order.
	Operands() []Operand
	// Cost is the arithmetic and the least memory traffic of one execution.
	Cost() Cost
}

// Cost is what one execution of an operation takes at least.
type Cost struct {
	FLOPs int64 // floating-point operations: an addition, a multiplication or a function each count one
	Bytes int64 // every operand moved once
}

// Add returns the sum of two costs.
func (c Cost) Add(d Cost) Cost { return Cost{c.FLOPs + d.FLOPs, c.Bytes + d.Bytes} }

// CostOf returns what one execution of the whole list takes at least.
func CostOf(list []Op) Cost {
	var sum Cost
	for _, op := range list {
		sum = sum.Add(op.Cost())
	}
	return sum
}

// Info describes a device.
type Info struct {
	Name     string // of the backend: "cpu", "gpu"
	Device   string // as the device calls itself: "Apple M2", "llvmpipe (LLVM 15.0.6, 256 bits)"
	API      string // what it is reached through: "go", "vulkan", "metal"
	Software bool   // the API is emulated on the CPU, as lavapipe does: right, but slow
	Limits   Limits
}

// String returns the description in one line.
func (i Info) String() string {
	s := i.Name + ": " + i.Device + " (" + i.API
	if i.Software {
		s += ", software"
	}
	return s + ")"
}

// Limits are the largest sizes of a device, in bytes. Zero means no limit but memory.
type Limits struct {
	BufferBytes  int64 // of one buffer
	BindingBytes int64 // of one operand
}

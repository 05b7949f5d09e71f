// Package cpu is the backend that runs everywhere: vector kernels in assembly where the machine has AVX2 or AVX-512, with NEON those of matrix
// products; elsewhere plain Go, with gonum for matrix products.
//
// A compiled program is a list of jobs over slices; each job is cut into parts that do not depend on the number of threads,
// and a part writes what no other part touches. Results are therefore the same bits for any number of threads.
package cpu

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"github.com/gradus-ml/gradus/engine/backend"
)

// Options change what Open opens.
type Options struct {
	Threads int // at most this many work on an operation; zero means runtime.GOMAXPROCS(0)
	// Instructions is the set of instructions of the kernels: "avx512", "avx2", "neon" or "go". Empty means the best that the machine has.
	Instructions string
	// Products computes matrix products in place of this package's kernels: see package sysblas. Results are then no longer the same bits everywhere.
	Products Products
}

// Backend is the CPU.
type Backend struct {
	mu     sync.Mutex // held by whoever touches memory
	pool   *pool
	set    instructions
	theirs Products // or nil for our own
	packed packing
	device string
	closed bool
}

// Open opens the CPU with the default options. It never fails.
func Open() (backend.Backend, error) { return OpenWith(Options{}) }

// OpenWith opens the CPU.
func OpenWith(o Options) (backend.Backend, error) {
	if o.Threads < 0 {
		return nil, fmt.Errorf("cpu: threads is %d, want at least 1, or 0 for all", o.Threads)
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	set, err := choose(o.Instructions)
	if err != nil {
		return nil, err
	}
	d := &Backend{pool: newPool(o.Threads), set: set, theirs: o.Products, device: deviceName(o.Threads, set)}
	if o.Products != nil {
		d.device += fmt.Sprintf(", products by %v", o.Products)
	}
	return d, nil
}

func deviceName(threads int, set instructions) string {
	name := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, ok := strings.Cut(string(text), "model name"); ok {
			line, _, _ := strings.Cut(rest, "\n")
			name = strings.TrimSpace(strings.TrimLeft(line, "\t :"))
		}
	}
	return fmt.Sprintf("%s, %d threads, %v", name, threads, set)
}

// Info implements backend.Backend.
func (d *Backend) Info() backend.Info {
	return backend.Info{Name: "cpu", Device: d.device, API: "go"}
}

var errClosed = errors.New("cpu: closed")

// buffer is memory in one of the slices, by kind.
type buffer struct {
	owner *Backend
	kind  backend.Kind
	n     int
	f     []float32
	u     []uint32
	b     []byte

	transient bool // nobody reads it after a run
}

// MarkTransient implements backend.Transient.
func (b *buffer) MarkTransient() { b.transient = true }

// IsTransient implements backend.Transient.
func (b *buffer) IsTransient() bool { return b.transient }

func (b *buffer) Kind() backend.Kind { return b.kind }
func (b *buffer) Len() int           { return b.n }

// Release leaves the memory to the garbage collector.
func (b *buffer) Release() {}

// Alloc implements backend.Backend.
func (d *Backend) Alloc(kind backend.Kind, n int) (_ backend.Buffer, err error) {
	if n < 1 || kind > backend.U8 {
		return nil, fmt.Errorf("cpu: alloc: %d elements of %v, want at least 1 of f32, u32 or u8", n, kind)
	}
	defer func() { // a length that make refuses
		if recover() != nil {
			err = fmt.Errorf("cpu: alloc: %d elements of %v are more than memory holds: %w", n, kind, backend.ErrOutOfMemory)
		}
	}()
	b := &buffer{owner: d, kind: kind, n: n}
	switch kind {
	case backend.F32:
		b.f = make([]float32, n)
	case backend.U32:
		b.u = make([]uint32, n)
	case backend.U8:
		b.b = make([]byte, n)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return b, d.usable()
}

func (d *Backend) usable() error {
	if d.closed {
		return errClosed
	}
	return nil
}

// bytes views the region's memory, if it is this backend's and as long as wanted.
func (d *Backend) bytes(r backend.Region, n int) ([]byte, error) {
	if err := r.Valid(); err != nil {
		return nil, fmt.Errorf("cpu: %w", err)
	}
	b, ok := r.Buffer.(*buffer)
	if !ok || b.owner != d {
		return nil, errForeign
	}
	if int64(n) != r.Bytes() {
		return nil, fmt.Errorf("cpu: %d bytes for a region of %d", n, r.Bytes())
	}
	size := r.Kind().Size()
	return unsafe.Slice((*byte)(b.pointer()), b.n*size)[r.Offset*size:][:n], d.usable()
}

var errForeign = errors.New("cpu: the buffer is another backend's")

func (b *buffer) pointer() unsafe.Pointer {
	switch b.kind {
	case backend.F32:
		return unsafe.Pointer(&b.f[0])
	case backend.U32:
		return unsafe.Pointer(&b.u[0])
	}
	return unsafe.Pointer(&b.b[0])
}

// Write implements backend.Backend.
func (d *Backend) Write(dst backend.Region, src []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	memory, err := d.bytes(dst, len(src))
	if err != nil {
		return err
	}
	copy(memory, src)
	return nil
}

// Read implements backend.Backend.
func (d *Backend) Read(dst []byte, src backend.Region) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	memory, err := d.bytes(src, len(dst))
	if err != nil {
		return err
	}
	copy(dst, memory)
	return nil
}

// Sync implements backend.Backend: Run has already waited.
func (d *Backend) Sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.usable()
}

// Close implements backend.Backend.
func (d *Backend) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.closed = true
		d.pool.close()
	}
	return nil
}

func f32(r backend.Region) []float32 { return r.Buffer.(*buffer).f[r.Offset:][:r.Len:r.Len] }
func u32(r backend.Region) []uint32  { return r.Buffer.(*buffer).u[r.Offset:][:r.Len:r.Len] }
func u8(r backend.Region) []byte     { return r.Buffer.(*buffer).b[r.Offset:][:r.Len:r.Len] }

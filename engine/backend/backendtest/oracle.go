package backendtest

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"unsafe"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/random"
)

// Oracle is a backend that computes in float64, each operation as plainly as its formula reads. Its f32 buffers hold
// float64 values: Write widens, Read rounds, Float64s and SetFloat64s do neither.
type Oracle struct {
	mu     sync.Mutex
	closed bool
	live   int            // buffers that have not been released
	noise  *random.Stream // of NewRounded; nil
}

// NewOracle returns an oracle.
func NewOracle() *Oracle { return &Oracle{} }

// OpenOracle is NewOracle as a backend.Opener.
func OpenOracle() (backend.Backend, error) { return NewOracle(), nil }

var errClosed = errors.New("oracle: closed")

// memory is a buffer of the oracle: one of the slices, by kind.
type memory struct {
	owner *Oracle
	kind  backend.Kind
	n     int
	f     []float64
	u     []uint32
	b     []byte
	gone  bool

	transient bool // nobody reads it after a run
}

// MarkTransient implements backend.Transient. The oracle leaves nothing out.
func (m *memory) MarkTransient() { m.transient = true }

// IsTransient implements backend.Transient.
func (m *memory) IsTransient() bool { return m.transient }

func (m *memory) Kind() backend.Kind { return m.kind }
func (m *memory) Len() int           { return m.n }

func (m *memory) Release() {
	m.owner.mu.Lock()
	defer m.owner.mu.Unlock()
	if !m.gone {
		m.gone = true
		m.owner.live--
	}
}

// Live returns how many buffers have been allocated and not released: 0 at the end of a program that gives everything back.
func (o *Oracle) Live() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.live
}

// Info implements backend.Backend.
func (*Oracle) Info() backend.Info {
	return backend.Info{Name: "oracle", Device: "float64", API: "go", Software: true}
}

// mostElements is how many elements an operation can index.
const mostElements = 1 << 30

// Alloc implements backend.Backend.
func (o *Oracle) Alloc(kind backend.Kind, n int) (backend.Buffer, error) {
	if n < 1 || kind > backend.U8 {
		return nil, fmt.Errorf("oracle: alloc: %d elements of %v, want at least 1 of f32, u32 or u8", n, kind)
	}
	if n > mostElements {
		return nil, fmt.Errorf("oracle: alloc: %d elements, want at most %d: %w", n, mostElements, backend.ErrOutOfMemory)
	}
	if err := o.usable(); err != nil {
		return nil, err
	}
	m := &memory{owner: o, kind: kind, n: n}
	switch kind {
	case backend.F32:
		m.f = make([]float64, n)
	case backend.U32:
		m.u = make([]uint32, n)
	case backend.U8:
		m.b = make([]byte, n)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.live++
	return m, nil
}

func (o *Oracle) usable() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return errClosed
	}
	return nil
}

// own returns the region's buffer if it is the oracle's, and checks the region and the length of its bytes.
func (o *Oracle) own(r backend.Region, bytes int) (*memory, error) {
	if err := r.Valid(); err != nil {
		return nil, fmt.Errorf("oracle: %w", err)
	}
	m, ok := r.Buffer.(*memory)
	if !ok || m.owner != o {
		return nil, errors.New("oracle: the buffer is another backend's")
	}
	if int64(bytes) != r.Bytes() {
		return nil, fmt.Errorf("oracle: %d bytes for a region of %d", bytes, r.Bytes())
	}
	return m, o.usable()
}

// Write implements backend.Backend.
func (o *Oracle) Write(dst backend.Region, src []byte) error {
	m, err := o.own(dst, len(src))
	if err != nil {
		return err
	}
	switch m.kind {
	case backend.F32:
		for i, v := range words[float32](src) {
			m.f[dst.Offset+i] = float64(v)
		}
	case backend.U32:
		copy(m.u[dst.Offset:], words[uint32](src))
	case backend.U8:
		copy(m.b[dst.Offset:], src)
	}
	return nil
}

// Read implements backend.Backend.
func (o *Oracle) Read(dst []byte, src backend.Region) error {
	m, err := o.own(src, len(dst))
	if err != nil {
		return err
	}
	switch m.kind {
	case backend.F32:
		out := words[float32](dst)
		for i := range out {
			out[i] = float32(m.f[src.Offset+i])
		}
	case backend.U32:
		copy(words[uint32](dst), m.u[src.Offset:])
	case backend.U8:
		copy(dst, m.b[src.Offset:])
	}
	return nil
}

// words views bytes as 4-byte elements.
func words[T float32 | uint32](b []byte) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
}

// Float64s returns the values of an f32 region, exactly; changing them changes the region.
func (*Oracle) Float64s(r backend.Region) []float64 { return f64(r) }

// SetFloat64s sets the values of an f32 region, exactly.
func (*Oracle) SetFloat64s(r backend.Region, values []float64) { copy(f64(r), values) }

// Compile implements backend.Backend.
func (o *Oracle) Compile(list []backend.Op) (backend.Program, error) {
	var runs []func()
	for _, op := range list {
		if err := backend.CheckOp(op); err != nil {
			return nil, fmt.Errorf("oracle: %w", err)
		}
		run, err := prepare(op)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
		for _, operand := range op.Operands() {
			if m, ok := operand.Region.Buffer.(*memory); !ok || m.owner != o {
				return nil, fmt.Errorf("oracle: %s: %s: the buffer is another backend's", op.Name(), operand.Name)
			}
		}
	}
	if o.noise != nil {
		for i, op := range list {
			runs[i] = rounded(op, runs[i], o.noise)
		}
	}
	return &program{oracle: o, list: runs}, o.usable()
}

// prepare finds the reference of an operation.
func prepare(op backend.Op) (run func(), err error) {
	find, ok := references[op.Name()]
	if ok {
		run, ok = find(op)
	}
	if !ok {
		return nil, fmt.Errorf("oracle: %s as a %T: %w", op.Name(), op, backend.ErrUnsupported)
	}
	return run, nil
}

type program struct {
	oracle   *Oracle
	list     []func()
	released bool
}

func (p *program) Run(times int) error {
	if p.released || times < 0 {
		return fmt.Errorf("oracle: run %d times, released: %v", times, p.released)
	}
	if err := p.oracle.usable(); err != nil {
		return err
	}
	p.oracle.mu.Lock()
	defer p.oracle.mu.Unlock()
	for range times {
		for _, run := range p.list {
			run()
		}
	}
	return nil
}

func (p *program) Release() { p.released = true }

// Sync implements backend.Backend.
func (o *Oracle) Sync() error { return o.usable() }

// Close implements backend.Backend.
func (o *Oracle) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	return nil
}

func f64(r backend.Region) []float64 { return r.Buffer.(*memory).f[r.Offset : r.Offset+r.Len] }
func u32(r backend.Region) []uint32  { return r.Buffer.(*memory).u[r.Offset : r.Offset+r.Len] }

// decimal returns the number that was meant by a float32 option: 0.001, not the float32 nearest to it.
func decimal(option float32) float64 {
	if math.IsNaN(float64(option)) || math.IsInf(float64(option), 0) {
		return float64(option)
	}
	v, _ := strconv.ParseFloat(strconv.FormatFloat(float64(option), 'g', -1, 32), 64)
	return v
}

package graph

import (
	"errors"
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/random"
)

// A Variable is a tensor that outlives a step: a weight, or a statistic such as a moving average.
// It describes; the values are in a Store, one for each model.
type Variable struct {
	Name      string // unique in its network: "dense/kernel"
	Shape     []int
	Trainable bool // the optimizer changes it; other variables are changed by operations, if at all
	// Fill sets the initial values from the variable's own random stream.
	Fill func(s *random.Stream, dst []float32)
	// Constraint is applied to the values after each update, if there is one; its region is filled in.
	Constraint *ops.Constraint
}

// Size returns the number of elements.
func (v *Variable) Size() int { return Size(v.Shape) }

// Size returns the number of elements of a tensor of the shape: the product of the axes, 1 for none.
func Size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// A Store holds the values of variables on one device: the trainable ones in one flat arena with another of the
// same layout for their gradients, so that one operation can update them all, and the others in a third.
// Between two regions of an arena lie unused elements, which stay zero.
type Store struct {
	dev       backend.Backend
	variables []*Variable
	places    map[*Variable]place
	params    backend.Buffer
	grads     backend.Buffer
	state     backend.Buffer
	seed      uint64
	clock     backend.Buffer // of random numbers; nil until a step draws some
}

type place struct {
	offset    int
	trainable bool
}

// NewStore places the variables on the device and fills them: variable number i from stream i under the seed.
func NewStore(dev backend.Backend, variables []*Variable, seed uint64) (*Store, error) {
	s, err := NewBlankStore(dev, variables, seed)
	if err != nil {
		return nil, err
	}
	for i, v := range variables {
		values := make([]float32, v.Size())
		v.Fill(random.NewStream(seed, uint64(i)), values)
		if err := backend.Upload(dev, s.Value(v), values); err != nil {
			s.Release()
			return nil, fmt.Errorf("graph: %s: %w", v.Name, err)
		}
	}
	return s, nil
}

// NewBlankStore is NewStore without values: all are 0.
func NewBlankStore(dev backend.Backend, variables []*Variable, seed uint64) (*Store, error) {
	s := &Store{dev: dev, variables: variables, places: map[*Variable]place{}, seed: seed}
	if err := s.allocate(); err != nil {
		s.Release()
		return nil, fmt.Errorf("graph: placing %d variables: %w", len(variables), err)
	}
	return s, nil
}

func (s *Store) allocate() error {
	sizes := map[bool]int{}
	for _, v := range s.variables {
		if _, twice := s.places[v]; twice {
			return fmt.Errorf("%s is listed twice", v.Name)
		}
		if !fits(v.Shape, maxElements-sizes[v.Trainable]) {
			return fmt.Errorf("%s: shape %v is too large: a model holds at most %d trainable parameters, and as many others", v.Name, v.Shape, maxElements)
		}
		s.places[v] = place{sizes[v.Trainable], v.Trainable}
		sizes[v.Trainable] += backend.Aligned(backend.F32, v.Size())
	}
	var errs [3]error
	s.params, errs[0] = s.arena(sizes[true])
	s.grads, errs[1] = s.arena(sizes[true])
	s.state, errs[2] = s.arena(sizes[false])
	return errors.Join(errs[:]...)
}

// maxElements is how many elements an operation can index.
const maxElements = 1 << 30

// fits reports whether a tensor of the shape has at most the given number of elements; the product of its axes may be beyond all integers.
func fits(shape []int, most int) bool {
	n := 1
	for _, d := range shape {
		if d < 1 || d > most/n {
			return false
		}
		n *= d
	}
	return backend.Aligned(backend.F32, n) <= most
}

func (s *Store) arena(n int) (backend.Buffer, error) {
	if n == 0 {
		return nil, nil
	}
	return s.dev.Alloc(backend.F32, n)
}

// Variables lists what the store holds.
func (s *Store) Variables() []*Variable { return s.variables }

// Value returns where the variable's values are.
func (s *Store) Value(v *Variable) backend.Region {
	buffer := s.state
	if s.places[v].trainable {
		buffer = s.params
	}
	return backend.Region{Buffer: buffer, Offset: s.places[v].offset, Len: v.Size()}
}

// Grad returns where the gradient of a trainable variable goes.
func (s *Store) Grad(v *Variable) backend.Region {
	return backend.Region{Buffer: s.grads, Offset: s.places[v].offset, Len: v.Size()}
}

// Arenas returns all trainable values and their gradients, as two regions of the same layout.
// ok is false when nothing is trainable.
func (s *Store) Arenas() (params, grads backend.Region, ok bool) {
	if s.params == nil {
		return params, grads, false
	}
	return backend.Whole(s.params), backend.Whole(s.grads), true
}

// Buffers lists the float memory that a step may change and the next one reads: values of variables.
func (s *Store) Buffers() []backend.Buffer {
	var list []backend.Buffer
	for _, b := range []backend.Buffer{s.params, s.state} {
		if b != nil {
			list = append(list, b)
		}
	}
	return list
}

// Constraints returns the operations that bring the trained variables back within their bounds.
func (s *Store) Constraints() []backend.Op {
	var list []backend.Op
	for _, v := range s.variables {
		if v.Constraint != nil && s.places[v].trainable {
			op := *v.Constraint
			op.W = s.Value(v)
			list = append(list, op)
		}
	}
	return list
}

// Read copies the variable's values from the device.
func (s *Store) Read(v *Variable) ([]float32, error) {
	values := make([]float32, v.Size())
	return values, backend.Download(s.dev, values, s.Value(v))
}

// Write copies values to the variable.
func (s *Store) Write(v *Variable, values []float32) error {
	if len(values) != v.Size() {
		return fmt.Errorf("graph: %s: %d values, want %d for shape %v", v.Name, len(values), v.Size(), v.Shape)
	}
	return backend.Upload(s.dev, s.Value(v), values)
}

// Release gives the memory back.
func (s *Store) Release() {
	for _, b := range []backend.Buffer{s.params, s.grads, s.state, s.clock} {
		if b != nil {
			b.Release()
		}
	}
}

// Package arrays makes data sets of NumPy's arrays, .npz and .npy.
package arrays

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"

	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/npy"
)

// Arrays says which arrays make the set: names in an .npz file, or paths of .npy files. The first axis of each is the example's number. What is
// empty there is none of.
type Arrays struct {
	Features string // [n …]; of shape [n], each example is one number
	Inputs   []string
	Labels   string // [n] or [n 1]: whole numbers from 0; or
	Targets  string // [n …]; of shape [n], one number for each example
	Weights  string // [n]
	// Bytes keeps features that are whole numbers from 0 to 255 as bytes, which are fed to the network as b·Scale; zero means 1/255.
	Bytes bool
	Scale float32
}

// array is one that has been read.
type array struct {
	name   string
	shape  []int
	values []float32
}

// ReadNPZ reads arrays of an .npz file. Errors name the file and the array.
func ReadNPZ(path string, a Arrays) (*data.Set, error) {
	archive, err := npy.OpenArchive(path)
	if err != nil {
		return nil, fmt.Errorf("arrays: %w", err)
	}
	defer archive.Close()
	return a.set(func(name string) (array, error) {
		shape, values, err := archive.ReadAll(name)
		return array{path + ": " + name, shape, values}, err
	})
}

// ReadNPY reads .npy files.
func ReadNPY(a Arrays) (*data.Set, error) { return a.set(readFile) }

func readFile(name string) (array, error) {
	f, r, err := open(name)
	if err != nil {
		return array{}, err
	}
	defer f.Close()
	values, err := r.ReadAll()
	if err == nil {
		err = ends(f)
	}
	if err != nil {
		return array{}, fmt.Errorf("%s: %w", name, err)
	}
	return array{name, r.Shape(), values}, nil
}

func open(name string) (*os.File, *npy.Reader, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	r, err := npy.NewReader(f)
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, r, nil
}

func ends(r io.Reader) error {
	if n, _ := io.ReadFull(r, make([]byte, 1)); n > 0 {
		return errors.New("more bytes than the array has")
	}
	return nil
}

// names lists the arrays in the order in which set takes them.
func (a Arrays) names() []string {
	return slices.DeleteFunc(slices.Concat([]string{a.Features}, a.Inputs, []string{a.Labels, a.Targets, a.Weights}), func(s string) bool { return s == "" })
}

// set puts the arrays together.
func (a Arrays) set(read func(name string) (array, error)) (*data.Set, error) {
	if a.Features == "" {
		return nil, errors.New("arrays: Features is missing")
	}
	list := map[string]array{}
	for _, name := range a.names() {
		one, err := read(name)
		if err != nil {
			return nil, fmt.Errorf("arrays: %w", err)
		}
		if len(one.shape) == 0 {
			return nil, fmt.Errorf("arrays: %s is a single number, want an axis for the examples", one.name)
		}
		if n := list[a.Features].shape; n != nil && one.shape[0] != n[0] {
			return nil, fmt.Errorf("arrays: %s is %v, want %d examples as %s has", one.name, one.shape, n[0], a.Features)
		}
		list[name] = one
	}
	return a.combine(list)
}

func (a Arrays) combine(list map[string]array) (*data.Set, error) {
	first, err := a.features(list[a.Features])
	if err != nil {
		return nil, err
	}
	set := &data.Set{Shape: first.Shape, Bytes: first.Bytes, Floats: first.Floats, Scale: first.Scale}
	for _, name := range a.Inputs {
		f, err := a.features(list[name])
		if err != nil {
			return nil, err
		}
		set.Inputs = append(set.Inputs, f)
	}
	if a.Labels != "" {
		if set.Labels, err = labels(list[a.Labels]); err != nil {
			return nil, err
		}
	}
	if a.Targets != "" {
		set.Targets, set.TargetShape = list[a.Targets].values, list[a.Targets].example()
	}
	if a.Weights != "" {
		set.Weights = list[a.Weights].values
	}
	check := set.Check
	if !set.Answered() {
		check = set.CheckExamples
	}
	if err := check(); err != nil {
		return nil, fmt.Errorf("arrays: %s: %w", list[a.Features].name, err)
	}
	return set, nil
}

// example returns the shape of one example.
func (x array) example() []int {
	if len(x.shape) == 1 {
		return []int{1}
	}
	return x.shape[1:]
}

func (a Arrays) features(x array) (data.Features, error) {
	f := data.Features{Shape: x.example(), Floats: x.values}
	if !a.Bytes {
		return f, nil
	}
	f.Floats, f.Scale, f.Bytes = nil, a.Scale, make([]uint8, len(x.values))
	for i, v := range x.values {
		if f.Bytes[i] = uint8(v); !(v >= 0 && v <= 255) || float32(f.Bytes[i]) != v {
			return f, fmt.Errorf("arrays: %s: element %d is %v, want a whole number from 0 to 255 for Bytes", x.name, i, v)
		}
	}
	return f, nil
}

func labels(x array) ([]int, error) {
	if len(x.values) != x.shape[0] {
		return nil, fmt.Errorf("arrays: %s is %v, want [n] or [n 1] for labels; for one-hot answers see Targets", x.name, x.shape)
	}
	list := make([]int, len(x.values))
	for i, v := range x.values {
		if list[i] = int(v); !(v >= 0 && v < 1<<24) || float32(list[i]) != v {
			return nil, fmt.Errorf("arrays: %s: label %d is %v, want a whole number from 0", x.name, i, v)
		}
	}
	return list, nil
}

// StreamNPY returns a stream of .npy files that do not fit in memory, in parts of so many examples. Their first axis is the slowest ("C order").
func StreamNPY(a Arrays, part int) *data.Stream {
	return &data.Stream{Parts: func(context.Context, int) iter.Seq2[*data.Set, error] {
		return func(yield func(*data.Set, error) bool) {
			s := &parts{a: a, part: max(part, 1), readers: map[string]*npy.Reader{}}
			defer s.close()
			err := s.open()
			for err == nil && s.left() > 0 {
				var set *data.Set
				if set, err = s.next(); err == nil && !yield(set, nil) {
					return
				}
			}
			if err != nil {
				yield(nil, err)
			}
		}
	}}
}

// parts reads several files at the same pace.
type parts struct {
	a       Arrays
	part    int
	readers map[string]*npy.Reader
	files   []*os.File
}

func (s *parts) open() error {
	for _, name := range s.a.names() {
		f, r, err := open(name)
		if err != nil {
			return fmt.Errorf("arrays: %w", err)
		}
		s.files, s.readers[name] = append(s.files, f), r
		if shape := r.Shape(); r.Fortran() || len(shape) == 0 {
			return fmt.Errorf("arrays: %s is %v, in Fortran order: %v; want an axis of examples, in C order", name, shape, r.Fortran())
		}
	}
	for name, r := range s.readers {
		if n, want := r.Shape()[0], s.readers[s.a.Features].Shape()[0]; n != want {
			return fmt.Errorf("arrays: %s has %d examples, want %d as %s has", name, n, want, s.a.Features)
		}
	}
	return nil
}

func (s *parts) left() int {
	if r, ok := s.readers[s.a.Features]; ok {
		return r.Left()
	}
	return 0
}

func (s *parts) next() (*data.Set, error) {
	return s.a.set(func(name string) (array, error) {
		r := s.readers[name]
		shape := r.Shape()
		size := 1
		for _, d := range shape[1:] {
			size *= d
		}
		shape[0] = min(s.part, r.Left()/max(size, 1))
		values := make([]float32, shape[0]*size)
		if err := r.Read(values); err != nil {
			return array{}, fmt.Errorf("%s: %w", name, err)
		}
		return array{name, shape, values}, nil
	})
}

func (s *parts) close() {
	for _, f := range s.files {
		f.Close()
	}
}

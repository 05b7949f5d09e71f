package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/npy"
	"github.com/gradus-ml/gradus/engine/safetensors"
	"github.com/gradus-ml/gradus/internal/atomicfile"
)

const weightsKind = "weights"

// SaveWeights writes the values of all variables to a file, which is there as a whole or not at all: NumPy's .npz if the path ends so, otherwise
// safetensors. The arrays have the variables' names, "dense/kernel" (Keras's save_weights).
func (m *Model) SaveWeights(path string) error {
	err := error(errClosed)
	switch {
	case m.store == nil:
	case strings.HasSuffix(path, ".npz"):
		err = atomicfile.Write(path, func(f *os.File) error { return m.writeArchive(f) })
	default:
		c := newContent(weightsKind)
		m.describeIn(c)

		if err = c.values(m.store.Variables(), m.store.Read); err == nil {
			err = c.save(path)
		}
	}
	if err != nil {
		return fmt.Errorf("engine: save weights %s: %w", path, err)
	}
	return nil
}

func (m *Model) writeArchive(w io.Writer) error {
	z := npy.NewArchiveWriter(w)
	for _, v := range m.store.Variables() {
		values, err := m.store.Read(v)
		if err == nil {
			err = z.Write(v.Name, v.Shape, values)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", v.Name, err)
		}
	}
	return z.Close()
}

// LoadOptions are the options of LoadWeights. The zero value is strict.
type LoadOptions struct {
	// Partial takes what fits, and leaves the rest of the model as it is (Keras's skip_mismatch): what does not is in the report. Otherwise it is
	// an error, and nothing is taken.
	Partial bool
	// Keras says that the names are those of Keras's variables, see KerasNames.
	Keras bool
	// Names returns what a name of the file is called in the model, and "" for an array to be left out. It is applied after Keras.
	Names func(name string) string
}

// A LoadReport says what became of each variable.
type LoadReport struct {
	Loaded     []string   // the variables that have the file's values
	Missing    []string   // variables that the file does not have
	Extra      []string   // arrays of the file that are no variables of the model
	Misshapen  []Misshape // variables of another shape in the file
	LeftOut    []string   // arrays that LoadOptions leave out
	misnumbers []string   // of another type than numbers
}

// Misshape is a variable whose shape in a file differs.
type Misshape struct {
	Name        string
	File, Model []int
}

// Err returns an error that names everything that does not fit, or nil.
func (r *LoadReport) Err() error {
	var parts []string
	for _, part := range []struct {
		what string
		list []string
	}{{"missing", r.Missing}, {"extra", r.Extra}, {"not floating-point", r.misnumbers}} {
		if len(part.list) > 0 {
			parts = append(parts, part.what+" "+strings.Join(part.list, ", "))
		}
	}
	for _, m := range r.Misshapen {
		parts = append(parts, fmt.Sprintf("%s is %v, want %v", m.Name, m.File, m.Model))
	}
	if len(parts) == 0 {
		return nil
	}
	return errors.New(strings.Join(parts, "; "))
}

// String returns the report in a line.
func (r *LoadReport) String() string {
	text := fmt.Sprintf("%d variables loaded", len(r.Loaded))
	if err := r.Err(); err != nil {
		text += "; " + err.Error()
	}
	return text
}

// LoadWeights gives the model's variables the values of a safetensors file or a NumPy .npz, by name: of SaveWeights, Save, SaveCheckpoint, or of
// something else, whose F16, BF16 and F64 (in .npz also integers) become float32. A file of ours that is damaged is refused. Unless
// options.Partial is set, the file must have exactly the model's variables, in their shapes; the report says what does not fit. After an error the
// model is as before.
func (m *Model) LoadWeights(path string, options LoadOptions) (*LoadReport, error) {
	report, err := m.loadWeights(path, options)
	if err != nil {
		err = fmt.Errorf("engine: load weights %s: %w", path, err)
	}
	return report, err
}

func (m *Model) loadWeights(path string, options LoadOptions) (*LoadReport, error) {
	if m.store == nil {
		return nil, errClosed
	}
	f, err := openArrays(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	report, chosen, err := m.choose(f.list(), options)
	if err == nil && !options.Partial {
		err = report.Err()
	}
	if err != nil {
		return report, err
	}
	weights := nn.Weights{}
	for _, name := range report.Loaded {
		if weights[name], err = f.read(chosen[name]); err != nil {
			return report, err
		}
	}
	return report, m.setWeights(weights)
}

// array is one of a file.
type array struct {
	name   string
	shape  []int
	number bool // of a type that can be read
}

// choose says which arrays are which variables.
func (m *Model) choose(arrays []array, options LoadOptions) (*LoadReport, map[string]string, error) {
	report, chosen, byName := &LoadReport{}, map[string]string{}, map[string]array{}
	called := options.called(arrays, m.Variables())
	for _, a := range arrays {
		name := called(a.name)
		if name == "" {
			report.LeftOut = append(report.LeftOut, a.name)
			continue
		}
		if other, twice := chosen[name]; twice {
			return report, nil, fmt.Errorf("both %q and %q are %q in the model", other, a.name, name)
		}
		chosen[name], byName[name] = a.name, a
	}
	for _, v := range m.store.Variables() {
		report.compare(v, byName)
		delete(byName, v.Name)
	}
	for name := range byName {
		report.Extra = append(report.Extra, name)
	}
	slices.Sort(report.Extra)
	return report, chosen, nil
}

func (r *LoadReport) compare(v *graph.Variable, arrays map[string]array) {
	switch a, ok := arrays[v.Name]; {
	case !ok:
		r.Missing = append(r.Missing, v.Name)
	case !slices.Equal(a.shape, v.Shape):
		r.Misshapen = append(r.Misshapen, Misshape{v.Name, a.shape, slices.Clone(v.Shape)})
	case !a.number:
		r.misnumbers = append(r.misnumbers, v.Name)
	default:
		r.Loaded = append(r.Loaded, v.Name)
	}
}

// arrays is a file of arrays.
type arrays interface {
	list() []array
	read(name string) ([]float32, error)
	Close() error
}

// openArrays opens a file of either kind: it looks at its first bytes.
func openArrays(path string) (arrays, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	start := make([]byte, 2)
	_, err = io.ReadFull(f, start)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if bytes.Equal(start, []byte("PK")) {
		return openArchive(path)
	}
	opened, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	if _, err := opened.Verify(); err != nil {
		opened.Close()
		return nil, err
	}
	return tensors{opened}, nil
}

// tensors are those of a safetensors file.
type tensors struct{ *safetensors.File }

func (f tensors) list() (list []array) {
	for _, t := range f.Tensors() {
		if !strings.HasPrefix(t.Name, reserved) {
			number := slices.Contains([]safetensors.DType{safetensors.F16, safetensors.BF16, safetensors.F32, safetensors.F64}, t.DType)
			list = append(list, array{t.Name, t.Shape, number})
		}
	}
	return list
}

func (f tensors) read(name string) ([]float32, error) { return f.Float32s(name) }

// archive is an .npz file.
type archive struct {
	*npy.Archive
	arrays []array
}

func openArchive(path string) (arrays, error) {
	opened, err := npy.OpenArchive(path)
	if err != nil {
		return nil, err
	}
	a := archive{Archive: opened}
	for _, name := range opened.Names() {
		r, c, err := opened.Open(name)
		if err != nil {
			a.arrays = append(a.arrays, array{name: name}) // of objects, say: no matter unless it is wanted
			continue
		}
		a.arrays = append(a.arrays, array{name, r.Shape(), true})
		c.Close() // only the header was wanted
	}
	return a, nil
}

func (a archive) list() []array { return a.arrays }

func (a archive) read(name string) ([]float32, error) {
	_, values, err := a.ReadAll(name)
	return values, err
}

package engine

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/safetensors"
	"github.com/gradus-ml/gradus/internal/atomicfile"
)

// What the metadata of a file of ours says; see docs/decisions/0013.
const (
	fileVersion     = "1"
	versionKey      = "gradus.version"
	kindKey         = "gradus.kind"
	architectureKey = "gradus.architecture"
	trainingKey     = "gradus.training"
	stateKey        = "gradus.state"
	reserved        = "gradus." // begins the names of tensors that are not variables
)

// content is what goes into a file: its metadata, and tensors with what writes the numbers of each.
type content struct {
	metadata map[string]string
	tensors  []safetensors.Tensor
	numbers  []func(w *safetensors.Writer) error
}

func newContent(kind string) *content {
	return &content{metadata: map[string]string{"format": "gradus", versionKey: fileVersion, kindKey: kind}}
}

func (c *content) add(name string, dtype safetensors.DType, shape []int, numbers func(w *safetensors.Writer) error) {
	c.tensors = append(c.tensors, safetensors.Tensor{Name: name, DType: dtype, Shape: shape})
	c.numbers = append(c.numbers, numbers)
}

func (c *content) float64s(name string, values []float64) {
	c.add(name, safetensors.F64, []int{len(values)}, func(w *safetensors.Writer) error { return w.Float64s(values) })
}

func (c *content) float32s(name string, shape []int, values []float32) {
	c.add(name, safetensors.F32, shape, func(w *safetensors.Writer) error { return w.Float32s(values) })
}

// values adds the values of variables, which are read one after the other as they are written.
func (c *content) values(variables []*graph.Variable, read func(v *graph.Variable) ([]float32, error)) error {
	for _, v := range variables {
		if strings.HasPrefix(v.Name, reserved) {
			return fmt.Errorf("variable %q: names that begin with %q are for other things in files: want another name of the layer", v.Name, reserved)
		}
		c.add(v.Name, safetensors.F32, v.Shape, func(w *safetensors.Writer) error {
			values, err := read(v)
			if err != nil {
				return fmt.Errorf("reading %s: %w", v.Name, err)
			}
			return w.Float32s(values)
		})
	}
	return nil
}

// save writes the file, as a whole or not at all.
func (c *content) save(path string) error {
	return atomicfile.Write(path, func(f *os.File) error {
		w, err := safetensors.NewWriter(f, c.metadata, c.tensors)
		if err != nil {
			return err
		}
		for _, write := range c.numbers {
			if err := write(w); err != nil {
				return err
			}
		}
		return w.Close()
	})
}

// openFile opens a file of ours of one of the kinds, and refuses one that is damaged.
func openFile(path string, kinds ...string) (*safetensors.File, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	if err := checkFile(f, kinds); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

func checkFile(f *safetensors.File, kinds []string) error {
	meta := f.Metadata()
	switch version, kind := meta[versionKey], meta[kindKey]; {
	case version == "":
		return fmt.Errorf("not a file of Gradus: %s is missing", versionKey)
	case version != fileVersion:
		return fmt.Errorf("%s is %.20q, want %q: a newer Gradus may read it", versionKey, version, fileVersion)
	case !slices.Contains(kinds, kind):
		return fmt.Errorf("%s is %.20q, want one of %q", kindKey, kind, kinds)
	}
	found, err := f.Verify()
	if err == nil && !found {
		err = fmt.Errorf("the check sum is missing: it is damaged, or was written by something else")
	}
	return err
}

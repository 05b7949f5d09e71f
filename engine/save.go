package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/safetensors"
)

const modelKind = "model"

// A SaveOption changes what Save writes.
type SaveOption int

// WithoutTraining leaves out how the model is trained, and what the optimizer keeps (Keras's include_optimizer=False): for a smaller file, or a training
// that cannot be written, such as one with a schedule that is a function. Load then needs LoadModel.Training.
const WithoutTraining SaveOption = 1

// Save writes the whole model to one file, which is there as a whole or not at all: the network's architecture, the values of its variables, its
// Training, what the optimizer keeps, and how many steps and epochs were trained (Keras's model.save). Load makes a model of it that is trained
// on as this one would be, to the same bits. The file is safetensors: the architecture is JSON in its metadata, and other programs can read the weights.
//
// Layers of a user's own have a method Describe (nn.Described); losses, metrics, optimizers and schedules of a user's own are structs whose fields are
// all exported, or pointers to such.
func (m *Model) Save(path string, options ...SaveOption) error {
	if err := m.save(path, slices.Contains(options, WithoutTraining)); err != nil {
		return fmt.Errorf("engine: save %s: %w", path, err)
	}
	return nil
}

func (m *Model) save(path string, bare bool) error {
	if m.store == nil {
		return errClosed
	}
	c := newContent(modelKind)
	architecture, err := json.Marshal(m.net)
	if err != nil {
		return errors.Unwrap(err) // less the words of package json
	}
	c.metadata[architectureKey] = string(architecture)
	if bare {
		if err := c.values(m.store.Variables(), m.store.Read); err != nil {
			return err
		}
		return c.save(path)
	}
	training, err := encodeTraining(m.training)
	if err != nil {
		return fmt.Errorf("the training: %w (WithoutTraining leaves it out)", err)
	}
	c.metadata[trainingKey] = string(training)
	s, err := m.State()
	if err != nil {
		return err
	}
	s.Run = nil // a model is between two Fits
	if err := c.state(s, m.store.Variables()); err != nil {
		return err
	}
	return c.save(path)
}

// encodeTraining describes the training.
func encodeTraining(t Training) ([]byte, error) {
	known, err := classesOf(Registry{})
	if err != nil {
		return nil, err
	}
	return known.encode(reflect.ValueOf(t))
}

func decodeTraining(text []byte, own Registry) (t Training, err error) {
	known, err := classesOf(own)
	if err == nil {
		err = known.decode(text, reflect.ValueOf(&t).Elem(), 0)
	}
	return t, err
}

// LoadModel are the options of Load.
type LoadModel struct {
	Registry           // of what is not of Gradus
	Training *Training // in place of the file's; the optimizer begins anew
}

// Load makes the model that Save wrote, on a device. Nothing in the file is executed: it names classes and options. A file that is damaged, of a later
// version, of another kind, or whose parts do not fit together is refused with an error that says what is wrong.
func Load(dev backend.Backend, path string, options LoadModel) (*Model, error) {
	if dev == nil {
		return nil, errors.New("engine: load: no device")
	}
	m, err := load(dev, path, options)
	if err != nil {
		return nil, fmt.Errorf("engine: load %s: %w", path, err)
	}
	return m, nil
}

func load(dev backend.Backend, path string, options LoadModel) (*Model, error) {
	f, err := openFile(path, modelKind)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	net, err := nn.Decode([]byte(f.Metadata()[architectureKey]), options.Registry.Registry)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", architectureKey, err)
	}
	if err := holdsVariables(f, net); err != nil {
		return nil, err
	}
	training, fresh, err := options.trainingOf(f)
	if err != nil {
		return nil, err
	}
	m, err := Compile(dev, net, training)
	if err != nil {
		return nil, err
	}
	if err := m.fill(f, fresh); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// holdsVariables refuses a network whose variables are not in the file: so much memory is taken as the file has numbers.
func holdsVariables(f *safetensors.File, net *nn.Network) error {
	for _, v := range net.Variables() {
		t, ok := f.Tensor(v.Name)
		if !ok || t.DType != safetensors.F32 || !slices.Equal(t.Shape, v.Shape) {
			return fmt.Errorf("variable %q: the file has %s %v, want F32 %v as in the architecture", v.Name, t.DType, t.Shape, v.Shape)
		}
	}
	return nil
}

// trainingOf returns the training, and whether it begins anew.
func (o LoadModel) trainingOf(f *safetensors.File) (_ Training, fresh bool, err error) {
	text, ok := f.Metadata()[trainingKey]
	switch {
	case o.Training != nil:
		return *o.Training, true, nil
	case !ok:
		return Training{}, false, errors.New("the file has no training: want LoadModel.Training")
	}
	t, err := decodeTraining([]byte(text), o.Registry)
	if err != nil {
		err = fmt.Errorf("%s: %w", trainingKey, err)
	}
	return t, false, err
}

// fill gives the model the state of the file, or the values alone.
func (m *Model) fill(f *safetensors.File, fresh bool) error {
	if fresh {
		values, err := readArrays(f, "")
		if err == nil {
			err = fitVariables("the values", values, m.store.Variables())
		}
		if err != nil {
			return err
		}
		return m.setWeights(values)
	}
	s, err := readState(f)
	if err != nil {
		return err
	}
	return m.setState(s)
}

// describeIn adds the architecture to a file of weights, if it can be written.
func (m *Model) describeIn(c *content) {
	if text, err := json.Marshal(m.net); err == nil {
		c.metadata[architectureKey] = string(text)
	}
}

// Package engine trains networks: Compile puts one on a device, Fit trains it, Evaluate and Predict use it.
package engine

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// Training says how a model is trained.
type Training struct {
	Loss      loss.Loss
	Optimizer optim.Optimizer
	Metrics   []metric.Metric
	// Outputs says Loss and Metrics for each output of a network with several, in place of the two above; without it they serve
	// every output. The losses are added up.
	Outputs []Output
	// Seed determines the initial values and the order of the examples. The same seed on the
	// same backend gives the same bits, run after run.
	Seed uint64
}

// A Model is a network with values on a device. It is not for concurrent use.
type Model struct {
	dev      backend.Backend
	net      *nn.Network
	training Training
	store    *graph.Store
	slots    []backend.Buffer // the optimizer's state
	scores   []score          // the loss first
	tracer   *tracer          // of the Fit under way, if a callback asked for it
	trainer  *trainer         // the Fit under way
	resume   *Run             // the Fit to go on with
	epochs   int              // trained so far
	steps    int              // trained so far
	factor   float64          // of the learning rate
}

// Compile places the network's variables on the device, fills them, and checks that the network can be trained as asked.
// The device stays the caller's: close the model first, then the device.
func Compile(dev backend.Backend, net *nn.Network, training Training) (*Model, error) {
	if err := check(dev, net, training); err != nil {
		return nil, err
	}
	store, err := graph.NewStore(dev, net.Variables(), training.Seed)
	if err != nil {
		return nil, fmt.Errorf("engine: compile: %w", needs(err, dev, Model{net: net, training: training, factor: 1}))
	}
	m := &Model{dev: dev, net: net, training: training, store: store, factor: 1}
	if err := m.prepare(); err != nil {
		return nil, errors.Join(fmt.Errorf("engine: compile: %w", needs(err, dev, *m)), m.Close())
	}
	return m, nil
}

func (m *Model) prepare() error {
	if err := m.allocateSlots(); err != nil {
		return err
	}
	if err := m.checkOutputs(); err != nil {
		return err
	}
	_, err := m.rehearse(2)
	return err
}

func check(dev backend.Backend, net *nn.Network, training Training) error {
	switch {
	case dev == nil:
		return errors.New("engine: compile: no device")
	case net == nil:
		return errors.New("engine: compile: no network")
	case net.Err() != nil:
		return net.Err()
	case training.Loss == nil && len(training.Outputs) == 0:
		return errors.New("engine: compile: Training.Loss is missing")
	case training.Optimizer == nil:
		return errors.New("engine: compile: Training.Optimizer is missing")
	case slices.Contains(training.Metrics, nil):
		return errors.New("engine: compile: Training.Metrics holds a nil")
	}
	return training.Optimizer.Check()
}

// StepCost returns the arithmetic and the least memory traffic of one training step of batch examples.
func (m *Model) StepCost(batch int) (backend.Cost, error) {
	if m.store == nil {
		return backend.Cost{}, errClosed
	}
	if batch < 1 {
		return backend.Cost{}, fmt.Errorf("engine: batch size is %d, want at least 1", batch)
	}
	return m.rehearse(batch)
}

// recordTraining records forward, loss, metrics and gradients, and returns what to tally.
func (m *Model) recordTraining(r *graph.Recorder, b batch) []tallied {
	values := m.recordScores(r, b)
	r.BackwardShare(values[0].values, 1/float32(b.step))
	return values
}

// Network returns the network that the model was compiled from.
func (m *Model) Network() *nn.Network { return m.net }

// Device returns the description of the device that the model is on.
func (m *Model) Device() backend.Info { return m.dev.Info() }

// A Variable describes one variable of a model.
type Variable struct {
	Name      string // "dense/kernel"
	Shape     []int
	Trainable bool
}

// Variables lists the model's variables in the order of its layers.
func (m *Model) Variables() []Variable {
	var list []Variable
	for _, v := range m.net.Variables() {
		list = append(list, Variable{v.Name, slices.Clone(v.Shape), v.Trainable})
	}
	return list
}

// Value reads the values of a variable, in row-major order.
func (m *Model) Value(name string) ([]float32, error) {
	v, err := m.variable(name)
	if err != nil {
		return nil, err
	}
	return m.store.Read(v)
}

// SetValue changes the values of a variable.
func (m *Model) SetValue(name string, values []float32) error {
	v, err := m.variable(name)
	if err != nil {
		return err
	}
	return m.store.Write(v, values)
}

func (m *Model) variable(name string) (*graph.Variable, error) {
	if m.store == nil {
		return nil, errClosed
	}
	for _, v := range m.store.Variables() {
		if v.Name == name {
			return v, nil
		}
	}
	return nil, fmt.Errorf("engine: no variable %q; Variables lists them", name)
}

var errClosed = errors.New("engine: the model is closed")

// Close gives the model's memory back to the device. It may be called twice.
func (m *Model) Close() error {
	if m.store == nil {
		return nil
	}
	err := m.dev.Sync()
	m.store.Release()
	for _, b := range m.slots {
		b.Release()
	}
	m.store, m.slots = nil, nil
	return err
}

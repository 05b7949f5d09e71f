package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/random"
)

// Timing is how fast one device trained, or why it could not.
type Timing struct {
	Device         backend.Info
	StepsPerSecond float64
	Err            error // it could not be opened, or could not train
}

// Choice is the backend that Fastest picked. The caller closes it.
type Choice struct {
	backend.Backend
	Timings []Timing // of all that were tried, in the order given
}

// String says how fast each device was and which was taken.
func (c *Choice) String() string {
	var out strings.Builder
	for _, t := range c.Timings {
		switch {
		case t.Err != nil:
			fmt.Fprintf(&out, "not used: %v\n", t.Err)
		case t.Device == c.Info():
			fmt.Fprintf(&out, "taken:    %v, %.0f steps/s\n", t.Device, t.StepsPerSecond)
		default:
			fmt.Fprintf(&out, "slower:   %v, %.0f steps/s\n", t.Device, t.StepsPerSecond)
		}
	}
	return out.String()
}

// Fastest opens the backends, times a few training steps of the network with batches of the size on each, on numbers made up, and returns the
// one that is fastest; the others are closed. Small networks may be faster on the CPU than on a GPU, which waits for its host at every step.
// When none can train, the error holds the reason of each.
//
//	dev, err := engine.Fastest(ctx, net, training, 32, kernels.Open, cpu.Open)
func Fastest(ctx context.Context, net *nn.Network, training Training, batch int, openers ...backend.Opener) (*Choice, error) {
	if batch < 1 {
		return nil, fmt.Errorf("engine: fastest: batch size is %d, want at least 1", batch)
	}
	if len(openers) == 0 {
		return nil, errors.New("engine: fastest: no backends, want at least one")
	}
	c, best := &Choice{}, 0.0
	var refused []error
	for _, open := range openers {
		dev, timing := try(given(ctx), open, net, training, batch)
		c.Timings = append(c.Timings, timing)
		if timing.Err != nil {
			refused = append(refused, timing.Err)
			continue
		}
		if timing.StepsPerSecond > best {
			c.Backend, dev = dev, c.Backend
			best = timing.StepsPerSecond
		}
		if dev != nil {
			refused = append(refused, dev.Close())
		}
	}
	if c.Backend == nil {
		return nil, fmt.Errorf("engine: fastest: none of %d backends can train: %w", len(openers), errors.Join(refused...))
	}
	return c, nil
}

// try opens a backend and times it; it is closed where it cannot train.
func try(ctx context.Context, open backend.Opener, net *nn.Network, training Training, batch int) (backend.Backend, Timing) {
	dev, err := open()
	if err != nil {
		return nil, Timing{Err: err}
	}
	t := Timing{Device: dev.Info()}
	if t.StepsPerSecond, err = speed(ctx, dev, net, training, batch); err != nil {
		t.Err = errors.Join(fmt.Errorf("%v: %w", t.Device, err), dev.Close())
		return nil, t
	}
	return dev, t
}

// timedSteps are those of an epoch that is timed: enough for some submissions.
const timedSteps = 8

// speed trains a few epochs on numbers made up, and returns the steps a second of the fastest, without the first.
func speed(ctx context.Context, dev backend.Backend, net *nn.Network, training Training, batch int) (best float64, err error) {
	m, err := Compile(dev, net, training)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	set, err := m.madeUp(timedSteps * batch)
	if err != nil {
		return 0, err
	}
	history, err := m.Fit(ctx, set, Fit{Epochs: 4, BatchSize: batch, InOrder: true})
	if err != nil {
		return 0, err
	}
	for _, e := range history.Epochs[1:] {
		best = max(best, e.StepsPerSecond())
	}
	return best, nil
}

// madeUp returns a set of n examples that the model can be trained on, of random numbers from 0 to 1 and of class 0.
func (m *Model) madeUp(n int) (*data.Set, error) {
	s := random.NewStream(m.training.Seed, madeUpStream)
	draw := func(shape []int) []float32 {
		values := make([]float32, n*graph.Size(shape))
		for i := range values {
			values[i] = s.Float32()
		}
		return values
	}
	set := &data.Set{}
	for i, shape := range m.net.Inputs() {
		if i == 0 {
			set.Shape, set.Floats = shape, draw(shape)
			continue
		}
		set.Inputs = append(set.Inputs, data.Features{Shape: shape, Floats: draw(shape)})
	}
	for i, shape := range m.net.OutputShapes() {
		a := data.Answers{Labels: make([]int, n)}
		labelled, err := m.takesLabels(i)
		if err != nil {
			return nil, err
		}
		if !labelled {
			a = data.Answers{Targets: draw(shape), Shape: shape}
		}
		if i == 0 {
			set.Labels, set.Targets, set.TargetShape = a.Labels, a.Targets, a.Shape
			continue
		}
		set.Outputs = append(set.Outputs, a)
	}
	return set, nil
}

// madeUpStream is the number of the random stream that numbers are made up from.
const madeUpStream = 1 << 35

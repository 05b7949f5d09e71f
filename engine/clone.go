package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
)

// Clone returns a model of the same network, on the same device, with the same values and variables of its own. The optimizer
// begins anew.
func (m *Model) Clone() (*Model, error) {
	weights, err := m.weights()
	if err != nil {
		return nil, err
	}
	net, err := m.net.Copy()
	if err != nil {
		return nil, fmt.Errorf("engine: clone: %w", err)
	}
	return m.rebuild(net, weights)
}

// weights reads the values of all variables.
func (m *Model) weights() (nn.Weights, error) {
	if m.store == nil {
		return nil, errClosed
	}
	weights := nn.Weights{}
	for _, v := range m.store.Variables() {
		values, err := m.store.Read(v)
		if err != nil {
			return nil, fmt.Errorf("engine: reading %s: %w", v.Name, err)
		}
		weights[v.Name] = values
	}
	return weights, nil
}

// rebuild compiles another network on the same device and gives it values.
func (m *Model) rebuild(net *nn.Network, weights nn.Weights) (*Model, error) {
	made, err := Compile(m.dev, net, m.training)
	if err != nil {
		return nil, err
	}
	if err := made.setWeights(weights); err != nil {
		return nil, errors.Join(err, made.Close())
	}
	return made, nil
}

// setWeights changes the values of the variables named: of all, or, if one does not fit, of none.
func (m *Model) setWeights(weights nn.Weights) error {
	for name, values := range weights {
		v, err := m.variable(name)
		if err == nil && len(values) != v.Size() {
			err = fmt.Errorf("engine: %s: %d values, want %d for shape %v", name, len(values), v.Size(), v.Shape)
		}
		if err != nil {
			return err
		}
	}
	for name, values := range weights {
		if err := m.SetValue(name, values); err != nil {
			return err
		}
	}
	return nil
}

// Adopt copies the values of the variables that have the same name and shape in both models, and returns their names, in
// the order of m's layers. It is how a network reuses the lower layers of another; see nn.Network.Lower.
func (m *Model) Adopt(from *Model) (adopted []string, err error) {
	weights, err := from.weights()
	if err != nil {
		return nil, err
	}
	if m.store == nil {
		return nil, errClosed
	}
	for _, v := range m.Variables() {
		values, ok := weights[v.Name]
		if !ok || !slices.Equal(from.shapeOf(v.Name), v.Shape) {
			continue
		}
		if err := m.SetValue(v.Name, values); err != nil {
			return adopted, err
		}
		adopted = append(adopted, v.Name)
	}
	return adopted, nil
}

func (m *Model) shapeOf(name string) []int {
	for _, v := range m.Variables() {
		if v.Name == name {
			return v.Shape
		}
	}
	return nil
}

// Freeze stops the training of the named layers; see nn.Network.Freeze. The optimizer and its schedules begin anew.
func (m *Model) Freeze(layers ...string) error { return m.refreeze(m.net.Freeze, layers) }

// Unfreeze undoes Freeze for the named layers. The optimizer and its schedules begin anew.
func (m *Model) Unfreeze(layers ...string) error { return m.refreeze(m.net.Unfreeze, layers) }

// refreeze changes what is trained and lays the variables out anew, with their values.
func (m *Model) refreeze(change func(...string) error, layers []string) error {
	weights, err := m.weights()
	if err != nil {
		return err
	}
	before := m.net.Frozen()
	if err := change(layers...); err != nil {
		return err
	}
	made, err := m.rebuild(m.net, weights)
	if err != nil { // leave everything as it was
		return errors.Join(err, m.net.SetFrozen(before))
	}
	err = m.Close()
	m.store, m.slots, m.steps, m.factor = made.store, made.slots, 0, 1
	return err
}

// FuseReport says what fusing did.
type FuseReport struct {
	Folds         []nn.Fold // one for each BatchNorm
	Examples      int       // that the rest was measured on
	MaxDifference float64   // largest difference between two outputs
	Before, After time.Duration
}

// Speedup returns how many times faster inference has become.
func (r *FuseReport) Speedup() float64 { return float64(r.Before) / float64(max(r.After, 1)) }

// String returns the report in a line for each fold and one for the measurements.
func (r *FuseReport) String() string {
	var out strings.Builder
	for _, f := range r.Folds {
		fmt.Fprintln(&out, f)
	}
	fmt.Fprintf(&out, "largest difference over %d examples: %.3g; inference %v before, %v after: %.2f times as fast\n",
		r.Examples, r.MaxDifference, r.Before.Round(time.Microsecond), r.After.Round(time.Microsecond), r.Speedup())
	return out.String()
}

// Fuse returns a model without the BatchNorm layers that can be folded into a Dense, for faster inference, and a
// report: what became of each BatchNorm, the largest difference of outputs over the set, and the times of both models
// over it, the shorter of three passes each, made in turns. The set's labels are not used. The model itself stays as it is.
//
// The folded weights are (Jacob et al., 2018, "Quantization and Training of Neural Networks …", section 3.2):
// kernel·diag(s) and s·bias + t where the Dense comes before, diag(s)·kernel and bias + tᵀ·kernel where it comes after, with
// s = gamma/√(moving_variance + epsilon) and t = beta − s·moving_mean.
func (m *Model) Fuse(ctx context.Context, set *data.Set) (*Model, *FuseReport, error) {
	weights, err := m.weights()
	if err != nil {
		return nil, nil, err
	}
	net, fusedWeights, folds, err := m.net.Fuse(weights)
	if err != nil {
		return nil, nil, fmt.Errorf("engine: fuse: %w", err)
	}
	fused, err := m.rebuild(net, fusedWeights)
	if err != nil {
		return nil, nil, fmt.Errorf("engine: fuse: %w", err)
	}
	report := &FuseReport{Folds: folds, Before: math.MaxInt64, After: math.MaxInt64}
	if err := report.measure(ctx, m, fused, set); err != nil {
		fused.Close()
		return nil, nil, fmt.Errorf("engine: fuse: %w", err)
	}
	return fused, report, nil
}

// measure compares outputs and times.
func (r *FuseReport) measure(ctx context.Context, before, after *Model, set *data.Set) error {
	for range 3 {
		want, took, err := before.outputs(ctx, set, graph.Inference, 1)
		if err != nil {
			return err
		}
		got, tookFused, err := after.outputs(ctx, set, graph.Inference, 1)
		if err != nil {
			return err
		}
		r.Before, r.After = min(r.Before, took), min(r.After, tookFused)
		r.Examples, r.MaxDifference = len(want[0]), 0
		for i := range want {
			r.MaxDifference = max(r.MaxDifference, difference(got[i], want[i]))
		}
	}
	return nil
}

// difference is the largest between two lists of outputs; NaN if one of them is.
func difference(a, b [][]float32) float64 {
	largest := 0.0
	for i, row := range a {
		for j, v := range row {
			if d := math.Abs(float64(v) - float64(b[i][j])); !(d <= largest) {
				largest = d
			}
		}
	}
	return largest
}

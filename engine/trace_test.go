package engine

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/optim"
)

// The operation is named that first gave a number that is not finite: in the step itself, or in the gradient of the step before,
// whose update spoiled the variables.
func TestOriginOfNaN(t *testing.T) {
	square := nn.NewActivation("square", func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor { return graph.Combine(r, ops.Product, x, x) })
	net := func() *nn.Network {
		return nn.Sequential(nn.Input(4), nn.Dropout(0.1), nn.Dense(4, nn.Name("first")), nn.Activation(square, "square"), nn.BatchNorm(nn.Name("norm")), nn.Dense(3, nn.Softmax, nn.Name("last")))
	}
	for _, row := range []struct {
		name    string
		example int // that holds large features
		value   float32
		kernel  float32 // of the first Dense
		text    string
	}{
		{"forward", 21, 3e38, 100, "the loss of step 5 of epoch 1 is NaN: first from matmul of first in step 5: c["},
		{"an activation", 21, 1e25, 1, "the loss of step 5 of epoch 1 is NaN: first from combine of square in step 5: y["},
		{"the first step", 0, 3e38, 100, "the loss of step 0 of epoch 1 is NaN: first from matmul of first in step 0: c["},
	} {
		for _, device := range real {
			t.Run(row.name+" "+device.name, func(t *testing.T) {
				m, err := Compile(device.open(t), net(), smallTraining())
				require.NoError(t, err)
				defer m.Close()
				require.NoError(t, m.SetValue("first/kernel", slices.Repeat([]float32{row.kernel}, 16)))
				set := blobs(60)
				for i := range 4 {
					set.Floats[4*row.example+i] = row.value
				}
				_, err = m.Fit(context.Background(), set, Fit{BatchSize: 4, InOrder: true, Callbacks: []Callback{TerminateOnNaN{}}})
				assert.ErrorContains(t, err, row.text)
				for _, v := range m.Variables() {
					values, err := m.Value(v.Name)
					require.NoError(t, err)
					_, bad := spoilt(values)
					assert.False(t, bad, "%s is as it was before the step", v.Name)
				}
			})
		}
	}
	for _, device := range real {
		t.Run("a gradient "+device.name, func(t *testing.T) {
			tr := smallTraining()
			tr.Optimizer = optim.SGD{LearningRate: 1e-30}
			m, err := Compile(device.open(t), nn.Sequential(nn.Input(4), nn.Dense(4, nn.Name("first"), nn.NoBias), nn.Dense(3, nn.Softmax, nn.Name("last"))), tr)
			require.NoError(t, err)
			defer m.Close()
			require.NoError(t, m.SetValue("first/kernel", slices.Repeat([]float32{1e-20}, 16)))
			require.NoError(t, m.SetValue("last/kernel", slices.Repeat([]float32{1e20, 0, -1e20}, 4)))
			set := blobs(60)
			set.Labels[21] = 1 // the score in the midst is never the largest
			for i := range 4 {
				set.Floats[4*21+i] = 1e20
			}
			_, err = m.Fit(context.Background(), set, Fit{BatchSize: 4, InOrder: true, Callbacks: []Callback{TerminateOnNaN{}}})
			assert.ErrorContains(t, err, "the loss of step 6 of epoch 1 is NaN: first from matmul of the gradient of first in step 5: c[")
		})
	}
}

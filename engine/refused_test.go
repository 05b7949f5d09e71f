package engine

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

func TestCompileRefused(t *testing.T) {
	dev := backendtest.NewOracle()
	other := func(change func(*Training)) Training {
		tr := smallTraining()
		change(&tr)
		return tr
	}
	for name, row := range map[string]struct {
		dev      backend.Backend
		net      *nn.Network
		training Training
		text     string
	}{
		"no device":         {nil, small(), smallTraining(), "no device"},
		"no network":        {dev, nil, smallTraining(), "no network"},
		"a broken network":  {dev, nn.Sequential(nn.Input(3), nn.Dense(-1)), smallTraining(), "units is -1"},
		"no loss":           {dev, small(), other(func(tr *Training) { tr.Loss = nil }), "Loss is missing"},
		"no optimizer":      {dev, small(), other(func(tr *Training) { tr.Optimizer = nil }), "Optimizer is missing"},
		"a nil metric":      {dev, small(), other(func(tr *Training) { tr.Metrics = []metric.Metric{nil} }), "nil"},
		"a negative rate":   {dev, small(), other(func(tr *Training) { tr.Optimizer = optim.SGD{LearningRate: -1} }), "learning rate is -1"},
		"a rate of NaN":     {dev, small(), other(func(tr *Training) { tr.Optimizer = optim.SGD{LearningRate: float32(math.NaN())} }), "learning rate is NaN"},
		"a momentum of one": {dev, small(), other(func(tr *Training) { tr.Optimizer = optim.SGD{Momentum: 1} }), "momentum is 1"},
		"nesterov alone":    {dev, small(), other(func(tr *Training) { tr.Optimizer = optim.SGD{Nesterov: true} }), "Nesterov without a momentum"},
		"no softmax":        {dev, nn.Sequential(nn.Input(4), nn.Dense(3)), smallTraining(), "does not end in Softmax"},
		"log_softmax":       {dev, nn.Sequential(nn.Input(4), nn.Dense(3, nn.LogSoftmax)), smallTraining(), "does not end in Softmax"},
		"softmax and logits": {dev, small(), other(func(tr *Training) { tr.Loss = loss.SparseCategoricalCrossentropy{FromLogits: true} }),
			"FromLogits is set, but the network ends in Softmax"},
		"outputs of two axes": {dev, nn.Sequential(nn.Input(4, 3), nn.BatchNorm(), nn.Activation(nn.Softmax)), smallTraining(), "outputs are [2 4 3]"},
		"a kernel too large":  {dev, nn.Sequential(nn.Input(40_000), nn.Dense(40_000), nn.Dense(3, nn.Softmax)), smallTraining(), "dense/kernel: shape [40000 40000] is too large"},
		"beyond all integers": {dev, nn.Sequential(nn.Input(1<<40), nn.Dense(1<<40), nn.Dense(3, nn.Softmax)), smallTraining(), "dense/kernel: shape"},
		"nothing to train":    {dev, nn.Sequential(nn.Input(4), nn.Activation(nn.Softmax)), smallTraining(), "no layer has trainable variables"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Compile(row.dev, row.net, row.training)
			assert.ErrorContains(t, err, row.text)
		})
	}
}

func TestFitRefused(t *testing.T) {
	spoiled := func(change func(*data.Set)) *data.Set {
		set := blobs(40)
		change(set)
		return set
	}
	for name, row := range map[string]struct {
		train *data.Set
		fit   Fit
		text  string
	}{
		"no set":                   {nil, Fit{}, "training set: no data set"},
		"an empty set":             {&data.Set{Shape: []int{4}}, Fit{}, "training set: data: the set is empty"},
		"another shape":            {&data.Set{Shape: []int{2, 2}, Floats: blobs(1).Floats, Labels: []int{0}}, Fit{}, "examples are [2 2], want [4]"},
		"a label past the end":     {spoiled(func(s *data.Set) { s.Labels[7] = 3 }), Fit{}, "label 7 is 3, want 0 to 2 for a network with 3 outputs"},
		"a negative label":         {spoiled(func(s *data.Set) { s.Labels[7] = -1 }), Fit{}, "label 7 is -1"},
		"NaN":                      {spoiled(func(s *data.Set) { s.Floats[9] = float32(math.NaN()) }), Fit{}, "example 2, feature 1 is NaN"},
		"a batch too large":        {blobs(40), Fit{BatchSize: 41}, "batch size is 41, want at most 40"},
		"a negative batch":         {blobs(40), Fit{BatchSize: -1}, "batch size is -1"},
		"negative epochs":          {blobs(40), Fit{Epochs: -1}, "epochs is -1"},
		"a bad validation set":     {blobs(40), Fit{Validation: &data.Set{Shape: []int{4}}}, "validation set: data: the set is empty"},
		"validation without label": {blobs(40), Fit{Validation: &data.Set{Shape: []int{4}, Floats: blobs(2).Floats}}, "0 labels for 2 examples"},
	} {
		t.Run(name, func(t *testing.T) {
			m := compileSmall(t, backendtest.NewOracle())
			before, err := m.Value("dense/kernel")
			require.NoError(t, err)
			_, err = m.Fit(context.Background(), row.train, row.fit)
			assert.ErrorContains(t, err, row.text)
			after, err := m.Value("dense/kernel")
			require.NoError(t, err)
			assert.Equal(t, before, after)
		})
	}
}

func TestClosedModel(t *testing.T) {
	m, err := Compile(backendtest.NewOracle(), small(), smallTraining())
	require.NoError(t, err)
	require.NoError(t, m.Close())
	require.NoError(t, m.Close())
	_, err = m.Fit(context.Background(), blobs(40), Fit{})
	assert.ErrorIs(t, err, errClosed)
	_, err = m.Evaluate(context.Background(), blobs(40))
	assert.ErrorIs(t, err, errClosed)
	_, err = m.Predict(context.Background(), blobs(40))
	assert.ErrorIs(t, err, errClosed)
	_, err = m.Value("dense/kernel")
	assert.ErrorIs(t, err, errClosed)
	_, err = m.StepCost(32)
	assert.ErrorIs(t, err, errClosed)
	assert.ErrorIs(t, m.SetValue("dense/kernel", nil), errClosed)
	assert.Len(t, m.Variables(), 12, "what it was made of can still be told")
}

func TestValues(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	_, err := m.Value("dense/kernle")
	assert.ErrorContains(t, err, `no variable "dense/kernle"`)
	assert.ErrorContains(t, m.SetValue("dense/bias", make([]float32, 3)), "dense/bias: 3 values, want 8")
}

// A nil context is one without an end.
func TestNilContext(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	var none context.Context
	_, err := m.Fit(none, blobs(40), Fit{Validation: blobs(9)})
	assert.NoError(t, err)
	_, err = m.Evaluate(none, blobs(9))
	assert.NoError(t, err)
	_, err = m.Predict(none, blobs(9))
	assert.NoError(t, err)
	_, err = m.Diagnose(none, blobs(9))
	assert.NoError(t, err)
}

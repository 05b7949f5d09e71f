package engine

import (
	"context"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// wideAndDeep is a network whose first input reaches the output directly and whose second passes through two layers with a skip.
func wideAndDeep() *nn.Network {
	wide, deep := nn.Input(2), nn.Input(2)
	hidden := deep.To(nn.BatchNorm(), nn.Dense(8, nn.ELU, nn.HeNormal))
	sum := nn.Merge(nn.Add(), hidden, hidden.To(nn.Dense(8, nn.ELU, nn.HeNormal)))
	return nn.Functional([]*nn.Node{wide, deep}, nn.Merge(nn.Concatenate(), wide, sum).To(nn.Dense(3, nn.Softmax)))
}

// halves gives each input half of the features of the blobs.
func halves(n int) *data.Set {
	all := blobs(n)
	set := &data.Set{Shape: []int{2}, Labels: all.Labels, Inputs: []data.Features{{Shape: []int{2}}}}
	for i := range n {
		set.Floats = append(set.Floats, all.Floats[4*i:4*i+2]...)
		set.Inputs[0].Floats = append(set.Inputs[0].Floats, all.Floats[4*i+2:4*i+4]...)
	}
	return set
}

func TestSeveralInputs(t *testing.T) {
	want := map[string]float64{}
	for _, device := range devices { // the oracle first
		t.Run(device.name, func(t *testing.T) {
			m, err := Compile(device.open(t), wideAndDeep(), smallTraining())
			require.NoError(t, err)
			defer m.Close()
			history, err := m.Fit(context.Background(), halves(299), Fit{Epochs: 4, Validation: halves(90)})
			require.NoError(t, err)
			last := history.Last()
			assert.Greater(t, last.Validation["accuracy"], 0.8)
			if len(want) == 0 {
				want = last.Scores
			}
			assert.InDelta(t, want["loss"], last.Scores["loss"], 1e-4, "all devices train alike")
			outputs, err := m.Predict(context.Background(), halves(7))
			require.NoError(t, err)
			assert.Len(t, outputs, 7)
			_, err = m.Diagnose(context.Background(), halves(50))
			require.NoError(t, err)
			cost, err := m.StepCost(32)
			require.NoError(t, err)
			assert.Positive(t, cost.FLOPs)
		})
	}
}

// twoHeads is a network that tells the class, and, by another output of the same hidden layer, how far the example is from 0.
func twoHeads() *nn.Network {
	in := nn.Input(4)
	hidden := in.To(nn.Dense(16, nn.ELU, nn.HeNormal))
	return nn.Functional([]*nn.Node{in}, hidden.To(nn.Dense(3, nn.Softmax, nn.Name("class"))), hidden.To(nn.Dense(8, nn.ELU), nn.Dense(1, nn.Name("size"))))
}

func sized(n int) *data.Set {
	set := blobs(n)
	sizes := data.Answers{Shape: []int{1}}
	for i := range n {
		sum := float32(0)
		for _, v := range set.Floats[4*i : 4*i+4] {
			sum += v * v / 10
		}
		sizes.Targets = append(sizes.Targets, sum)
	}
	set.Outputs = []data.Answers{sizes}
	return set
}

func TestSeveralOutputs(t *testing.T) {
	heads := []Output{
		{Loss: loss.SparseCategoricalCrossentropy{}, Metrics: []metric.Metric{metric.Accuracy{}}},
		{Loss: loss.MeanSquaredError{}, Weight: 0.5, Metrics: []metric.Metric{metric.R2{}, metric.MeanAbsoluteError{}}},
	}
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			m, err := Compile(device.open(t), twoHeads(), Training{Outputs: heads, Optimizer: optim.SGD{LearningRate: 0.05, Momentum: 0.9}})
			require.NoError(t, err)
			defer m.Close()
			set := sized(300)
			history, err := m.Fit(context.Background(), set, Fit{Epochs: 12, Validation: sized(90)})
			require.NoError(t, err)
			last := history.Last()
			assert.Greater(t, last.Validation["class_accuracy"], 0.8)
			assert.Greater(t, last.Validation["size_r2_score"], 0.7)
			assert.InDelta(t, last.Scores["class_loss"]+0.5*last.Scores["size_loss"], last.Scores["loss"], 1e-5)
			assert.ElementsMatch(t, []string{"loss", "class_loss", "size_loss", "class_accuracy", "size_r2_score", "size_mean_absolute_error"}, slices.Collect(maps.Keys(last.Scores)))
			outputs, err := m.PredictAll(context.Background(), set)
			require.NoError(t, err)
			assert.Equal(t, []int{2, 300, 3, 1}, []int{len(outputs), len(outputs[1]), len(outputs[0][299]), len(outputs[1][299])})
			mae := 0.0
			for i, y := range outputs[1] {
				mae += math.Abs(float64(y[0]-set.Outputs[0].Targets[i])) / 300
			}
			scores, err := m.Evaluate(context.Background(), set)
			require.NoError(t, err)
			assert.InDelta(t, scores["size_mean_absolute_error"], mae, 1e-5)
			_, err = m.Diagnose(context.Background(), set)
			require.NoError(t, err)
			c, err := m.Clone()
			require.NoError(t, err)
			require.NoError(t, c.Close())
		})
	}
}

// One output takes labels and nothing else, the other targets and nothing else.
func TestOutputsOfTwoKinds(t *testing.T) {
	in := nn.Input(2, 2)
	flat := in.To(nn.Flatten())
	net := nn.Functional([]*nn.Node{in}, flat.To(nn.Dense(3, nn.Softmax)), in.To(nn.Dropout(0.1)))
	m, err := Compile(backendtest.NewOracle(), net, Training{Outputs: []Output{{Loss: loss.SparseCategoricalCrossentropy{}}, {Loss: loss.MeanSquaredError{}}}, Optimizer: optim.SGD{}})
	require.NoError(t, err)
	defer m.Close()
	set := blobs(30)
	set.Shape = []int{2, 2}
	copied := set.Autoencoding()
	set.Outputs = []data.Answers{{Targets: copied.Targets, Shape: copied.TargetShape}}
	scores, err := m.Evaluate(context.Background(), set)
	require.NoError(t, err)
	assert.Zero(t, scores["dropout_loss"])
}

// Without anything said for each output, all share loss and answers: an auxiliary output below the main one.
func TestAuxiliaryOutput(t *testing.T) {
	in := nn.Input(4)
	low := in.To(nn.Dense(8, nn.ELU))
	net := nn.Functional([]*nn.Node{in}, low.To(nn.Dense(8, nn.ELU), nn.Dense(3, nn.Softmax, nn.Name("main"))), low.To(nn.Dense(3, nn.Softmax, nn.Name("auxiliary"))))
	m, err := Compile(backendtest.NewOracle(), net, smallTraining())
	require.NoError(t, err)
	defer m.Close()
	history, err := m.Fit(context.Background(), blobs(300), Fit{Epochs: 3})
	require.NoError(t, err)
	scores := history.Last().Scores
	assert.InDelta(t, scores["main_loss"]+scores["auxiliary_loss"], scores["loss"], 1e-6)
	assert.Greater(t, scores["auxiliary_accuracy"], 0.8)
}

func TestOutputsRefused(t *testing.T) {
	for text, outputs := range map[string][]Output{
		"Training.Outputs has 1 elements, want 2": {{Loss: loss.MeanSquaredError{}}},
		"Training.Outputs[1].Loss is missing":     {{Loss: loss.MeanSquaredError{}}, {}},
		"Training.Outputs[0].Weight is -1":        {{Loss: loss.MeanSquaredError{}, Weight: -1}, {Loss: loss.MeanSquaredError{}}},
		"Training.Outputs[0].Metrics holds a nil": {{Loss: loss.MeanSquaredError{}, Metrics: []metric.Metric{nil}}, {Loss: loss.MeanSquaredError{}}},
	} {
		_, err := Compile(backendtest.NewOracle(), twoHeads(), Training{Outputs: outputs, Optimizer: optim.SGD{}})
		assert.ErrorContains(t, err, text)
	}
	m, err := Compile(backendtest.NewOracle(), twoHeads(), Training{Outputs: []Output{{Loss: loss.SparseCategoricalCrossentropy{}}, {Loss: loss.MeanSquaredError{}}}, Optimizer: optim.SGD{}})
	require.NoError(t, err)
	defer m.Close()
	_, err = m.Fit(context.Background(), blobs(30), Fit{})
	assert.ErrorContains(t, err, "output 1: label 2 is 2, want 0 to 1 for a network with 1 outputs")
	set := sized(30)
	set.Outputs[0].Targets[3] = float32(math.NaN())
	_, err = m.Fit(context.Background(), set, Fit{})
	assert.ErrorContains(t, err, "output 1: data: target 0 of example 3 is NaN")
}

// A chain of nodes is the same network as Sequential's, to the bit.
func TestFunctionalChain(t *testing.T) {
	in := nn.Input(4)
	chain := nn.Functional([]*nn.Node{in}, in.To(nn.BatchNorm(), nn.Dense(8, nn.ELU, nn.HeNormal), nn.BatchNorm(), nn.Dense(3, nn.Softmax)))
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			var histories []*History
			for _, net := range []*nn.Network{small(), chain} {
				m, err := Compile(dev, net, smallTraining())
				require.NoError(t, err)
				defer m.Close()
				h, err := m.Fit(context.Background(), blobs(101), Fit{Epochs: 2})
				require.NoError(t, err)
				histories = append(histories, h)
			}
			for i, e := range histories[0].Epochs {
				assert.Equal(t, e.StepLosses, histories[1].Epochs[i].StepLosses)
			}
		})
	}
}

func TestInputsRefused(t *testing.T) {
	m, err := Compile(backendtest.NewOracle(), wideAndDeep(), smallTraining())
	require.NoError(t, err)
	defer m.Close()
	for name, row := range map[string]struct {
		spoil func(s *data.Set)
		text  string
	}{
		"one input":      {func(s *data.Set) { s.Inputs = nil }, "1 inputs, want 2"},
		"another shape":  {func(s *data.Set) { s.Inputs[0].Shape = []int{1, 2} }, "examples of input 1 are [1 2], want [2]"},
		"fewer examples": {func(s *data.Set) { s.Inputs[0].Floats = s.Inputs[0].Floats[2:] }, "input 1 has 8 examples, want 9"},
		"an empty input": {func(s *data.Set) { s.Inputs[0].Floats = nil }, "input 1: data: the set is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			set := halves(9)
			row.spoil(set)
			_, err := m.Fit(context.Background(), set, Fit{})
			assert.ErrorContains(t, err, row.text)
		})
	}
	single := compileSmall(t, backendtest.NewOracle())
	_, err = single.Predict(context.Background(), halves(9))
	assert.ErrorContains(t, err, "2 inputs, want 1")
}

// Where values branch, a BatchNorm may move only along a value that one layer alone takes.
func TestFuseFunctional(t *testing.T) {
	x := nn.Input(4)
	one := func(out *nn.Node) *nn.Network { return nn.Functional([]*nn.Node{x}, out) }
	normed := x.To(nn.Dense(4), nn.BatchNorm())
	taken := x.To(nn.Dense(4, nn.Name("below")))
	shared, twin := nn.BatchNorm(nn.Name("shared")), nn.Dense(4, nn.Name("twin"))
	for _, row := range []struct {
		name  string
		net   *nn.Network
		folds []string
	}{
		{"into the Dense before, whoever takes it", one(nn.Merge(nn.Add(), normed, normed.To(nn.Dense(4))).To(nn.Dense(3, nn.Softmax))),
			[]string{"batch_normalization folded back into dense"}},
		{"the Dense before has another taker", one(nn.Merge(nn.Add(), taken, taken.To(nn.BatchNorm(), nn.Activation(nn.ReLU))).To(nn.Dense(3, nn.Softmax))),
			[]string{"batch_normalization stays: Activation comes after it, and no Dense without an activation is just before it"}},
		{"two takers", func() *nn.Network {
			bn := x.To(nn.BatchNorm())
			return one(nn.Merge(nn.Add(), bn.To(nn.Dense(3)), bn.To(nn.Dense(3))).To(nn.Activation(nn.Softmax), nn.Dense(3, nn.Softmax)))
		}(), []string{"batch_normalization stays: several layers take its output, and no Dense without an activation is just before it"}},
		{"a shared BatchNorm", one(nn.Merge(nn.Add(), x.To(shared), x.To(nn.Dense(4), shared)).To(nn.Dense(3, nn.Softmax))),
			[]string{"shared stays: it is shared"}},
		{"a shared Dense", one(nn.Merge(nn.Add(), x.To(nn.BatchNorm(), twin), x.To(twin)).To(nn.Dense(3, nn.Softmax))),
			[]string{"batch_normalization stays: twin, which comes after it, is shared, and no Dense without an activation is just before it"}},
		{"a Dense whose kernel another uses", func() *nn.Network {
			d := nn.Dense(4)
			return one(x.To(d, nn.BatchNorm(), nn.Activation(nn.ReLU), nn.Tied(d), nn.Dense(3, nn.Softmax)))
		}(), []string{"batch_normalization stays: Activation comes after it, and no Dense without an activation is just before it"}},
		{"behind a merge", one(nn.Merge(nn.Concatenate(), x, x.To(nn.Dense(2))).To(nn.BatchNorm(), nn.Dense(3, nn.Softmax))),
			[]string{"batch_normalization folded forward into dense_1"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.NoError(t, row.net.Err())
			m := compileNetwork(t, backendtest.NewOracle(), row.net, true)
			fused, report, err := m.Fuse(context.Background(), noise(20, 4))
			require.NoError(t, err)
			defer fused.Close()
			var folds []string
			for _, f := range report.Folds {
				folds = append(folds, f.String())
			}
			assert.Equal(t, row.folds, folds)
			assert.Less(t, report.MaxDifference, 2e-6)
		})
	}
}

package engine

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/nn"
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

package optim

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
)

// layers are variables in an arena of five blocks; the first kernel takes two.
var layers = []Variable{{"a/kernel", []int{10, 9}, 0}, {"a/bias", []int{9}, 128}, {"b/kernel", []int{9, 4}, 192}, {"b/gamma", []int{4}, 256}}

// layered returns what an optimizer needs for a step on the layers.
func layered(t *testing.T, o Optimizer) Update {
	u := update(backendtest.NewInputs(t, backendtest.NewOracle(), 1), o, 320, 1)
	u.Variables = layers
	for _, v := range layers {
		u.Names = append(u.Names, v.Name)
	}
	u.Names = append(u.Names, "frozen/kernel")
	return u
}

// factorsOf reads the factors that an optimizer's first operation has.
func factorsOf(t *testing.T, o Optimizer) []float64 {
	list, err := o.Record(layered(t, o))
	require.NoError(t, err)
	return (*backendtest.Oracle)(nil).Float64s(list[0].(ops.SGD).Factors)
}

func TestGroupFactors(t *testing.T) {
	for _, row := range []struct {
		name   string
		groups []Group
		want   []float64 // rate and decay of each block
	}{
		{"none", nil, []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
		{"a layer", []Group{{Match: []string{"a/*"}, Rate: 0.5}}, []float64{0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 1, 1, 1}},
		{"no decay", []Group{Undecayed()}, []float64{1, 1, 1, 1, 1, 0, 1, 1, 1, 0}},
		{"overlapping", []Group{{Match: []string{"a/*"}, Rate: 0.5}, {Match: []string{"*/bias", "b/*"}, Rate: 3, NoDecay: true}},
			[]float64{0.5, 0.5, 0.5, 0.5, 1.5, 0, 3, 0, 3, 0}},
		{"a frozen layer", []Group{{Match: []string{"frozen/*"}, Rate: 0.5}}, []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, factorsOf(t, Grouped{Optimizer: SGD{}, Groups: row.groups}))
		})
	}
	inner := Grouped{Optimizer: SGD{}, Groups: []Group{{Match: []string{"a/*"}, Rate: 0.5}}}
	assert.Equal(t, []float64{1, 1, 1, 1, 1, 1, 2, 2, 1, 1},
		factorsOf(t, Grouped{Optimizer: inner, Groups: []Group{{Match: []string{"a/*", "b/kernel"}, Rate: 2}}}), "groups of groups")
}

// A pattern with a slip would silently train the variables like all others.
func TestPatternsThatMatchNothing(t *testing.T) {
	for _, row := range []struct {
		o    Optimizer
		text string
	}{
		{Grouped{Optimizer: SGD{}, Groups: []Group{Undecayed(), {Match: []string{"a/*", "c/*"}, Rate: 2}}},
			`optim: SGD: group 1: pattern "c/*" matches no variable: there are a/kernel, a/bias, b/kernel, b/gamma, frozen/kernel`},
		{Clipped{Optimizer: Adam{}, Adaptive: 0.01, Except: []string{"dense"}}, `optim: Adam: except: pattern "dense" matches no variable: there are a/kernel`},
		{Muon{Except: []string{"out/*"}}, `optim: Muon: except: pattern "out/*" matches no variable`},
		{EMA{Optimizer: Clipped{Optimizer: Muon{Except: []string{"out/*"}}}}, `optim: Muon: except: pattern "out/*"`},
	} {
		_, err := row.o.Record(layered(t, row.o))
		assert.ErrorContains(t, err, row.text)
	}
}

// One operation updates all parameters, however many groups there are.
func TestFewOperations(t *testing.T) {
	for _, row := range []struct {
		o    Optimizer
		want int
	}{
		{Grouped{Optimizer: Adam{}, Groups: []Group{Undecayed(), {Match: []string{"a/*"}, Rate: 0.5}}}, 1},
		{Clipped{Optimizer: SGD{}, VariableNorm: 1}, 2},
		{Clipped{Optimizer: SGD{}, Adaptive: 0.01, Except: []string{"b/*"}}, 2},
		{Clipped{Optimizer: SGD{}, Adaptive: 0.01, Except: []string{"*/*"}}, 1},
		{Clipped{Optimizer: SGD{}, Adaptive: 0.01, Value: 1, VariableNorm: 1, GlobalNorm: 1}, 6},
		{EMA{Optimizer: SGD{}}, 2},
		{Lamb{}, 3},
		{Muon{Except: []string{"*/kernel"}}, 1},
		{Muon{Iterations: 2, Except: []string{"b/kernel"}}, 1 + 3 + 2*5 + 1},
	} {
		list, err := row.o.Record(layered(t, row.o))
		require.NoError(t, err)
		assert.Len(t, list, row.want, "%T", row.o)
	}
}

func ExampleGrouped() {
	o := Grouped{Optimizer: Adam{WeightDecay: 0.004}, Groups: []Group{
		Undecayed(), // biases and the scales and shifts of normalisation
		{Match: []string{"dense/*", "dense_1/*"}, Rate: 0.1}, // the lower layers, a tenth of the rate
	}}
	fmt.Println(o.Name(), o.Check())
	// Output: AdamW <nil>
}

func ExampleClipped() {
	o := Clipped{Optimizer: SGD{Momentum: 0.9}, Adaptive: 0.01, Except: []string{"dense_2/*"}} // all but the last layer
	fmt.Println(o.Name(), o.Check())
	// Output: SGD <nil>
}

func ExampleLamb() {
	o := Lamb{Schedule: Warmup{Steps: 100, Then: PolynomialDecay{Initial: 0.01, Steps: 1000}}, WeightDecay: 0.01}
	fmt.Println(o.Name(), o.Check())
	// Output: Lamb <nil>
}

func ExampleMuon() {
	o := Muon{LearningRate: 0.003, WeightDecay: 0.004, Except: []string{"dense_2/*"}} // Adam trains the last layer
	fmt.Println(o.Name(), o.Check())
	// Output: Muon <nil>
}

func ExampleEMA() {
	o := EMA{Optimizer: Adam{}} // and engine.SwapEMAWeights among the callbacks
	fmt.Println(o.Name(), o.Check())
	// Output: Adam <nil>
}

package engine

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/optim"
)

// variableWise are set as testdata/variables.py sets them.
var variableWise = map[string]optim.Optimizer{
	"groups of AdamW":     grouped(optim.Adam{LearningRate: 0.0625, WeightDecay: 0.125}),
	"groups of SGD":       grouped(optim.SGD{LearningRate: 0.0625, Momentum: 0.9, Nesterov: true}),
	"clipped by variable": optim.Clipped{Optimizer: optim.SGD{LearningRate: 0.0625}, VariableNorm: 1.5},
	"clipped by unit":     optim.Clipped{Optimizer: optim.SGD{LearningRate: 0.0625}, Adaptive: 0.25, Except: []string{"c/*"}},
	"Lamb":                optim.Lamb{LearningRate: 0.0625, WeightDecay: 0.125},
	"Muon":                optim.Muon{LearningRate: 0.0625, WeightDecay: 0.125, AdamRate: 0.5, Except: []string{"c/*"}},
	"averages":            optim.EMA{Optimizer: optim.SGD{LearningRate: 0.0625}, AverageMomentum: 0.75},
}

func grouped(o optim.Optimizer) optim.Optimizer {
	return optim.Grouped{Optimizer: o, Groups: []optim.Group{
		optim.Undecayed(), {Match: []string{"a/*"}, Rate: 0.125}, {Match: []string{"*/bias"}, Rate: 2}}}
}

// variableRuns is what testdata/variables.py computed.
type variableRuns struct {
	Variables []struct {
		Name  string
		Shape []int
		Start []float32
	}
	Gradients [][][]float32
	Runs      map[string][][][]float64
}

// What looks at variables must follow an independent computation too, variable by variable.
func TestVariables(t *testing.T) {
	text, err := os.ReadFile("testdata/variables.json")
	require.NoError(t, err)
	var runs variableRuns
	require.NoError(t, json.Unmarshal(text, &runs))
	require.Len(t, runs.Runs, len(variableWise))
	spreads := map[string]spread{}
	for name, o := range variableWise {
		require.NoError(t, o.Check())
		spreads[name] = spreadOf(func(dev backend.Backend) map[string][]float64 { return runs.follow(t, dev, o) })
	}
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			for name, list := range runs.Runs {
				t.Run(name, func(t *testing.T) {
					want := map[string][]float64{}
					for step, values := range list {
						for v := range values {
							want[runs.name(step, v)] = values[v]
						}
					}
					spreads[name].holds(t, device, runs.follow(t, dev, variableWise[name]), want)
				})
			}
		})
	}
}

func (r variableRuns) name(step, v int) string {
	return fmt.Sprintf("step %d: %s", step, r.Variables[v].Name)
}

// follow makes the steps on a device and returns the variables after each, or their averages if there are any.
func (r variableRuns) follow(t *testing.T, dev backend.Backend, o optim.Optimizer) map[string][]float64 {
	after := map[string][]float64{}
	var arena []float32
	var variables []optim.Variable
	for _, v := range r.Variables {
		variables = append(variables, optim.Variable{Name: v.Name, Shape: v.Shape, Offset: len(arena)})
		arena = append(arena, append(v.Start, make([]float32, backend.Aligned(backend.F32, len(v.Start))-len(v.Start))...)...)
	}
	u := updateOf(backendtest.NewInputs(t, dev, 1), o, arena, len(r.Gradients))
	for _, v := range variables {
		u.Variables, u.Names = append(u.Variables, v), append(u.Names, v.Name)
	}
	list, err := o.Record(u)
	require.NoError(t, err)
	p, err := dev.Compile(append(list, ops.Advance{Clock: u.Rates.Clock}))
	require.NoError(t, err)
	defer p.Release()
	shown := u.Params
	if slot, ok := averageSlot(o); ok {
		shown = u.Slots[slot]
	}
	for step, gradients := range r.Gradients {
		padded := make([]float32, len(arena))
		for v, g := range gradients {
			copy(padded[variables[v].Offset:], g)
		}
		require.NoError(t, backend.Upload(dev, u.Grads, padded))
		require.NoError(t, p.Run(1))
		values := make([]float32, len(arena))
		require.NoError(t, backend.Download(dev, values, shown))
		for v, variable := range variables {
			after[r.name(step, v)] = toFloat64(values[variable.Offset:][:graph.Size(variable.Shape)])
		}
	}
	return after
}

package engine

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// mine are a loss, a metric, an optimizer, a schedule, a layer and an activation of a user's own.
type mineLoss struct{ Power float32 }

func (*mineLoss) Name() string { return "mine" }
func (l *mineLoss) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return loss.Huber{Delta: l.Power}.Record(r, y, answers)
}

type mineMetric struct{ metric.MeanAbsoluteError }

func (mineMetric) Name() string { return "own" }

type mineOptimizer struct{ optim.SGD }

func (mineOptimizer) Name() string { return "MineOptimizer" }

type mineSchedule struct{ High, Low float64 }

func (s mineSchedule) Rate(step int) float64 { return max(s.Low, s.High/float64(step+1)) }

type hiddenLoss struct {
	mineLoss
	secret int
}

// shrinking is a layer of a user's own.
type shrinking struct {
	nn.Name
	by float32
}

func (l *shrinking) Build(_ *nn.Builder, in []int) ([]int, error) { return in, nil }
func (l *shrinking) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	return graph.Affine(r, x, l.by, 0)
}
func (l *shrinking) Describe() any { return map[string]float32{"by": l.by} }

func ownRegistry() Registry {
	return Registry{
		Registry: nn.Registry{
			Layers: map[string]func(o nn.Options) (nn.Layer, error){"Shrinking": func(o nn.Options) (nn.Layer, error) {
				var options struct{ By float32 }
				err := o.Decode(&options)
				return &shrinking{by: options.By}, err
			}},
			Activations: []nn.ActivationFunc{twice},
		},
		Losses: []loss.Loss{&mineLoss{}}, Metrics: []metric.Metric{mineMetric{}}, Optimizers: []optim.Optimizer{mineOptimizer{}}, Schedules: []optim.Schedule{mineSchedule{}},
	}
}

var twice = nn.NewActivation("twice", func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor { return graph.Affine(r, x, 2, 0) })

func TestOwnClassesInModels(t *testing.T) {
	m, err := Compile(devices[1].open(t), nn.Sequential(nn.Input(4), &shrinking{by: 0.5}, nn.Dense(3, twice)), Training{Loss: &mineLoss{2},
		Optimizer: mineOptimizer{optim.SGD{Schedule: mineSchedule{0.1, 0.01}}}, Metrics: []metric.Metric{mineMetric{}}, Seed: math.MaxUint64})
	require.NoError(t, err)
	defer m.Close()
	trainOn(t, m, LoadModel{Registry: ownRegistry()})
	path := filepath.Join(t.TempDir(), "m")
	require.NoError(t, m.Save(path))
	for text, strike := range map[string]func(r *Registry){
		`class "Shrinking": unknown`:                func(r *Registry) { r.Layers = nil },
		`activation "twice" is unknown`:             func(r *Registry) { r.Activations = nil },
		`loss: class "mineLoss" is unknown`:         func(r *Registry) { r.Losses = nil },
		`metrics: [0]: class "mineMetric"`:          func(r *Registry) { r.Metrics = nil },
		`optimizer: class "mineOptimizer"`:          func(r *Registry) { r.Optimizers = nil },
		`schedule: class "mineSchedule" is unknown`: func(r *Registry) { r.Schedules = nil },
		`registry: a optim.Schedule is nil`:         func(r *Registry) { r.Schedules = []optim.Schedule{nil} },
		`loss.Huber and loss.Huber have one name`:   func(r *Registry) { r.Losses = append(r.Losses, loss.Huber{}) },
	} {
		r := ownRegistry()
		strike(&r)
		_, err := Load(m.dev, path, LoadModel{Registry: r})
		assert.ErrorContains(t, err, text)
		assert.ErrorContains(t, err, path)
	}
}

// ExampleRegistry loads a model with a loss, a schedule, a layer and an activation of a user's own.
func ExampleRegistry() {
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path, dev := filepath.Join(dir, "model.safetensors"), backendtest.NewOracle()
	net := nn.Sequential(nn.Input(4), &shrinking{by: 0.5}, nn.Dense(3, twice))
	model, err := Compile(dev, net, Training{Loss: &mineLoss{Power: 2}, Optimizer: optim.SGD{Schedule: mineSchedule{High: 0.1, Low: 0.01}}})
	if err != nil {
		panic(err)
	}
	defer model.Close()
	if err := model.Save(path); err != nil {
		panic(err)
	}
	loaded, err := Load(dev, path, LoadModel{Registry: Registry{
		Registry: nn.Registry{
			Layers: map[string]func(o nn.Options) (nn.Layer, error){"Shrinking": func(o nn.Options) (nn.Layer, error) {
				var options struct{ By float32 }
				err := o.Decode(&options)
				return &shrinking{by: options.By}, err
			}},
			Activations: []nn.ActivationFunc{twice},
		},
		Losses:    []loss.Loss{&mineLoss{}},
		Schedules: []optim.Schedule{mineSchedule{}},
	}})
	if err != nil {
		panic(err)
	}
	defer loaded.Close()
	fmt.Println(loaded.LearningRate(), len(loaded.Network().Layers()))
	// Output: 0.1 2
}

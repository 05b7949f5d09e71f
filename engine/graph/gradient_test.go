package graph_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/random"
)

// function is something differentiable: it declares variables and computes a tensor from them and x, [6 5].
type function struct {
	name      string
	variables []*graph.Variable
	apply     func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor
}

func variable(name string, trainable bool, mean float64, shape ...int) *graph.Variable {
	return &graph.Variable{Name: name, Shape: shape, Trainable: trainable, Fill: func(s *random.Stream, dst []float32) {
		for i := range dst {
			dst[i] = float32(mean + 0.3*s.Normal())
		}
	}}
}

// targets repeats a row for all of x.
func targets(r *graph.Recorder, row ...float32) *graph.Tensor {
	return r.Constant(slices.Repeat(row, 6), 6, 5)
}

func activate(f ops.Function, o ops.Options) function {
	return function{name: fmt.Sprint("activation ", f, o), apply: func(r *graph.Recorder, x *graph.Tensor, _ []*graph.Tensor) *graph.Tensor {
		return graph.Activate(r, x, f, o.Alpha, o.Beta, o.Gamma)
	}}
}

func functions() []function {
	list := []function{
		{"matmul", []*graph.Variable{variable("w", true, 0, 5, 4)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			return graph.MatMul(r, x, v[0])
		}},
		{"matmul transposed", []*graph.Variable{variable("w", true, 0, 4, 5)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			return graph.MatMulTransposed(r, x, v[0])
		}},
		{"tied matmuls", []*graph.Variable{variable("w", true, 0, 5, 4)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			return graph.MatMulTransposed(r, graph.MatMul(r, x, v[0]), v[0])
		}},
		{"bias", []*graph.Variable{variable("b", true, 0, 5)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			return graph.Bias(r, x, v[0])
		}},
		{"softmax", nil, func(r *graph.Recorder, x *graph.Tensor, _ []*graph.Tensor) *graph.Tensor { return graph.Softmax(r, x) }},
		{"log_softmax", nil, func(r *graph.Recorder, x *graph.Tensor, _ []*graph.Tensor) *graph.Tensor {
			return graph.LogSoftmax(r, x)
		}},
		{"crossentropy", nil, func(r *graph.Recorder, x *graph.Tensor, _ []*graph.Tensor) *graph.Tensor {
			return graph.CrossEntropy(r, x, r.Labels(6)) // every label is 0
		}},
		{"batchnorm", []*graph.Variable{variable("gamma", true, 1, 5), variable("beta", true, 0, 5), variable("m", false, 0, 5), variable("s", false, 1, 5)},
			func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
				return graph.BatchNorm(r, x, graph.Normalization{Gamma: v[0], Beta: v[1], MovingMean: v[2], MovingVariance: v[3], Momentum: 0.9, Epsilon: 1e-3})
			}},
		{"frozen batchnorm", []*graph.Variable{variable("gamma", false, 1, 5), variable("beta", false, 0, 5), variable("m", false, 0, 5), variable("s", false, 1, 5)},
			func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
				return graph.BatchNorm(r, x, graph.Normalization{Gamma: v[0], Beta: v[1], MovingMean: v[2], MovingVariance: v[3], Epsilon: 1e-3, Frozen: true})
			}},
		{"layernorm", []*graph.Variable{variable("gamma", true, 1, 5)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			return graph.LayerNorm(r, x, v[0], 1e-3)
		}},
		{"rmsnorm", []*graph.Variable{variable("gamma", true, 1, 5)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			return graph.RMSNorm(r, x, v[0], 1e-3)
		}},
		{"prelu", []*graph.Variable{variable("alpha", true, 0.25, 5)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			return graph.PReLU(r, x, v[0])
		}},
		{"prelu of channels", []*graph.Variable{variable("alpha", true, 0.25, 3, 1)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			return graph.PReLU(r, graph.Reshape(r, x, 2, 3, 5), v[0])
		}},
		{"prelu of one slope", []*graph.Variable{variable("alpha", true, 0.25, 1)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			return graph.PReLU(r, graph.PReLU(r, x, v[0]), v[0])
		}},
		{"rrelu", nil, func(r *graph.Recorder, x *graph.Tensor, _ []*graph.Tensor) *graph.Tensor {
			return graph.RReLU(r, x, -0.5, 0.5)
		}},
		{"rrelu twice", nil, func(r *graph.Recorder, x *graph.Tensor, _ []*graph.Tensor) *graph.Tensor {
			return graph.RReLU(r, graph.RReLU(r, x, -1, -0.5), 0.1, 2)
		}},
		{"penalty", []*graph.Variable{variable("w", true, 0, 5, 4)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			r.Penalise(graph.Penalty(r, v[0], 0.3, 0.2))
			r.Penalise(graph.Penalty(r, x, 0, 0.1))
			return r.Penalised(graph.CrossEntropy(r, graph.MatMul(r, x, v[0]), r.Labels(6)))
		}},
		{"reshape", []*graph.Variable{variable("w", true, 0, 10, 2)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			return graph.MatMul(r, graph.Reshape(r, x, 3, 10), v[0])
		}},
		{"a tensor used twice", []*graph.Variable{variable("w", true, 0, 5, 5)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			// x·w, then that bent and times w again: w has two parts of a gradient
			y := graph.Activate(r, graph.MatMul(r, x, v[0]), ops.Tanh, 0)
			return graph.MatMul(r, y, v[0])
		}},
		{"a bias of itself", []*graph.Variable{variable("b", true, 0, 30)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			// x flows on both ways through Bias: passed on, and summed into the bias
			return graph.Bias(r, graph.Bias(r, graph.Reshape(r, x, 1, 30), graph.Reshape(r, x, 30)), v[0])
		}},
		{"a sum with itself, and once more", []*graph.Variable{variable("b", true, 0, 5)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			// each part of a gradient that is passed on unchanged belongs to another tensor, to which more is added
			y := graph.Bias(r, x, v[0])
			z := graph.Combine(r, ops.Sum, y, y)
			return graph.Combine(r, ops.Sum, graph.Activate(r, z, ops.Tanh), graph.Combine(r, ops.Sum, y, x))
		}},
		{"weighted sum", nil, func(r *graph.Recorder, x *graph.Tensor, _ []*graph.Tensor) *graph.Tensor {
			return graph.WeightedSum(r, 0.3, graph.Activate(r, x, ops.Tanh), -1.5, x)
		}},
		{"a skip over a bend", []*graph.Variable{variable("w", true, 0, 5, 5)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			h := graph.MatMul(r, x, v[0])
			sum := graph.Combine(r, ops.Sum, h, graph.Activate(r, h, ops.Sigmoid))
			return graph.Combine(r, ops.Sum, sum, h)
		}},
		{"concatenate and slice", []*graph.Variable{variable("w", true, 0, 5, 4)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			y := graph.Concatenate(r, 1, graph.MatMul(r, x, v[0]), x, graph.Activate(r, x, ops.Tanh))
			return graph.Combine(r, ops.Product, graph.Slice(r, y, 1, 2, 7), graph.Slice(r, y, 1, 7, 12))
		}},
		{"concatenate along an axis before the last", nil, func(r *graph.Recorder, x *graph.Tensor, _ []*graph.Tensor) *graph.Tensor {
			cube := graph.Reshape(r, x, 2, 3, 5)
			return graph.Slice(r, graph.Concatenate(r, 1, cube, graph.Activate(r, cube, ops.Tanh), cube), 1, 2, 8)
		}},
		{"transpose", []*graph.Variable{variable("b", true, 0, 3)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			y := graph.Transpose(r, graph.Reshape(r, x, 2, 3, 5))
			return graph.Transpose(r, graph.Activate(r, graph.Bias(r, y, v[0]), ops.Tanh))
		}},
		{"batchnorm of rows", []*graph.Variable{variable("gamma", true, 1, 3), variable("beta", true, 0, 3), variable("m", false, 0, 3), variable("s", false, 1, 3)},
			func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
				n := graph.Normalization{Gamma: v[0], Beta: v[1], MovingMean: v[2], MovingVariance: v[3], Momentum: 0.9, Epsilon: 1e-3}
				return graph.Transpose(r, graph.BatchNorm(r, graph.Transpose(r, graph.Reshape(r, x, 2, 3, 5)), n))
			}},
		{"two biases", []*graph.Variable{variable("b", true, 0, 5)}, func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
			return graph.Bias(r, graph.Bias(r, x, v[0]), v[0])
		}},
	}
	for _, f := range ops.Functions() {
		for _, o := range backendtest.OptionsOf(f) {
			list = append(list, activate(f, o))
		}
	}
	for _, f := range ops.PairFunctions() {
		if f == ops.BinaryAccuracy {
			continue // has none
		}
		list = append(list, function{name: "pair_loss " + f.String(), apply: func(r *graph.Recorder, x *graph.Tensor, _ []*graph.Tensor) *graph.Tensor {
			probabilities := graph.Activate(r, x, ops.Sigmoid)
			return graph.PairLoss(r, probabilities, targets(r, 0, 0.3, 1, 0.8, 0.5), f, 0.25, 2)
		}})
	}
	list = append(list, function{name: "categorical_hinge", apply: func(r *graph.Recorder, x *graph.Tensor, _ []*graph.Tensor) *graph.Tensor {
		return graph.CategoricalHinge(r, x, graph.Affine(r, targets(r, 0, 0, 1, 0, 0), 0.9, 0.02))
	}})
	for _, k := range ops.Combinations() {
		list = append(list, function{"combine " + k.String(), []*graph.Variable{variable("w", true, 0, 5, 5)},
			func(r *graph.Recorder, x *graph.Tensor, v []*graph.Tensor) *graph.Tensor {
				return graph.Combine(r, k, graph.MatMul(r, x, v[0]), x)
			}})
	}
	for _, kind := range ops.NoiseKinds() { // the ticks stand still: every run draws the same numbers
		list = append(list, function{name: kind.String(), apply: func(r *graph.Recorder, x *graph.Tensor, _ []*graph.Tensor) *graph.Tensor {
			return graph.Noise(r, x, kind, 0.4)
		}})
	}
	return list
}

// recorded is a function with its gradient, on the oracle.
type recorded struct {
	oracle  *backendtest.Oracle
	store   *graph.Store
	forward backend.Program
	both    backend.Program
	inputs  []backend.Region // x and the trainable variables
	grads   []backend.Region
	y, seed backend.Region
}

func record(t *testing.T, f function) recorded {
	oracle := backendtest.NewOracle()
	store, err := graph.NewStore(oracle, f.variables, 3)
	require.NoError(t, err)
	c := recorded{oracle: oracle, store: store}
	r := graph.NewRecorder(store, graph.Training)
	x := r.Input(true, 6, 5)
	var v []*graph.Tensor
	for _, variable := range f.variables {
		v = append(v, r.Variable(variable))
	}
	y := f.apply(r, x, v)
	r.Keep(y)
	forward := r.Ops()
	c.y = y.Value()
	seed, err := oracle.Alloc(backend.F32, y.Size())
	require.NoError(t, err)
	c.seed = backend.Whole(seed)
	r.Backward(y, c.seed)
	c.inputs = append(c.inputs, x.Value())
	grad, ok := x.Grad()
	require.True(t, ok, "no gradient reaches x")
	c.grads = append(c.grads, grad)
	for _, variable := range f.variables {
		if variable.Trainable {
			c.inputs, c.grads = append(c.inputs, store.Value(variable)), append(c.grads, store.Grad(variable))
		}
	}
	r.KeepGrad(x)
	require.NoError(t, r.Err())
	c.both, err = oracle.Compile(r.Ops())
	require.NoError(t, err)
	c.forward, err = oracle.Compile(forward)
	require.NoError(t, err)
	return c
}

// randomise fills the regions with normal numbers.
func (c recorded) randomise(s *random.Stream, size float64, regions ...backend.Region) [][]float64 {
	var all [][]float64
	for _, region := range regions {
		values := make([]float64, region.Len)
		for i := range values {
			values[i] = size * s.Normal()
		}
		all = append(all, values)
	}
	return all
}

// rewind sets the clock of random numbers so that the last of the next runs is always the same step.
func (c recorded) rewind(t *testing.T, runs int) {
	clock, err := c.store.Clock()
	require.NoError(t, err)
	require.NoError(t, backend.Upload(c.oracle, clock, []uint32{uint32(100 - runs)}))
}

// along returns Σ seed·y when every input moves by h times its direction.
func (c recorded) along(t *testing.T, start, direction [][]float64, seed []float64, h float64) float64 {
	for i, region := range c.inputs {
		moved := make([]float64, region.Len)
		for j := range moved {
			moved[j] = start[i][j] + h*direction[i][j]
		}
		c.oracle.SetFloat64s(region, moved)
	}
	c.rewind(t, 1)
	require.NoError(t, c.forward.Run(1))
	return dot(seed, c.oracle.Float64s(c.y))
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// The derivative of u·f along a random direction, by central differences in float64, must be the direction times the gradient
// that Backward derives.
func TestGradients(t *testing.T) {
	for _, f := range functions() {
		t.Run(f.name, func(t *testing.T) {
			c, s := record(t, f), random.NewStream(11, 0)
			for try := range 5 {
				var start [][]float64
				for _, region := range c.inputs {
					start = append(start, append([]float64(nil), c.oracle.Float64s(region)...))
				}
				start[0] = c.randomise(s, 1, c.inputs[0])[0]
				direction := c.randomise(s, 1, c.inputs...)
				seed := c.randomise(s, 1, c.seed)[0]
				c.oracle.SetFloat64s(c.seed, seed)
				const h = 1e-5
				want := (c.along(t, start, direction, seed, h) - c.along(t, start, direction, seed, -h)) / (2 * h)
				c.along(t, start, direction, seed, 0)
				c.rewind(t, 1)
				require.NoError(t, c.both.Run(1))
				got := 0.0
				for i, region := range c.grads {
					got += dot(direction[i], c.oracle.Float64s(region))
				}
				assert.InDelta(t, want, got, 1e-7*(1+math.Abs(want)), "try %d", try)
			}
		})
	}
}

// A gradient that runs twice must give the same again: nothing may be added to what is left of the first time.
func TestGradientsOverwrite(t *testing.T) {
	for _, f := range functions() {
		c := record(t, f)
		s := random.NewStream(12, 0)
		c.oracle.SetFloat64s(c.inputs[0], c.randomise(s, 1, c.inputs[0])[0])
		c.oracle.SetFloat64s(c.seed, c.randomise(s, 1, c.seed)[0])
		var runs [2][]float64
		for i := range runs {
			c.rewind(t, 1+i)
			require.NoError(t, c.both.Run(1+i))
			for _, region := range c.grads {
				runs[i] = append(runs[i], c.oracle.Float64s(region)...)
			}
		}
		assert.Equal(t, runs[0], runs[1], f.name)
	}
}

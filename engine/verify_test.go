package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/backend/faulty"
	"github.com/gradus-ml/gradus/engine/data/fashion"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/optim"
)

// deepNetwork has most kinds of layers.
func deepNetwork() *nn.Network {
	in := nn.Input(28, 28)
	x := in.To(nn.Flatten(), nn.BatchNorm(), nn.Dense(64, nn.ELU, nn.HeNormal, nn.KernelRegularizer(nn.L2(1e-4))), nn.Dropout(0.1), nn.LayerNorm(), nn.Dense(32, nn.Swish, nn.MaxNorm(2)))
	return nn.Functional([]*nn.Node{in}, nn.Merge(nn.Add(), x, x.To(nn.Dense(32, nn.PReLU()))).To(nn.BatchNorm(), nn.Dense(10, nn.Softmax)))
}

// Every operation of a training step agrees on all devices, within a bound that is computed.
func TestVerify(t *testing.T) {
	train, _, err := fashion.Load("")
	require.NoError(t, err)
	for _, o := range []optim.Optimizer{optim.Clipped{Optimizer: optim.SGD{Momentum: 0.9}, GlobalNorm: 1}, optim.Grouped{Optimizer: optim.Adam{WeightDecay: 0.01}, Groups: []optim.Group{optim.Undecayed()}}} {
		tr := smallTraining()
		tr.Optimizer = o
		for _, device := range real {
			t.Run(o.Name()+" "+device.name, func(t *testing.T) {
				dev := device.open(t)
				report, err := Verify(context.Background(), backendtest.NewOracle(), dev, deepNetwork(), tr, train, Verification{})
				require.NoError(t, err)
				assert.NoError(t, report.Err())
				assert.Greater(t, len(report.Checks), 100)
				worst, whole := Check{}, Check{}
				for _, c := range report.Checks {
					if c.Part == wholeStep && share(c) > share(whole) {
						whole = c
					}
					if c.Part != wholeStep && share(c) > share(worst) {
						worst = c
					}
				}
				assert.Positive(t, worst.Error, "something is rounded")
				assert.Positive(t, whole.Error, "something is rounded")
				t.Logf("nearest to its bound: %+v, %.2f of it", worst, share(worst))
				t.Logf("of whole steps: %+v, %.2f of it", whole, share(whole))
			})
		}
	}
}

// fusing is a device whose products with a bias are wrong when they are compiled with what follows, and right alone: as a fused kernel would be.
type fusing struct{ backend.Backend }

func (f fusing) Compile(list []backend.Op) (backend.Program, error) {
	made := slices.Clone(list)
	for i, op := range made {
		if a, ok := op.(ops.ActivationGrad); ok && len(list) > 1 && a.Function == ops.ELU {
			a.Alpha = 0.97
			made[i] = a
		}
	}
	return f.Backend.Compile(made)
}

// What is wrong only in the company of other operations is found in the whole step.
func TestVerifyFindsFusedFaults(t *testing.T) {
	train, _, err := fashion.Load("")
	require.NoError(t, err)
	report, err := Verify(context.Background(), backendtest.NewOracle(), fusing{openCPU(t)}, deepNetwork(), smallTraining(), train, Verification{Steps: 2})
	require.NoError(t, err)
	require.Error(t, report.Err())
	assert.ErrorContains(t, report.Err(), "verify: step, the whole step of step 0: gradient of ")
}

// A gradient that is exactly nothing, of a bias before BatchNorm, is rounding on every device; Adam moves the bias all the same, either way.
func TestVerifyOfNoise(t *testing.T) {
	train, _, err := fashion.Load("")
	require.NoError(t, err)
	net := nn.Sequential(nn.Input(28, 28), nn.Flatten(), nn.Dense(40), nn.BatchNorm(), nn.Dense(30, nn.ReLU), nn.Dense(10, nn.Softmax))
	for _, device := range real {
		for _, o := range []optim.Optimizer{optim.Adam{}, optim.Lion{}, optim.RMSprop{}, optim.Adadelta{}} {
			t.Run(device.name+" "+o.Name(), func(t *testing.T) {
				tr := smallTraining()
				tr.Optimizer = o
				report, err := Verify(context.Background(), backendtest.NewOracle(), device.open(t), net, tr, train, Verification{})
				require.NoError(t, err)
				assert.NoError(t, report.Err())
			})
		}
	}
}

// A fault is found wherever it is, and the operation named in which it first shows.
func TestVerifyFindsFaults(t *testing.T) {
	train, _, err := fashion.Load("")
	require.NoError(t, err)
	dev, err := cpu.Open()
	require.NoError(t, err)
	defer dev.Close()
	for name, row := range map[string]struct {
		spoil func(op backend.Op) backend.Op
		text  string
	}{
		"an activation": {func(op backend.Op) backend.Op {
			if a, ok := op.(ops.Activation); ok && a.Function == ops.SiLU {
				a.Function = ops.Mish
				return a
			}
			return op
		}, "verify: activation, dense_1 of step 0: y is off by"},
		"a gradient": {func(op backend.Op) backend.Op {
			if a, ok := op.(ops.ActivationGrad); ok && a.Function == ops.ELU {
				a.Alpha = 0.999
				return a
			}
			return op
		}, "verify: activation_grad, the gradient of dense of step 0: dx is off by"},
		"a moving average": {func(op backend.Op) backend.Op {
			if a, ok := op.(ops.BatchNorm); ok {
				a.Momentum = 0.9899
				return a
			}
			return op
		}, "verify: batchnorm, batch_normalization of step 0: moving_"},
		"the optimizer": {func(op backend.Op) backend.Op {
			if a, ok := op.(ops.SGD); ok {
				a.Nesterov = true
				return a
			}
			return op
		}, "verify: sgd, the update of step 0: params is off by"},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := Verify(context.Background(), backendtest.NewOracle(), faulty.Wrong(dev, row.spoil), deepNetwork(), smallTraining(), train, Verification{Steps: 1})
			require.NoError(t, err)
			require.Error(t, report.Err())
			assert.ErrorContains(t, report.Err(), row.text)
			assert.Contains(t, report.String(), "BROKEN")
		})
	}
}

func TestApart(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	assert.Zero(t, apart(nan, nan))
	assert.Zero(t, apart(inf, inf))
	assert.Equal(t, math.Inf(1), apart(inf, -inf))
	assert.Equal(t, math.Inf(1), apart(1, nan))
	assert.Equal(t, 0.5, apart(1, 1.5))
}

func TestVerifyRefused(t *testing.T) {
	oracle := backendtest.NewOracle()
	_, err := Verify(context.Background(), oracle, oracle, small(), smallTraining(), blobs(9), Verification{Steps: -1})
	assert.ErrorContains(t, err, "verify: steps is -1")
	_, err = Verify(context.Background(), oracle, nil, small(), smallTraining(), blobs(9), Verification{})
	assert.ErrorContains(t, err, "no device")
	_, err = Verify(context.Background(), oracle, oracle, small(), smallTraining(), blobs(9), Verification{BatchSize: 10})
	assert.ErrorContains(t, err, "batch size is 10, want at most 9")
	_, err = Verify(context.Background(), oracle, oracle, small(), smallTraining(), nil, Verification{})
	assert.ErrorContains(t, err, "no data set")
}

// A device whose ELU is another function is found out.
func ExampleVerify() {
	dev, err := cpu.Open()
	if err != nil {
		panic(err)
	}
	defer dev.Close()
	broken := faulty.Wrong(dev, func(op backend.Op) backend.Op {
		if a, ok := op.(ops.Activation); ok && a.Function == ops.ELU {
			a.Alpha = 0.9
			return a
		}
		return op
	})
	for _, device := range []backend.Backend{dev, broken} {
		report, err := Verify(context.Background(), backendtest.NewOracle(), device, small(), smallTraining(), blobs(64), Verification{})
		if err != nil {
			panic(err)
		}
		if err := report.Err(); err != nil {
			what, _, _ := strings.Cut(err.Error(), " by ") // and how much, and what rounding explains
			fmt.Println(what)
			continue
		}
		fmt.Println("every result is explained by rounding")
	}
	// Output:
	// every result is explained by rounding
	// engine: verify: activation, dense of step 0: y is off
}

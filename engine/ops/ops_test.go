package ops_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Every case of the conformance suite is a valid operation with a plausible cost.
func TestCasesAreValid(t *testing.T) {
	for _, op := range backendtest.AllOperations(backendtest.NewInputs(t, backendtest.NewOracle(), 1)) {
		require.NoError(t, backend.CheckOp(op))
		assert.Positive(t, op.Cost().Bytes, op.Name())
		assert.GreaterOrEqual(t, op.Cost().FLOPs, int64(0), op.Name())
	}
}

func TestMatMulCost(t *testing.T) {
	in := backendtest.NewInputs(t, backendtest.NewOracle(), 1)
	op := ops.MatMul{A: in.Result(6), B: in.Result(12), C: in.Result(8), M: 2, N: 4, K: 3}
	assert.Equal(t, backend.Cost{FLOPs: 2 * 2 * 4 * 3, Bytes: 4 * (6 + 12 + 8)}, op.Cost())
	assert.Equal(t, backend.Cost{FLOPs: 96, Bytes: 208}, backend.CostOf([]backend.Op{op, op}))
}

// What does not fit is refused with the operation, the thing and the numbers.
func TestRefused(t *testing.T) {
	in := backendtest.NewInputs(t, backendtest.NewOracle(), 1)
	six, three, words, clock := in.Result(6), in.Result(3), in.Indices(0, 1, 2), in.Indices(0)
	bytes, two := in.Bytes(6), in.Result(2)
	rates := func(table backend.Region, steps, columns, first int) ops.Rates {
		return ops.Rates{Table: table, Clock: clock, Steps: steps, Columns: columns, First: first}
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, row := range []struct {
		op   backend.Op
		text string
	}{
		{ops.MatMul{}, "matmul: m is 0, want 1"},
		{ops.MatMul{M: 2, N: -1, K: 3}, "matmul: n is -1"},
		{ops.MatMul{M: 1 << 20, N: 1 << 20, K: 1}, "matmul: m × n is 1048576 × 1048576"},
		{ops.MatMul{M: 1 << 31, N: 1, K: 1}, "matmul: m is 2147483648"},
		{ops.MatMul{M: 2, N: 2, K: 3, TransposeA: true, TransposeB: true}, "matmul: both factors are transposed"},
		{ops.MatMul{A: six, B: six, C: six, M: 2, N: 2, K: 3}, "matmul: c has 6 f32 elements, want 4 f32"},
		{ops.MatMul{A: words, B: three, C: six, M: 1, N: 1, K: 3}, "matmul: a has 3 u32 elements, want 3 f32"},
		{ops.MatMul{B: three, C: six, M: 1, N: 1, K: 3}, "matmul: a: no buffer"},
		{ops.Bias{X: six, Bias: six, Y: six, Rows: 2, Cols: 3}, "bias: bias has 6"},
		{ops.BiasGrad{DY: six, DBias: six, Rows: 2, Cols: 3}, "bias_grad: dbias has 6"},
		{ops.Activation{X: six, Y: three, N: 6}, "activation: y has 3"},
		{ops.Activation{X: six, Y: six, N: 6, Function: 200}, "activation: unknown function Function(200)"},
		{ops.Activation{X: six, Y: six, N: 6, Options: ops.Options{Beta: nan}}, "activation: beta is NaN"},
		{ops.Activation{X: six, Y: six, N: 6, Function: ops.CELU}, "activation: alpha is 0, want more than 0 for celu"},
		{ops.ActivationGrad{X: six, DY: six, DX: three, N: 6}, "activation_grad: dx has 3"},
		{ops.ActivationGrad{X: six, DY: six, DX: six, N: 6, Options: ops.Options{Alpha: -inf}}, "activation_grad: alpha is -Inf"},
		{ops.BatchNorm{Rows: 2, Cols: 3, Momentum: 1.5}, "batchnorm: momentum is 1.5, want 0 to 1"},
		{ops.BatchNorm{Rows: 2, Cols: 3, Epsilon: nan}, "batchnorm: epsilon is NaN"},
		{ops.BatchNorm{X: six, Y: six, Gamma: six, Rows: 2, Cols: 3}, "batchnorm: gamma has 6"},
		{ops.BatchNormGrad{X: six, DY: six, DX: three, Rows: 2, Cols: 3}, "batchnorm_grad: dx has 3"},
		{ops.BatchNormInference{X: six, Y: six, Gamma: three, Beta: three, MovingMean: three, MovingVariance: six, Rows: 2, Cols: 3},
			"batchnorm_inference: moving_variance has 6"},
		{ops.Softmax{X: six, Y: six, Rows: 0, Cols: 3}, "softmax: rows is 0"},
		{ops.SoftmaxGrad{Y: six, DY: six, DX: six, Rows: 2, Cols: 4}, "softmax_grad: y has 6"},
		{ops.LogSoftmax{X: six, Y: three, Rows: 2, Cols: 3}, "log_softmax: y has 3"},
		{ops.LogSoftmaxGrad{Y: six, DY: three, DX: six, Rows: 2, Cols: 3}, "log_softmax_grad: dy has 3"},
		{ops.CrossEntropy{X: six, Labels: three, Losses: three, Rows: 3, Cols: 2}, "crossentropy: labels has 3 f32 elements, want 3 u32"},
		{ops.CrossEntropyGrad{X: six, Labels: words, DLosses: six, DX: six, Rows: 3, Cols: 2}, "crossentropy_grad: dlosses has 6"},
		{ops.Accuracy{X: six, Labels: words, Correct: six, Rows: 3, Cols: 2, K: 1}, "accuracy: correct has 6"},
		{ops.Gather{Data: words, Order: words, Clock: clock, Y: three, Examples: 3, Rows: 3, Cols: 1, Stride: 3}, "gather: data must be f32 or u8"},
		{ops.Gather{Data: bytes, Order: three, Clock: clock, Y: three, Examples: 6, Rows: 3, Cols: 1, Stride: 3}, "gather: order has f32"},
		{ops.Gather{Data: bytes, Order: words, Clock: words, Y: three, Examples: 6, Rows: 3, Cols: 1, Stride: 3}, "gather: clock has 3"},
		{ops.Gather{Data: bytes, Order: words, Clock: clock, Y: three, Examples: 5, Rows: 3, Cols: 1, Stride: 3}, "gather: data has 6 u8 elements, want 5 u8"},
		{ops.Gather{Data: bytes, Order: words, Clock: clock, Y: three, Examples: 6, Rows: 3, Cols: 1}, "gather: stride is 0"},
		{ops.Gather{Data: bytes, Order: words, Clock: clock, Y: three, Examples: 6, Rows: 3, Cols: 1, Stride: 3, First: 3}, "gather: first is 3, want 0 to 2"},
		{ops.GatherLabels{Labels: words, Order: words, Clock: clock, Y: words, Examples: 3, Rows: 3, Stride: 3, First: -1}, "gather_labels: first is -1"},
		{ops.GatherLabels{Labels: words, Order: words, Clock: clock, Y: three, Examples: 3, Rows: 3, Stride: 3}, "gather_labels: y has 3 f32"},
		{ops.PReLU{Rows: 2, Cols: 3}, "prelu: inner is 0"},
		{ops.PReLU{Rows: 1 << 15, Cols: 1 << 10, Inner: 1 << 10}, "prelu: rows·cols × inner is 33554432 × 1024"},
		{ops.PReLU{X: six, Alpha: six, Y: six, Rows: 2, Cols: 3, Inner: 1}, "prelu: alpha has 6"},
		{ops.PReLUGrad{X: six, DY: six, Alpha: three, DX: three, Rows: 2, Cols: 3, Inner: 1}, "prelu_grad: dx has 3"},
		{ops.PReLUAlphaGrad{X: six, DY: six, DAlpha: three, Rows: 1, Cols: 2, Inner: 3}, "prelu_alpha_grad: dalpha has 3"},
		{ops.RReLU{X: six, Y: six, N: 6, Lower: 0.5, Upper: 0.25}, "rrelu: upper is 0.25, want 0.5 to"},
		{ops.RReLU{X: six, Y: six, N: 6, Lower: nan, Upper: 1}, "rrelu: lower is NaN"},
		{ops.RReLU{X: six, Y: six, N: 6, Draw: ops.Draw{Clock: words}}, "rrelu: clock has 3"},
		{ops.RReLUGrad{X: six, DY: three, DX: six, N: 6, Draw: ops.Draw{Clock: clock}}, "rrelu_grad: dy has 3"},
		{ops.SGD{Params: six, Grads: six, Factors: two, N: 6, Rates: rates(six, 2, 3, 0), Nesterov: true}, "sgd: nesterov without a velocity"},
		{ops.SGD{Params: six, Grads: six, Factors: two, Velocity: three, N: 6, Rates: rates(six, 2, 3, 0)}, "sgd: velocity has 3"},
		{ops.SGD{Params: six, Grads: six, Factors: six, N: 6, Rates: rates(six, 2, 3, 0)}, "sgd: factors has 6 f32 elements, want 2"},
		{ops.SGD{Params: six, Grads: six, Factors: two, N: 6, Rates: rates(six, 3, 3, 0)}, "sgd: rates has 6 f32 elements, want 9"},
		{ops.SGD{Params: six, Grads: six, Factors: two, N: 6, Rates: rates(six, 2, 3, 1)}, "sgd: coefficients begin at column 1 of 3, want room for 3"},
		{ops.SGD{Params: six, Grads: six, Factors: two, N: 6, Rates: rates(six, 2, 3, -1)}, "sgd: coefficients begin at column -1"},
		{ops.SGD{Params: six, Grads: six, Factors: two, N: 6, Rates: rates(six, 0, 3, 0)}, "sgd: steps is 0"},
		{ops.SGD{Params: six, Grads: six, Factors: two, N: 6, Rates: rates(six, 1<<16, 1<<16, 0)}, "sgd: steps × columns is 65536 × 65536"},
		{ops.Tally{X: three, Ledger: six, Clock: clock, N: 3, Width: 1, Steps: 3, Columns: 2, Column: 2}, "tally: columns 2 to 2, want 0 to 1"},
		{ops.Tally{X: three, Ledger: six, Clock: clock, N: 3, Width: 1, Steps: 2, Columns: 2}, "tally: ledger has 6"},
		{ops.Clip{Grads: six, N: 6}, "clip: limit is 0"},
		{ops.Clip{Grads: six, N: 6, Limit: 1, Norm: true}, "clip: squares: no buffer"},
		{ops.Adaptive{Params: six, Grads: six, M: six, V: three, N: 6}, "adaptive: v has 3"},
		{ops.Adaptive{Params: six, Grads: six, M: six, V: six, Factors: two, N: 6, Rates: rates(six, 2, 3, 0)}, "adaptive: coefficients begin at column 0 of 3, want room for 5"},
		{ops.Adaptive{Params: six, Grads: six, M: six, V: six, Factors: two, N: 6, Rates: rates(six, 1, 6, 1), Kind: ops.AMSGrad}, "adaptive: u: no buffer"},
		{ops.Adaptive{Params: six, Grads: six, M: six, V: six, Factors: two, N: 6, Rates: rates(six, 1, 6, 1), Kind: ops.Lamb}, "adaptive: u: no buffer"},
		{ops.Adaptive{N: 6, Kind: 99}, "adaptive: unknown kind AdaptiveKind(99)"},
		{ops.Adaptive{N: 6, Beta2: 2}, "adaptive: beta 2 is 2, want 0 to 1"},
		{ops.Adaptive{N: 6, Beta2: math.NaN()}, "adaptive: beta 2 is NaN"},
		{ops.Rescale{X: six, Reference: six, Units: words, N: 6, Count: 1}, "rescale: limit is 0, want a positive number"},
		{ops.Rescale{X: six, Reference: six, Units: words, N: 6, Count: 2, Limit: 1}, "rescale: units has 3 u32 elements, want 6"},
		{ops.Rescale{X: six, Reference: three, Units: words, N: 6, Count: 1, Limit: 1}, "rescale: reference has 3"},
		{ops.Rescale{X: six, Reference: six, Units: words, N: 6, Count: 1, Kind: ops.Normalise, Epsilon: -1}, "rescale: epsilon is -1"},
		{ops.Rescale{N: 6, Count: 1, Kind: 9}, "rescale: unknown kind RescaleKind(9)"},
		{ops.Rescale{N: 6, Limit: 1}, "rescale: count is 0"},
		{ops.Blend{X: six, Y: three, N: 6}, "blend: y has 3"},
		{ops.Blend{X: six, Y: six, N: 6, Alpha: math.NaN()}, "blend: alpha is NaN, want a finite number"},
		{ops.Blend{X: six, Y: six, N: 6, Beta: 1e40}, "blend: beta is 1e+40"},
		{ops.Average{X: six, Y: three, N: 6}, "average: y has 3"},
		{ops.Average{X: six, Y: six, N: 6, Rates: rates(six, 2, 3, 3)}, "average: coefficients begin at column 3 of 3, want room for 1"},
		{ops.Penalty{X: six, Sum: six, N: 6}, "penalty: sum has 6"},
		{ops.Penalty{X: six, Sum: six, N: 6, L1: -1}, "penalty: l1 is -1"},
		{ops.PenaltyGrad{X: six, DSum: clock, DX: six, N: 6}, "penalty_grad: dsum has 1 u32"},
		{ops.PenaltyGrad{X: six, DX: six, N: 6, L2: nan}, "penalty_grad: l2 is NaN"},
		{ops.Constraint{W: six, Rows: 2, Cols: 2}, "constraint: limit is 0"},
		{ops.Constraint{W: six, Rows: 2, Cols: 2, Kind: ops.NonNeg}, "constraint: w has 6"},
		{ops.Constraint{W: six, Rows: 2, Cols: 3, Kind: 7}, "constraint: unknown kind ConstraintKind(7)"},
		{ops.Noise{X: six, Y: six, Draw: ops.Draw{Clock: clock}, N: 6, Rate: 1}, "noise: rate is 1"},
		{ops.Noise{X: six, Y: six, Draw: ops.Draw{Clock: clock}, N: 6, Kind: 9}, "noise: unknown kind NoiseKind(9)"},
		{ops.Noise{X: six, Y: six, Draw: ops.Draw{Clock: clock}, N: 6, Kind: ops.GaussianNoise, Rate: nan}, "noise: standard deviation is NaN"},
		{ops.Noise{X: six, Y: six, Draw: ops.Draw{Clock: words}, N: 6}, "noise: clock has 3"},
		{ops.Augment{X: six, Y: six, Draw: ops.Draw{Clock: clock}, Images: 2, Rows: 1, Cols: 3, Channels: 0, OutRows: 1, OutCols: 3}, "augment: channels is 0"},
		{ops.Augment{X: six, Y: six, Draw: ops.Draw{Clock: clock}, Images: 2, Rows: 1, Cols: 3, Channels: 1, OutRows: 1, OutCols: 2}, "augment: y has 6"},
		{ops.Augment{X: six, Y: six, Draw: ops.Draw{Clock: clock}, Images: 1, Rows: 1, Cols: 65536, Channels: 1, OutRows: 1, OutCols: 3}, "augment: cols is 65536"},
		{ops.Augment{X: six, Y: six, Draw: ops.Draw{Clock: clock}, Images: 2, Rows: 1, Cols: 3, Channels: 1, OutRows: 1, OutCols: 3, Cut: -1}, "augment: cut is -1"},
		{ops.Augment{X: six, Y: six, Draw: ops.Draw{Clock: clock}, Images: 2, Rows: 1, Cols: 3, Channels: 1, OutRows: 1, OutCols: 3, Fill: 7}, "unknown fill mode FillMode(7)"},
		{ops.Augment{X: six, Y: six, Draw: ops.Draw{Clock: clock}, Images: 2, Rows: 1, Cols: 3, Channels: 1, OutRows: 1, OutCols: 3, Down: ops.Span{More: -1}}, "augment: down is 0 to -1"},
		{ops.Augment{X: six, Y: six, Draw: ops.Draw{Clock: clock}, Images: 1 << 20, Rows: 1 << 10, Cols: 1 << 10, Channels: 1 << 20, OutRows: 1, OutCols: 1}, "want at most"},
		{ops.LayerNorm{X: six, Y: six, Gamma: six, Rows: 2, Cols: 3}, "layernorm: gamma has 6"},
		{ops.LayerNorm{Rows: 2, Cols: 3, Epsilon: -1}, "layernorm: epsilon is -1"},
		{ops.LayerNormGrad{X: six, DY: six, DX: six, Gamma: three, Mean: three, Rows: 2, Cols: 3}, "layernorm_grad: mean has 3"},
		{ops.LayerNormScaleGrad{X: six, DY: three, Rows: 2, Cols: 3}, "layernorm_scale_grad: dy has 3"},
		{ops.BatchNormInferenceGrad{DY: six, DX: six, Gamma: six, Rows: 2, Cols: 3}, "batchnorm_inference_grad: gamma has 6"},
		{ops.Tally{X: three, Ledger: six, Clock: clock, N: 3, Steps: 3, Columns: 2}, "tally: width is 0"},
		{ops.Accuracy{X: six, Labels: words, Correct: three, Rows: 3, Cols: 2}, "accuracy: k is 0"},
		{ops.ArgMax{X: six, Labels: three, Rows: 3, Cols: 2}, "argmax: labels has 3 f32"},
		{ops.OneHot{Labels: words, Y: three, Rows: 3, Cols: 2}, "one_hot: y has 3"},
		{ops.OneHot{Labels: words, Y: six, Rows: 3, Cols: 2, First: -1}, "one_hot: first is -1"},
		{ops.PairLoss{P: six, T: three, Losses: three, Rows: 3, Cols: 2}, "pair_loss: t has 3"},
		{ops.PairLoss{P: six, T: six, Losses: three, Rows: 3, Cols: 2, Function: 99}, "pair_loss: unknown function PairFunction(99)"},
		{ops.PairLoss{P: six, T: six, Losses: three, Rows: 3, Cols: 2, Function: ops.Huber}, "pair_loss: alpha is 0"},
		{ops.PairLossGrad{P: six, T: six, DP: six, DLosses: six, Rows: 3, Cols: 2}, "pair_loss_grad: dlosses has 6"},
		{ops.PairLossGrad{P: six, T: six, DP: six, DLosses: three, Rows: 3, Cols: 2, Gamma: -1}, "pair_loss_grad: gamma is -1"},
		{ops.Peak{X: six, Peak: six, Rows: 3, Cols: 2}, "peak: peak has 6"},
		{ops.ScoreCounts{P: six, T: six, Thresholds: three, Counts: six, Rows: 3, Cols: 2, Edges: 3}, "score_counts: counts has 6"},
		{ops.CategoricalHinge{P: six, T: six, Losses: six, Rows: 3, Cols: 2}, "categorical_hinge: losses has 6"},
		{ops.CategoricalHingeGrad{P: six, T: six, DLosses: three, DP: three, Rows: 3, Cols: 2}, "categorical_hinge_grad: dp has 3"},
		{ops.Combine{A: six, B: three, Y: six, N: 6}, "combine: b has 3"},
		{ops.Combine{A: six, B: six, Y: six, N: 6, Combination: 9}, "combine: unknown combination Combination(9)"},
		{ops.CombineGrad{A: six, B: six, DY: three, DX: six, N: 6}, "combine_grad: dy has 3"},
		{ops.Columns{X: six, Y: three, Rows: 3, Cols: 1, Width: 2, Column: 2}, "columns: columns 2 to 2, want 0 to 1"},
		{ops.Columns{X: six, Y: three, Rows: 3, Cols: 3, Width: 2}, "columns: columns 0 to 2, want 0 to 1"},
		{ops.Columns{X: six, Y: six, Rows: 3, Cols: 1, Width: 2}, "columns: y has 6"},
		{ops.Columns{X: six, Y: six, Rows: 3, Cols: 1, Width: 2, Kind: ops.PasteColumns}, "columns: x has 6"},
		{ops.Columns{X: six, Y: six, Rows: 3, Cols: 1, Width: 2, Kind: 3}, "columns: unknown kind ColumnsKind(3)"},
		{ops.Transpose{X: six, Y: six, Rows: 2, Cols: 3}, "transpose: batch is 0"},
		{ops.Transpose{X: six, Y: three, Batch: 1, Rows: 2, Cols: 3}, "transpose: y has 3"},
		{ops.Transpose{Batch: 1 << 20, Rows: 1 << 10, Cols: 2}, "transpose: batch × rows·cols is 1048576 × 2048"},
		{ops.Advance{Clock: three}, "advance: clock has 3 f32"},
		{ops.Accumulate{X: six, Y: three, N: 6}, "accumulate: y has 3"},
	} {
		assert.ErrorContains(t, backend.CheckOp(row.op), row.text)
	}
}

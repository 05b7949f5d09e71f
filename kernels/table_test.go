package kernels

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// everyOp has an operation for each way in which one is launched. Their buffers are the oracle's: they are not run.
func everyOp(t *testing.T) []backend.Op {
	memory := func(kind backend.Kind, n int) backend.Region {
		b, err := backendtest.NewOracle().Alloc(kind, n)
		require.NoError(t, err)
		return backend.Whole(b)
	}
	x, words, bytes := memory(backend.F32, 9), memory(backend.U32, 9), memory(backend.U8, 9)
	list := []backend.Op{
		ops.Accumulate{}, ops.Advance{}, ops.Augment{}, ops.Bias{}, ops.BatchNormInference{}, ops.BatchNormInferenceGrad{},
		ops.Gather{Data: x, Order: words, Stride: 1}, ops.Gather{Data: bytes, Order: words, Stride: 1},
		ops.GatherLabels{Order: words, Stride: 1}, ops.PReLU{}, ops.PReLUGrad{}, ops.RReLU{}, ops.RReLUGrad{}, ops.SGD{}, ops.SGD{Velocity: x}, ops.SGD{N: 9}, ops.SGD{N: 9, Velocity: x}, ops.Tally{}, ops.OneHot{}, ops.ScoreCounts{},
	}
	for _, f := range ops.Functions() {
		list = append(list, ops.Activation{Function: f}, ops.ActivationGrad{Function: f})
	}
	for _, k := range ops.RescaleKinds() {
		list = append(list, ops.Rescale{Kind: k, N: 9, Count: 9}, ops.Rescale{Kind: k, N: longUnits, Count: 1})
	}
	list = append(list, ops.Average{}, ops.Blend{}, ops.Peak{}, ops.Penalty{}, ops.Penalty{N: 9}, ops.PenaltyGrad{}, ops.Clip{}, ops.Clip{N: 9}, ops.Clip{Norm: true})
	for _, k := range ops.ColumnsKinds() {
		list = append(list, ops.Columns{Kind: k})
	}
	list = append(list, ops.Transpose{}, ops.Augment{})
	for _, f := range ops.PairFunctions() {
		list = append(list, ops.PairLoss{Cols: 1, Function: f}, ops.PairLossGrad{Cols: 1, Function: f})
	}
	for _, k := range ops.Combinations() {
		list = append(list, ops.Combine{Combination: k}, ops.CombineGrad{Combination: k}, ops.CombineGrad{Combination: k, Second: true})
	}
	for _, k := range ops.ConstraintKinds() {
		list = append(list, ops.Constraint{Rows: 1, Kind: k}, ops.Constraint{Rows: manyRows, Kind: k})
	}
	for _, k := range ops.AdaptiveKinds() {
		list = append(list, ops.Adaptive{Kind: k}, ops.Adaptive{Kind: k, N: 9})
	}
	for _, k := range ops.NoiseKinds() {
		list = append(list, ops.Noise{Kind: k, Rate: 0.5}, ops.Noise{Kind: k, Rate: 0.5, Gradient: true})
	}
	for _, rows := range []int{1, manyRows} {
		list = append(list, ops.BiasGrad{Rows: rows}, ops.LayerNormScaleGrad{Rows: rows}, ops.BatchNorm{Rows: rows}, ops.BatchNormGrad{Rows: rows},
			ops.PReLUAlphaGrad{Rows: rows, Inner: 1})
	}
	for _, cols := range []int{1, 2, 10, 32, 1000, manyCols} {
		list = append(list, ops.Softmax{Cols: cols}, ops.SoftmaxGrad{Cols: cols}, ops.LogSoftmax{Cols: cols}, ops.LogSoftmaxGrad{Cols: cols},
			ops.CrossEntropy{Cols: cols}, ops.CrossEntropyGrad{Cols: cols}, ops.Accuracy{Cols: cols}, ops.ArgMax{Cols: cols}, ops.CategoricalHinge{Cols: cols}, ops.CategoricalHingeGrad{Cols: cols},
			ops.LayerNorm{Cols: cols}, ops.LayerNorm{Cols: cols, RMS: true}, ops.LayerNormGrad{Cols: cols}, ops.LayerNormGrad{Cols: cols, RMS: true})
	}
	for _, n := range []int{1, 32, 33, 128, 1023, 1024} {
		list = append(list, ops.MatMul{M: n, N: n, K: n}, ops.MatMul{M: n, N: n, K: n, TransposeA: true}, ops.MatMul{M: n, N: n, K: n, TransposeB: true})
	}
	return list
}

// everyLaunch has every launch there is, by operation, shader and constants.
func everyLaunch(t *testing.T) map[string]launch {
	launches := map[string]launch{"fill": fill(span{bytes: 4}).launch, "status": {shader: "status", params: []uint32{0}}, "roof": elementwise("roof", 1, 0, 0), "roof_copy": elementwise("roof_copy", 1).several()}
	for _, op := range everyOp(t) {
		l, err := launchOf(op)
		require.NoError(t, err)
		for _, l := range []launch{l, l.on(true)} {
			launches[fmt.Sprint(op.Name(), " ", l.shader, l.constants)] = l
		}
	}
	for _, kernel := range matmulKernels {
		for _, o := range threeForms(64, 64, 64) {
			launches[fmt.Sprint("matmul ", kernel, o.TransposeA, o.TransposeB)] = launchMatmul(o, kernel)
		}
	}
	for _, t := range everySequence(t) {
		for _, l := range []launch{t.launch, t.on(true)} {
			launches[fmt.Sprint(t.name, " ", l.shader, l.constants)] = l
		}
	}
	return launches
}

// everySequence returns the tasks of the sequences, on a GPU and where one is emulated.
func everySequence(t *testing.T) (list []task) {
	for _, c := range backendtest.Sequences() {
		for _, emulated := range []bool{false, true} {
			list = append(list, fused(c.Blank(t), 1<<30, emulated)...)
		}
	}
	return list
}

// TestTable holds that operations and shaders agree: in number, order and access of the operands, and in the parameters.
func TestTable(t *testing.T) {
	used := map[string]bool{}
	for _, op := range everyOp(t) {
		l, err := launchOf(op)
		require.NoError(t, err)
		used[op.Name()] = true
		for _, l := range []launch{l, l.on(true)} {
			agrees(t, taskOf(op), l)
		}
	}
	for _, one := range everySequence(t) {
		agrees(t, one, one.launch)
		agrees(t, one, one.on(true))
	}
	for name := range table {
		assert.True(t, used[name], "everyOp has no %s", name)
	}
}

func agrees(t *testing.T, op task, l launch) {
	source, err := shaders.Source(l.shader, l.constants...)
	require.NoError(t, err, op.name)
	declared, operands := shaders.Bindings(source), op.operands
	if assert.Len(t, declared, len(operands)+1, "%s and %s.wgsl", op.name, l.shader) {
		for i, o := range operands {
			assert.Equal(t, o.Access.Writes(), declared[i].Writes, "%s: %s, which %s.wgsl calls %s", op.name, o.Name, l.shader, declared[i].Name)
		}
		assert.True(t, declared[len(operands)].Uniform)
	}
}

// TestParams holds that each launch has as many parameters as its shader, and that every shader is launched.
func TestParams(t *testing.T) {
	launched := map[string]bool{}
	for name, l := range everyLaunch(t) {
		launched[l.shader] = true
		source, err := shaders.Source(l.shader, l.constants...)
		require.NoError(t, err)
		assert.Len(t, l.params, fieldsOf(source), "%s", name)
		assert.LessOrEqual(t, 4*len(l.params), slotBytes)
	}
	for _, name := range shaders.Names() {
		assert.True(t, launched[name], "nothing launches %s.wgsl", name)
	}
}

func TestUnsupported(t *testing.T) {
	_, err := launchOf(stranger{})
	assert.ErrorIs(t, err, backend.ErrUnsupported)
	assert.ErrorContains(t, err, "conv2d")
	_, err = launchOf(impostor{})
	assert.ErrorIs(t, err, backend.ErrUnsupported)
	assert.ErrorContains(t, err, "kernels.impostor, want package ops's")
}

type stranger struct{ ops.Advance }

func (stranger) Name() string { return "conv2d" }

type impostor struct{ ops.Advance }

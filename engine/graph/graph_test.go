package graph_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

func newRecorder(t *testing.T, mode graph.Mode, variables ...*graph.Variable) *graph.Recorder {
	store, err := graph.NewStore(backendtest.NewOracle(), variables, 1)
	require.NoError(t, err)
	return graph.NewRecorder(store, mode)
}

// What does not fit is refused with its sizes, and what follows does not panic.
func TestMistakes(t *testing.T) {
	for name, row := range map[string]struct {
		record func(r *graph.Recorder)
		text   string
	}{
		"matmul": {func(r *graph.Recorder) {
			y := graph.MatMul(r, r.Input(false, 2, 3), r.Input(false, 4, 5))
			graph.Softmax(r, graph.Activate(r, y, ops.ELU, 1))
		}, "matmul: shapes are [2 3] and [4 5]"},
		"matmul of vectors": {func(r *graph.Recorder) { graph.MatMul(r, r.Input(false, 2), r.Input(false)) }, "matmul: shapes are [2] and []"},
		"bias":              {func(r *graph.Recorder) { graph.Bias(r, r.Input(false, 2, 3), r.Input(false, 2)) }, "bias: shape is [2], want [3]"},
		"reshape":           {func(r *graph.Recorder) { graph.Reshape(r, r.Input(false, 2, 3), 5) }, "reshape: [2 3] to [5]"},
		"crossentropy": {func(r *graph.Recorder) { graph.CrossEntropy(r, r.Input(true, 2, 3), r.Labels(3)) },
			"crossentropy: 3 labels, want 2"},
		"accuracy": {func(r *graph.Recorder) { graph.Accuracy(r, r.Input(true, 2, 3), r.Labels(3), 1) }, "accuracy: 3 labels, want 2"},
		"batchnorm": {func(r *graph.Recorder) {
			v := r.Input(true, 4)
			graph.BatchNorm(r, r.Input(true, 2, 3), graph.Normalization{Gamma: v, Beta: v, MovingMean: v, MovingVariance: v})
		}, "batchnorm: variables are [4], want [3]"},
		"a seed of another size": {func(r *graph.Recorder) {
			r.Backward(graph.Softmax(r, r.Input(true, 2, 3)), r.Input(false, 5).Value())
		}, "seed has 5 elements, want 6"},
		"nothing to train": {func(r *graph.Recorder) { r.BackwardMean(graph.Softmax(r, r.Input(false, 2, 3))) }, "nothing that the loss depends on is trainable"},
		"prelu":            {func(r *graph.Recorder) { graph.PReLU(r, r.Input(true, 2, 3), r.Input(true, 2)) }, "prelu: alpha is [2], want the last axes of [2 3]"},
		"four options":     {func(r *graph.Recorder) { graph.Activate(r, r.Input(true, 2), ops.ReLU, 1, 2, 3, 4) }, "graph: relu: 4 options, want at most 3"},
		"the first counts": {func(r *graph.Recorder) { r.Fail("first"); r.Fail("second") }, "first"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecorder(t, graph.Training)
			row.record(r)
			assert.ErrorContains(t, r.Err(), row.text)
			_, err := r.Compile()
			assert.ErrorContains(t, err, row.text)
		})
	}
}

// What nobody reads is not computed.
func TestShared(t *testing.T) {
	for _, row := range []struct {
		shape, part []int
		want        [3]int // rows, cols, inner
		ok          bool
	}{
		{[]int{8, 5}, []int{5}, [3]int{8, 5, 1}, true},
		{[]int{8, 5}, []int{1}, [3]int{40, 1, 1}, true},
		{[]int{8, 5}, nil, [3]int{40, 1, 1}, true},
		{[]int{8, 4, 6, 3}, []int{1, 1, 3}, [3]int{192, 3, 1}, true},
		{[]int{8, 4, 6, 3}, []int{4, 1, 1}, [3]int{8, 4, 18}, true},
		{[]int{8, 4, 6, 3}, []int{1, 6, 3}, [3]int{32, 18, 1}, true},
		{[]int{8, 4, 1, 3}, []int{4, 1, 3}, [3]int{8, 12, 1}, true},
		{shape: []int{8, 4, 6, 3}, part: []int{4, 1, 3}},
		{shape: []int{8, 5}, part: []int{4}},
		{shape: []int{5}, part: []int{1, 5}},
	} {
		rows, cols, inner, ok := graph.Shared(row.shape, row.part)
		assert.Equal(t, row.ok, ok, "%v in %v", row.part, row.shape)
		if ok {
			assert.Equal(t, row.want, [3]int{rows, cols, inner}, "%v in %v", row.part, row.shape)
		}
	}
}

func TestDeadOperationsAreDropped(t *testing.T) {
	r := newRecorder(t, graph.Inference)
	x := r.Input(false, 2, 3)
	graph.Softmax(r, x)
	kept := graph.Softmax(r, x)
	r.Keep(graph.Activate(r, kept, ops.ReLU, 0))
	var names []string
	for _, op := range r.Ops() {
		names = append(names, op.Name())
	}
	assert.Equal(t, []string{"softmax", "activation"}, names)
}

func TestStore(t *testing.T) {
	w, b := variable("w", true, 0, 3, 4), variable("b", true, 0, 5)
	m := variable("m", false, 0, 2)
	dev := backendtest.NewOracle()
	s, err := graph.NewStore(dev, []*graph.Variable{w, m, b}, 7)
	require.NoError(t, err)
	params, grads, ok := s.Arenas()
	require.True(t, ok)
	assert.Equal(t, params.Len, grads.Len)
	for _, v := range []*graph.Variable{w, b} {
		assert.Equal(t, s.Value(v).Offset, s.Grad(v).Offset)
		assert.Zero(t, s.Value(v).Offset*4%backend.Alignment)
	}
	assert.NotEqual(t, s.Value(m).Buffer, s.Value(w).Buffer)
	before, err := s.Read(b)
	require.NoError(t, err)
	require.NoError(t, s.Write(w, make([]float32, 12)))
	after, err := s.Read(b)
	require.NoError(t, err)
	assert.Equal(t, before, after, "writing one variable changed another")
	assert.ErrorContains(t, s.Write(w, make([]float32, 11)), "w: 11 values, want 12 for shape [3 4]")
	_, err = graph.NewStore(dev, []*graph.Variable{w, w}, 7)
	assert.ErrorContains(t, err, "w is listed twice")
}

// The same seed gives the same values; variables differ from each other, and with the seed.
func TestStoreFills(t *testing.T) {
	values := func(seed uint64) [][]float32 {
		list := []*graph.Variable{variable("a", true, 0, 50), variable("b", true, 0, 50)}
		s, err := graph.NewStore(backendtest.NewOracle(), list, seed)
		require.NoError(t, err)
		var all [][]float32
		for _, v := range list {
			one, err := s.Read(v)
			require.NoError(t, err)
			all = append(all, one)
		}
		return all
	}
	assert.Equal(t, values(1), values(1))
	assert.NotEqual(t, values(1), values(2))
	assert.NotEqual(t, values(1)[0], values(1)[1])
}

// What is filled from outside, before the program runs, must not lie where an earlier recording of the program writes.
func TestOutsideIsNotReused(t *testing.T) {
	store, err := graph.NewStore(backendtest.NewOracle(), nil, 1)
	require.NoError(t, err)
	first := graph.NewRecorder(store, graph.Inference)
	defer first.Release()
	floats, numbers := first.Temporary(3), first.Labels(3)
	for name, take := range map[string]func(r *graph.Recorder) *graph.Tensor{
		"a constant": func(r *graph.Recorder) *graph.Tensor { return r.Constant([]float32{1, 2, 3}, 3) },
		"indices":    func(r *graph.Recorder) *graph.Tensor { return r.Indices([]uint32{1, 2, 3}) },
		"an input":   func(r *graph.Recorder) *graph.Tensor { return r.Input(false, 3) },
	} {
		next := first.Then()
		taken := take(next).Value().Buffer
		assert.NotSame(t, floats.Value().Buffer, taken, name)
		assert.NotSame(t, numbers.Value().Buffer, taken, name)
		assert.Same(t, floats.Value().Buffer, next.Temporary(3).Value().Buffer, "temporary memory is")
		next.Release()
	}
}

// The identity is its argument: nothing is recorded, neither forward nor back.
func TestIdentity(t *testing.T) {
	r := newRecorder(t, graph.Training)
	x := r.Input(true, 2, 3)
	assert.Same(t, x, graph.Activate(r, x, ops.Identity))
}

package kernels

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// matMulBiasActivation lets a product, the bias behind it and the activation behind that, if there is one, be one task, if nobody else reads
// the product as it was. Without an activation, the kernel has nothing to keep between, and the product's place stands for it.
func matMulBiasActivation(f *fuser, i int) {
	m, ok := match.At[ops.MatMul](f.list, i)
	if !ok {
		return
	}
	j, ok := match.FirstAfter(f.list, i, func(b ops.Bias) bool { return b.X == m.C && b.Cols == m.N })
	if !ok || !f.unread(m.C, j) {
		return
	}
	b := f.list[j].(ops.Bias)
	if _, a, k, activated := findBiasActivation(f.list, j); activated {
		f.one(ended(m, b, a, b.Y, !f.unread(b.Y, k)), i, j, k)
	}
	f.one(ended(m, b, ops.Activation{Y: b.Y}, m.C, false), i, j)
}

// ended returns the task of a product with a bias and an activation at its end; pre is what lies between, which is kept or not.
func ended(m ops.MatMul, b ops.Bias, a ops.Activation, pre backend.Region, keep bool) task {
	function := shaders.Uint("FUNCTION", int(a.Function))
	l := launchMatmul(m, chooseMatmul(m)).with(function, shaders.Bool("KEEP", keep))
	emulated := launchMatmul(m, chooseEmulatedMatmul(m)).with(function, shaders.Bool("ACTIVATED", pre == b.Y))
	l.emulated = &emulated
	l = l.each(func(l *launch) {
		l.shader += "_bias_activation"
		l.params = append(slices.Clip(l.params), f32(a.Alpha), f32(a.Beta), f32(a.Gamma))
	})
	return task{"matmul_bias_activation", l, []backend.Operand{reads("a", m.A), reads("b", m.B), reads("bias", b.Bias), writes("pre", pre), writes("y", a.Y)}}
}

package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func rrelu(o ops.RReLU) launch {
	return drawing("rrelu", o.N, o.Draw, f32(o.Lower), f32(o.Upper-o.Lower))
}

func rreluGrad(o ops.RReLUGrad) launch {
	return drawing("rrelu_grad", o.N, o.Draw, f32(o.Lower), f32(o.Upper-o.Lower))
}

// drawing launches a thread for each four of n elements, which draws four random words. The parameters begin with the number of
// threads, the threads in a row of the grid, n, and the words of the seed and the stream.
func drawing(shader string, n int, draw ops.Draw, params ...uint32) launch {
	return elementwise(shader, ceil(n, 4), append([]uint32{uint32(n),
		uint32(draw.Seed), uint32(draw.Seed >> 32), uint32(draw.Stream), uint32(draw.Stream >> 32)}, params...)...)
}

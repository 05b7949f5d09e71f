package cpu

import "github.com/gradus-ml/gradus/engine/ops"

func sgd(o ops.SGD) *job {
	rates, clock := f32(o.Rates), u32(o.Clock)
	if setOf(o.Params) != generic {
		return fastSGD(o)
	}
	update := descend(o)
	if o.HasVelocity() {
		update = roll(o)
	}
	return ranges(o.N, 2, func(from, to int) {
		update(rates[min(int(clock[0]), o.Steps-1)], from, to)
	})
}

// fastSGD is sgd with vector kernels.
func fastSGD(o ops.SGD) *job {
	rates, clock, operands := f32(o.Rates), u32(o.Clock), [][]float32{f32(o.Params), f32(o.Grads)}
	k := descendKernel
	if o.HasVelocity() {
		k, operands = rollKernel, append(operands, f32(o.Velocity))
		if o.Nesterov {
			k = nesterovKernel
		}
	}
	set := setOf(o.Params)
	return spans(o.N, 6, func(from, to int) {
		rate := rates[min(int(clock[0]), o.Steps-1)]
		v := vectors{set, k, [6]float32{o.Momentum, rate}}
		if k == descendKernel {
			v.numbers[0] = rate
		}
		v.elements(from, to, operands...)
	})
}

// descend is the update without momentum.
func descend(o ops.SGD) func(rate float32, from, to int) {
	w, g := f32(o.Params), f32(o.Grads)
	return func(rate float32, from, to int) {
		part := w[from:to]
		for i, d := range g[from:to] {
			part[i] -= rate * d
		}
	}
}

// roll is the update with momentum.
func roll(o ops.SGD) func(rate float32, from, to int) {
	w, g, v, momentum := f32(o.Params), f32(o.Grads), f32(o.Velocity), o.Momentum
	if o.Nesterov {
		return func(rate float32, from, to int) {
			weights, velocity := w[from:to], v[from:to][:to-from]
			for i, d := range g[from:to][:len(weights)] {
				next := momentum*velocity[i] - rate*d
				velocity[i] = next
				weights[i] += momentum*next - rate*d
			}
		}
	}
	return func(rate float32, from, to int) {
		weights, velocity := w[from:to], v[from:to][:to-from]
		for i, d := range g[from:to][:len(weights)] {
			next := momentum*velocity[i] - rate*d
			velocity[i] = next
			weights[i] += next
		}
	}
}

package cpu

import "github.com/gradus-ml/gradus/engine/ops"

// stepOf returns how to find the coefficients of the step.
func stepOf(r ops.Rates) func() []float32 {
	table, clock := f32(r.Table), u32(r.Clock)
	return func() []float32 { return table[min(int(clock[0]), r.Steps-1)*r.Columns+r.First:] }
}

// stretch returns where the blocks end that share the factors of the parameter from, at most at to, and the factors.
func stretch(factors []float32, from, to int) (end int, rate, decay float32) {
	block := from / ops.Block
	rate, decay = factors[2*block], factors[2*block+1]
	for block++; block*ops.Block < to && factors[2*block] == rate && factors[2*block+1] == decay; block++ {
	}
	return min(to, block*ops.Block), rate, decay
}

func sgd(o ops.SGD) *job { return descending(o).job() }

func descending(o ops.SGD) sweep {
	if setOf(o.Params).vectorised() {
		return fastSGD(o)
	}
	step, factors := stepOf(o.Rates), f32(o.Factors)
	update := descend(o)
	if o.HasVelocity() {
		update = roll(o)
	}
	return sweep{o.N, 3 * lone, func(from, to int) {
		row := step()
		for from < to {
			end, rate, decay := stretch(factors, from, to)
			update(descent{rate * row[0], row[1], decay * row[2]}, from, end)
			from = end
		}
	}}
}

// fastSGD is descending with vector kernels.
func fastSGD(o ops.SGD) sweep {
	step, factors, set := stepOf(o.Rates), f32(o.Factors), setOf(o.Params)
	operands, k := [][]float32{f32(o.Params), f32(o.Grads)}, descendKernel
	if o.HasVelocity() {
		k, operands = rollKernel, append(operands, f32(o.Velocity))
		if o.Nesterov {
			k = nesterovKernel
		}
	}
	return sweep{o.N, 6, func(from, to int) {
		row := step()
		for from < to {
			end, rate, decay := stretch(factors, from, to)
			v := vectors{set, k, [6]float32{row[1], rate * row[0], decay * row[2]}}
			if k == descendKernel {
				v.numbers = [6]float32{rate * row[0], decay * row[2]}
			}
			v.elements(from, end, operands...)
			from = end
		}
	}}
}

// descent has the coefficients of a step for some parameters.
type descent struct{ rate, momentum, decay float32 }

// descend is the update without momentum.
func descend(o ops.SGD) func(d descent, from, to int) {
	w, g := f32(o.Params), f32(o.Grads)
	return func(d descent, from, to int) {
		part := w[from:to]
		for i, g := range g[from:to] {
			part[i] -= d.decay*part[i] + d.rate*g
		}
	}
}

// roll is the update with momentum.
func roll(o ops.SGD) func(d descent, from, to int) {
	w, g, v := f32(o.Params), f32(o.Grads), f32(o.Velocity)
	if o.Nesterov {
		return func(d descent, from, to int) {
			weights, velocity := w[from:to], v[from:to][:to-from]
			for i, g := range g[from:to][:len(weights)] {
				next := d.momentum*velocity[i] - d.rate*g
				velocity[i] = next
				weights[i] += d.momentum*next - d.rate*g - d.decay*weights[i]
			}
		}
	}
	return func(d descent, from, to int) {
		weights, velocity := w[from:to], v[from:to][:to-from]
		for i, g := range g[from:to][:len(weights)] {
			next := d.momentum*velocity[i] - d.rate*g
			velocity[i] = next
			weights[i] += next - d.decay*weights[i]
		}
	}
}

package cpu

import "github.com/gradus-ml/gradus/engine/ops"

func tally(o ops.Tally) *job {
	x, ledger, clock := f32(o.X), f32(o.Ledger), u32(o.Clock)
	sums := make([]float64, o.Width)
	return whole(func() {
		step := int(clock[0])
		if step >= o.Steps {
			return
		}
		clear(sums)
		for i := 0; i < len(x); i += o.Width {
			for j, v := range x[i : i+o.Width] {
				sums[j] += float64(v)
			}
		}
		for j, v := range sums {
			ledger[step*o.Columns+o.Column+j] = float32(v)
		}
	})
}

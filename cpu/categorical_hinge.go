package cpu

import "github.com/gradus-ml/gradus/engine/ops"

// margin returns the loss of a row and the column of its largest wrong score.
func margin(p, t []float32) (loss float64, worst int) {
	right, most := 0.0, 0.0
	for c, v := range p {
		right += float64(t[c]) * float64(v)
		if wrong := (1 - float64(t[c])) * float64(v); c == 0 || wrong > most {
			most, worst = wrong, c
		}
	}
	return max(0, 1+most-right), worst
}

func categoricalHinge(o ops.CategoricalHinge) *job {
	p, t, losses := f32(o.P), f32(o.T), f32(o.Losses)
	return ranges(o.Rows, 4*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			loss, _ := margin(p[r*o.Cols:][:o.Cols], t[r*o.Cols:][:o.Cols])
			losses[r] = float32(loss)
		}
	})
}

func categoricalHingeGrad(o ops.CategoricalHingeGrad) *job {
	p, t, dlosses, dp := f32(o.P), f32(o.T), f32(o.DLosses), f32(o.DP)
	return ranges(o.Rows, 6*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			targets, row := t[r*o.Cols:][:o.Cols], dp[r*o.Cols:][:o.Cols]
			loss, worst := margin(p[r*o.Cols:][:o.Cols], targets)
			dy := dlosses[r]
			if loss <= 0 {
				dy = 0
			}
			for c, v := range targets {
				row[c] = -dy * v
			}
			row[worst] += dy * (1 - targets[worst])
		}
	})
}

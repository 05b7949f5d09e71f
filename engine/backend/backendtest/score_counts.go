package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func scoreCounts(o ops.ScoreCounts) {
	counts, width := f64(o.Counts), 2*(o.Edges+1)
	clear(counts)
	for i, p := range f64(o.P) {
		exceeded := 0
		for _, threshold := range f64(o.Thresholds) {
			exceeded += int(choose(p > threshold, 1, 0))
		}
		counts[i/o.Cols*width+2*exceeded+int(choose(f64(o.T)[i] > 0.5, 1, 0))]++
	}
}

func scoreCountsCases() []Case {
	var cases []Case
	for _, s := range [][3]int{{1, 1, 1}, {3, 2, 1}, {33, 10, 3}, {7, 65, 200}, {257, 1, 200}, {20_001, 2, 1}} {
		rows, cols, edges := s[0], s[1], s[2]
		cases = append(cases, Case{Name: fmt.Sprintf("score_counts %dx%d by %d", rows, cols, edges), Build: one(func(in *Inputs) ops.ScoreCounts {
			n := rows * cols
			score := func(int) float64 { return float64(in.stream.IntN(edges+3))/float64(edges+1) - 0.1 } // many on a threshold
			op := ops.ScoreCounts{T: in.Fill(n, func(int) float64 { return float64(in.stream.IntN(2)) }),
				Thresholds: in.Fill(edges, func(i int) float64 { return float64(i+1)/float64(edges+1) - 0.1 }), P: in.Fill(n, score),
				Counts: in.Result(rows * 2 * (edges + 1)), Rows: rows, Cols: cols, Edges: edges}
			return op
		})})
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	return append(cases, Case{Name: "score_counts of odd numbers", Build: one(func(in *Inputs) ops.ScoreCounts {
		return ops.ScoreCounts{P: in.Of(nan, inf, -inf, nan, 0.5, 0.5000001), T: in.Of(1, 1, 1, 0, 0, 0), Thresholds: in.Of(0, 0.5, 1), Counts: in.Result(16),
			Rows: 2, Cols: 3, Edges: 3}
	})})
}

package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func scoreCounts(o ops.ScoreCounts) launch {
	return elementwise("score_counts", o.Rows*2*(o.Edges+1), uint32(o.Cols), uint32(o.Edges))
}

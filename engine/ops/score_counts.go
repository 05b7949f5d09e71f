package ops

import "github.com/gradus-ml/gradus/engine/backend"

// ScoreCounts sorts an example's scores by thresholds that rise, those whose target is more than ½ apart from the others:
//
//	counts[r,2b] = how many of p[r,·] exceed exactly b thresholds and have a target of at most ½
//	counts[r,2b+1] = the same with a target of more than ½
//
// P and T are [Rows×Cols], Thresholds [Edges], Counts [Rows×2·(Edges+1)]. NaN exceeds no threshold.
type ScoreCounts struct {
	P, T, Thresholds, Counts backend.Region
	Rows, Cols, Edges        int
}

// Name returns "score_counts".
func (ScoreCounts) Name() string { return "score_counts" }

// Check implements backend.Op.
func (o ScoreCounts) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.positive("edges", o.Edges)
	c.product("rows × counts", o.Rows, 2*(o.Edges+1))
	c.f32(o.Rows*o.Cols, named{"p", o.P}, named{"t", o.T})
	c.f32(o.Edges, named{"thresholds", o.Thresholds})
	c.f32(o.Rows*2*(o.Edges+1), named{"counts", o.Counts})
	return c.err
}

// Operands implements backend.Op.
func (o ScoreCounts) Operands() []backend.Operand {
	return []backend.Operand{reads("p", o.P), reads("t", o.T), reads("thresholds", o.Thresholds), writes("counts", o.Counts)}
}

// Cost implements backend.Op.
func (o ScoreCounts) Cost() backend.Cost { return cost(o, 2*o.Rows*o.Cols*(o.Edges+1)) }

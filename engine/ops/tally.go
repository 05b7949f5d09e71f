package ops

import "github.com/gradus-ml/gradus/engine/backend"

// Tally writes the sum of a batch's values into the ledger, the table that has a row for each step and a column for
// each metric: ledger[clock·Columns + Column] = Σ_i x[i]. The host reads rows when it wants them and adds them in float64.
// X is [N], Ledger [Steps×Columns]; a clock past the last row writes to none.
type Tally struct {
	X, Ledger, Clock          backend.Region
	N, Steps, Columns, Column int
}

// Name returns "tally".
func (Tally) Name() string { return "tally" }

// Check implements backend.Op.
func (o Tally) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.positive("steps", o.Steps)
	c.positive("columns", o.Columns)
	c.product("steps × columns", o.Steps, o.Columns)
	if o.Column < 0 || o.Column >= o.Columns {
		c.fail("column is %d, want 0 to %d", o.Column, o.Columns-1)
	}
	c.f32(o.N, named{"x", o.X})
	c.f32(o.Steps*o.Columns, named{"ledger", o.Ledger})
	c.clock(o.Clock)
	return c.err
}

// Operands implements backend.Op.
func (o Tally) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("clock", o.Clock), updates("ledger", o.Ledger)}
}

// Cost implements backend.Op. Of the ledger only one cell counts.
func (o Tally) Cost() backend.Cost {
	return backend.Cost{FLOPs: int64(o.N), Bytes: 4*int64(o.N) + 8}
}

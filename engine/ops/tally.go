package ops

import "github.com/gradus-ml/gradus/engine/backend"

// Tally writes the sums of a batch's values into the ledger, the table that has a row for each step and columns for
// each metric: ledger[clock, Column + j] = Σ_i x[i,j]. The host reads rows when it wants them and adds them in float64.
// X is [N×Width], Ledger [Steps×Columns]; a clock past the last row writes to none.
type Tally struct {
	X, Ledger, Clock                 backend.Region
	N, Width, Steps, Columns, Column int
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
	c.product("n × width", o.N, o.Width)
	c.positive("width", o.Width)
	if o.Column < 0 || o.Width > o.Columns || o.Column > o.Columns-o.Width {
		c.fail("columns %d to %d, want 0 to %d", o.Column, o.Column+o.Width-1, o.Columns-1)
	}
	c.f32(o.N*o.Width, named{"x", o.X})
	c.f32(o.Steps*o.Columns, named{"ledger", o.Ledger})
	c.clock(o.Clock)
	return c.err
}

// Operands implements backend.Op.
func (o Tally) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("clock", o.Clock), updates("ledger", o.Ledger)}
}

// Cost implements backend.Op. Of the ledger only the cells that are written count.
func (o Tally) Cost() backend.Cost {
	n := int64(o.N) * int64(o.Width)
	return backend.Cost{FLOPs: n, Bytes: 4*n + 4*int64(o.Width) + 4}
}

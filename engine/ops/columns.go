package ops

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
)

// ColumnsKind is a way to copy between a matrix and some of its columns.
type ColumnsKind uint8

// The kinds, for a wide matrix [Rows×Width] and a narrow one [Rows×Cols] of its columns Column to Column + Cols − 1.
const (
	CutColumns   ColumnsKind = iota // narrow[r,c] = wide[r,Column+c]
	PasteColumns                    // wide[r,Column+c] = narrow[r,c]; the other columns stay
	PadColumns                      // the same, and the other columns become 0
)

// columnsNames are in the order of the constants.
var columnsNames = []string{"cut", "paste", "pad"}

// ColumnsKinds lists every kind.
func ColumnsKinds() []ColumnsKind { return []ColumnsKind{CutColumns, PasteColumns, PadColumns} }

// String returns cut, paste or pad.
func (k ColumnsKind) String() string {
	if int(k) < len(columnsNames) {
		return columnsNames[k]
	}
	return fmt.Sprintf("ColumnsKind(%d)", uint8(k))
}

// Columns copies neighbouring columns out of a matrix or into one. X is what is copied and Y where to: the wide matrix and the
// narrow one for CutColumns, otherwise the other way around.
type Columns struct {
	X, Y                      backend.Region
	Rows, Cols, Width, Column int
	Kind                      ColumnsKind
}

// Name returns "columns".
func (Columns) Name() string { return "columns" }

// Check implements backend.Op.
func (o Columns) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.product("rows × width", o.Rows, o.Width)
	if int(o.Kind) >= len(columnsNames) {
		c.fail("unknown kind %v", o.Kind)
	}
	if o.Column < 0 || o.Cols > o.Width || o.Column > o.Width-o.Cols {
		c.fail("columns %d to %d, want 0 to %d", o.Column, o.Column+o.Cols-1, o.Width-1)
	}
	wide, narrow := named{"x", o.X}, named{"y", o.Y}
	if o.Kind != CutColumns {
		wide, narrow = named{"y", o.Y}, named{"x", o.X}
	}
	c.f32(o.Rows*o.Width, wide)
	c.f32(o.Rows*o.Cols, narrow)
	return c.err
}

// Operands implements backend.Op.
func (o Columns) Operands() []backend.Operand {
	if o.Kind == PasteColumns {
		return []backend.Operand{reads("x", o.X), updates("y", o.Y)}
	}
	return []backend.Operand{reads("x", o.X), writes("y", o.Y)}
}

// Cost implements backend.Op. Of the wide matrix only the columns that are copied count, unless all are written.
func (o Columns) Cost() backend.Cost {
	narrow := 4 * int64(o.Rows) * int64(o.Cols)
	if o.Kind == PadColumns {
		return backend.Cost{Bytes: narrow + 4*int64(o.Rows)*int64(o.Width)}
	}
	return backend.Cost{Bytes: 2 * narrow}
}

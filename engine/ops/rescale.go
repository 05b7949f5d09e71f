package ops

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
)

// RescaleKind is a way to choose what a unit is multiplied by.
type RescaleKind uint8

// The kinds, with ‖x‖ the Euclidean norm of the unit's elements of X and ‖r‖ that of its elements of Reference.
const (
	ClipNorm   RescaleKind = iota // s = min(1, Limit/‖x‖)
	ClipRatio                     // s = min(1, Limit·max(‖r‖, ε)/‖x‖)
	Normalise                     // s = 1/(‖x‖ + ε)
	MatchNorms                    // s = ‖r‖/‖x‖, or 1 where one of them is 0
)

var rescaleNames = []string{"clip_norm", "clip_ratio", "normalise", "match_norms"}

// RescaleKinds lists every kind.
func RescaleKinds() []RescaleKind { return []RescaleKind{ClipNorm, ClipRatio, Normalise, MatchNorms} }

// String returns the kind's name.
func (k RescaleKind) String() string {
	if int(k) < len(rescaleNames) {
		return rescaleNames[k]
	}
	return fmt.Sprintf("RescaleKind(%d)", uint8(k))
}

// UnitColumns is how many numbers describe a unit: the index of its first element, the distance between two, and how many there are.
const UnitColumns = 3

// Rescale multiplies each unit of X, a variable or a column of a matrix, say, by a number of its own: x ← s·x. NaN in a unit makes the
// unit NaN. X and Reference have N elements; Units is [Count×UnitColumns]: units lie within X and share no element.
type Rescale struct {
	X, Reference, Units backend.Region
	N, Count            int
	Kind                RescaleKind
	Limit, Epsilon      float32
}

// Name returns "rescale".
func (Rescale) Name() string { return "rescale" }

// Check implements backend.Op.
func (o Rescale) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.positive("count", o.Count)
	c.product("count × columns", o.Count, UnitColumns)
	if int(o.Kind) >= len(rescaleNames) {
		c.fail("unknown kind %v", o.Kind)
	}
	if (o.Kind == ClipNorm || o.Kind == ClipRatio) && !(o.Limit > 0 && o.Limit <= math.MaxFloat32) {
		c.fail("limit is %v, want a positive number", o.Limit)
	}
	c.within("epsilon", o.Epsilon, 0, math.MaxFloat32)
	c.f32(o.N, named{"x", o.X}, named{"reference", o.Reference})
	c.region("units", o.Units, backend.U32, o.Count*UnitColumns)
	return c.err
}

// Operands implements backend.Op.
func (o Rescale) Operands() []backend.Operand {
	return []backend.Operand{updates("x", o.X), reads("reference", o.Reference), reads("units", o.Units)}
}

// Cost implements backend.Op.
func (o Rescale) Cost() backend.Cost { return cost(o, 5*o.N) }

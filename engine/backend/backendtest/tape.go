package backendtest

import (
	"testing"

	"github.com/gradus-ml/gradus/engine/backend"
)

// A tape keeps the values of a case's inputs the first time that they are drawn and plays them for every device after: drawing normal numbers
// takes longer than most of what is done with them.
type tape struct {
	values []any
	at     int  // the next to be played
	blank  bool // all values are 0: for the sizes alone
}

// inputs returns inputs for a device, with the values of the tape if it has any.
func (p *tape) inputs(t testing.TB, dev backend.Backend, seed uint64) *Inputs {
	in := NewInputs(t, dev, seed)
	in.tape, p.at = p, 0
	return in
}

// taped returns n values of f(i), or those that the tape has in this place.
func taped[T backend.Element](in *Inputs, n int, f func(i int) T) []T {
	in.t.Helper()
	if in.tape != nil && in.tape.at < len(in.tape.values) {
		values, ok := in.tape.values[in.tape.at].([]T)
		if !ok || len(values) != n {
			in.t.Fatalf("input %d of a case is not the same each time", in.tape.at)
		}
		in.tape.at++
		return values
	}
	values := make([]T, n)
	if in.tape == nil || !in.tape.blank {
		for i := range values {
			values[i] = f(i)
		}
	}
	in.tape.keep(values)
	return values
}

func (p *tape) keep(values any) {
	if p != nil && !p.blank {
		p.values = append(p.values, values)
		p.at++
	}
}

// Blank returns the operations of a case with operands of an oracle that hold zeros.
func (c Case) Blank(t testing.TB) []backend.Op {
	return c.Build((&tape{blank: true}).inputs(t, NewOracle(), 1))
}

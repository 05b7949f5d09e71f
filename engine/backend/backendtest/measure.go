package backendtest

import (
	"math"
	"testing"

	"github.com/gradus-ml/gradus/engine/backend"
)

// Errors returns, by operation, the largest error of a device in the cases whose operands have at most so many elements together, in units of the
// case's tolerance: above 1 is wrong, and so are numbers that are finite on one side alone and integers that differ, +Inf.
func Errors(t testing.TB, most int, dev backend.Backend) map[string]float64 {
	worst := map[string]float64{}
	for i, c := range allCases() {
		if most < math.MaxInt && c.elements(t) > most {
			continue
		}
		tape := &tape{}
		want := c.run(tape.inputs(t, NewOracle(), uint64(i)))
		got := c.run(tape.inputs(t, dev, uint64(i)))
		for j, op := range got {
			worst[op.Name()] = max(worst[op.Name()], c.error(t, dev, op, want[j]))
		}
		release(got)
	}
	return worst
}

// error returns the largest error of an operation's results.
func (c Case) error(t testing.TB, dev backend.Backend, got, want backend.Op) float64 {
	worst, expected := 0.0, want.Operands()
	for i, o := range got.Operands() {
		switch {
		case !o.Access.Writes():
		case o.Region.Kind() == backend.F32:
			for k, g := range read[float32](t, dev, o.Region) {
				worst = max(worst, c.share(float64(g), f64(expected[i].Region)[k]))
			}
		default:
			for k, g := range read[uint32](t, dev, o.Region) {
				if g != u32(expected[i].Region)[k] {
					worst = math.Inf(1)
				}
			}
		}
	}
	return worst
}

// share returns the error in units of the tolerance.
func (c Case) share(got, want float64) float64 {
	if same(got, want) {
		return 0
	}
	if e := math.Abs(got-want) / c.tolerance(want); e <= math.MaxFloat64 {
		return e
	}
	return math.Inf(1)
}

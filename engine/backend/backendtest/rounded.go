package backendtest

import (
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/random"
)

// NewRounded returns an oracle that errs as float32 does: each element that an operation changes is off by up to ½·ε·√n·scale, at random, with ε = 2⁻²³, n the
// additions and multiplications behind an element, and scale the largest of the element before and after and of the mean size of its operand, which terms that
// cancel have had. Copies are exact. Runs with several seeds measure how far rounding takes a computation of many operations.
func NewRounded(seed uint64) *Oracle { return &Oracle{noise: random.NewStream(seed, 0)} }

// rounded returns an operation's run with the errors that the stream draws.
func rounded(op backend.Op, run func(), noise *random.Stream) func() {
	var results []*rounding
	for _, o := range op.Operands() {
		if o.Access.Writes() && o.Region.Kind() == backend.F32 && op.Cost().FLOPs > 0 {
			results = append(results, newRounding(op, o.Region))
		}
	}
	return func() {
		for _, r := range results {
			copy(r.before, r.values)
		}
		run()
		for _, r := range results {
			r.disturb(noise)
		}
	}
}

// rounding is what an operation writes.
type rounding struct {
	values, before []float64
	share          float64 // of the scale that is rounding's at most
}

func newRounding(op backend.Op, r backend.Region) *rounding {
	terms := math.Max(1, float64(op.Cost().FLOPs)/float64(r.Len))
	return &rounding{f64(r), make([]float64, r.Len), 0x1p-24 * math.Sqrt(terms)}
}

func (r *rounding) disturb(noise *random.Stream) {
	size := meanSize(r.values)
	for i, v := range r.values {
		if v != r.before[i] {
			scale := max(size, math.Abs(v), math.Abs(r.before[i]))
			r.values[i] += r.share * scale * (2*float64(noise.Float32()) - 1)
		}
	}
}

// meanSize is the root of the mean square.
func meanSize(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v * v
	}
	return math.Sqrt(sum / float64(len(values)))
}

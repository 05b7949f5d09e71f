package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
)

// Verification says what Verify runs. Zeros mean the defaults.
type Verification struct {
	Steps     int // training steps; 2
	BatchSize int // 32, or all examples if there are fewer
}

// Check is one result of one operation, on both devices.
type Check struct {
	Step      int    // from 0
	Part      string // the layer, its gradient, the loss, the update
	Operation string // "matmul"
	Tensor    string // the operand's name: "c"
	Scale     float64
	// Error is the largest difference and Bound what rounding explains: 8·ε·√n·Scale, with n the additions and multiplications behind an element, Scale the
	// largest element of what the operation reads as floats or writes, and ε = 2⁻²³; of a whole step, the sum of its operations'. Where numbers are not finite on one device alone, Error is infinite.
	Error, Bound float64
}

// Relative is the largest difference in units of the largest number.
func (c Check) Relative() float64 {
	if c.Error == 0 {
		return 0
	}
	return c.Error / c.Scale
}

// Holds reports whether rounding explains the difference.
func (c Check) Holds() bool { return c.Error <= c.Bound }

// VerifyReport is what Verify found: the checks of all steps, in the order in which the operations run.
type VerifyReport struct {
	Reference, Device backend.Info
	Checks            []Check
}

// Verify runs training steps of the user's own network, data and optimizer on two devices and compares every operation's result. Each operation
// is given the same numbers on both, those of the reference, so that a difference is the operation's own and the first that is too large
// names the culprit. Then the step is made once more on the device as a whole, as it is trained there, with operations that the device fuses, and its
// outcome is compared: variables, gradients, the optimizer's values, loss and metrics. The bound is computed from the arithmetic behind an element, not chosen. It returns an error if the steps cannot be run;
// what is wrong in the results is told by VerifyReport.Err. The devices stay the caller's.
func Verify(ctx context.Context, reference, device backend.Backend, net *nn.Network, training Training, set *data.Set, v Verification) (*VerifyReport, error) {
	report, err := verify(given(ctx), [2]backend.Backend{reference, device}, net, training, set, v)
	if err != nil {
		return nil, fmt.Errorf("engine: verify: %w", err)
	}
	return report, nil
}

// twin is the same training on two devices.
type twin struct {
	trainers [2]*trainer
	behind   map[backend.Buffer]bool // buffers of the device whose numbers are not the reference's
}

func verify(ctx context.Context, devices [2]backend.Backend, net *nn.Network, training Training, set *data.Set, v Verification) (_ *VerifyReport, err error) {
	if v.Steps < 0 {
		return nil, fmt.Errorf("steps is %d, want at least 1", v.Steps)
	}
	if v.Steps == 0 {
		v.Steps = 2
	}
	t := twin{behind: map[backend.Buffer]bool{}}
	for i, dev := range devices {
		m, err := Compile(dev, net, training)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, m.Close()) }()
		fit := Fit{BatchSize: v.BatchSize}.withDefaults(material{set: set})
		if err := m.checkFit(material{set: set}, material{}, fit); err != nil {
			return nil, err
		}
		if t.trainers[i], err = m.newTrainer(material{set: set}, material{}, fit); err != nil {
			return nil, err
		}
		defer t.trainers[i].release()
		if err := t.trainers[i].lay(); err != nil {
			return nil, err
		}
	}
	report := &VerifyReport{Reference: devices[0].Info(), Device: devices[1].Info()}
	for step := range min(v.Steps, t.trainers[0].pass.steps) {
		if err := t.step(ctx, step, report); err != nil {
			return nil, fmt.Errorf("step %d: %w", step, err)
		}
	}
	return report, nil
}

// step makes a step on both devices, one operation at a time.
func (t twin) step(ctx context.Context, number int, report *VerifyReport) error {
	var steps [2]*graph.Step
	for i, tr := range t.trainers {
		steps[i] = tr.pass.full
		if tr.pass.examplesOf(number) < tr.pass.rows {
			steps[i] = tr.pass.tail
		}
	}
	before, err := t.keep()
	if err != nil {
		return err
	}
	for i := range steps[0].Ops() {
		if err := ctx.Err(); err != nil {
			return err
		}
		checks, err := t.operation([2]backend.Op{steps[0].Ops()[i], steps[1].Ops()[i]})
		if err != nil {
			return fmt.Errorf("%s of %s: %w", steps[0].Ops()[i].Name(), steps[0].Part(i), err)
		}
		for _, c := range checks {
			c.Step, c.Part = number, steps[0].Part(i)
			report.Checks = append(report.Checks, c)
		}
	}
	checks, err := t.whole(number, steps, before)
	report.Checks = append(report.Checks, checks...)
	return err
}

// operation runs an operation on both devices, on the numbers of the reference, and compares its results.
func (t twin) operation(op [2]backend.Op) ([]Check, error) {
	scale, err := t.align(op)
	if err != nil {
		return nil, err
	}
	for i, tr := range t.trainers {
		p, err := tr.dev.Compile(op[i : i+1])
		if err != nil {
			return nil, err
		}
		err = p.Run(1)
		p.Release()
		if err != nil {
			return nil, err
		}
	}
	var checks []Check
	for i, o := range op[0].Operands() {
		if !o.Access.Writes() {
			continue
		}
		other := op[1].Operands()[i].Region
		t.behind[other.Buffer] = true
		c, err := t.compare(op[0], o, other, scale)
		if err != nil {
			return nil, err
		}
		checks = append(checks, c)
	}
	return checks, nil
}

// align gives the device the reference's numbers of everything that the operation reads, and returns the largest of them.
func (t twin) align(op [2]backend.Op) (largest float64, err error) {
	for i, o := range op[0].Operands() {
		other := op[1].Operands()[i].Region
		if !o.Access.Reads() {
			continue
		}
		raw := make([]byte, o.Region.Bytes())
		if err := t.trainers[0].dev.Read(raw, o.Region); err != nil {
			return 0, err
		}
		if o.Region.Kind() == backend.F32 {
			largest = max(largest, extent(floats(raw)))
		}
		if !t.behind[other.Buffer] {
			continue
		}
		if err := t.trainers[1].dev.Write(other, raw); err != nil {
			return 0, err
		}
	}
	return largest, nil
}

// compare reads a result from both devices.
func (t twin) compare(op backend.Op, o backend.Operand, other backend.Region, scale float64) (Check, error) {
	c := Check{Operation: op.Name(), Tensor: o.Name}
	want, got := make([]byte, o.Region.Bytes()), make([]byte, other.Bytes())
	if err := errors.Join(t.trainers[0].dev.Read(want, o.Region), t.trainers[1].dev.Read(got, other)); err != nil {
		return c, err
	}
	if o.Region.Kind() != backend.F32 { // whole numbers are the same or wrong
		if string(want) != string(got) {
			c.Error = math.Inf(1)
		}
		return c, nil
	}
	a, b := floats(want), floats(got)
	c.Scale = max(scale, extent(a))
	c.Bound = rounding(op, len(a)) * c.Scale
	for i := range a {
		c.Error = max(c.Error, apart(a[i], b[i]))
	}
	return c, nil
}

// rounding is what it may change in one of n results of an operation, relative to their size: 8·ε·√(additions and multiplications behind it).
func rounding(op backend.Op, n int) float64 {
	const epsilon = 0x1p-23
	return 8 * epsilon * math.Sqrt(math.Max(1, float64(op.Cost().FLOPs)/float64(n)))
}

// apart is the difference of two numbers: infinite where only one is finite, or they are different infinities.
func apart(a, b float32) float64 {
	switch {
	case a == b || a != a && b != b:
		return 0
	case a-a != 0 || b-b != 0:
		return math.Inf(1)
	}
	return math.Abs(float64(a) - float64(b))
}

// extent is the largest of the finite numbers, without their signs.
func extent(values []float32) float64 {
	largest := 0.0
	for _, v := range values {
		if v-v == 0 {
			largest = max(largest, math.Abs(float64(v)))
		}
	}
	return largest
}

// floats reads little-endian numbers.
func floats(raw []byte) []float32 {
	values := make([]float32, len(raw)/4)
	for i := range values {
		values[i] = math.Float32frombits(uint32(raw[4*i]) | uint32(raw[4*i+1])<<8 | uint32(raw[4*i+2])<<16 | uint32(raw[4*i+3])<<24)
	}
	return values
}

// Err names the first operation whose result rounding does not explain. It is nil where all hold.
func (r *VerifyReport) Err() error {
	for _, c := range r.Checks {
		if !c.Holds() {
			return fmt.Errorf("engine: verify: %s, %s of step %d: %s is off by %.3g on %s, and rounding explains %.3g (largest number %.3g)",
				c.Operation, c.Part, c.Step, c.Tensor, c.Error, r.Device, c.Bound, c.Scale)
		}
	}
	return nil
}

// String returns a table of the worst check of each operation in each part, and of each tensor of the whole step, with what rounding explains, and says
// what broke first.
func (r *VerifyReport) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%v against %v\n", r.Device, r.Reference)
	fmt.Fprintf(&out, "%-36s %-24s %-34s %9s %9s %9s %9s\n", "part", "operation", "tensor", "largest", "error", "relative", "bound")
	for _, c := range r.worst() {
		mark := ""
		if !c.Holds() {
			mark = "  BROKEN"
		}
		fmt.Fprintf(&out, "%-36s %-24s %-34s %9.2g %9.2g %9.2g %9.2g%s\n", c.Part, c.Operation, c.Tensor, c.Scale, c.Error, c.Relative(), c.Bound, mark)
	}
	if err := r.Err(); err != nil {
		fmt.Fprintln(&out, err)
	}
	return out.String()
}

// worst returns, for each place, the check that is nearest to its bound or furthest beyond.
func (r *VerifyReport) worst() []Check {
	type place struct{ part, operation, tensor string }
	at := map[place]int{}
	var list []Check
	for _, c := range r.Checks {
		p := place{c.Part, c.Operation, c.Tensor}
		i, seen := at[p]
		switch {
		case !seen:
			at[p] = len(list)
			list = append(list, c)
		case share(c) > share(list[i]):
			list[i] = c
		}
	}
	return list
}

// share is the part of the bound that an error uses.
func share(c Check) float64 {
	if c.Error == 0 {
		return 0
	}
	return c.Error / c.Bound
}

package optim

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The values are worked out by hand from the formulas.
func TestSchedules(t *testing.T) {
	for _, row := range []struct {
		name  string
		s     Schedule
		steps []int
		want  []float64
	}{
		{"exponential", ExponentialDecay{Initial: 1, Decay: 0.5, Steps: 10}, []int{0, 5, 10, 20}, []float64{1, math.Sqrt(0.5), 0.5, 0.25}},
		{"exponential by steps", ExponentialDecay{Initial: 1, Decay: 0.5, Steps: 10, Staircase: true}, []int{0, 9, 10, 19, 20}, []float64{1, 1, 0.5, 0.5, 0.25}},
		{"inverse time", InverseTimeDecay{Initial: 1, Decay: 1, Steps: 10}, []int{0, 10, 30}, []float64{1, 0.5, 0.25}},
		{"inverse time by steps", InverseTimeDecay{Initial: 1, Decay: 1, Steps: 10, Staircase: true}, []int{9, 10, 29}, []float64{1, 0.5, 1.0 / 3}},
		{"piecewise", PiecewiseConstant{Boundaries: []int{5, 10}, Values: []float64{3, 2, 1}}, []int{0, 5, 6, 10, 11}, []float64{3, 3, 2, 2, 1}},
		{"polynomial", PolynomialDecay{Initial: 1, End: 0.2, Steps: 10}, []int{0, 5, 10, 50}, []float64{1, 0.6, 0.2, 0.2}},
		{"quadratic", PolynomialDecay{Initial: 1, Power: 2, Steps: 10}, []int{5}, []float64{0.25}},
		{"cosine", CosineDecay{Initial: 2, Alpha: 0.1, Steps: 10}, []int{0, 5, 10, 11}, []float64{2, 1.1, 0.2, 0.2}},
		{"cosine with restarts", CosineDecay{Initial: 1, Steps: 10, Restarts: true, Shrink: 0.5}, []int{0, 5, 10, 20, 30}, []float64{1, 0.5, 0.5, 0.25, 0.25}},
		{"warm-up", Warmup{Steps: 4, Then: PolynomialDecay{Initial: 1, Steps: 10}}, []int{0, 1, 3, 4, 9, 14}, []float64{0.25, 0.5, 1, 1, 0.5, 0}},
		{"one cycle", OneCycle{Max: 1, Steps: 100}, []int{0, 45, 90, 95, 100, 200}, []float64{0.1, 1, 0.1, (0.1 + 0.001) / 2, 0.001, 0.001}},
		{"one cycle's momentum", OneCycle{Max: 1, Steps: 100}.Momentum(), []int{0, 9, 45, 54, 90, 95, 100, 200}, []float64{0.95, 0.93, 0.85, 0.87, 0.95, 0.95, 0.95, 0.95}},
		{"a momentum of one's own", OneCycleMomentum{High: 0.9, Low: 0.7, Steps: 100}, []int{0, 45, 90}, []float64{0.9, 0.7, 0.9}},
		{"power", PowerDecay{Initial: 8, Power: 2, Steps: 10}, []int{0, 10, 30}, []float64{8, 2, 0.5}},
		{"power of one", PowerDecay{Initial: 1, Steps: 10}, []int{0, 10, 30}, []float64{1, 0.5, 0.25}},
		{"one's own", ScheduleFunc(func(step int) float64 { return 1 / float64(1+step) }), []int{0, 3}, []float64{1, 0.25}},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.NoError(t, SGD{Schedule: row.s}.Check())
			for i, step := range row.steps {
				assert.InDelta(t, row.want[i], row.s.Rate(step), 1e-12, "step %d", step)
				assert.Equal(t, []float32{float32(row.s.Rate(step) / 2), 0, 0}, SGD{Schedule: row.s}.Rates(step, 0.5))
			}
		})
	}
}

func TestRefused(t *testing.T) {
	nan := math.NaN()
	for _, row := range []struct {
		o    Optimizer
		text string
	}{
		{SGD{Schedule: ExponentialDecay{Initial: 1, Decay: 0.5}}, "optim: SGD: ExponentialDecay: Steps is 0, want more than 0"},
		{SGD{Schedule: InverseTimeDecay{Initial: nan, Decay: 0.5, Steps: 1}}, "InverseTimeDecay: Initial is NaN"},
		{SGD{Schedule: PiecewiseConstant{Boundaries: []int{1}, Values: []float64{1}}}, "PiecewiseConstant: boundaries are [1] and values [1]"},
		{SGD{Schedule: PiecewiseConstant{Boundaries: []int{2, 1}, Values: []float64{1, 1, 1}}}, "want rising boundaries"},
		{SGD{Schedule: PolynomialDecay{Initial: 1, Steps: 5, Power: -1}}, "Power -1"},
		{SGD{Schedule: CosineDecay{Initial: 1, Steps: 5, Alpha: 2}}, "Alpha is 2"},
		{SGD{Schedule: Warmup{Steps: 5}}, "Warmup: Steps is 5 and Then <nil>"},
		{SGD{Schedule: Warmup{Steps: 5, Then: OneCycle{Steps: 5}}}, "OneCycle: Max is 0"},
		{Adam{LearningRate: -1}, "optim: Adam: learning rate is -1"},
		{Adam{Beta1: 1}, "optim: Adam: Beta1 is 1, want 0 to 1 exclusive"},
		{Adam{Beta2: nan}, "optim: Adam: Beta2 is NaN"},
		{Adam{Epsilon: -1}, "optim: Adam: epsilon is -1"},
		{Adam{WeightDecay: -0.5}, "optim: AdamW: weight decay is -0.5, want 0 to 1"},
		{Adamax{Beta2: -1}, "optim: Adamax: Beta2 is -1"},
		{Nadam{Beta1: 2}, "optim: Nadam: Beta1 is 2"},
		{RMSprop{Momentum: 1}, "optim: RMSprop: momentum is 1"},
		{Adagrad{InitialAccumulator: -1}, "optim: Adagrad: initial accumulator is -1"},
		{Adadelta{Rho: 1}, "optim: Adadelta: Rho is 1"},
		{Clipped{}, "Clipped: no optimizer"},
		{Clipped{Optimizer: SGD{}, Value: -1}, "optim: SGD: clip value is -1"},
		{Clipped{Optimizer: SGD{}, GlobalNorm: float32(nan)}, "optim: SGD: global clip norm is NaN"},
		{Clipped{Optimizer: SGD{Momentum: 2}, Value: 1}, "momentum is 2"},
		{Clipped{Optimizer: SGD{}}, "optim: SGD: Clipped has no limit"},
		{Clipped{Optimizer: SGD{}, VariableNorm: -1}, "optim: SGD: clip norm of variables is -1, want more than 0"},
		{Clipped{Optimizer: SGD{}, Adaptive: float32(nan)}, "optim: SGD: adaptive clipping is NaN"},
		{Clipped{Optimizer: SGD{}, Adaptive: 0.01, Epsilon: -1}, "optim: SGD: epsilon of clipping is -1"},
		{Clipped{Optimizer: SGD{}, VariableNorm: 1, Except: []string{"a"}}, "optim: SGD: except is [\"a\"] without adaptive clipping"},
		{Clipped{Optimizer: SGD{}, Adaptive: 1, Except: []string{"[a"}}, "optim: SGD: except: pattern \"[a\": syntax error"},
		{Grouped{}, "Grouped: no optimizer"},
		{Grouped{Optimizer: SGD{Momentum: 2}}, "momentum is 2"},
		{Grouped{Optimizer: SGD{}, Groups: []Group{Undecayed(), {}}}, "optim: SGD: group 1: no patterns"},
		{Grouped{Optimizer: SGD{}, Groups: []Group{{Match: []string{"a"}, Rate: -1}}}, "optim: SGD: group 0: rate is -1"},
		{Grouped{Optimizer: SGD{}, Groups: []Group{{Match: []string{"[a"}}}}, "optim: SGD: group 0: pattern \"[a\": syntax error"},
		{EMA{}, "EMA: no optimizer"},
		{EMA{Optimizer: Adam{}, AverageMomentum: 1}, "optim: Adam: average momentum is 1, want 0 to 1 exclusive"},
		{EMA{Optimizer: Adam{Beta1: 2}}, "Beta1 is 2"},
		{Lamb{Beta2: 1}, "optim: Lamb: Beta2 is 1"},
		{Lamb{WeightDecay: -1}, "optim: Lamb: weight decay is -1"},
		{Muon{Momentum: 1}, "optim: Muon: momentum is 1"},
		{Muon{Iterations: -1}, "optim: Muon: iterations is -1, want 1 to 100"},
		{Muon{RMSRate: nan}, "optim: Muon: RMSRate is NaN"},
		{Muon{AdamRate: -1}, "optim: Muon: AdamRate is -1"},
		{Muon{Epsilon: 2}, "optim: Muon: epsilon is 2"},
		{Muon{Except: []string{"[a"}}, "optim: Muon: except: pattern"},
		{SGD{MomentumSchedule: ScheduleFunc(func(int) float64 { return 1 })}, "optim: SGD: momentum is 1"},
		{SGD{MomentumSchedule: OneCycleMomentum{High: 1, Steps: 5}}, "optim: SGD: OneCycleMomentum: High is 1 and Low 0.85"},
		{Adam{Beta1Schedule: OneCycleMomentum{Low: 0.96, Steps: 5}}, "optim: Adam: OneCycleMomentum: High is 0.95 and Low 0.96"},
		{SGD{MomentumSchedule: OneCycleMomentum{}}, "OneCycleMomentum: Steps is 0"},
		{SGD{Schedule: PowerDecay{Initial: 1, Power: -1, Steps: 5}}, "optim: SGD: PowerDecay: Power is -1"},
		{SGD{WeightDecay: 2}, "optim: SGD: weight decay is 2, want 0 to 1"},
		{Adam{Beta1Schedule: OneCycle{}}, "optim: Adam: OneCycle: Max is 0"},
		{Nadam{WeightDecay: float32(nan)}, "optim: Nadam: weight decay is NaN"},
		{Lion{WeightDecay: 2}, "optim: Lion: weight decay is 2"},
	} {
		assert.ErrorContains(t, row.o.Check(), row.text)
	}
}

func ExampleAdam() {
	o := Adam{Schedule: Warmup{Steps: 100, Then: CosineDecay{Initial: 0.001, Steps: 10_000}}, WeightDecay: 0.004}
	fmt.Println(o.Name(), o.Check())
	// Output: AdamW <nil>
}

func ExampleOneCycle() {
	cycle := OneCycle{Max: 0.05, Steps: 1000}
	o := SGD{Schedule: cycle, MomentumSchedule: cycle.Momentum()}
	for _, step := range []int{0, 450, 900, 1000} {
		fmt.Printf("rate %.4g, momentum %.4g\n", o.Rate(step), o.MomentumSchedule.Rate(step))
	}
	// Output:
	// rate 0.005, momentum 0.95
	// rate 0.05, momentum 0.85
	// rate 0.005, momentum 0.95
	// rate 5e-05, momentum 0.95
}

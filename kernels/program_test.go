package kernels

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/optim"
)

// TestStepMakesNothing holds that running makes no device memory, bind groups or pipelines.
func TestStepMakesNothing(t *testing.T) {
	d := openTest(t)
	p := compileAdd(t, d, newRegion(t, d, 1), newRegion(t, d, 0))
	require.NoError(t, d.Sync()) // makes the staging buffer
	made, pipelines := d.gpu.made, len(d.gpu.pipelines)
	require.NoError(t, p.Run(10_000))
	require.NoError(t, d.Sync())
	assert.Equal(t, made, d.gpu.made)
	assert.Equal(t, pipelines, len(d.gpu.pipelines))
}

// TestCompileAgain holds that what a program held is used by the next.
func TestCompileAgain(t *testing.T) {
	d := openTest(t)
	x, y := newRegion(t, d, 1), newRegion(t, d, 0)
	compileAdd(t, d, x, y).Release()
	require.NoError(t, d.Sync()) // makes the staging buffer
	buffers, kept := d.gpu.made.buffers, len(d.gpu.kept)
	for range 600 { // more than a page of parameters
		p := compileAdd(t, d, x, y)
		require.NoError(t, p.Run(1))
		p.Release()
	}
	assert.Equal(t, []float32{600}, download[float32](t, d, y))
	assert.Equal(t, buffers, d.gpu.made.buffers)
	assert.Equal(t, kept, len(d.gpu.kept))
}

// TestRunIsPaced holds that a long run is made of several submissions, in order, two of them at once.
func TestRunIsPaced(t *testing.T) {
	d := openTest(t)
	clock, err := backend.New(d, []uint32{0})
	require.NoError(t, err)
	p, err := d.Compile([]backend.Op{ops.Advance{Clock: clock}, ops.Advance{Clock: clock}, ops.Advance{Clock: clock}})
	require.NoError(t, err)
	before := d.gpu.status.count
	require.NoError(t, p.Run(5_000))
	assert.Equal(t, []uint32{15_000}, download[uint32](t, d, clock))
	submissions := d.gpu.status.count - before
	assert.Greater(t, submissions, uint64(15_000/mostCommands))
	assert.Less(t, submissions, uint64(400), "they grow")
	assert.LessOrEqual(t, len(d.gpu.flight.aloft), maxInFlight)
}

// TestLostSubmission has the device count one submission less than the host, as when a driver gives up on one.
func TestLostSubmission(t *testing.T) {
	d := openTest(t)
	x, y := newRegion(t, d, 1), newRegion(t, d, 2)
	p := compileAdd(t, d, x, y)
	require.NoError(t, d.Sync())
	require.NoError(t, d.owner.do(func() error { d.gpu.status.submitted(); return nil }))
	lost := d.gpu.status.count
	err := d.Sync()
	require.ErrorIs(t, err, errFailed)
	assert.ErrorContains(t, err, "did not run to its end")
	assert.ErrorContains(t, err, "submission "+uintString(lost)+" of "+uintString(lost+1))
	assert.Equal(t, err, p.Run(1), "every later call tells")
	assert.Equal(t, err, d.Write(x, make([]byte, 4)))
	assert.Equal(t, err, d.Read(make([]byte, 4), y))
	_, refused := d.Alloc(backend.F32, 1)
	assert.Equal(t, err, refused)
	p.Release()
	assert.ErrorIs(t, d.Close(), errFailed)
	assert.NoError(t, d.Close())
}

// TestBindingLimit holds that an operand larger than what the device binds is refused by name.
func TestBindingLimit(t *testing.T) {
	d := openTest(t)
	x, y := newRegion(t, d, 1, 2, 3), newRegion(t, d, 1, 2, 3)
	d.gpu.info.Limits.BindingBytes = 8
	_, err := d.Compile(addOp(x, y))
	assert.ErrorContains(t, err, "kernels: accumulate: x: 12 bytes, but "+d.Info().Device+" binds at most 8")
}

// TestHostAllocations says how much of Go's heap a submission takes: for operations of two buffers, and for a training step of the seed
// network. The bounds are what the binding was measured to take.
func TestHostAllocations(t *testing.T) {
	d := openTest(t)
	x, y := newRegion(t, d, 1), newRegion(t, d, 0)
	small := make([]task, 20)
	for i := range small {
		small[i] = taskOf(addOp(x, y)[0])
	}
	for name, tasks := range map[string][]task{"accumulate": small, "step": d.tasks(seedStep(t, d, optim.SGD{Momentum: 0.9}, 32))} {
		p, n := d.built(t, tasks...), float64(len(tasks))
		count := func(times int) float64 {
			return testing.AllocsPerRun(5, func() {
				require.NoError(t, p.Run(times))
				require.NoError(t, d.Sync())
			})
		}
		empty, one, ten := count(0), count(1), count(10)
		t.Logf("%s: Go allocations: reading back %.0f, a submission %.0f, of which %.1f for each of %.0f dispatches", name, empty, one-empty, (ten-one)/9/n, n)
		assert.Less(t, (ten-one)/9/n, 26.0, name)
		assert.Less(t, one-empty-26*n, 200.0, name)
	}
}

// TestSubmissionsDoNotMatter holds that it makes no difference to any bit how many steps a submission is of: 1, 7, 100, or a part of one.
func TestSubmissionsDoNotMatter(t *testing.T) {
	d := openTest(t)
	run := func(commands func(step int) int) (weights []float32, submissions uint64) {
		const n = 1000
		in := backendtest.NewInputs(t, d, 7)
		clock := in.Indices(0)
		w, g, y, sum := in.Normal(n, 0, 1), in.Result(n), in.Result(n), in.Result(1)
		rates := ops.Rates{Table: in.Of(0.1, 0.9, 0.01), Clock: clock, Steps: 1, Columns: 3}
		compiled, err := d.Compile([]backend.Op{
			ops.Activation{X: w, Y: y, N: n, Function: ops.Tanh},
			ops.PenaltyGrad{X: y, DSum: in.Of(1), DX: g, N: n, L1: 0.1, L2: 0.3},
			ops.Penalty{X: g, Sum: sum, N: n, L2: 1},
			ops.Clip{Grads: g, Squares: sum, N: n, Norm: true, Limit: 3},
			ops.SGD{Params: w, Grads: g, Velocity: in.Fill(n, func(int) float64 { return 0 }), Factors: in.Fill(ops.Factors(n), func(int) float64 { return 1 }), N: n, Rates: rates},
			ops.Advance{Clock: clock},
		})
		require.NoError(t, err)
		p := compiled.(*program)
		p.pace = pace{commands: commands(len(p.commands)), fixed: true}
		before := d.gpu.status.count
		require.NoError(t, p.Run(203))
		weights = download[float32](t, d, w)
		return weights, d.gpu.status.count - before - 1 // one to read
	}
	want, n := run(func(step int) int { return step })
	assert.Equal(t, uint64(203), n)
	for submissions, commands := range map[uint64]func(step int) int{
		29: func(step int) int { return 7 * step }, 3: func(step int) int { return 100 * step }, 1: func(step int) int { return 203 * step },
	} {
		got, n := run(commands)
		assert.Equal(t, submissions, n)
		assert.Equal(t, want, got, "%d submissions", n)
	}
	got, _ := run(func(int) int { return 1 })
	assert.Equal(t, want, got, "a command at a time")
}

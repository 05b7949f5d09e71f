package kernels

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/optim"
)

// BenchmarkShares prints what each dispatch of a training step of the seed network takes, and the step as a whole, one operation at a
// time and fused.
//
//	go test -run '^$' -bench Shares -benchtime 1x ./kernels
func BenchmarkShares(b *testing.B) {
	for _, batch := range []int{32, 256} {
		for _, fuse := range []bool{false, true} {
			b.Run(fmt.Sprintf("batch-%d/fused-%v", batch, fuse), func(b *testing.B) {
				d := openTest(b)
				list := seedStep(b, d, optim.SGD{LearningRate: 0.01, Momentum: 0.9}, batch)
				d.unfused = !fuse
				tasks := d.tasks(list)
				whole := d.time(b, tasks...)
				fmt.Printf("%d dispatches: the step %v\n", len(tasks), whole)
				for _, t := range tasks {
					took := d.time(b, t)
					fmt.Printf("%9.1f us %5.1f%%  %s %v\n", float64(took)/1e3, 100*float64(took)/float64(whole), t.name, t.params[:min(3, len(t.params))])
				}
			})
		}
	}
}

// built returns a program of tasks over memory that may have been given back.
func (d *device) built(b testing.TB, tasks ...task) *program {
	p := &program{device: d, pace: pace{commands: mostCommands}}
	var plans []plan
	for _, t := range tasks {
		plans = append(plans, d.plan(t))
	}
	require.NoError(b, d.owner.do(func() error { return p.build(plans) }))
	return p
}

// time returns what tasks take, one behind the other: the shortest of several runs of many times.
func (d *device) time(b *testing.B, tasks ...task) time.Duration {
	const runs = 5
	times := 200
	if d.emulated {
		times = 20
	}
	p := d.built(b, tasks...)
	defer p.Release()
	best := time.Hour
	for range runs {
		require.NoError(b, d.Sync())
		start := time.Now()
		require.NoError(b, p.Run(times))
		require.NoError(b, d.Sync())
		best = min(best, time.Since(start)/time.Duration(times))
	}
	return best
}

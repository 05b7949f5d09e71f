package bench

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// BenchmarkShares prints what each operation of a training step of the seed network takes on one thread, the median of many steps, and
// what the whole step takes, in turns. An operation by itself is not fused: the whole may be less than the sum.
func BenchmarkShares(b *testing.B) {
	for _, batch := range []int{32, 256} {
		b.Run("batch-"+size(batch), func(b *testing.B) {
			dev := &sharing{Backend: cpuOneThread(b)}
			_, err := compile(b, dev, seed(), momentum).Fit(context.Background(), noise(batch*stepsPerEpoch), engine.Fit{Epochs: 40, BatchSize: batch})
			must(b, err)
			dev.longest().print()
		})
	}
}

// sharing is a device that runs every other time each operation by itself, and keeps the time that it takes.
type sharing struct {
	backend.Backend
	programs []*shared
}

// shared is one list of operations, whole and one by one.
type shared struct {
	backend.Program
	list  []backend.Op
	each  []backend.Program
	took  [][]time.Duration
	whole []time.Duration
}

// Compile implements backend.Backend.
func (d *sharing) Compile(list []backend.Op) (backend.Program, error) {
	whole, err := d.Backend.Compile(list)
	if err != nil {
		return nil, err
	}
	p := &shared{Program: whole, list: list, took: make([][]time.Duration, len(list))}
	for _, op := range list {
		one, err := d.Backend.Compile([]backend.Op{op})
		if err != nil {
			return nil, err
		}
		p.each = append(p.each, one)
	}
	d.programs = append(d.programs, p)
	return p, nil
}

// longest returns the program that ran most often: the training step.
func (d *sharing) longest() *shared {
	return slices.MaxFunc(d.programs, func(p, q *shared) int { return len(p.whole) - len(q.whole) })
}

// Run implements backend.Program.
func (p *shared) Run(times int) error {
	for i := range times {
		if err := p.once(i%2 == 0); err != nil {
			return err
		}
	}
	return nil
}

func (p *shared) once(whole bool) (err error) {
	if whole {
		p.whole, err = timed(p.whole, p.Program)
		return err
	}
	for i, one := range p.each {
		if p.took[i], err = timed(p.took[i], one); err != nil {
			return err
		}
	}
	return nil
}

func timed(list []time.Duration, p backend.Program) ([]time.Duration, error) {
	start := time.Now()
	err := p.Run(1)
	return append(list, time.Since(start)), err
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

func (p *shared) print() {
	sum := time.Duration(0)
	for _, took := range p.took {
		sum += median(took)
	}
	whole := median(p.whole)
	fmt.Printf("%d operations: the step %v (best %v), one by one %v\n", len(p.list), whole, p.whole[0], sum)
	for i, op := range p.list {
		took := median(p.took[i])
		fmt.Printf("%9.1f us %5.1f%%  %s\n", float64(took)/1e3, 100*float64(took)/float64(sum), describedOp(op))
	}
}

// describedOp is the operation's name, with the shape of a product or the bytes that it moves.
func describedOp(op backend.Op) string {
	if o, ok := op.(ops.MatMul); ok {
		return fmt.Sprintf("matmul %s, transposed %v %v", size(o.M, o.N, o.K), o.TransposeA, o.TransposeB)
	}
	return fmt.Sprintf("%s, %d bytes", op.Name(), op.Cost().Bytes)
}

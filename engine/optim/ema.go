package optim

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// EMA is an optimizer that also keeps an exponential moving average of the parameters (Polyak and Juditsky, 1992; Keras's use_ema):
// average ← momentum·average + (1−momentum)·w after each update, beginning as w after the first. The averages do not take part in the
// training: engine.SwapEMAWeights gives them to the model when it ends, as Keras does by itself.
//
//	optim.EMA{Optimizer: optim.Adam{}}
type EMA struct {
	Optimizer
	AverageMomentum float64 // 0 to 1 exclusive; zero means 0.99, Keras's ema_momentum
}

// Unwrap returns the optimizer that trains.
func (o EMA) Unwrap() Optimizer { return o.Optimizer }

// Check implements Optimizer.
func (o EMA) Check() error {
	if o.Optimizer == nil {
		return fmt.Errorf("optim: EMA: no optimizer")
	}
	if err := checkFraction(o.Name(), "average momentum", o.AverageMomentum, nil); err != nil {
		return err
	}
	return o.Optimizer.Check()
}

// AverageSlot is which of the slots has the averages.
func (o EMA) AverageSlot() int { return len(o.Optimizer.Slots()) }

// Slots returns those of the optimizer and one for the averages.
func (o EMA) Slots() []float32 { return append(o.Optimizer.Slots(), 0) }

// Rates returns those of the optimizer and how far the averages move.
func (o EMA) Rates(step int, scale float64) []float32 {
	move := 1.0
	if step > 0 {
		move = 1 - or(o.AverageMomentum, 0.99)
	}
	return append(o.Optimizer.Rates(step, scale), float32(move))
}

// Record implements Optimizer.
func (o EMA) Record(u Update) ([]backend.Op, error) {
	slot := o.AverageSlot()
	average := ops.Average{X: u.Params, Y: u.Slots[slot], Rates: u.from(len(o.Optimizer.Rates(0, 1))), N: u.Params.Len}
	u.Slots = u.Slots[:slot]
	list, err := o.Optimizer.Record(u)
	return append(list, average), err
}

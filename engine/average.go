package engine

import (
	"errors"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/optim"
)

// averageSlot returns which of the optimizer's slots has moving averages of the variables, whatever optimizer is around the one
// that keeps them. Such a one has the method AverageSlot() int; those around others have Unwrap() optim.Optimizer.
func averageSlot(o optim.Optimizer) (slot int, ok bool) {
	for o != nil {
		if averages, ok := o.(interface{ AverageSlot() int }); ok {
			return averages.AverageSlot(), true
		}
		outer, ok := o.(interface{ Unwrap() optim.Optimizer })
		if !ok {
			return 0, false
		}
		o = outer.Unwrap()
	}
	return 0, false
}

// UseAverages gives the trained variables the values of their moving averages, which optim.EMA keeps. Other variables, such as the
// moving statistics of BatchNorm, stay as they are. Before the first step there are no averages.
func (m *Model) UseAverages() error {
	slot, ok := averageSlot(m.training.Optimizer)
	switch {
	case m.store == nil:
		return errClosed
	case !ok:
		return errors.New("engine: the optimizer keeps no averages of the weights: want optim.EMA")
	case m.steps == 0:
		return errors.New("engine: there are no averages of the weights before the first step")
	}
	for _, v := range m.store.Variables() {
		if !v.Trainable {
			continue
		}
		values := make([]float32, v.Size())
		region := m.store.Value(v)
		region.Buffer = m.slots[slot]
		if err := backend.Download(m.dev, values, region); err != nil {
			return err
		}
		if err := m.store.Write(v, values); err != nil {
			return err
		}
	}
	return nil
}

// SwapEMAWeights gives the model the averages that optim.EMA keeps when a Fit ends, also one that ended early (Keras's
// SwapEMAWeights; Keras does the same at the end of a fit without it). A later Fit goes on from them. Put it behind
// callbacks that restore weights, such as EarlyStopping, only if the averages shall win.
type SwapEMAWeights struct{}

// RunBegin refuses a model whose optimizer keeps no averages.
func (SwapEMAWeights) RunBegin(m *Model, _ Fit) error {
	if _, ok := averageSlot(m.training.Optimizer); !ok {
		return errors.New("the optimizer keeps no averages of the weights: want optim.EMA")
	}
	return nil
}

// RunEnd implements RunEnder.
func (SwapEMAWeights) RunEnd(m *Model, _ *History) error {
	if m.steps == 0 {
		return nil
	}
	return m.UseAverages()
}

package engine

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/optim"
)

// recordUpdate records the optimizer's operations, and what keeps the variables within bounds. Gradients are those of the store if
// there are no others.
func (m *Model) recordUpdate(r *graph.Recorder, rates ops.Rates, grads backend.Region) {
	r.Part("the update")
	if r.Err() == nil {
		r.Append(m.update(r, rates, grads)...)
		r.Append(m.store.Constraints()...)
	}
}

// update returns the optimizer's operations.
func (m *Model) update(r *graph.Recorder, rates ops.Rates, grads backend.Region) []backend.Op {
	params, own, _ := m.store.Arenas()
	if grads.Buffer == nil {
		grads = own
	}
	u := optim.Update{Params: params, Grads: grads, Rates: rates, Memory: memory{r}}
	for _, b := range m.slots {
		u.Slots = append(u.Slots, backend.Whole(b))
	}
	for _, v := range m.store.Variables() {
		u.Names = append(u.Names, v.Name)
		if v.Trainable {
			u.Variables = append(u.Variables, optim.Variable{Name: v.Name, Shape: v.Shape, Offset: m.store.Value(v).Offset})
		}
	}
	list, err := m.training.Optimizer.Record(u)
	if err != nil {
		r.Fail("%w", err)
	}
	return list
}

// memory is that of a recording, for an optimizer.
type memory struct{ r *graph.Recorder }

// Of implements optim.Memory.
func (m memory) Of(values ...float32) backend.Region {
	return m.r.Constant(values, len(values)).Value()
}

// Indices implements optim.Memory.
func (m memory) Indices(values ...uint32) backend.Region { return m.r.Indices(values).Value() }

// allocateSlots makes what the optimizer keeps from step to step.
func (m *Model) allocateSlots() error {
	params, _, ok := m.store.Arenas()
	if !ok {
		return errors.New("no layer has trainable variables")
	}
	for _, initial := range m.training.Optimizer.Slots() {
		slot, err := m.dev.Alloc(backend.F32, params.Len)
		if err != nil {
			return fmt.Errorf("optimizer state: %w", err)
		}
		m.slots = append(m.slots, slot)
		if initial == 0 { // as memory is
			continue
		}
		if err := backend.Upload(m.dev, backend.Whole(slot), slices.Repeat([]float32{initial}, params.Len)); err != nil {
			return fmt.Errorf("optimizer state: %w", err)
		}
	}
	return nil
}

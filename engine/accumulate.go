package engine

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// sumOfGradients returns where the gradients of a step's parts are added up; nowhere where a step is taken at once.
func (t *trainer) sumOfGradients() (backend.Region, error) {
	_, grads, ok := t.store.Arenas()
	if t.pass.parts() == 1 || !ok {
		return backend.Region{}, nil
	}
	sum, err := t.dev.Alloc(backend.F32, grads.Len)
	if err != nil {
		return backend.Region{}, err
	}
	return backend.Whole(sum), nil
}

// record records a part of a training step, after the last of them the update.
func (t *trainer) record(r *graph.Recorder, b batch) []tallied {
	values := t.recordTraining(r, b)
	if t.grads.Buffer != nil && r.Err() == nil {
		r.Append(t.accumulate(b))
	}
	if b.ends() {
		t.recordUpdate(r, t.rates, t.grads)
	}
	return values
}

// accumulate adds the gradients of a part to those of the parts before it.
func (t *trainer) accumulate(b batch) backend.Op {
	_, grads, _ := t.store.Arenas()
	if b.begins() {
		return ops.Activation{X: grads, Y: t.grads, N: grads.Len, Function: ops.Identity}
	}
	return ops.Accumulate{X: grads, Y: t.grads, N: grads.Len}
}

package engine

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
)

// Gradient reads the gradient of the loss with respect to a trainable variable in the training step made last, in row-major order, for a callback to
// look at: all zeros before the first step. Optimizers that clip leave it clipped.
func (m *Model) Gradient(name string) ([]float32, error) {
	v, err := m.variable(name)
	if err != nil {
		return nil, err
	}
	if !v.Trainable {
		return nil, fmt.Errorf("engine: %s is not trainable: it has no gradient", name)
	}
	region := m.store.Grad(v)
	if m.trainer != nil && m.trainer.grads.Buffer != nil { // the sum of the step's parts, laid out alike
		region.Buffer = m.trainer.grads.Buffer
	}
	values := make([]float32, v.Size())
	return values, backend.Download(m.dev, values, region)
}

package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
)

// needs adds to an error of a device without memory what a Fit asks of it.
func (m *Model) needs(ctx context.Context, err error, train data.Source, fit Fit) error {
	if !errors.Is(err, backend.ErrOutOfMemory) {
		return err
	}
	return withMemory(err, func() (Memory, error) { return m.memory(ctx, train, fit) })
}

// needs is the same of Compile, which tries the network on two examples.
func needs(err error, dev backend.Backend, m Model) error {
	if !errors.Is(err, backend.ErrOutOfMemory) {
		return err
	}
	m.dev, m.store = dev, &graph.Store{} // the memory of another is counted
	return withMemory(err, func() (Memory, error) { return m.memoryOf(2) })
}

func withMemory(err error, count func() (Memory, error)) error {
	memory, failed := count()
	if failed != nil {
		return errors.Join(err, failed)
	}
	return fmt.Errorf("%w; the training takes %v", err, memory)
}

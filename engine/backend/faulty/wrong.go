package faulty

import "github.com/gradus-ml/gradus/engine/backend"

// wrong is a device that does other operations than it is told.
type wrong struct {
	backend.Backend
	instead func(op backend.Op) backend.Op
}

// Wrong returns a device on which each operation is done as instead says: another function, another constant, a factor left out. It is what a
// broken kernel looks like from outside.
func Wrong(dev backend.Backend, instead func(op backend.Op) backend.Op) backend.Backend {
	return wrong{dev, instead}
}

// Compile implements backend.Backend.
func (w wrong) Compile(list []backend.Op) (backend.Program, error) {
	made := make([]backend.Op, len(list))
	for i, op := range list {
		made[i] = w.instead(op)
	}
	return w.Backend.Compile(made)
}

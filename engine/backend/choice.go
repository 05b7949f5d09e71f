package backend

import (
	"errors"
	"fmt"
)

// An Opener opens a device, or says why it cannot: kernels.Open, cpu.Open.
type Opener func() (Backend, error)

// Chosen is the backend that FirstOf picked.
type Chosen struct {
	Backend
	// Refused says why each backend tried before was not taken, in the order tried.
	Refused []error
}

// FirstOf opens the first backend that can be opened. When none can, the error holds the reason of each.
//
//	dev, err := backend.FirstOf(kernels.Open, cpu.Open)
func FirstOf(openers ...Opener) (*Chosen, error) {
	if len(openers) == 0 {
		return nil, errors.New("backend: FirstOf needs at least one backend")
	}
	var refused []error
	for _, open := range openers {
		b, err := open()
		if err == nil {
			return &Chosen{Backend: b, Refused: refused}, nil
		}
		refused = append(refused, err)
	}
	return nil, fmt.Errorf("backend: none of %d can be opened: %w", len(openers), errors.Join(refused...))
}

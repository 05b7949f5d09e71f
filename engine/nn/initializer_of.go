package nn

import "fmt"

// A BiasInitializer sets the initial bias of a Dense layer, by default zeros (Keras's bias_initializer): nn.BiasInitializer(nn.Constant(0.1)).
type BiasInitializer Initializer

func (i BiasInitializer) dense(l *dense) { l.biases = Initializer(i) }

// named says which variable an initializer was refused for.
func named(variable string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", variable, err)
}

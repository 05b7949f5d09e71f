package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// Pretraining says how Model.Pretrain trains the layers of a network.
type Pretraining struct {
	Layers    []string        // names of Dense layers, in their order; nil means all but the last
	Tied      bool            // the decoder has the transposed kernel of the layer (nn.Tied), and half as many weights to learn
	Loss      loss.Loss       // between a layer's inputs and what is made of them; nil means loss.MeanSquaredError
	Optimizer optim.Optimizer // nil means the model's
	Fit       Fit             // of each layer; its validation set is not used
}

// Pretrain trains Dense layers without labels, one after the other from the first on: each as the encoder of an autoencoder, which is to give back
// the layer's inputs, in inference mode, from its outputs (Hinton, Osindero and Teh, 2006; Bengio et al., 2007: greedy layer-wise training).
// The layer keeps what it has learned; the decoder, a Dense without activation, is thrown away. Then the model is trained with the
// labels there are. It returns the history of each layer. The set's labels are not used.
func (m *Model) Pretrain(ctx context.Context, set *data.Set, p Pretraining) ([]*History, error) {
	histories, err := m.pretrain(given(ctx), set, p)
	if err != nil {
		return histories, fmt.Errorf("engine: pretrain: %w", err)
	}
	return histories, nil
}

func (m *Model) pretrain(ctx context.Context, set *data.Set, p Pretraining) ([]*History, error) {
	if m.store == nil {
		return nil, errClosed
	}
	if err := m.checkSet(set, false); err != nil {
		return nil, err
	}
	if n := len(m.net.Inputs()); n != 1 {
		return nil, fmt.Errorf("the network has %d inputs, want 1", n)
	}
	layers, err := m.denseLayers(p.Layers)
	if err != nil {
		return nil, err
	}
	p.Fit.Validation = nil
	var histories []*History
	for _, l := range layers {
		h, err := m.pretrainLayer(ctx, set, l, p)
		if h != nil {
			histories = append(histories, h)
		}
		if err != nil {
			return histories, fmt.Errorf("layer %q: %w", l.Name, err)
		}
	}
	return histories, nil
}

// denseLayers finds the layers with the names, or all Dense ones but the last.
func (m *Model) denseLayers(names []string) ([]nn.Placed, error) {
	var dense []nn.Placed
	for _, l := range m.net.Layers() {
		if nn.TypeOf(l.Layer) == "Dense" {
			dense = append(dense, l)
		}
	}
	if names == nil {
		if len(dense) < 2 {
			return nil, fmt.Errorf("the network has %d Dense layers, want at least 2: all but the last are trained", len(dense))
		}
		return dense[:len(dense)-1], nil
	}
	var chosen []nn.Placed
	for _, name := range names {
		i := slices.IndexFunc(dense, func(l nn.Placed) bool { return l.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("no Dense layer %q", name)
		}
		chosen = append(chosen, dense[i])
	}
	return chosen, nil
}

// pretrainLayer trains one layer on its inputs.
func (m *Model) pretrainLayer(ctx context.Context, set *data.Set, l nn.Placed, p Pretraining) (_ *History, err error) {
	inputs, err := m.inputsOf(ctx, set, l)
	if err != nil {
		return nil, err
	}
	auto, err := m.autoencoder(l, p)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, auto.Close()) }()
	if _, err := auto.Adopt(m); err != nil {
		return nil, err
	}
	history, err := auto.Fit(ctx, inputs.Autoencoding(), p.Fit)
	if err != nil {
		return history, err
	}
	_, err = m.Adopt(auto)
	return history, err
}

// inputsOf returns what the layer gets for each example.
func (m *Model) inputsOf(ctx context.Context, set *data.Set, l nn.Placed) (*data.Set, error) {
	before, ok := m.net.Before(l.Name)
	if !ok { // it is the first
		return set.WithoutAnswers(), nil
	}
	rows, err := m.Activations(ctx, set, before)
	if err != nil {
		return nil, err
	}
	return &data.Set{Shape: l.In, Floats: slices.Concat(rows...)}, nil
}

// decoderName is that of the layer that is thrown away.
const decoderName = "decoder of the pretraining"

// autoencoder compiles a network of a copy of the layer, under its name, and a decoder.
func (m *Model) autoencoder(l nn.Placed, p Pretraining) (*Model, error) {
	encoder, err := nn.CopyOf(l)
	if err != nil {
		return nil, err
	}
	decoder := nn.Dense(l.In[0], nn.Name(decoderName))
	if p.Tied {
		decoder = nn.Tied(encoder, nn.Name(decoderName))
	}
	training := Training{Loss: p.Loss, Optimizer: p.Optimizer, Seed: m.training.Seed}
	if training.Loss == nil {
		training.Loss = loss.MeanSquaredError{}
	}
	if training.Optimizer == nil {
		training.Optimizer = m.training.Optimizer
	}
	return Compile(m.dev, nn.Sequential(nn.Input(l.In...), encoder, decoder), training)
}

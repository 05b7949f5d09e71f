package engine_test

import (
	"context"
	"fmt"
	"iter"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// Examples that are made while the network trains on those before: of y = 2x₀ − x₁, a hundred at a time.
func Example_stream() {
	stream := &data.Stream{Buffer: 500, Parts: func(_ context.Context, epoch int) iter.Seq2[*data.Set, error] {
		return func(yield func(*data.Set, error) bool) {
			for n := range 20 {
				part := &data.Set{Shape: []int{2}, TargetShape: []int{1}}
				for i := range 100 {
					x0, x1 := float32((7*i+n)%11)/11, float32((5*i+3*n)%13)/13
					part.Floats, part.Targets = append(part.Floats, x0, x1), append(part.Targets, 2*x0-x1)
				}
				if !yield(part, nil) {
					return
				}
			}
		}
	}}
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	model, err := engine.Compile(dev, nn.Sequential(nn.Input(2), nn.Dense(1)), engine.Training{Loss: loss.MeanSquaredError{}, Optimizer: optim.Adam{LearningRate: 0.05}})
	check(err)
	defer model.Close()
	history, err := model.Fit(context.Background(), stream, engine.Fit{Epochs: 8, BatchSize: 50})
	check(err)
	scores, err := model.Evaluate(context.Background(), stream)
	check(err)
	fmt.Printf("%d steps an epoch, loss below 1e-4: %v\n", history.Last().Steps, scores["loss"] < 1e-4)
	// Output: 40 steps an epoch, loss below 1e-4: true
}

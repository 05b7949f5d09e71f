package engine_test

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data/fashion"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
	"github.com/gradus-ml/gradus/kernels"
)

// Example trains a network to tell kinds of clothing apart. It is the example of README.md.
func Example() {
	dev, err := backend.FirstOf(kernels.Open, cpu.Open) // the GPU if there is one
	check(err)
	defer dev.Close()
	train, test, err := fashion.Load("") // the embedded subset; or a directory
	check(err)

	net := nn.Sequential(
		nn.Input(28, 28),
		nn.Flatten(),
		nn.BatchNorm(),
		nn.Dense(100, nn.ELU, nn.HeNormal),
		nn.BatchNorm(),
		nn.Dense(10, nn.Softmax),
	)
	model, err := engine.Compile(dev, net, engine.Training{
		Loss:      loss.SparseCategoricalCrossentropy{},
		Optimizer: optim.SGD{LearningRate: 0.01, Momentum: 0.9},
		Metrics:   []metric.Metric{metric.Accuracy{}},
		Seed:      42,
	})
	check(err)
	defer model.Close()
	_, err = model.Fit(context.Background(), train, engine.Fit{Epochs: 2, BatchSize: 32}) // Progress: os.Stdout shows a bar
	check(err)
	scores, err := model.Evaluate(context.Background(), test)
	check(err)
	fmt.Println("more than 4 of 5 are right:", scores["accuracy"] > 0.8)
	// Output: more than 4 of 5 are right: true
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

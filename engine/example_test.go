package engine_test

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
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

// A wide and deep network has two inputs. Here they are the first and the second half of the features; they could be anything about the
// same examples.
func Example_wideAndDeep() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	wide, deep := nn.Input(2), nn.Input(2)
	hidden := deep.To(nn.Dense(16, nn.ReLU, nn.HeNormal), nn.Dense(16, nn.ReLU, nn.HeNormal))
	net := nn.Functional([]*nn.Node{wide, deep}, nn.Merge(nn.Concatenate(), wide, hidden).To(nn.Dense(1)))
	model, err := engine.Compile(dev, net, engine.Training{
		Loss:      loss.MeanSquaredError{},
		Optimizer: optim.Adam{LearningRate: 0.01},
		Metrics:   []metric.Metric{metric.R2{}},
	})
	check(err)
	defer model.Close()

	set := &data.Set{Shape: []int{2}, Inputs: []data.Features{{Shape: []int{2}}}, TargetShape: []int{1}}
	for i := range 256 {
		a, b, c, d := float32(i%4), float32(i/4%4), float32(i/16%4), float32(i/64)
		set.Floats = append(set.Floats, a, b)
		set.Inputs[0].Floats = append(set.Inputs[0].Floats, c, d)
		set.Targets = append(set.Targets, a-b+c*d) // a line in the one, a product in the other
	}
	_, err = model.Fit(context.Background(), set, engine.Fit{Epochs: 100})
	check(err)
	scores, err := model.Evaluate(context.Background(), set)
	check(err)
	fmt.Println("explained:", scores["r2_score"] > 0.95)
	// Output: explained: true
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

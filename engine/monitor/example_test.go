package monitor_test

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/data/fashion"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/monitor"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// A page is a callback; it is there from Serve to Close, for any number of runs.
func ExampleServe() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	train, test, err := fashion.Load("")
	check(err)
	train, err = train.Slice(0, 640)
	check(err)
	net := nn.Sequential(nn.Input(28, 28), nn.Flatten(), nn.Dense(30, nn.ReLU), nn.Dense(10, nn.Softmax))
	model, err := engine.Compile(dev, net, engine.Training{Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: optim.Adam{}})
	check(err)
	defer model.Close()

	sample, err := train.Slice(0, 256)
	check(err)
	page, err := monitor.Serve(context.Background(), monitor.Options{Title: "Fashion-MNIST", Sample: sample})
	check(err)
	defer page.Close()
	fmt.Println("open", page.URL()[:len("http://127.0.0.1:")], "…")
	history, err := model.Fit(context.Background(), train, engine.Fit{Epochs: 2, Validation: test, Callbacks: []engine.Callback{page}})
	check(err)
	fmt.Println(len(history.Epochs), "epochs")
	// Output:
	// open http://127.0.0.1: …
	// 2 epochs
}

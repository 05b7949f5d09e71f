package engine_test

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/data/fashion"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

func training(o optim.Optimizer) engine.Training {
	return engine.Training{Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: o}
}

// The lower layers of a trained network are reused under a new head: first frozen, then at a tenth of the head's rate.
func ExampleModel_Adopt() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	images, _, err := fashion.Load("")
	check(err)
	images, err = images.Slice(0, 640)
	check(err)
	old, err := engine.Compile(dev, nn.Sequential(nn.Input(28, 28), nn.Flatten(), nn.Dense(50, nn.ELU, nn.HeNormal), nn.Dense(10, nn.Softmax)),
		training(optim.SGD{}))
	check(err)
	defer old.Close()
	_, err = old.Fit(context.Background(), images, engine.Fit{Epochs: 2})
	check(err)

	lower, err := old.Network().Lower("dense")
	check(err)
	layers := append([]nn.Layer{nn.Input(28, 28)}, lower...)
	net := nn.Sequential(append(layers, nn.Dense(10, nn.Softmax, nn.Name("head")))...)
	check(net.Freeze("dense"))
	slower := optim.Grouped{Optimizer: optim.Adam{}, Groups: []optim.Group{{Match: []string{"dense/*"}, Rate: 0.1, Optional: true}}}
	model, err := engine.Compile(dev, net, training(slower))
	check(err)
	defer model.Close()
	adopted, err := model.Adopt(old)
	check(err)
	fmt.Println("taken over:", adopted)
	_, err = model.Fit(context.Background(), images, engine.Fit{})
	check(err)
	check(model.Unfreeze("dense"))
	_, err = model.Fit(context.Background(), images, engine.Fit{})
	check(err)
	// Output: taken over: [dense/kernel dense/bias]
}

// A network that is to give back what it gets learns to say it shortly. The decoder has the encoder's kernel, transposed.
func Example_autoencoder() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	images, _, err := fashion.Load("")
	check(err)
	images, err = images.Slice(0, 640)
	check(err)
	encoder := nn.Dense(30, nn.SELU, nn.LeCunNormal, nn.Name("encoder"))
	auto, err := engine.Compile(dev, nn.Sequential(nn.Input(28, 28), nn.Flatten(), encoder, nn.Tied(encoder, nn.Sigmoid)),
		engine.Training{Loss: loss.BinaryCrossentropy{}, Optimizer: optim.Nadam{}})
	check(err)
	defer auto.Close()
	set := images.Autoencoding()
	set.TargetShape = []int{784} // the network's output is flat
	history, err := auto.Fit(context.Background(), set, engine.Fit{Epochs: 5})
	check(err)
	losses := history.Column("loss")
	fmt.Println("less is lost:", losses[4] < losses[0])
	codes, err := auto.Activations(context.Background(), images, "encoder")
	check(err)
	fmt.Println("an image in", len(codes[0]), "numbers")
	// Output:
	// less is lost: true
	// an image in 30 numbers
}

// Callbacks watch a training: here the log of a run whose learning rate is far too large.
func ExampleTerminateOnNaN() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	model, err := engine.Compile(dev, nn.Sequential(nn.Input(1), nn.Dense(1)),
		engine.Training{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{LearningRate: 1e5}})
	check(err)
	defer model.Close()
	set := &data.Set{Shape: []int{1}, Floats: []float32{1, 2, 3, 4}, Targets: []float32{2, 4, 6, 8}, TargetShape: []int{1}}
	history, err := model.Fit(context.Background(), set, engine.Fit{Epochs: 20, Callbacks: []engine.Callback{
		engine.TerminateOnNaN{},
		&engine.CSVLogger{W: io.Discard},
		engine.EpochFunc(func(_ *engine.Model, e engine.Epoch) error {
			if e.Number == 10 {
				return engine.Stop
			}
			return nil
		}),
	}})
	fmt.Println(len(history.Epochs) < 10, err != nil)
	// Output: true true
}

// The best weights so far are kept in memory, and given back at the end.
func ExampleCheckpoint() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	model, err := engine.Compile(dev, nn.Sequential(nn.Input(1), nn.Dense(1)), engine.Training{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{LearningRate: 0.1}})
	check(err)
	defer model.Close()
	set := &data.Set{Shape: []int{1}, Floats: []float32{-1, 0, 1}, Targets: []float32{-3, -1, 1}, TargetShape: []int{1}}
	var best []float32
	keep := &engine.Checkpoint{BestOnly: true, Save: func(m *engine.Model, _ engine.Epoch) (err error) {
		best, err = m.Value("dense/kernel")
		return err
	}}
	_, err = model.Fit(context.Background(), set, engine.Fit{Epochs: 100, Validation: set, Callbacks: []engine.Callback{keep}})
	check(err)
	last, err := model.Value("dense/kernel")
	check(err)
	fmt.Println("the best is the last:", slices.Equal(best, last))
	// Output: the best is the last: true
}

// Command transfer reuses the lower layers of a trained network, as the chapter does: network A learns eight kinds of
// clothing; network B has to tell the other two, T-shirts and pullovers, apart from 200 images. B is trained from scratch and on top of
// A's layers, first frozen, then all together, and tested on the same images. With so few images chance decides much:
// the experiment is made with several seeds, and the means are what counts.
//
//	go run ./examples/transfer
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

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

// The classes of task B, T-shirt/top and Pullover, and how many images of each it may learn from.
var classesB = []int{0, 2}

const instancesPerClass = 100

func main() {
	dir := flag.String("data", "", "`directory` of Fashion-MNIST; by default the embedded subset")
	epochs := flag.Int("epochs", 10, "passes of network A over its training set")
	runs := flag.Int("runs", 5, "how often to make the experiment, with seeds 1, 2 …")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *dir, *epochs, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "transfer:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, epochs, runs int) error {
	if epochs < 1 || runs < 1 {
		return fmt.Errorf("-epochs is %d and -runs %d, want at least 1", epochs, runs)
	}
	train, test, err := fashion.Load(dir)
	if err != nil {
		return err
	}
	tasks, err := divide(train, test)
	if err != nil {
		return err
	}
	dev, err := backend.FirstOf(kernels.Open, cpu.Open)
	if err != nil {
		return err
	}
	defer dev.Close()
	fmt.Println("training on", dev.Info())
	fmt.Println("test accuracy    A    B from scratch    B on A's layers")
	var mean [3]float64
	for seed := 1; seed <= runs; seed++ {
		e := experiment{ctx, dev, uint64(seed), tasks}
		accuracy, err := e.run(epochs)
		if err != nil {
			return err
		}
		fmt.Printf("seed %-8d %.4f %13.4f %17.4f\n", seed, accuracy[0], accuracy[1], accuracy[2])
		for i, v := range accuracy {
			mean[i] += v / float64(runs)
		}
	}
	fmt.Printf("mean          %.4f %13.4f %17.4f\n", mean[0], mean[1], mean[2])
	return nil
}

// tasks are the training and test sets of A and B.
type tasks struct{ trainA, testA, trainB, testB *data.Set }

// experiment is what all its parts need.
type experiment struct {
	ctx  context.Context
	dev  backend.Backend
	seed uint64
	tasks
}

// run makes the experiment once and returns the test accuracies of A, of B from scratch and of B on A's layers.
func (e experiment) run(epochs int) (accuracy [3]float64, err error) {
	a, err := e.compile(body(8), 0.01)
	if err != nil {
		return accuracy, err
	}
	defer a.Close()
	if accuracy[0], err = e.fit(a, e.trainA, e.testA, epochs); err != nil {
		return accuracy, err
	}
	if accuracy[1], err = e.scratch(); err != nil {
		return accuracy, err
	}
	accuracy[2], err = e.transfer(a)
	return accuracy, err
}

// hidden are the layers that B takes over from A.
func hidden() []nn.Layer {
	return []nn.Layer{nn.Flatten(), nn.Dense(100, nn.ReLU, nn.HeNormal), nn.Dense(100, nn.ReLU, nn.HeNormal), nn.Dense(100, nn.ReLU, nn.HeNormal)}
}

// body is a network of its own for so many classes.
func body(classes int) *nn.Network { return stack(hidden(), classes) }

func stack(lower []nn.Layer, classes int) *nn.Network {
	layers := append([]nn.Layer{nn.Input(28, 28)}, lower...)
	return nn.Sequential(append(layers, nn.Dense(classes, nn.Softmax, nn.Name("head")))...)
}

func (e experiment) compile(net *nn.Network, rate float32) (*engine.Model, error) {
	return engine.Compile(e.dev, net, engine.Training{
		Loss:      loss.SparseCategoricalCrossentropy{},
		Optimizer: optim.SGD{LearningRate: rate},
		Metrics:   []metric.Metric{metric.Accuracy{}},
		Seed:      e.seed,
	})
}

// fit trains and returns the test accuracy.
func (e experiment) fit(m *engine.Model, train, test *data.Set, epochs int) (float64, error) {
	if _, err := m.Fit(e.ctx, train, engine.Fit{Epochs: epochs}); err != nil {
		return 0, err
	}
	scores, err := m.Evaluate(e.ctx, test)
	return scores["accuracy"], err
}

func (e experiment) scratch() (float64, error) {
	m, err := e.compile(body(2), 0.001)
	if err != nil {
		return 0, err
	}
	defer m.Close()
	return e.fit(m, e.trainB, e.testB, 20)
}

// transfer puts a new head on A's layers, trains it alone for four epochs, then everything for sixteen.
func (e experiment) transfer(a *engine.Model) (float64, error) {
	lower, err := a.Network().Lower("dense_2")
	if err != nil {
		return 0, err
	}
	net := stack(lower, 2)
	if err := net.Freeze("dense", "dense_1", "dense_2"); err != nil {
		return 0, err
	}
	head, err := e.compile(net, 0.001)
	if err != nil {
		return 0, err
	}
	defer head.Close()
	if _, err := head.Adopt(a); err != nil {
		return 0, err
	}
	if _, err := e.fit(head, e.trainB, e.testB, 4); err != nil {
		return 0, err
	}
	if err := net.Unfreeze(net.Frozen()...); err != nil {
		return 0, err
	}
	all, err := e.compile(net, 0.001)
	if err != nil {
		return 0, err
	}
	defer all.Close()
	if _, err := all.Adopt(head); err != nil {
		return 0, err
	}
	return e.fit(all, e.trainB, e.testB, 16)
}

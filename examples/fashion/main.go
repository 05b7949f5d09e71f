// Command fashion trains the seed network of Gradus on Fashion-MNIST:
//
//	Flatten[28,28] → BatchNorm → Dense 300 ELU → BatchNorm → Dense 100 ELU → BatchNorm → Dense 10 softmax
//
// It prints a summary, the progress and the final test accuracy, and draws the learning curves.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
	"github.com/gradus-ml/gradus/engine/plot"
	"github.com/gradus-ml/gradus/kernels"
)

// options are the command's flags.
type options struct {
	backend string
	epochs  int
	batch   int
	seed    uint64
	data    string
	json    string
	plot    string
	save    string
	backup  string
}

func main() {
	o := options{}
	flag.StringVar(&o.backend, "backend", "auto", "`device` to train on: auto (a GPU if there is one), gpu (also a software driver), cpu")
	flag.IntVar(&o.epochs, "epochs", 10, "passes over the training set")
	flag.IntVar(&o.batch, "batch", 32, "examples of a step")
	flag.Uint64Var(&o.seed, "seed", 42, "seed of the initial weights and of the order of the examples")
	flag.StringVar(&o.data, "data", "", "`directory` with the four IDX files of Fashion-MNIST, or \"embedded\";\nby default the full set where Debian's dataset-fashion-mnist is installed, else the embedded subset")
	flag.StringVar(&o.json, "json", "", "`file` to write the results of every epoch to")
	flag.StringVar(&o.plot, "plot", "learning-curve.png", "`file` to draw the learning curves to, PNG, SVG or PDF; empty for none")
	flag.StringVar(&o.save, "save", "", "`file` to save the trained model to, for engine.Load")
	flag.StringVar(&o.backup, "backup", "", "`directory` for checkpoints: started again after a kill or Ctrl-C, the training goes on where it was")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "fashion: unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "fashion:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	sets, err := load(o.data)
	if err != nil {
		return err
	}
	dev, err := open(o.backend)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dev.Close()) }()
	for _, refused := range dev.Refused {
		fmt.Println("not used:", refused)
	}
	fmt.Printf("training on %v\n%s: %d examples to train, %d to validate, %d to test\n\n",
		dev.Info(), sets.from, sets.train.Len(), sets.validation.Len(), sets.test.Len())
	model, err := compile(dev, o.seed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(model.Close(), err) }()
	fmt.Println(model.Summary())
	return train(ctx, model, sets, o)
}

// check refuses flags out of range, and files that could not be written after the training.
func (o options) check() error {
	switch {
	case o.epochs < 1:
		return fmt.Errorf("-epochs is %d, want at least 1", o.epochs)
	case o.batch < 1:
		return fmt.Errorf("-batch is %d, want at least 1", o.batch)
	}
	for _, path := range []string{o.json, o.save} {
		if info, err := os.Stat(filepath.Dir(path)); path != "" && (err != nil || !info.IsDir()) {
			return fmt.Errorf("%s cannot be written: %s is no directory", path, filepath.Dir(path))
		}
	}
	return plot.CheckFile(o.plot)
}

// open opens the device that the flag asks for.
func open(name string) (*backend.Chosen, error) {
	switch name {
	case "auto":
		return backend.FirstOf(kernels.Open, cpu.Open)
	case "gpu":
		return backend.FirstOf(kernels.OpenAny)
	case "cpu":
		return backend.FirstOf(cpu.Open)
	}
	return nil, fmt.Errorf("-backend is %q, want auto, gpu or cpu", name)
}

// compile puts the seed network on the device.
func compile(dev backend.Backend, seed uint64) (*engine.Model, error) {
	net := nn.Sequential(
		nn.Input(28, 28),
		nn.Flatten(),
		nn.BatchNorm(),
		nn.Dense(300, nn.ELU, nn.HeNormal),
		nn.BatchNorm(),
		nn.Dense(100, nn.ELU, nn.HeNormal),
		nn.BatchNorm(),
		nn.Dense(10, nn.Softmax),
	)
	return engine.Compile(dev, net, engine.Training{
		Loss:      loss.SparseCategoricalCrossentropy{},
		Optimizer: optim.SGD{LearningRate: 0.01, Momentum: 0.9},
		Metrics:   []metric.Metric{metric.Accuracy{}},
		Seed:      seed,
	})
}

// train fits the model, tests it, and writes what was asked for. Ctrl-C ends the training early; what there is by then
// is tested and written all the same.
func train(ctx context.Context, model *engine.Model, sets datasets, o options) error {
	history, err := model.Fit(ctx, sets.train, engine.Fit{
		Epochs: o.epochs, BatchSize: o.batch, Validation: sets.validation, Progress: os.Stdout, Callbacks: o.callbacks(),
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	if err != nil {
		fmt.Printf("interrupted in epoch %d\n", max(1, history.Last().Number))
	}
	scores, err := model.Evaluate(context.WithoutCancel(ctx), sets.test)
	if err != nil {
		return err
	}
	fmt.Printf("\ntest loss: %.4f - test accuracy: %.4f\n", scores["loss"], scores["accuracy"])
	r := report(model, sets, o, history, scores)
	if o.save != "" {
		err = model.Save(o.save)
	}
	return errors.Join(err, r.writeJSON(o.json), drawCurves(history, o.plot))
}

// backupSteps is how many steps are made between two checkpoints.
const backupSteps = 100

// callbacks keep checkpoints, if they are asked for.
func (o options) callbacks() []engine.Callback {
	if o.backup == "" {
		return nil
	}
	return []engine.Callback{&engine.BackupAndRestore{Dir: o.backup, EverySteps: backupSteps}}
}

// datasets are the three parts of Fashion-MNIST.
type datasets struct {
	from                    string
	train, validation, test *data.Set
}

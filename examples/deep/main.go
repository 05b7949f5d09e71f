// Command deep trains networks of 20 hidden layers on Fashion-MNIST in the ways of the chapter and compares them: He initialisation with Swish,
// the same with batch normalisation, SELU, SELU with alpha dropout, the last with Monte Carlo dropout, and SELU by one cycle of learning rates up
// to what a range test allows. It also draws that test, and how large the gradients are in each layer before training, for sigmoid with Glorot initialisation, ELU with He initialisation, and batch
// normalisation.
//
//	go run ./examples/deep
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data/fashion"
	"github.com/gradus-ml/gradus/engine/plot"
	"github.com/gradus-ml/gradus/kernels"
)

// options are the command's flags.
type options struct {
	backend    string
	data, plot string
	rates      string
	rangeSteps int
	epochs     int
	layers     int
	units      int
	seed       uint64
}

func main() {
	o := options{}
	flag.StringVar(&o.backend, "backend", "auto", "`device` to train on: auto (a GPU if there is one), gpu (also a software driver), cpu")
	flag.StringVar(&o.data, "data", "", "`directory` of Fashion-MNIST; by default the embedded subset")
	flag.StringVar(&o.plot, "plot", "gradients.png", "`file` to draw the gradients to, PNG, SVG or PDF; empty for none")
	flag.StringVar(&o.rates, "rates", "rates.png", "`file` to draw the learning rate test to, PNG, SVG or PDF; empty for none")
	flag.IntVar(&o.rangeSteps, "range-steps", 500, "steps of the learning rate test")
	flag.IntVar(&o.epochs, "epochs", 5, "passes over the training set")
	flag.IntVar(&o.layers, "layers", 20, "hidden layers")
	flag.IntVar(&o.units, "units", 100, "units of a hidden layer")
	flag.Uint64Var(&o.seed, "seed", 42, "seed of everything random")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "deep:", err)
		os.Exit(1)
	}
}

func (o options) check() error {
	if o.epochs < 1 || o.layers < 1 || o.units < 1 {
		return fmt.Errorf("-epochs is %d, -layers %d and -units %d, want at least 1", o.epochs, o.layers, o.units)
	}
	if o.rangeSteps < 2 {
		return fmt.Errorf("-range-steps is %d, want at least 2", o.rangeSteps)
	}
	return errors.Join(plot.CheckFile(o.plot), plot.CheckFile(o.rates))
}

func run(ctx context.Context, o options) error {
	if err := o.check(); err != nil {
		return err
	}
	all, test, err := fashion.Load(o.data)
	if err != nil {
		return err
	}
	train, validation, err := all.Split(0.9, o.seed)
	if err != nil {
		return err
	}
	dev, err := open(o.backend)
	if err != nil {
		return err
	}
	defer dev.Close()
	fmt.Printf("%d hidden layers of %d units on %v\n\n", o.layers, o.units, dev.Info())
	x := &experiment{options: o, ctx: ctx, dev: dev, train: train, validation: validation, test: test}
	x.mean, x.variance = train.Moments()
	if err := x.compare(); err != nil {
		return err
	}
	return x.gradients()
}

func open(name string) (backend.Backend, error) {
	switch name {
	case "auto":
		return backend.FirstOf(kernels.Open, cpu.Open)
	case "gpu":
		return kernels.OpenAny()
	case "cpu":
		return cpu.Open()
	}
	return nil, fmt.Errorf("-backend is %q, want auto, gpu or cpu", name)
}

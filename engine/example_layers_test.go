package engine_test

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// centre is a layer of one's own: y = x − c, where c is learned, one for each feature.
type centre struct{ at *graph.Variable }

func (l *centre) Build(b *nn.Builder, in []int) ([]int, error) {
	if len(in) != 1 {
		return nil, b.Errorf(l, "input is %v, want one axis", in)
	}
	l.at = b.Variable("at", in, true, nn.Zeros)
	return in, nil
}

func (l *centre) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	minus := graph.WeightedSum(r, -1, r.Variable(l.at), 0, r.Variable(l.at))
	return graph.Bias(r, x, minus)
}

// A layer of one's own is two methods, made of the functions of package graph; the gradient is derived, and nothing is registered.
func Example_ownLayer() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	set := &data.Set{Shape: []int{1}, Floats: []float32{3, 5, 9}, TargetShape: []int{1}, Targets: []float32{1, 3, 7}}
	model, _ := trained(dev, nn.Sequential(nn.Input(1), &centre{}), engine.Training{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{LearningRate: 0.2}},
		set, engine.Fit{Epochs: 30})
	defer model.Close()
	at, err := model.Value("centre/at")
	check(err)
	fmt.Printf("%.3f\n", at)
	// Output: [2.000]
}

// Batches that do not fit the device's memory are taken in parts whose gradients are added up: the update is the same.
func ExampleFit_microBatch() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	set := &data.Set{Shape: []int{1}, TargetShape: []int{1}}
	for i := range 64 {
		x := float32(i)/32 - 1
		set.Floats, set.Targets = append(set.Floats, x), append(set.Targets, 3*x-1)
	}
	for _, part := range []int{0, 4} {
		model, scores := trained(dev, nn.Sequential(nn.Input(1), nn.Dense(1)), engine.Training{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{LearningRate: 0.1}},
			set, engine.Fit{Epochs: 20, BatchSize: 32, MicroBatch: part})
		fmt.Printf("%.4f\n", scores["loss"])
		check(model.Close())
	}
	// Output:
	// 0.0146
	// 0.0146
}

// Features on different scales are standardised by a layer that knows the training set's moments.
func ExampleModel_normalization() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	train := &data.Set{Shape: []int{2}, Floats: []float32{1, 1000, 2, 3000, 3, 2000}, TargetShape: []int{1}, Targets: []float32{1, 2, 3}}
	net := nn.Sequential(nn.Input(2), nn.Normalization(train.Moments()), nn.Dense(4, nn.ELU, nn.HeNormal), nn.LayerNorm(), nn.Dense(1))
	model, scores := trained(dev, net, engine.Training{Loss: loss.MeanSquaredError{}, Optimizer: optim.Adam{LearningRate: 0.05}, Seed: 1}, train, engine.Fit{Epochs: 100})
	defer model.Close()
	fmt.Println(scores["loss"] < 0.01)
	// Output: true
}

// Each example is in the validation set of one of the folds.
func ExampleModel_crossValidation() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	set := &data.Set{Shape: []int{1}}
	for i := range 60 {
		set.Floats, set.Labels = append(set.Floats, float32(i%2)*2-1+float32(i)/100), append(set.Labels, i%2)
	}
	folds, err := set.KFold(3, 42)
	check(err)
	for _, fold := range folds {
		model, _ := trained(dev, nn.Sequential(nn.Input(1), nn.Dense(2, nn.Softmax)), engine.Training{Loss: loss.SparseCategoricalCrossentropy{},
			Optimizer: optim.SGD{LearningRate: 0.5}}, fold.Train, engine.Fit{Epochs: 20, BatchSize: 8})
		scores, err := model.Evaluate(context.Background(), fold.Validation)
		check(err)
		fmt.Println(fold.Validation.Len(), scores["loss"] < 0.3)
		check(model.Close())
	}
	// Output:
	// 20 true
	// 20 true
	// 20 true
}

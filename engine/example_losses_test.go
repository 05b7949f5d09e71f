package engine_test

import (
	"context"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// trained trains a network on a set and returns its scores.
func trained(dev backend.Backend, net *nn.Network, training engine.Training, set *data.Set, fit engine.Fit) (*engine.Model, engine.Scores) {
	model, err := engine.Compile(dev, net, training)
	check(err)
	_, err = model.Fit(context.Background(), set, fit)
	check(err)
	scores, err := model.Evaluate(context.Background(), set)
	check(err)
	return model, scores
}

// Numbers are learned from targets in place of labels.
func Example_regression() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	set := &data.Set{Shape: []int{1}, TargetShape: []int{1}}
	for i := range 64 {
		x := float32(i)/32 - 1
		set.Floats, set.Targets = append(set.Floats, x), append(set.Targets, 3*x-1)
	}
	model, scores := trained(dev, nn.Sequential(nn.Input(1), nn.Dense(1)), engine.Training{
		Loss:      loss.Huber{},
		Optimizer: optim.SGD{LearningRate: 0.2},
		Metrics:   []metric.Metric{metric.R2{}, metric.MeanAbsoluteError{}},
	}, set, engine.Fit{Epochs: 100})
	defer model.Close()
	fmt.Printf("R2 %.3f, off by %.3f\n", scores["r2_score"], scores["mean_absolute_error"])
	// Output: R2 1.000, off by 0.000
}

// One output with a sigmoid tells classes 0 and 1 apart. What is rare counts more with a class weight.
func Example_binaryClassification() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	set := &data.Set{Shape: []int{1}}
	for i := range 64 {
		set.Floats, set.Labels = append(set.Floats, float32(i)/32-1), append(set.Labels, i/48)
	}
	model, scores := trained(dev, nn.Sequential(nn.Input(1), nn.Dense(1, nn.Sigmoid)), engine.Training{
		Loss:      loss.BinaryCrossentropy{},
		Optimizer: optim.SGD{LearningRate: 1},
		Metrics:   []metric.Metric{metric.Recall{}, metric.AUC{}},
	}, set, engine.Fit{Epochs: 50, ClassWeight: map[int]float32{1: 3}})
	defer model.Close()
	fmt.Printf("recall %.2f, area under the curve %.2f\n", scores["recall"], scores["auc"])
	// Output: recall 1.00, area under the curve 1.00
}

// The matrix has a row for each class and a column for each answer of the network.
func ExampleModel_ConfusionMatrix() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	set := &data.Set{Shape: []int{1}, Floats: []float32{-3, -2, -1, 1, 2, 3}, Labels: []int{0, 0, 0, 1, 1, 1}}
	model, _ := trained(dev, nn.Sequential(nn.Input(1), nn.Dense(2, nn.Softmax)), engine.Training{
		Loss:      loss.CategoricalCrossentropy{LabelSmoothing: 0.1},
		Optimizer: optim.SGD{LearningRate: 0.5},
	}, set, engine.Fit{Epochs: 50})
	defer model.Close()
	matrix, err := model.ConfusionMatrix(context.Background(), set)
	check(err)
	fmt.Println(matrix)
	// Output: [[3 0] [0 3]]
}

// bias is a metric of one's own: Σ(y − t)/Σt over all examples, of a network with one output.
type bias struct{}

func (bias) Name() string { return "bias" }

// Record returns y − t and t of each example, which are added up over the batches.
func (bias) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	t := graph.Targets(r, y, answers)
	return graph.Concatenate(r, 1, graph.WeightedSum(r, 1, y, -1, t), t)
}

// Result makes the score of the sums.
func (bias) Result(sums []float64, examples int) float64 { return sums[0] / sums[1] }

// A metric that is not a mean over the examples is a Summary: it returns several sums, and makes the score of them.
func Example_ownMetric() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	set := &data.Set{Shape: []int{1}, Floats: []float32{1, 2}, Targets: []float32{3, 6}, TargetShape: []int{1}}
	model, scores := trained(dev, nn.Sequential(nn.Input(1), nn.Dense(1, nn.NoBias)), engine.Training{
		Loss:      loss.MeanSquaredError{},
		Optimizer: optim.SGD{LearningRate: 0.1},
		Metrics:   []metric.Metric{bias{}},
	}, set, engine.Fit{Epochs: 100})
	defer model.Close()
	fmt.Println("nearly none:", math.Abs(scores["bias"]) < 1e-3)
	// Output: nearly none: true
}

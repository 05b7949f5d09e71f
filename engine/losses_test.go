package engine

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/optim"
)

// passing is a model of n features whose outputs are its inputs.
func passing(t *testing.T, dev backend.Backend, n int, l loss.Loss, metrics ...metric.Metric) *Model {
	t.Helper()
	net := nn.Sequential(nn.Input(n), nn.Dense(n, nn.NoBias))
	m, err := Compile(dev, net, Training{Loss: l, Optimizer: optim.SGD{}, Metrics: metrics})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, m.Close()) })
	identity := make([]float32, n*n)
	for i := range n {
		identity[i*n+i] = 1
	}
	require.NoError(t, m.SetValue("dense/kernel", identity))
	return m
}

func predicted(predictions []float32, n int, targets []float32, labels []int) *data.Set {
	set := &data.Set{Shape: []int{n}, Floats: predictions, Labels: labels}
	if targets != nil {
		set.Targets, set.TargetShape = targets, []int{n}
	}
	return set
}

// The values are those of the examples in Keras's documentation of each class, where it has one.
func TestLosses(t *testing.T) {
	coarse := []float32{0, 1, 0, 0}
	unsure, logits := []float32{0.6, 0.4, 0.4, 0.6}, []float32{-18.6, 0.51, 2.94, -12.8}
	classes, oneHot := []float32{0.05, 0.95, 0, 0.1, 0.8, 0.1}, []float32{0, 1, 0, 0, 0, 1}
	smoothed := -(0.8*math.Log(0.8)+0.1*math.Log(0.1)+0.1*math.Log(0.1))/2 - (0.1*math.Log(0.8)+0.8*math.Log(0.1)+0.1*math.Log(0.1))/2
	for _, row := range []struct {
		name    string
		loss    loss.Loss
		n       int
		outputs []float32
		targets []float32
		labels  []int
		want    float64
		delta   float64
	}{
		{"mse", loss.MeanSquaredError{}, 2, []float32{1, 1, 1, 0}, coarse, nil, 0.5, 1e-6},
		{"mae", loss.MeanAbsoluteError{}, 2, []float32{1, 1, 1, 0}, coarse, nil, 0.5, 1e-6},
		{"mape", loss.MeanAbsolutePercentageError{}, 2, []float32{1, 1, 1, 0}, []float32{2, 1, 2, 3}, nil, 50, 1e-4},
		{"msle", loss.MeanSquaredLogarithmicError{}, 2, []float32{1, 1, 1, 0}, coarse, nil, 0.240, 5e-4},
		{"huber", loss.Huber{}, 2, unsure, coarse, nil, 0.155, 5e-4},
		{"huber, beyond delta", loss.Huber{Delta: 0.5}, 1, []float32{3}, []float32{1}, nil, 0.5*2 - 0.125, 1e-6},
		{"log-cosh", loss.LogCosh{}, 2, []float32{1, 1, 0, 0}, coarse, nil, 0.108, 5e-4},
		{"poisson", loss.Poisson{}, 2, []float32{1, 1, 0, 0}, coarse, nil, 0.5, 1e-5},
		{"cosine", loss.CosineSimilarity{}, 2, []float32{1, 0, 1, 1}, []float32{0, 1, 1, 1}, nil, -0.5, 1e-6},
		{"kl", loss.KLDivergence{}, 2, unsure, coarse, nil, 0.458, 5e-4},
		{"binary", loss.BinaryCrossentropy{FromLogits: true}, 1, logits, coarse, nil, 0.8654, 5e-4},
		{"binary of labels", loss.BinaryCrossentropy{FromLogits: true}, 1, logits, nil, []int{0, 1, 0, 0}, 0.8654, 5e-4},
		{"binary of probabilities", loss.BinaryCrossentropy{}, 2, unsure, coarse, nil,
			-(math.Log(0.4) + math.Log(0.4) + math.Log(0.6) + math.Log(0.4)) / 4, 1e-6},
		{"binary, smoothed", loss.BinaryCrossentropy{LabelSmoothing: 0.2}, 1, []float32{0.6}, []float32{1}, nil, -0.9*math.Log(0.6) - 0.1*math.Log(0.4), 1e-6},
		{"binary focal", loss.BinaryFocalCrossentropy{FromLogits: true}, 1, logits, coarse, nil, 0.691, 5e-4},
		{"binary focal, balanced", loss.BinaryFocalCrossentropy{FromLogits: true, Alpha: 0.25}, 1, logits, coarse, nil, 0.51, 5e-3},
		{"categorical", loss.CategoricalCrossentropy{FromProbabilities: true}, 3, classes, oneHot, nil, 1.177, 5e-4},
		{"categorical of labels", loss.CategoricalCrossentropy{FromProbabilities: true}, 3, classes, nil, []int{1, 2}, 1.177, 5e-4},
		{"categorical of logits, smoothed", loss.CategoricalCrossentropy{FromLogits: true, LabelSmoothing: 0.3}, 3,
			[]float32{float32(math.Log(0.8)), float32(math.Log(0.1)), float32(math.Log(0.1)), float32(math.Log(0.8)), float32(math.Log(0.1)), float32(math.Log(0.1))},
			[]float32{1, 0, 0, 0, 1, 0}, nil, smoothed, 1e-6},
		{"sparse", loss.SparseCategoricalCrossentropy{FromProbabilities: true}, 3, classes, nil, []int{1, 2}, 1.177, 5e-4},
		{"sparse of logits", loss.SparseCategoricalCrossentropy{FromLogits: true}, 2, []float32{1, 3}, nil, []int{0}, math.Log1p(math.Exp(2)), 1e-6},
		{"categorical focal", loss.CategoricalFocalCrossentropy{FromProbabilities: true}, 3, classes, oneHot, nil, 0.23315276, 1e-6},
		{"hinge", loss.Hinge{}, 2, unsure, []float32{-1, 1, -1, -1}, nil, 1.3, 1e-6},
		{"hinge of labels", loss.Hinge{}, 1, unsure, nil, []int{0, 1, 0, 0}, 1.3, 1e-6},
		{"squared hinge", loss.Hinge{Squared: true}, 2, unsure, []float32{-1, 1, -1, -1}, nil, 1.86, 1e-6},
		{"categorical hinge", loss.CategoricalHinge{}, 2, unsure, coarse, nil, 1.4, 1e-6},
	} {
		for _, device := range devices {
			t.Run(row.name+" "+device.name, func(t *testing.T) {
				m := passing(t, device.open(t), row.n, row.loss)
				scores, err := m.Evaluate(context.Background(), predicted(row.outputs, row.n, row.targets, row.labels))
				require.NoError(t, err)
				assert.InDelta(t, row.want, scores["loss"], row.delta)
			})
		}
	}
}

// Most values are those of the examples in Keras's documentation.
func TestMetrics(t *testing.T) {
	mixed := predicted([]float32{1, 0, 1, 1}, 1, []float32{0, 1, 1, 1}, nil)
	for _, row := range []struct {
		name   string
		metric metric.Metric
		set    *data.Set
		want   float64
	}{
		{"accuracy", metric.Accuracy{}, predicted([]float32{0.1, 0.6, 0.3, 0.05, 0.95, 0}, 3, nil, []int{2, 1}), 0.5},
		{"accuracy of targets", metric.Accuracy{}, predicted([]float32{0.1, 0.9, 0.8, 0.05, 0.95, 0}, 3, []float32{0, 0, 1, 0, 1, 0}, nil), 0.5},
		{"accuracy of one output", metric.Accuracy{}, predicted([]float32{0.98, 1, 0, 0.6}, 1, nil, []int{1, 1, 0, 0}), 0.75},
		{"binary accuracy", metric.BinaryAccuracy{}, predicted([]float32{0.98, 1, 0, 0.6}, 1, []float32{1, 1, 0, 0}, nil), 0.75},
		{"binary accuracy of logits", metric.BinaryAccuracy{FromLogits: true, Threshold: 0.7}, predicted([]float32{1, 0.5, -3, 0}, 1, nil, []int{1, 1, 0, 0}), 0.75},
		{"best of two", metric.TopKCategoricalAccuracy{K: 2}, predicted([]float32{0.1, 0.9, 0.8, 0.05, 0.9, 0}, 3, nil, []int{2, 2}), 0.5},
		{"precision", metric.Precision{}, mixed, 2. / 3},
		{"precision of nothing", metric.Precision{}, predicted([]float32{0}, 1, nil, []int{1}), 0},
		{"recall", metric.Recall{}, mixed, 2. / 3},
		{"recall at 0.9", metric.Recall{Threshold: 0.9}, predicted([]float32{0.8, 0.95, 0.2}, 1, nil, []int{1, 1, 0}), 0.5},
		{"f1", metric.F1{}, predicted([]float32{0.9, 0.8, 0.7, 0.1}, 1, nil, []int{1, 0, 1, 1}), 4. / 6},
		{"f1 of classes", metric.F1{}, predicted([]float32{0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0}, 3, nil, []int{2, 0, 1, 1}), (2./3 + 2./3 + 1) / 3},
		{"auc", metric.AUC{}, predicted([]float32{0, 0.5, 0.3, 0.9}, 1, nil, []int{0, 0, 1, 1}), 0.75},
		{"auc of logits", metric.AUC{FromLogits: true}, predicted([]float32{-30, 0, -0.8, 2}, 1, nil, []int{0, 0, 1, 1}), 0.75},
		{"auc of a perfect curve", metric.AUC{PR: true}, predicted([]float32{0.1, 0.2, 0.8, 0.9}, 1, nil, []int{0, 0, 1, 1}), 1},
		{"mae", metric.MeanAbsoluteError{}, predicted([]float32{1, 1, 0, 0}, 2, []float32{0, 1, 0, 0}, nil), 0.25},
		{"mse", metric.MeanSquaredError{}, predicted([]float32{1, 1, 0, 0}, 2, []float32{0, 1, 0, 0}, nil), 0.25},
		{"rmse", metric.RootMeanSquaredError{}, predicted([]float32{1, 1, 0, 0}, 2, []float32{0, 1, 0, 0}, nil), 0.5},
		{"r2", metric.R2{}, predicted([]float32{2, 4, 4}, 1, []float32{1, 4, 3}, nil), 0.57142854},
		{"r2 of two outputs, one constant", metric.R2{}, predicted([]float32{2, 1, 4, 1, 4, 1}, 2, []float32{1, 1, 4, 1, 3, 1}, nil), 0.57142854 / 2},
	} {
		for _, device := range devices {
			t.Run(row.name+" "+device.name, func(t *testing.T) {
				m := passing(t, device.open(t), row.set.Shape[0], loss.MeanSquaredError{}, row.metric)
				scores, err := m.Evaluate(context.Background(), row.set)
				require.NoError(t, err)
				assert.InDelta(t, row.want, scores[row.metric.Name()], 2e-6)
			})
		}
	}
}

// The area under precision and recall is that of the curve on which true positives are interpolated between neighbouring thresholds,
// integrated here step by step.
func TestPrecisionRecallCurve(t *testing.T) {
	predictions, labels := []float32{0.9, 0.8, 0.7, 0.6, 0.55, 0.4, 0.3, 0.2}, []int{1, 0, 1, 1, 0, 0, 1, 0}
	want, tp, p := 0.0, 0.0, 0.0
	for i := range predictions {
		const pieces = 20_000
		for range pieces {
			next := float64(labels[i]) / pieces
			p += 1. / pieces
			tp += next
			want += next * (tp - next/2) / (p - 0.5/pieces) / 4
		}
	}
	m := passing(t, backendtest.NewOracle(), 1, loss.MeanSquaredError{}, metric.AUC{PR: true})
	scores, err := m.Evaluate(context.Background(), predicted(predictions, 1, nil, labels))
	require.NoError(t, err)
	assert.InDelta(t, want, scores["auc"], 1e-6)
}

// An example of weight 2 counts as much as two.
func TestWeights(t *testing.T) {
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			fit := func(set *data.Set, f Fit) ([]float32, Scores) {
				m, err := Compile(dev, plain(), smallTraining())
				require.NoError(t, err)
				defer m.Close()
				f.InOrder, f.BatchSize = true, set.Len()
				_, err = m.Fit(context.Background(), set, f)
				require.NoError(t, err)
				kernel, err := m.Value("dense/kernel")
				require.NoError(t, err)
				scores, err := m.Evaluate(context.Background(), set)
				require.NoError(t, err)
				return kernel, scores
			}
			set := blobs(12)
			byExample := *set
			for i := range 12 {
				byExample.Weights = append(byExample.Weights, []float32{1, 1, 3}[set.Labels[i]])
			}
			kernel, scores := fit(&byExample, Fit{})
			byClass, plainScores := fit(set, Fit{ClassWeight: map[int]float32{2: 3}})
			assert.Equal(t, kernel, byClass)
			assert.Less(t, plainScores["loss"], scores["loss"], "class weights are for training alone")
			assert.Equal(t, plainScores["accuracy"], scores["accuracy"], "metrics are not weighted")
			unweighted, _ := fit(set, Fit{})
			assert.NotEqual(t, kernel, unweighted)
		})
	}
}

// A line is found from numbers, and two classes are told apart by one output.
func TestRegressionLearns(t *testing.T) {
	line := &data.Set{Shape: []int{1}, TargetShape: []int{1}}
	binary := &data.Set{Shape: []int{1}}
	for i := range 64 {
		x := float32(i)/32 - 1
		line.Floats, line.Targets = append(line.Floats, x), append(line.Targets, 3*x-1)
		binary.Floats, binary.Labels = append(binary.Floats, x), append(binary.Labels, i/32)
	}
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			m, err := Compile(dev, nn.Sequential(nn.Input(1), nn.Dense(1)), Training{Loss: loss.Huber{}, Optimizer: optim.SGD{LearningRate: 0.2, Momentum: 0.5},
				Metrics: []metric.Metric{metric.R2{}}})
			require.NoError(t, err)
			defer m.Close()
			history, err := m.Fit(context.Background(), line, Fit{Epochs: 60, BatchSize: 16})
			require.NoError(t, err)
			assert.Greater(t, history.Last().Scores["r2_score"], 0.999)
			bias, err := m.Value("dense/bias")
			require.NoError(t, err)
			assert.InDelta(t, -1, bias[0], 0.01)

			m, err = Compile(dev, nn.Sequential(nn.Input(1), nn.Dense(1, nn.Sigmoid)), Training{Loss: loss.BinaryCrossentropy{}, Optimizer: optim.SGD{LearningRate: 1},
				Metrics: []metric.Metric{metric.Accuracy{}, metric.AUC{}}})
			require.NoError(t, err)
			defer m.Close()
			history, err = m.Fit(context.Background(), binary, Fit{Epochs: 40, BatchSize: 16})
			require.NoError(t, err)
			assert.Greater(t, history.Last().Scores["accuracy"], 0.95)
			assert.Greater(t, history.Last().Scores["auc"], 0.99)
		})
	}
}

// ownLoss is a loss of a user's own, and ownMetric a metric that is not a mean.
type (
	ownLoss   struct{ loss.MeanSquaredError }
	ownMetric struct{ metric.MeanSquaredError }
)

func (ownLoss) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor { return y }
func (ownMetric) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return graph.Combine(r, ops.Product, y, y)
}

func TestLossesRefused(t *testing.T) {
	dev := backendtest.NewOracle()
	three := func() *nn.Network { return nn.Sequential(nn.Input(2), nn.Dense(3)) }
	for name, row := range map[string]struct {
		loss   loss.Loss
		metric metric.Metric
		text   string
	}{
		"label smoothing":     {loss.CategoricalCrossentropy{FromLogits: true, LabelSmoothing: 1.5}, nil, "categorical_crossentropy: label smoothing is 1.5, want 0 to 1"},
		"a negative delta":    {loss.Huber{Delta: -1}, nil, "huber: delta is -1"},
		"alpha":               {loss.BinaryFocalCrossentropy{Alpha: 2}, nil, "binary_focal_crossentropy: alpha is 2, want 0 to 1"},
		"gamma":               {loss.CategoricalFocalCrossentropy{FromLogits: true, Gamma: -1}, nil, "categorical_focal_crossentropy: gamma is -1"},
		"no softmax":          {loss.CategoricalCrossentropy{}, nil, "does not end in Softmax"},
		"both":                {loss.SparseCategoricalCrossentropy{FromLogits: true, FromProbabilities: true}, nil, "both set"},
		"a loss per output":   {ownLoss{}, nil, "mean_squared_error: 6 values for 2 examples"},
		"a threshold":         {loss.MeanSquaredError{}, metric.Precision{Threshold: 2}, "precision: the threshold is 2, want 0 to 1"},
		"k":                   {loss.MeanSquaredError{}, metric.TopKCategoricalAccuracy{}, "top_k_categorical_accuracy: K is 0, want 1 to 3"},
		"sums without Result": {loss.MeanSquaredError{}, ownMetric{}, "mean_squared_error: 3 sums and no method Result"},
	} {
		t.Run(name, func(t *testing.T) {
			tr := Training{Loss: row.loss, Optimizer: optim.SGD{}}
			if row.metric != nil {
				tr.Metrics = []metric.Metric{row.metric}
			}
			_, err := Compile(dev, three(), tr)
			assert.ErrorContains(t, err, row.text)
		})
	}
	sparse, err := Compile(dev, three(), Training{Loss: loss.SparseCategoricalCrossentropy{FromLogits: true}, Optimizer: optim.SGD{}})
	require.NoError(t, err)
	defer sparse.Close()
	_, err = sparse.Evaluate(context.Background(), &data.Set{Shape: []int{2}, Floats: []float32{1, 2}, Targets: []float32{1, 0, 0}, TargetShape: []int{3}})
	assert.ErrorContains(t, err, "the data set has targets, want labels")
	squared := passing(t, dev, 2, loss.MeanSquaredError{})
	for name, row := range map[string]struct {
		set  data.Set
		fit  Fit
		text string
	}{
		"targets of another shape": {data.Set{Targets: []float32{1}, TargetShape: []int{1}}, Fit{}, "targets are [1], want [2]"},
		"too few targets":          {data.Set{Targets: []float32{1}, TargetShape: []int{2}}, Fit{}, "1 targets of shape [2] for 1 examples"},
		"both":                     {data.Set{Targets: []float32{1, 2}, TargetShape: []int{2}, Labels: []int{1}}, Fit{}, "both Labels and Targets"},
		"NaN":                      {data.Set{Targets: []float32{1, float32(math.NaN())}, TargetShape: []int{2}}, Fit{}, "target 1 of example 0 is NaN"},
		"neither":                  {data.Set{}, Fit{}, "0 labels for 1 examples"},
		"too many weights":         {data.Set{Labels: []int{1}, Weights: []float32{1, 1}}, Fit{}, "2 weights for 1 examples"},
		"a negative weight":        {data.Set{Labels: []int{1}, Weights: []float32{-1}}, Fit{}, "the weight of example 0 is -1"},
		"a class that is not":      {data.Set{Labels: []int{1}}, Fit{ClassWeight: map[int]float32{2: 1}}, "class weight of class 2, want 0 to 1"},
		"a weight that is not":     {data.Set{Labels: []int{1}}, Fit{ClassWeight: map[int]float32{1: -1}}, "the weight of class 1 is -1"},
		"weights of no classes":    {data.Set{Targets: []float32{1, 2}, TargetShape: []int{2}}, Fit{ClassWeight: map[int]float32{1: 1}}, "for a set without labels"},
		"answers of two outputs":   {data.Set{Labels: []int{1}, Outputs: []data.Answers{{Labels: []int{1}}}}, Fit{}, "answers for 2 outputs, want at most 1"},
	} {
		t.Run(name, func(t *testing.T) {
			row.set.Shape, row.set.Floats = []int{2}, []float32{1, 2}
			_, err := squared.Fit(context.Background(), &row.set, row.fit)
			assert.ErrorContains(t, err, row.text)
		})
	}
}

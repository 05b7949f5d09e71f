package plot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/data/fashion"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
	"github.com/gradus-ml/gradus/engine/plot"
)

// valley is a curve that falls and explodes.
func valley() *engine.RateCurve {
	c := &engine.RateCurve{Turning: 0.1, Suggested: 0.01}
	for i := range 100 {
		rate := math.Pow(10, float64(i)/20-4)
		loss := 2/(1+100*rate) + rate*rate*rate
		c.Rates, c.Losses, c.Smoothed = append(c.Rates, rate), append(c.Losses, loss), append(c.Smoothed, loss)
	}
	return c
}

func spoiled() *engine.RateCurve {
	c := valley()
	c.Losses[99], c.Smoothed[99] = math.NaN(), math.Inf(1)
	return c
}

// history has n epochs, with validation or without.
func history(n int, validation bool, rate func(epoch int) float64) *engine.History {
	h := &engine.History{}
	for i := range n {
		x := float64(i + 1)
		e := engine.Epoch{Number: i + 1, LearningRate: rate(i), Scores: engine.Scores{"loss": 1/x + 0.2, "accuracy": 1 - 0.5/x}}
		if validation {
			e.Validation = engine.Scores{"loss": 1/x + 0.3 + 0.01*x, "accuracy": 0.95 - 0.5/x}
		}
		h.Epochs = append(h.Epochs, e)
	}
	return h
}

func steady(int) float64 { return 0.01 }

func diverged() *engine.History {
	h := history(3, true, steady)
	h.Epochs[2].Scores["loss"], h.Epochs[1].Validation["loss"] = math.NaN(), math.Inf(1)
	return h
}

// deep is a diagnosis of n layers whose gradients shrink by a factor.
func deep(n int, factor float64) *engine.Diagnosis {
	d := &engine.Diagnosis{}
	for i := range n {
		d.Layers = append(d.Layers, engine.LayerDiagnosis{Name: fmt.Sprintf("dense_%d", i), Type: "Dense", WeightGradient: math.Pow(factor, float64(n-i))},
			engine.LayerDiagnosis{Name: "norm", Type: "BatchNormalization", WeightGradient: 1e9})
	}
	return d
}

func images(shape ...int) *data.Set {
	set := &data.Set{Shape: shape, Labels: []int{0, 1, 2}, Names: []string{"one", "two", "a name that is long, very long"}}
	for i := range 3 * set.Features() {
		set.Floats = append(set.Floats, float32(i%7)-3)
	}
	return set
}

func bytesOf(set *data.Set) *data.Set {
	set.Bytes, set.Floats = make([]uint8, len(set.Floats)), nil
	return set
}

var outputs = [][]float32{{0.5, 0.25, 0.25}, {0.9, 0.05, 0.05}, {-1, 2, 0}}

// Every figure is drawn in every format, also of what is awkward.
func TestFigures(t *testing.T) {
	many := make([][]int, 40)
	for i := range many {
		many[i] = make([]int, 40)
		many[i][i] = i
	}
	for name, f := range map[string]func() *plot.Figure{
		"rates: a valley":              func() *plot.Figure { return plot.RateCurve(valley()) },
		"rates: the end is not finite": func() *plot.Figure { return plot.RateCurve(spoiled()) },
		"rates: one step": func() *plot.Figure {
			return plot.RateCurve(&engine.RateCurve{Rates: []float64{1e-5}, Losses: []float64{2}, Smoothed: []float64{2}, Turning: 1e-5, Suggested: 1e-6})
		},
		"rates: constant": func() *plot.Figure {
			return plot.RateCurve(&engine.RateCurve{Rates: []float64{1e-5, 1}, Losses: []float64{0, 0}, Smoothed: []float64{0, 0}, Turning: 1e-5, Suggested: 1e-6})
		},
		"curves":                func() *plot.Figure { return plot.LearningCurves(history(10, true, steady)) },
		"curves: one epoch":     func() *plot.Figure { return plot.LearningCurves(history(1, true, steady)) },
		"curves: no validation": func() *plot.Figure { return plot.LearningCurves(history(100, false, steady)) },
		"curves: a schedule": func() *plot.Figure {
			return plot.LearningCurves(history(10, true, func(i int) float64 { return math.Pow(2, -float64(i)) }))
		},
		"curves: diverged":       func() *plot.Figure { return plot.LearningCurves(diverged()) },
		"gradients: one network": func() *plot.Figure { return plot.Gradients(plot.Case{"one", deep(5, 0.9)}) },
		"gradients: deep": func() *plot.Figure {
			return plot.Gradients(plot.Case{"one", deep(20, 0.9)}, plot.Case{"two", deep(20, 0.3)})
		},
		"gradients: all alike":            func() *plot.Figure { return plot.Gradients(plot.Case{"one", deep(1, 1)}) },
		"confusion: named":                func() *plot.Figure { return plot.ConfusionMatrix([][]int{{3, 1}, {0, 0}}, []string{"cat", "dog"}) },
		"confusion: forty classes":        func() *plot.Figure { return plot.ConfusionMatrix(many, nil) },
		"predictions: grey":               func() *plot.Figure { return plot.Predictions(images(4, 6), outputs) },
		"predictions: colour":             func() *plot.Figure { return plot.Predictions(images(4, 6, 3), outputs) },
		"predictions: bytes, one channel": func() *plot.Figure { return plot.Predictions(bytesOf(images(4, 6, 1)), outputs) },
	} {
		t.Run(name, func(t *testing.T) {
			for format, begins := range map[string]string{"png": "\x89PNG", "svg": "<?xml", "pdf": "%PDF"} {
				file := filepath.Join(t.TempDir(), "x."+strings.ToUpper(format))
				require.NoError(t, f().Save(file))
				content, err := os.ReadFile(file)
				require.NoError(t, err)
				assert.True(t, bytes.HasPrefix(content, []byte(begins)), format)
				if format == "png" {
					picture, err := png.Decode(bytes.NewReader(content))
					require.NoError(t, err)
					assert.Greater(t, picture.Bounds().Dx(), 400)
					assert.Greater(t, picture.Bounds().Dy(), 200)
				}
			}
		})
	}
}

// The text of a figure says what it shows.
func TestWords(t *testing.T) {
	text := func(f *plot.Figure) string {
		var out bytes.Buffer
		require.NoError(t, f.Write(&out, "svg"))
		return out.String()
	}
	for _, row := range []struct {
		figure *plot.Figure
		words  []string
	}{
		{plot.LearningCurves(history(3, true, steady)), []string{">loss<", ">accuracy<", ">epoch<", ">training<", ">validation<"}},
		{plot.LearningCurves(history(3, false, func(i int) float64 { return 1 / float64(1+i) })), []string{">learning rate<", ">training<"}},
		{plot.RateCurve(valley()), []string{">learning rate<", ">loss<", ">suggested, 0.01<", ">turning, 0.1<", ">1e-4<"}},
		{plot.Gradients(plot.Case{"He, ELU", deep(3, 0.5)}, plot.Case{"sigmoid", deep(3, 0.1)}), []string{">He, ELU<", ">sigmoid<", ">root mean square of the gradient<"}},
		{plot.ConfusionMatrix([][]int{{37, 1}, {0, 2}}, []string{"cat", "dog"}), []string{">cat<", ">37<", ">true class<", ">predicted class<", "39 of 40 right (97.5%)"}},
		{plot.Predictions(images(4, 6), outputs), []string{">one 50%<", ">is two<", ">two<", ">is a name that is long, very long<"}},
	} {
		svg := text(row.figure)
		for _, word := range row.words {
			assert.Contains(t, svg, word)
		}
	}
	assert.NotContains(t, text(plot.LearningCurves(history(3, false, steady))), ">validation<")
	assert.NotContains(t, text(plot.LearningCurves(history(3, true, steady))), ">learning rate<")
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestRefused(t *testing.T) {
	for name, row := range map[string]struct {
		figure *plot.Figure
		text   string
	}{
		"no steps":            {plot.RateCurve(&engine.RateCurve{}), "plot: learning rate test: no steps"},
		"no curve":            {plot.RateCurve(nil), "no steps"},
		"no epochs":           {plot.LearningCurves(&engine.History{}), "plot: learning curves: the history has no epochs"},
		"nothing finite":      {plot.LearningCurves(&engine.History{Epochs: []engine.Epoch{{Scores: engine.Scores{"loss": math.NaN()}}}}), "no score is a finite number"},
		"no networks":         {plot.Gradients(), "plot: gradients by depth: no networks"},
		"no diagnosis":        {plot.Gradients(plot.Case{"one", nil}), "one has no diagnosis"},
		"no gradient":         {plot.Gradients(plot.Case{"one", &engine.Diagnosis{}}), "one has no gradient"},
		"no classes":          {plot.ConfusionMatrix(nil, nil), "plot: confusion matrix: no classes"},
		"names for others":    {plot.ConfusionMatrix([][]int{{1}}, []string{"a", "b"}), "2 names for 1 classes"},
		"not square":          {plot.ConfusionMatrix([][]int{{1, 2}}, nil), "row 0 has 2 columns, want 1"},
		"no images":           {plot.Predictions(images(24), outputs), "an example is [24], want [height width]"},
		"outputs for others":  {plot.Predictions(images(4, 6), outputs[:2]), "2 outputs for 3 examples"},
		"an empty set":        {plot.Predictions(nil, nil), "the set is empty"},
		"no size":             {&plot.Figure{}, "size is 0 by 0 inches"},
		"outputs of one unit": {plot.Predictions(images(4, 6), [][]float32{{1}, {1}, {1}}), "output 0 has 1 numbers"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "x.png")
			assert.ErrorContains(t, row.figure.Save(file), row.text)
			assert.NoFileExists(t, file)
		})
	}
	fine := plot.RateCurve(valley())
	assert.ErrorContains(t, fine.Write(full{}, "png"), "the disk is full")
	assert.ErrorContains(t, fine.Save("x.gif"), `plot: learning rate test: format is "gif", want one of png, svg, pdf (x.gif)`)
	assert.ErrorContains(t, fine.Save("/nowhere/x.png"), "/nowhere/x.png")
}

func TestCheckFile(t *testing.T) {
	assert.NoError(t, plot.CheckFile(""))
	assert.NoError(t, plot.CheckFile(filepath.Join(t.TempDir(), "x.PDF")))
	assert.ErrorContains(t, plot.CheckFile("x.gif"), `plot: x.gif: format is "gif", want one of png, svg, pdf`)
	assert.ErrorContains(t, plot.CheckFile("/nowhere/x.png"), "/nowhere is no directory")
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func Example() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	train, test, err := fashion.Load("")
	check(err)
	net := nn.Sequential(nn.Input(28, 28), nn.Flatten(), nn.BatchNorm(), nn.Dense(30, nn.ELU, nn.HeNormal), nn.Dense(10, nn.Softmax))
	model, err := engine.Compile(dev, net, engine.Training{Loss: loss.SparseCategoricalCrossentropy{},
		Optimizer: optim.SGD{LearningRate: 0.02}, Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 1})
	check(err)
	defer model.Close()
	dir, err := os.MkdirTemp("", "")
	check(err)
	defer os.RemoveAll(dir)
	ctx := context.Background()

	rates, err := model.FindLearningRate(ctx, train, engine.RangeTest{Steps: 50})
	check(err)
	check(plot.RateCurve(rates).Save(filepath.Join(dir, "rates.png")))

	diagnosis, err := model.Diagnose(ctx, test)
	check(err)
	check(plot.Gradients(plot.Case{"ELU, He", diagnosis}).Save(filepath.Join(dir, "gradients.pdf")))

	history, err := model.Fit(ctx, train, engine.Fit{Epochs: 2, Validation: test})
	check(err)
	check(plot.LearningCurves(history).Save(filepath.Join(dir, "curves.svg")))

	confusion, err := model.ConfusionMatrix(ctx, test)
	check(err)
	check(plot.ConfusionMatrix(confusion, test.Names).Save(filepath.Join(dir, "confusion.png")))

	some, err := test.Slice(0, 24)
	check(err)
	outputs, err := model.Predict(ctx, some)
	check(err)
	check(plot.Predictions(some, outputs).Save(filepath.Join(dir, "predictions.png")))

	files, err := os.ReadDir(dir)
	check(err)
	for _, f := range files {
		fmt.Println(f.Name())
	}
	// Output:
	// confusion.png
	// curves.svg
	// gradients.pdf
	// predictions.png
	// rates.png
}

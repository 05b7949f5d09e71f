package engine

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
	"github.com/gradus-ml/gradus/engine/random"
)

// pictures are n images of 6 × 5 of two classes: bright at the top, or at the bottom.
func pictures(n int) *data.Set {
	s, set := random.NewStream(3, 0), &data.Set{Shape: []int{6, 5, 1}}
	for i := range n {
		for p := range 30 {
			v := 60 + s.IntN(40)
			if p < 15 == (i%2 == 0) {
				v += 100
			}
			set.Bytes = append(set.Bytes, byte(v))
		}
		set.Labels = append(set.Labels, i%2)
	}
	return set
}

func augmenting(t testing.TB, dev backend.Backend, seed uint64, layers ...nn.Layer) *Model {
	t.Helper()
	tr := smallTraining()
	tr.Seed, tr.Optimizer = seed, optim.SGD{LearningRate: 0.05}
	all := append([]nn.Layer{nn.Input(6, 5, 1)}, layers...)
	m, err := Compile(dev, nn.Sequential(append(all, nn.Flatten(), nn.Dense(2, nn.Softmax))...), tr)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, m.Close()) })
	return m
}

func everything() []nn.Layer {
	return []nn.Layer{nn.RandomFlip(nn.Horizontal), nn.RandomTranslation(0.2, 0.2, nn.FillNearest), nn.RandomCrop(5, 4), nn.Cutout(2)}
}

// Every backend draws the same; the seed decides; and a stream sees what its set does.
func TestAugmentationRepeats(t *testing.T) {
	losses := func(t *testing.T, dev backend.Backend, seed uint64, source data.Source) []float64 {
		h, err := augmenting(t, dev, seed, everything()...).Fit(context.Background(), source, Fit{Epochs: 2, BatchSize: 8, InOrder: true})
		require.NoError(t, err)
		return append(h.Epochs[0].StepLosses, h.Epochs[1].StepLosses...)
	}
	want := losses(t, backendtest.NewOracle(), 1, pictures(50))
	assert.NotEqual(t, want[:7], want[7:], "each epoch is another")
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			got := losses(t, dev, 1, pictures(50))
			near(t, "loss", got, want, 1e-4)
			assert.Equal(t, got, losses(t, dev, 1, streamed(pictures(50), 7, 16)))
			assert.NotEqual(t, got, losses(t, dev, 2, pictures(50)))
		})
	}
}

// Scores and predictions are those of the images as they are; of RandomCrop, of their middle.
func TestValidationIsNotAugmented(t *testing.T) {
	dev := backendtest.NewOracle()
	bare, changed := augmenting(t, dev, 1), augmenting(t, dev, 1, nn.RandomFlip(nn.HorizontalAndVertical), nn.RandomTranslation(0.5, 0.5), nn.Cutout(3))
	want, err := bare.Predict(context.Background(), pictures(20))
	require.NoError(t, err)
	got, err := changed.Predict(context.Background(), pictures(20))
	require.NoError(t, err)
	assert.Equal(t, want, got)
	scores, err := bare.Evaluate(context.Background(), pictures(20))
	require.NoError(t, err)
	again, err := changed.Evaluate(context.Background(), pictures(20))
	require.NoError(t, err)
	assert.Equal(t, scores, again)
	cropped, err := augmenting(t, dev, 1, nn.RandomCrop(2, 3)).Activations(context.Background(), pictures(1), "random_crop")
	require.NoError(t, err)
	for i := range 2 {
		for j := range 3 {
			assert.InDelta(t, float64(pictures(1).Bytes[(i+2)*5+j+1])/255, cropped[0][i*3+j], 1e-6)
		}
	}
}

// Over many draws every flip and shift comes as often as the others, nothing is lost, and squares are 0.
func TestAugmentationStatistics(t *testing.T) {
	dev := backendtest.NewOracle()
	m := augmenting(t, dev, 5)
	r := graph.NewRecorder(m.store, graph.Training)
	x := r.Input(false, 2000, 1, 5)
	var image []float32
	for range 2000 {
		image = append(image, 1, 2, 3, 4, 5)
	}
	require.NoError(t, backend.Upload(dev, x.Value(), image))
	layer := nn.RandomTranslation(0, 0.2, nn.FillConstant)
	net := nn.Sequential(nn.Input(1, 5), nn.RandomFlip(nn.Horizontal), layer, nn.Flatten(), nn.Dense(1))
	require.NoError(t, net.Err())
	y := layer.Forward(r, net.Layers()[0].Layer.Forward(r, x))
	r.Keep(y)
	step, err := r.Compile()
	require.NoError(t, err)
	require.NoError(t, step.Run(1))
	got, counts := make([]float32, 2000*5), map[[5]float32]int{}
	require.NoError(t, backend.Download(dev, got, y.Value()))
	for i := range 2000 {
		counts[[5]float32(got[5*i:])]++
	}
	want := [][5]float32{{1, 2, 3, 4, 5}, {0, 1, 2, 3, 4}, {2, 3, 4, 5, 0}, {5, 4, 3, 2, 1}, {0, 5, 4, 3, 2}, {4, 3, 2, 1, 0}}
	assert.Len(t, counts, len(want))
	for _, w := range want {
		assert.InDelta(t, 2000.0/6, counts[w], 5*17, "%v", w)
	}
}

func TestAugmentationRefused(t *testing.T) {
	for _, row := range []struct {
		layers []nn.Layer
		want   string
	}{
		{[]nn.Layer{nn.Flatten(), nn.RandomFlip(nn.Horizontal)}, "input is [30], want [height width] or [height width channels]"},
		{[]nn.Layer{nn.RandomFlip(9)}, "unknown flip mode 9"},
		{[]nn.Layer{nn.RandomTranslation(1.5, 0)}, "height is 1.5 and width 0, want shares of 0 to 1"},
		{[]nn.Layer{nn.RandomTranslation(0.1, 0.1, 9)}, "unknown fill mode FillMode(9)"},
		{[]nn.Layer{nn.RandomCrop(7, 5)}, "a part of 7 × 5 of an image of 6 × 5"},
		{[]nn.Layer{nn.RandomCrop(0, 5)}, "a part of 0 × 5"},
		{[]nn.Layer{nn.Cutout(0)}, "size is 0, want 1 to 6"},
		{[]nn.Layer{nn.BatchNorm(), nn.RandomFlip(nn.Vertical)}, "layers before it are trained"},
	} {
		_, err := Compile(backendtest.NewOracle(), nn.Sequential(append(append([]nn.Layer{nn.Input(6, 5, 1)}, row.layers...), nn.Flatten(), nn.Dense(2, nn.Softmax))...), smallTraining())
		assert.ErrorContains(t, err, row.want)
	}
}

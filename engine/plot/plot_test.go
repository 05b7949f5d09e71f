package plot_test

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine"
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

func TestRateCurve(t *testing.T) {
	spoiled := valley()
	spoiled.Losses[99], spoiled.Smoothed[99] = math.NaN(), math.Inf(1)
	for name, c := range map[string]*engine.RateCurve{
		"a valley": valley(), "the end is not finite": spoiled,
		"one step": {Rates: []float64{1e-5}, Losses: []float64{2}, Smoothed: []float64{2}, Turning: 1e-5, Suggested: 1e-6},
		"constant": {Rates: []float64{1e-5, 1}, Losses: []float64{0, 0}, Smoothed: []float64{0, 0}, Turning: 1e-5, Suggested: 1e-6},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, plot.RateCurve(&out, c))
			picture, err := png.Decode(&out)
			require.NoError(t, err)
			assert.Greater(t, picture.Bounds().Dx(), 500)
			assert.Greater(t, picture.Bounds().Dy(), 300)
		})
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestRateCurveFails(t *testing.T) {
	assert.ErrorContains(t, plot.RateCurve(full{}, valley()), "plot: the disk is full")
	assert.ErrorContains(t, plot.RateCurve(&bytes.Buffer{}, &engine.RateCurve{}), "plot: learning rate test: no steps")
}

func ExampleRateCurve() {
	var out bytes.Buffer // or a file
	err := plot.RateCurve(&out, valley())
	fmt.Println(err, bytes.HasPrefix(out.Bytes(), []byte("\x89PNG")))
	// Output: <nil> true
}

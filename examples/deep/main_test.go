package main

import (
	"context"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A small and short run goes through every part.
func TestRun(t *testing.T) {
	o := options{backend: "cpu", epochs: 1, layers: 4, units: 20, seed: 1, plot: filepath.Join(t.TempDir(), "out.png"), rates: filepath.Join(t.TempDir(), "rates.png"), rangeSteps: 60}
	require.NoError(t, run(context.Background(), o))
	for _, name := range []string{o.plot, o.rates} {
		picture, err := os.Open(name)
		require.NoError(t, err)
		defer picture.Close()
		_, err = png.Decode(picture)
		assert.NoError(t, err)
	}
}

func TestRefused(t *testing.T) {
	valid := options{backend: "cpu", epochs: 1, layers: 1, units: 1, rangeSteps: 2}
	for _, row := range []struct {
		spoil func(o *options)
		text  string
	}{
		{func(o *options) { o.epochs = 0 }, "-epochs is 0"},
		{func(o *options) { o.layers = -3 }, "-layers -3"},
		{func(o *options) { o.backend = "tpu" }, `-backend is "tpu"`},
		{func(o *options) { o.data = "/nowhere" }, "/nowhere has neither"},
		{func(o *options) { o.rangeSteps = 1 }, "-range-steps is 1"},
		{func(o *options) { o.rates = "/nowhere/out.png" }, "/nowhere is no directory"},
		{func(o *options) { o.plot = "/nowhere/out.png" }, "/nowhere is no directory"},
	} {
		o := valid
		row.spoil(&o)
		assert.ErrorContains(t, run(context.Background(), o), row.text)
	}
}

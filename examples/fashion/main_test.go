package main

import (
	"context"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A short run writes what its flags ask for.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	o := options{backend: "cpu", epochs: 2, batch: 100, seed: 1, data: "embedded",
		json: filepath.Join(dir, "out.json"), plot: filepath.Join(dir, "out.png")}
	require.NoError(t, run(context.Background(), o))
	text, err := os.ReadFile(o.json)
	require.NoError(t, err)
	var r results
	require.NoError(t, json.Unmarshal(text, &r))
	assert.Equal(t, "cpu", r.Backend)
	assert.NotEmpty(t, r.Device)
	require.Len(t, r.Epochs, 2)
	assert.Greater(t, *r.Epochs[1].ValAccuracy, 0.75)
	assert.Positive(t, r.Epochs[1].StepsPerSecond)
	assert.Greater(t, *r.TestAccuracy, 0.75)
	picture, err := os.Open(o.plot)
	require.NoError(t, err)
	defer picture.Close()
	_, err = png.Decode(picture)
	assert.NoError(t, err)
}

func TestRefused(t *testing.T) {
	valid := options{backend: "cpu", epochs: 1, batch: 32, data: "embedded"}
	for name, row := range map[string]struct {
		spoil func(o *options)
		text  string
	}{
		"an unknown backend":  {func(o *options) { o.backend = "tpu" }, `-backend is "tpu", want auto, gpu or cpu`},
		"no epochs":           {func(o *options) { o.epochs = 0 }, "-epochs is 0"},
		"a negative batch":    {func(o *options) { o.batch = -1 }, "-batch is -1"},
		"a batch too large":   {func(o *options) { o.batch = 1 << 20 }, "batch size is 1048576, want at most 9167"},
		"no such directory":   {func(o *options) { o.data = "/nowhere" }, "/nowhere has neither"},
		"json to a directory": {func(o *options) { o.json = "/nowhere/out.json" }, "/nowhere"},
		"plot to a directory": {func(o *options) { o.plot = "/nowhere/out.png" }, "/nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			o := valid
			row.spoil(&o)
			assert.ErrorContains(t, run(context.Background(), o), row.text)
		})
	}
}

// Interrupted before it began, a run still tests and reports.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	o := options{backend: "cpu", epochs: 1, batch: 32, data: "embedded", json: filepath.Join(t.TempDir(), "out.json")}
	require.NoError(t, run(ctx, o))
	assert.FileExists(t, o.json)
}

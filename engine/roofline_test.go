package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/kernels"
)

func TestRoofline(t *testing.T) {
	for name, open := range map[string]backend.Opener{"cpu": cpu.Open, "gpu": kernels.OpenAny, "oracle": backendtest.OpenOracle} {
		t.Run(name, func(t *testing.T) {
			dev, err := open()
			if err != nil {
				t.Skipf("NOT TESTED: %v", err)
			}
			defer dev.Close()
			m := compileSmall(t, dev)
			defer m.Close()
			before, err := m.weights()
			require.NoError(t, err)
			r, err := m.Roofline(context.Background(), blobs(40), 16)
			require.NoError(t, err)
			t.Logf("\n%v", r)
			after, err := m.weights()
			require.NoError(t, err)
			assert.Equal(t, before, after, "the model stays as it is")
			checkRoofline(t, r, name != "oracle")
		})
	}
}

func checkRoofline(t *testing.T, r *Roofline, roofed bool) {
	sum, products := 0.0, 0
	for _, o := range r.Operations {
		sum += o.Share
		assert.Positive(t, o.Time, "%s of %s", o.Operation, o.Part)
		assert.NotEmpty(t, o.Part)
		if strings.HasPrefix(o.Operation, "matmul") {
			products++
			assert.Positive(t, o.GFLOPs())
			assert.Positive(t, o.GBs())
		}
		assert.Equal(t, roofed, o.Bound != UnknownBound)
		assert.Equal(t, roofed, o.Limit > 0)
	}
	assert.InDelta(t, 1, sum, 1e-9)
	assert.Greater(t, products, 3)
	assert.Positive(t, r.Step.Time)
	assert.Equal(t, 16, r.BatchSize)
	assert.Equal(t, len(r.Operations)+4, strings.Count(r.String(), "\n"))
}

// What bounds an operation is the longest of three times.
func TestRooflineBounds(t *testing.T) {
	r := Roofline{Roof: backend.Roof{FLOPs: 1e9, Copies: []backend.Copy{{Bytes: 1, PerSecond: 1e9}}}, Dispatch: 10}
	for _, c := range []struct {
		flops, bytes int64
		bound        Bound
		limit        float64
	}{{100, 50, ArithmeticBound, 0.5}, {50, 100, MemoryBound, 0.5}, {1, 1, DispatchBound, 0.05}} {
		o := Timed{Time: 200, Cost: backend.Cost{FLOPs: c.flops, Bytes: c.bytes}}
		r.measure(&o, 400)
		assert.Equal(t, c.bound, o.Bound)
		assert.InDelta(t, c.limit, o.Limit, 1e-9)
		assert.InDelta(t, 0.5, o.Share, 1e-9)
	}
}

func TestRooflineRefused(t *testing.T) {
	dev := backendtest.NewOracle()
	m := compileSmall(t, dev)
	_, err := m.Roofline(context.Background(), blobs(4), -1)
	assert.ErrorContains(t, err, "engine: roofline: ")
	_, err = m.Roofline(context.Background(), blobs(4), 16)
	assert.ErrorContains(t, err, "engine: roofline: ")
	_, err = m.Roofline(context.Background(), nil, 16)
	assert.ErrorContains(t, err, "engine: roofline: ")
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = m.Roofline(ended, blobs(40), 16)
	assert.ErrorIs(t, err, context.Canceled)
	require.NoError(t, m.Close())
	_, err = m.Roofline(context.Background(), blobs(40), 16)
	assert.ErrorIs(t, err, errClosed)
}

// Where the time of a step goes, and what would have to be faster.
func ExampleModel_Roofline() {
	dev, err := cpu.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dev.Close()
	model, err := Compile(dev, small(), smallTraining())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer model.Close()
	report, err := model.Roofline(context.Background(), blobs(64), 32)
	if err != nil {
		fmt.Println(err)
		return
	}
	first := report.Operations[0] // fmt.Println(report) prints all, with times
	fmt.Println(first.Operation, "of", first.Part)
	// Output: gather of the batch
}

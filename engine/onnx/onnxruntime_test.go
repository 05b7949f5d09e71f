package onnx_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/onnx"
	"github.com/gradus-ml/gradus/engine/optim"
	"github.com/gradus-ml/gradus/engine/random"
)

var table = flag.Bool("table", false, "print how far onnxruntime is from Predict on each network")

// tensor is what run.js reads and writes.
type tensor struct {
	Dims []int     `json:"dims"`
	Data []float32 `json:"data"`
}

type job struct {
	Model  string            `json:"model"`
	Inputs map[string]tensor `json:"inputs"`
	want   map[string]tensor
	name   string
}

// compile makes a model with numbers of all kinds in its variables.
func compile(t *testing.T, net *nn.Network) *engine.Model {
	dev, err := cpu.Open()
	require.NoError(t, err)
	m, err := engine.Compile(dev, net, engine.Training{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{LearningRate: 0.1}, Seed: 5})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, m.Close()); assert.NoError(t, dev.Close()) })
	for i, v := range m.Variables() {
		values, err := m.Value(v.Name)
		require.NoError(t, err)
		s := random.NewStream(7, uint64(i))
		for j := range values {
			if strings.HasSuffix(v.Name, "variance") {
				values[j] = 0.1 + 3*s.Float32()
			} else if !strings.HasSuffix(v.Name, "kernel") {
				values[j] = float32(s.Normal())
			}
		}
		require.NoError(t, m.SetValue(v.Name, values))
	}
	return m
}

// examples are normal inputs for the network.
func examples(net *nn.Network, n int, deviation float32) *data.Set {
	var features []data.Features
	for i, shape := range net.Inputs() {
		f := data.Features{Shape: shape}
		s := random.NewStream(11, uint64(i))
		for range n * f.Size() {
			f.Floats = append(f.Floats, deviation*float32(s.Normal()))
		}
		features = append(features, f)
	}
	return &data.Set{Shape: features[0].Shape, Floats: features[0].Floats, Inputs: features[1:]}
}

// inputs are what each network is run on: how many examples, of which deviation, and how far the results may be apart. The last reach where functions
// saturate: there one rounding of an argument near 80 is 8e-6, of which an exponential makes a difference in proportion.
var inputs = []struct {
	examples  int
	deviation float32
	tolerance float64
}{{1, 2, 1e-5}, {9, 2, 1e-5}, {33, 100, 1e-4}}

// newJobs exports a model and predicts all inputs.
func newJobs(t *testing.T, file, name string, m *engine.Model) []job {
	require.NoError(t, onnx.Save(file, m), name)
	var jobs []job
	for _, in := range inputs {
		jobs = append(jobs, job{file, map[string]tensor{}, map[string]tensor{}, name})
		jobs[len(jobs)-1].predict(t, m, in.examples, in.deviation)
	}
	return jobs
}

func (j job) predict(t *testing.T, m *engine.Model, n int, deviation float32) {
	net, set := m.Network(), examples(m.Network(), n, deviation)
	for i, f := range set.AllInputs() {
		name := "input_layer"
		if i > 0 {
			name = fmt.Sprintf("input_layer_%d", i)
		}
		j.Inputs[name] = tensor{append([]int{n}, f.Shape...), f.Floats}
	}
	outputs, err := m.PredictAll(context.Background(), set)
	require.NoError(t, err)
	for i, name := range net.OutputNames() {
		j.want[name] = tensor{append([]int{n}, net.OutputShapes()[i]...), slices.Concat(outputs[i]...)}
	}
}

// onnxruntime runs the jobs in one process of node, or skips the test.
func onnxruntime(t *testing.T, jobs []job) []map[string]json.RawMessage {
	modules, err := filepath.Abs("../../.tools/node_modules")
	require.NoError(t, err)
	path := modules + string(os.PathListSeparator) + os.Getenv("NODE_PATH")
	env := append(os.Environ(), "NODE_PATH="+path)
	probe := exec.Command("node", "-e", "require('onnxruntime-node')")
	probe.Env = env
	if err := probe.Run(); err != nil {
		t.Skip("NOT TESTED: exported networks were not run: node or onnxruntime-node is missing (make tools)")
	}
	input, err := json.Marshal(jobs)
	require.NoError(t, err)
	node := exec.Command("node", "testdata/run.js")
	node.Env, node.Stdin, node.Stderr = env, bytes.NewReader(input), os.Stderr
	output, err := node.Output()
	require.NoError(t, err)
	var results []map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(output, &results))
	require.Len(t, results, len(jobs))
	return results
}

// models are those of all networks, and some without the BatchNorm that could be fused.
func models(t *testing.T) (names []string, list []*engine.Model) {
	for _, row := range networks() {
		require.NoError(t, row.net.Err(), row.name)
		m := compile(t, row.net)
		names, list = append(names, row.name), append(list, m)
		if !slices.ContainsFunc(row.net.Layers(), func(p nn.Placed) bool { return nn.TypeOf(p.Layer) == "BatchNormalization" }) {
			continue
		}
		fused, _, err := m.Fuse(context.Background(), examples(row.net, 3, 1))
		require.NoError(t, err, row.name)
		t.Cleanup(func() { assert.NoError(t, fused.Close()) })
		names, list = append(names, row.name+", fused"), append(list, fused)
	}
	return names, list
}

// Every layer, option and activation function gives in onnxruntime what it gives in Predict, to 1e-5 of 1 and the number together where inputs are
// of ordinary size.
func TestOnnxruntime(t *testing.T) {
	dir := t.TempDir()
	var jobs []job
	names, list := models(t)
	for i, m := range list {
		jobs = append(jobs, newJobs(t, filepath.Join(dir, fmt.Sprintf("%d.onnx", i)), names[i], m)...)
	}
	results := onnxruntime(t, jobs)
	if *table {
		fmt.Printf("%-56s", "largest |difference| / (1 + |Predict|)")
		for _, in := range inputs {
			fmt.Printf(" %2d of ±%-3v", in.examples, in.deviation)
		}
	}
	for i, result := range results {
		difference := compare(t, jobs[i], result)
		assert.LessOrEqual(t, difference, inputs[i%len(inputs)].tolerance, jobs[i].name)
		if *table && i%len(inputs) == 0 {
			fmt.Printf("\n%-56s", jobs[i].name)
		}
		if *table {
			fmt.Printf(" %10.1e", difference)
		}
	}
	if *table {
		fmt.Println()
	}
}

// compare returns the largest difference over 1 + |want|.
func compare(t *testing.T, j job, result map[string]json.RawMessage) (largest float64) {
	if !assert.NotContains(t, result, "error", j.name) {
		t.Log(string(result["error"]))
		return math.Inf(1)
	}
	assert.Len(t, result, len(j.want), j.name)
	for name, want := range j.want {
		var got tensor
		require.NoError(t, json.Unmarshal(result[name], &got), "%s: output %s", j.name, name)
		assert.Equal(t, want.Dims, got.Dims, j.name)
		for i := range want.Data {
			largest = max(largest, math.Abs(float64(want.Data[i])-float64(got.Data[i]))/(1+math.Abs(float64(want.Data[i]))))
		}
	}
	return largest
}

package onnx_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/onnx"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/optim"
	schema "github.com/gradus-ml/gradus/internal/schema/onnx"
)

// exported returns the file's content.
func exported(t *testing.T, m *engine.Model) *schema.ModelProto {
	var out bytes.Buffer
	require.NoError(t, onnx.Export(&out, m))
	var file schema.ModelProto
	require.NoError(t, proto.Unmarshal(out.Bytes(), &file))
	return &file
}

// The variables are in the file under their names, with their shapes, as raw little-endian numbers, and the first axis of inputs and outputs is open.
func TestFile(t *testing.T) {
	m := compile(t, nn.Sequential(nn.Input(3, 2), nn.Flatten(), nn.BatchNorm(), nn.Dense(4, nn.Softmax, nn.Name("output"))))
	file := exported(t, m)
	assert.EqualValues(t, 8, file.GetIrVersion())
	require.Len(t, file.GetOpsetImport(), 1)
	assert.EqualValues(t, onnx.Opset, file.GetOpsetImport()[0].GetVersion())
	for i, v := range m.Variables() {
		got := file.Graph.Initializer[i]
		assert.Equal(t, v.Name, got.GetName())
		require.Len(t, got.Dims, len(v.Shape))
		values, err := m.Value(v.Name)
		require.NoError(t, err)
		for j, want := range values {
			assert.Equal(t, want, math.Float32frombits(binary.LittleEndian.Uint32(got.RawData[4*j:])), "%s[%d]", v.Name, j)
		}
	}
	assert.Equal(t, "input_layer: batch 3 2", axes(file.Graph.Input[0]))
	assert.Equal(t, "output: batch 4", axes(file.Graph.Output[0]))
	var operators []string
	for _, n := range file.Graph.Node {
		operators = append(operators, n.GetName())
	}
	assert.Equal(t, []string{"batch_normalization/Reshape", "batch_normalization/BatchNormalization",
		"output/MatMul", "output/Add", "output/Softmax"}, operators)
}

func axes(v *schema.ValueInfoProto) string {
	text := v.GetName() + ":"
	for _, d := range v.Type.GetTensorType().Shape.Dim {
		if d.GetDimParam() != "" {
			text += " " + d.GetDimParam()
		} else {
			text += fmt.Sprint(" ", d.GetDimValue())
		}
	}
	return text
}

// The same model gives the same bytes.
func TestRepeats(t *testing.T) {
	m := compile(t, nn.Sequential(nn.Input(3), nn.Dense(4, nn.GELU), nn.LayerNorm(), nn.RMSNorm()))
	var first, second bytes.Buffer
	require.NoError(t, errors.Join(onnx.Export(&first, m), onnx.Export(&second, m)))
	assert.Equal(t, first.Bytes(), second.Bytes())
}

// ONNX's own checker accepts every file and can tell the shape of everything in it.
func TestChecker(t *testing.T) {
	if err := exec.Command("/usr/bin/python3", "-c", "import onnx").Run(); err != nil {
		t.Skip("NOT TESTED: exported networks were not checked by ONNX's own checker: python3-onnx is missing (make tools)")
	}
	dir, args := t.TempDir(), []string{"testdata/check.py"}
	names := map[string]string{}
	for i, row := range networks() {
		file := filepath.Join(dir, fmt.Sprintf("%d.onnx", i))
		require.NoError(t, onnx.Save(file, compile(t, row.net)))
		args, names[file] = append(args, file), row.name
	}
	out, err := exec.Command("/usr/bin/python3", args...).CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Empty(t, string(out), names)
}

// layer is one of a user's own, of a function.
type layer func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor

func (layer) LayerName() string                                          { return "mine" }
func (layer) Build(_ *nn.Builder, in []int) ([]int, error)               { return in, nil }
func (f layer) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor { return f(r, x) }

func TestRefused(t *testing.T) {
	for name, row := range map[string]struct {
		layer layer
		text  string
	}{
		"an operation that is not known": {func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
			return doubled(r, x, func(d double) backend.Op { return d })
		},
			`onnx: layer "mine": its operation double is not among those that can be exported (one of your own needs a method ExportONNX)`},
		"an operation without an operator": {func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
			y := r.Temporary(x.Shape()[0], 5)
			r.Append(ops.Columns{X: x.Value(), Y: y.Value(), Rows: x.Shape()[0], Cols: 4, Width: 5, Kind: ops.PadColumns})
			return graph.Slice(r, y, 1, 0, 4)
		}, `onnx: layer "mine": columns: pad is not among what can be exported`},
		"a constant of the batch's size": {func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
			values := make([]float32, x.Size())
			values[0] = 1
			return graph.Combine(r, ops.Sum, x, r.Constant(values, x.Shape()...))
		}, `onnx: layer "mine": combine: the constant b depends on the size of the batch`},
		"an option of the batch's size": {func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
			return graph.Activate(r, x, ops.ELU, 1/float32(x.Shape()[0]))
		}, `onnx: layer "mine": activation: Options is`},
	} {
		t.Run(name, func(t *testing.T) {
			m := compile(t, nn.Sequential(nn.Input(4), row.layer, nn.Dense(4)))
			var out bytes.Buffer
			assert.ErrorContains(t, onnx.Export(&out, m), row.text)
			assert.Zero(t, out.Len())
			file := filepath.Join(t.TempDir(), "x.onnx")
			assert.Error(t, onnx.Save(file, m))
			assert.NoFileExists(t, file)
		})
	}
}

// double is an operation of a user's own.
type double struct {
	X, Y backend.Region
	N    int
}

func (double) Name() string { return "double" }
func (double) Check() error { return nil }
func (d double) Operands() []backend.Operand {
	return []backend.Operand{{Name: "x", Region: d.X}, {Name: "y", Region: d.Y, Access: backend.Write}}
}
func (d double) Cost() backend.Cost { return backend.Cost{} }

// exportable is the same that says what it is in ONNX.
type exportable struct{ double }

func (d exportable) ExportONNX(b *onnx.Builder) error {
	x := b.Value(d.X)
	b.Define(d.Y, b.Node("Add", x.Shape(), []onnx.Value{x, x}))
	return nil
}

func doubled(r *graph.Recorder, x *graph.Tensor, op func(double) backend.Op) *graph.Tensor {
	y := r.Temporary(x.Shape()...)
	r.Append(op(double{x.Value(), y.Value(), x.Size()}))
	return y
}

// An operation of a user's own exports itself.
func TestExporter(t *testing.T) {
	own := layer(func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
		return doubled(r, x, func(d double) backend.Op { return exportable{d} })
	})
	file := exported(t, compile(t, nn.Sequential(nn.Input(4), own, nn.Dense(3))))
	assert.Equal(t, "mine/Add", file.Graph.Node[0].GetName())
	assert.Equal(t, []string{"input_layer", "input_layer"}, file.Graph.Node[0].Input)
	assert.Equal(t, []string{"mine/Add", "dense/kernel"}, file.Graph.Node[1].Input)
}

// A function that is new to package ops is refused here until it is exported, as is a combination.
func TestEveryFunction(t *testing.T) {
	for _, f := range ops.Functions() {
		own := nn.NewActivation(f.String(), func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor { return graph.Activate(r, x, f, 0.5) })
		assert.NoError(t, onnx.Export(&bytes.Buffer{}, compile(t, nn.Sequential(nn.Input(2), nn.Dense(2, own)))), f)
	}
	for _, k := range ops.Combinations() {
		own := nn.NewActivation(k.String(), func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor { return graph.Combine(r, k, x, x) })
		assert.NoError(t, onnx.Export(&bytes.Buffer{}, compile(t, nn.Sequential(nn.Input(2), nn.Dense(2, own)))), k)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestExportFails(t *testing.T) {
	m := compile(t, nn.Sequential(nn.Input(4), nn.Dense(3)))
	assert.ErrorContains(t, onnx.Export(full{}, m), "onnx: the disk is full")
	assert.ErrorContains(t, onnx.Export(full{}, nil), "onnx: no model")
	assert.ErrorContains(t, onnx.Save("/nowhere/x.onnx", m), "/nowhere")
	require.NoError(t, m.Close())
	assert.ErrorContains(t, onnx.Export(&bytes.Buffer{}, m), "closed")
}

func Example() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	net := nn.Sequential(nn.Input(28, 28), nn.Flatten(), nn.BatchNorm(), nn.Dense(100, nn.ELU, nn.HeNormal), nn.Dense(10, nn.Softmax))
	model, err := engine.Compile(dev, net, engine.Training{Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: optim.SGD{LearningRate: 0.01}})
	check(err)
	defer model.Close()
	// … model.Fit …
	dir, err := os.MkdirTemp("", "")
	check(err)
	defer os.RemoveAll(dir)
	check(onnx.Save(filepath.Join(dir, "fashion.onnx"), model))
	info, err := os.Stat(filepath.Join(dir, "fashion.onnx"))
	check(err)
	fmt.Println("onnx file of", info.Size()/1000, "kB")
	// Output: onnx file of 331 kB
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

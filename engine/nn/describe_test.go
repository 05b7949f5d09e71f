package nn_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
)

func chain(layers ...nn.Layer) func() *nn.Network {
	return func() *nn.Network { return nn.Sequential(append([]nn.Layer{nn.Input(3, 4)}, layers...)...) }
}

func dense(options ...nn.DenseOption) func() *nn.Network {
	return chain(nn.Flatten(), nn.Dense(5, options...))
}

func merged(m func(...nn.Name) nn.Merger) func() *nn.Network {
	return func() *nn.Network {
		a, b := nn.Input(4), nn.Input(4)
		return nn.Functional([]*nn.Node{a, b}, nn.Merge(m(), a, b).To(nn.Dense(2)))
	}
}

// described has a network for everything that the package exports and a network can have, with its options.
func described() map[string]func() *nn.Network {
	rows := withOptions()
	for name, f := range map[string]nn.ActivationFunc{"Linear": nn.Linear, "ReLU": nn.ReLU, "ReLU6": nn.ReLU6, "LeakyReLU": nn.LeakyReLU, "RReLU": nn.RReLU,
		"ELU": nn.ELU, "SELU": nn.SELU, "CELU": nn.CELU, "GELU": nn.GELU, "GELUTanh": nn.GELUTanh, "SiLU": nn.SiLU, "Swish": nn.Swish, "Mish": nn.Mish,
		"Softplus": nn.Softplus, "Softsign": nn.Softsign, "Sigmoid": nn.Sigmoid, "HardSigmoid": nn.HardSigmoid, "HardSiLU": nn.HardSiLU, "Tanh": nn.Tanh,
		"HardTanh": nn.HardTanh, "Exponential": nn.Exponential, "Softmax": nn.Softmax, "LogSoftmax": nn.LogSoftmax} {
		rows[name] = dense(f)
	}
	for name, i := range map[string]nn.Initializer{"GlorotUniform": nn.GlorotUniform, "GlorotNormal": nn.GlorotNormal, "HeUniform": nn.HeUniform, "HeNormal": nn.HeNormal,
		"LeCunUniform": nn.LeCunUniform, "LeCunNormal": nn.LeCunNormal, "Zeros": nn.Zeros, "Ones": nn.Ones} {
		rows[name] = dense(i)
	}
	rows["UnitNorm"], rows["NonNeg"] = dense(nn.UnitNorm), dense(nn.NonNeg)
	return rows
}

// withOptions has a row for each function of the package that makes a part of a network.
func withOptions() map[string]func() *nn.Network {
	return map[string]func() *nn.Network{
		"Dense":   dense(nn.NoBias, nn.Name("own")),
		"Flatten": chain(nn.Flatten()),
		"Tied":    tied,
		"Slice":   chain(nn.Slice(1, 3)),
		"BatchNorm": chain(nn.BatchNorm(), nn.BatchNorm(nn.Momentum(0.5), nn.Epsilon(0.1), nn.Axis(1), nn.NoScale, nn.Name("mine")),
			nn.BatchNorm(nn.NoCenter, nn.GammaInitializer(nn.Constant(2)), nn.BetaInitializer(nn.Ones), nn.MovingMeanInitializer(nn.RandomNormal(1, 2)),
				nn.MovingVarianceInitializer(nn.RandomUniform(1, 2)))),
		"LayerNorm":         chain(nn.LayerNorm(), nn.LayerNorm(nn.Epsilon(0.01), nn.NoScale, nn.BetaInitializer(nn.Constant(3)))),
		"RMSNorm":           chain(nn.RMSNorm(), nn.RMSNorm(nn.Epsilon(0.01))),
		"Normalization":     chain(nn.Normalization([]float64{1, 2, 3, 1.0 / 3}, []float64{0, 1, 2, 1e-300})),
		"Dropout":           chain(nn.Dropout(0.1)),
		"AlphaDropout":      chain(nn.AlphaDropout(0.2)),
		"GaussianDropout":   chain(nn.GaussianDropout(0.3)),
		"GaussianNoise":     chain(nn.GaussianNoise(0.4)),
		"RandomFlip":        images(nn.RandomFlip(nn.Horizontal), nn.RandomFlip(nn.HorizontalAndVertical)),
		"RandomTranslation": images(nn.RandomTranslation(0.25, 0.5), nn.RandomTranslation(0.5, 0, nn.FillWrap)),
		"RandomCrop":        images(nn.RandomCrop(3, 2)),
		"Cutout":            images(nn.Cutout(2)),
		"Activation":        chain(nn.Activation(nn.Mish, "mine")),
		"Concatenate":       merged(nn.Concatenate),
		"Add":               merged(nn.Add),
		"Subtract":          merged(nn.Subtract),
		"Average":           merged(nn.Average),
		"Multiply":          merged(nn.Multiply),
		"Maximum":           merged(nn.Maximum),
		"Minimum":           merged(nn.Minimum),

		"ReLUWith":       dense(nn.ReLUWith(nn.ReLUOptions{MaxValue: 6, NegativeSlope: 0.1, Threshold: 1})),
		"LeakyReLUSlope": dense(nn.LeakyReLUSlope(0.01)),
		"RReLUBetween":   dense(nn.RReLUBetween(0.1, 0.2)),
		"ELUAlpha":       dense(nn.ELUAlpha(0.5)),
		"CELUAlpha":      dense(nn.CELUAlpha(0.5)),
		"SwishBeta":      dense(nn.SwishBeta(1.5)),
		"PReLU":          chain(nn.Activation(nn.PReLU(nn.Constant(0.25), nn.SharedAxes{1})), nn.Activation(nn.PReLU())),

		"VarianceScaling":       dense(nn.VarianceScaling(3, nn.FanOut, nn.UntruncatedNormal)),
		"Constant":              dense(nn.Constant(0), nn.BiasInitializer(nn.Constant(0.1))),
		"Orthogonal":            dense(nn.Orthogonal(math.Sqrt2)),
		"RandomNormal":          dense(nn.RandomNormal(0, 0.05)),
		"RandomTruncatedNormal": dense(nn.RandomTruncatedNormal(1, 2)),
		"RandomUniform":         dense(nn.RandomUniform(-1, 1)),

		"L1":      dense(nn.KernelRegularizer(nn.L1(0.1))),
		"L2":      dense(nn.BiasRegularizer(nn.L2(0.1))),
		"L1L2":    dense(nn.ActivityRegularizer(nn.L1L2(0.1, 0.2))),
		"MaxNorm": dense(nn.MaxNorm(3)),
	}
}

// images has augmentations of images of 4 × 4.
func images(layers ...nn.Layer) func() *nn.Network {
	return func() *nn.Network {
		all := append([]nn.Layer{nn.Input(4, 4, 1)}, layers...)
		for i, l := range all[1:] {
			all[i+1] = l.(interface{ Copy() nn.Layer }).Copy()
		}
		return nn.Sequential(append(all, nn.Flatten(), nn.Dense(2))...)
	}
}

func tied() *nn.Network {
	encoder := nn.Dense(3, nn.ELU)
	return nn.Sequential(nn.Input(4), nn.Dense(4), encoder, nn.Tied(encoder, nn.Tanh, nn.NoBias, nn.ActivityRegularizer(nn.L2(1))),
		nn.Dense(3), nn.Tied(encoder, nn.BiasRegularizer(nn.L1(2))))
}

// exported lists what the package exports that a network can have: functions and variables of the types of layers, activations, initialisers,
// regularisers and constraints. New ones are found here, so that none is without its description.
func exported(t *testing.T) (names []string) {
	packages, err := parser.ParseDir(token.NewFileSet(), ".", func(f os.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0)
	require.NoError(t, err)
	makers := map[string]bool{"elementwise": true, "function": true, "scaled": true, "rrelu": true, "Initializer": true, "Constraint": true, "SiLU": true}
	for _, file := range packages["nn"].Files {
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.IsExported() && d.Type.Results != nil && len(d.Type.Results.List) == 1 {
					switch result, _ := d.Type.Results.List[0].Type.(*ast.Ident); {
					case result == nil:
					case strings.Contains("Layer Merger ActivationFunc Initializer Regularizer Constraint", result.Name):
						names = append(names, d.Name.Name)
					}
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if v, ok := spec.(*ast.ValueSpec); ok && d.Tok == token.VAR && v.Names[0].IsExported() {
						if maker := makerOf(v); makers[maker] {
							names = append(names, v.Names[0].Name)
						}
					}
				}
			}
		}
	}
	return names
}

func makerOf(v *ast.ValueSpec) string {
	if len(v.Values) == 0 {
		return ""
	}
	switch e := v.Values[0].(type) {
	case *ast.CallExpr:
		return fmt.Sprint(e.Fun)
	case *ast.CompositeLit:
		return fmt.Sprint(e.Type)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

func TestEverythingIsDescribed(t *testing.T) {
	names := exported(t)
	require.Greater(t, len(names), 60)
	rows := described()
	for _, name := range names {
		if name != "NewActivation" {
			assert.Contains(t, rows, name, "nn.%s has no row: can a network that has it be written and read?", name)
		}
	}
	assert.Contains(t, names, "Dense")
	assert.Contains(t, names, "Swish")
	assert.Contains(t, names, "UnitNorm")
	assert.Contains(t, names, "Ones")
}

// A network that is read from its description is the same: its description, its summary, its variables, and what it computes.
func TestDescribedNetworks(t *testing.T) {
	for name, make := range described() {
		t.Run(name, func(t *testing.T) {
			net := make()
			require.NoError(t, net.Err())
			text, err := json.Marshal(net)
			require.NoError(t, err)
			got, err := nn.Decode(text, nn.Registry{})
			require.NoError(t, err, "%s", text)
			again, err := json.Marshal(got)
			require.NoError(t, err)
			assert.JSONEq(t, string(text), string(again))
			assert.Equal(t, net.Summary(), got.Summary())
			copied, err := got.Copy()
			require.NoError(t, err)
			assert.Equal(t, net.Summary(), copied.Summary())
			assert.Equal(t, numbersOf(t, net), numbersOf(t, got))
		})
	}
}

// numbersOf says what a network begins with and what a step of it would do: the initial values of its variables, and the numbers of each operation.
func numbersOf(t *testing.T, net *nn.Network) (numbers []string) {
	store, err := graph.NewStore(backendtest.NewOracle(), net.Variables(), 3)
	require.NoError(t, err)
	defer store.Release()
	r := graph.NewRecorder(store, graph.Training)
	defer r.Release()
	var inputs []*graph.Tensor
	for _, shape := range net.Inputs() {
		inputs = append(inputs, r.Input(false, append([]int{2}, shape...)...))
	}
	outputs, _ := net.Record(r, inputs...)
	for _, y := range outputs {
		r.Keep(y)
	}
	r.Keep(r.Penalised(r.Temporary(2)))
	require.NoError(t, r.Err())
	for _, op := range append(r.Ops(), store.Constraints()...) {
		numbers = append(numbers, op.Name())
		for v, i := reflect.ValueOf(op), 0; i < v.NumField(); i++ {
			if f := v.Field(i); f.CanInt() || f.CanUint() || f.CanFloat() || f.Kind() == reflect.Bool || f.Kind() == reflect.Array {
				numbers = append(numbers, fmt.Sprint(v.Type().Field(i).Name, f))
			}
		}
	}
	for _, v := range net.Variables() {
		values, err := store.Read(v)
		require.NoError(t, err)
		numbers = append(numbers, fmt.Sprint(v.Name, v.Shape, v.Trainable, values))
	}
	return numbers
}

// branching has several inputs and outputs, a shared layer, a layer of a layer twice, and a frozen one.
func branching() *nn.Network {
	a, b, c := nn.Input(4), nn.Input(4), nn.Input(2, 3)
	shared := nn.Dense(5, nn.ReLU, nn.Name("twin"))
	left, right := a.To(shared), b.To(shared)
	both := nn.Merge(nn.Concatenate(), left, right, c.To(nn.Flatten()))
	net := nn.Functional([]*nn.Node{a, b, c}, both.To(nn.Dense(3, nn.Softmax)), nn.Merge(nn.Subtract(), left, right).To(nn.BatchNorm(), nn.Dense(1)), left.To(shared2(left)))
	if err := net.Freeze("twin", "batch_normalization"); err != nil {
		panic(err)
	}
	return net
}

func shared2(*nn.Node) nn.Layer { return nn.Activation(nn.Tanh) }

func TestDescribedBranches(t *testing.T) {
	net := branching()
	require.NoError(t, net.Err())
	text, err := json.Marshal(net)
	require.NoError(t, err)
	got, err := nn.Decode(text, nn.Registry{})
	require.NoError(t, err)
	assert.Equal(t, net.Summary(), got.Summary())
	assert.Equal(t, net.Frozen(), got.Frozen())
	assert.Equal(t, net.OutputNames(), got.OutputNames())
	assert.Equal(t, numbersOf(t, net), numbersOf(t, got))
}

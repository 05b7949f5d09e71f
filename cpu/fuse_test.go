package cpu

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
)

// inputNorm is a BatchNorm of the input, the layer behind it, and the gradients of both.
func inputNorm(in *backendtest.Inputs, rows, cols, units int) (list []backend.Op, transient, results []backend.Region) {
	x, gamma, beta, w := in.Normal(rows*cols, 0.5, 2), in.Normal(cols, 0, 1), in.Normal(cols, 0, 1), in.Normal(cols*units, 0, 0.1)
	y, z, dz := in.Result(rows*cols), in.Result(rows*units), in.Normal(rows*units, 0.01, 0.1)
	mean, invStd, dw := in.Result(cols), in.Result(cols), in.Result(cols*units)
	dy, dx, dgamma, dbeta := in.Result(rows*cols), in.Result(rows*cols), in.Result(cols), in.Result(cols)
	list = []backend.Op{
		ops.BatchNorm{X: x, Gamma: gamma, Beta: beta, MovingMean: in.Normal(cols, 0, 1), MovingVariance: in.Positive(cols), Y: y, Mean: mean,
			InvStd: invStd, Rows: rows, Cols: cols, Momentum: 0.99, Epsilon: 1e-3},
		ops.MatMul{A: y, B: w, C: z, M: rows, N: units, K: cols},
		ops.MatMul{A: y, B: dz, C: dw, M: cols, N: units, K: rows, TransposeA: true},
		ops.MatMul{A: dz, B: w, C: dy, M: rows, N: cols, K: units, TransposeB: true},
		ops.BatchNormGrad{X: x, DY: dy, Gamma: gamma, Mean: mean, InvStd: invStd, DX: dx, DGamma: dgamma, DBeta: dbeta, Rows: rows, Cols: cols},
	}
	return list, []backend.Region{dy, dx}, []backend.Region{y, mean, invStd, z, dw, dgamma, dbeta}
}

func mark(transient []backend.Region) {
	for _, r := range transient {
		r.Buffer.(backend.Transient).MarkTransient()
	}
}

func download(t *testing.T, dev backend.Backend, r backend.Region) []float32 {
	values := make([]float32, r.Len)
	require.NoError(t, backend.Download(dev, values, r))
	return values
}

// What is left out of the gradient of the input's BatchNorm must not show: the oracle's results, for any instructions and threads, and
// the same bits for all of them.
func TestUnfolding(t *testing.T) {
	for _, s := range [][3]int{{1, 1, 1}, {2, 3, 5}, {32, 784, 300}, {7, 33, 16}, {64, 17, 31}, {9, 100, 129}} {
		oracle := backendtest.NewOracle()
		plain, _, wanted := inputNorm(backendtest.NewInputs(t, oracle, 1), s[0], s[1], s[2])
		execute(t, oracle, plain)
		var first [][]float32
		for _, o := range append(sets()[min(1, len(sets())):], Options{Threads: 1}, Options{Threads: 3}) {
			dev, err := OpenWith(o)
			require.NoError(t, err)
			list, transient, results := inputNorm(backendtest.NewInputs(t, dev, 1), s[0], s[1], s[2])
			mark(transient)
			assert.Equal(t, available().vectorised(), len(dev.(*Backend).fuse(list)) == 4, "fused")
			execute(t, dev, list)
			var got [][]float32
			for i, r := range results {
				got = append(got, download(t, dev, r))
				close32(t, fmt.Sprintf("%v %+v result %d", s, o, i), got[i], download(t, oracle, wanted[i]), s[0]+s[2])
			}
			if first == nil {
				first = got
			}
			assert.Equal(t, first, got, "%v %+v: not the same bits", s, o)
			require.NoError(t, dev.Close())
		}
	}
}

func execute(t *testing.T, dev backend.Backend, list []backend.Op) {
	p, err := dev.Compile(list)
	require.NoError(t, err)
	require.NoError(t, p.Run(1))
	p.Release()
}

// close32 allows the rounding of a sum of so many terms of about 10.
func close32(t *testing.T, what string, got, want []float32, terms int) {
	for i, w := range want {
		tolerance := 4 * 0x1p-23 * math.Sqrt(float64(terms)) * (10 + math.Abs(float64(w)))
		if d := math.Abs(float64(got[i]) - float64(w)); !(d <= tolerance) {
			t.Fatalf("%s[%d] = %v, want %v (off by %.3g, tolerance %.3g)", what, i, got[i], w, d, tolerance)
		}
	}
}

// A result that somebody may read is computed.
func TestNotUnfolded(t *testing.T) {
	dev, err := OpenWith(Options{})
	require.NoError(t, err)
	defer dev.Close()
	in := backendtest.NewInputs(t, dev, 1)
	list, transient, _ := inputNorm(in, 8, 20, 10)
	fused := func(list []backend.Op) int { return len(dev.(*Backend).fuse(list)) }
	assert.Zero(t, fused(list), "dy and dx are read after the run")
	mark(transient[:1])
	assert.Zero(t, fused(list), "dx is read after the run")
	mark(transient)
	grad := list[4].(ops.BatchNormGrad)
	assert.Zero(t, fused(append(list[:5:5], ops.Accumulate{X: grad.DX, Y: in.Result(160), N: 160})), "dx is read in the run")
	touched := append(list[:2:2], ops.Accumulate{X: in.Result(20), Y: grad.Gamma, N: 20})
	assert.Zero(t, fused(append(touched, list[2:]...)), "gamma changes in between")
}

// alone compiles each operation by itself, so that nothing is fused.
func alone(t *testing.T, dev backend.Backend, list []backend.Op) {
	for _, op := range list {
		execute(t, dev, []backend.Op{op})
	}
}

// product is a layer without its activation function; nobody reads what it is before the bias.
func product(in *backendtest.Inputs, m, n, k int, transposeA bool) []backend.Op {
	c := in.Result(m * n)
	mark([]backend.Region{c})
	return []backend.Op{
		ops.MatMul{A: in.Normal(m*k, 0, 1), B: in.Normal(k*n, 0, 1), C: c, M: m, N: n, K: k, TransposeA: transposeA},
		ops.Bias{X: c, Bias: in.Normal(n, 0, 1), Y: in.Result(m * n), Rows: m, Cols: n},
	}
}

// fusions are lists in which operations are fused, and how many of them come out otherwise than by themselves.
var fusions = map[string]struct {
	replaced int
	build    func(in *backendtest.Inputs) []backend.Op
}{
	"product and bias":          {2, func(in *backendtest.Inputs) []backend.Op { return product(in, 29, 300, 17, false) }},
	"product and bias, AtB":     {2, func(in *backendtest.Inputs) []backend.Op { return product(in, 5, 39, 100, true) }},
	"product and bias, columns": {2, func(in *backendtest.Inputs) []backend.Op { return product(in, 64, 10, 100, false) }},
	"crossentropy and its gradient": {2, func(in *backendtest.Inputs) []backend.Op {
		x, labels := in.Normal(33*10, 0, 3), in.Below(33, 10)
		return []backend.Op{
			ops.CrossEntropy{X: x, Labels: labels, Losses: in.Result(33), Rows: 33, Cols: 10},
			ops.CrossEntropyGrad{X: x, Labels: labels, DLosses: in.Positive(33), DX: in.Result(330), Rows: 33, Cols: 10},
		}
	}},
}

// What these fusions compute is what the operations compute one by one, to the bit.
func TestFusionsChangeNoBits(t *testing.T) {
	for name, f := range fusions {
		for _, o := range append(sets(), Options{}) {
			dev, err := OpenWith(o)
			require.NoError(t, err)
			in := backendtest.NewInputs(t, dev, 4)
			list, same := f.build(in), f.build(backendtest.NewInputs(t, dev, 4))
			if dev.(*Backend).set.vectorised() {
				assert.Len(t, dev.(*Backend).fuse(list), f.replaced, name)
			}
			execute(t, dev, list)
			alone(t, dev, same)
			for i, op := range list {
				for j, operand := range op.Operands() {
					if operand.Access.Writes() && !operand.Region.Buffer.(*buffer).transient {
						assert.Equal(t, download(t, dev, same[i].Operands()[j].Region), download(t, dev, operand.Region), "%s: %s %s", name, op.Name(), operand.Name)
					}
				}
			}
			require.NoError(t, dev.Close())
		}
	}
}

package cpu

import (
	"flag"
	"fmt"
	"hash/crc64"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
)

// written runs the operations, each by itself, and returns the bits of all that they write.
func written(t *testing.T, o Options, build func(in *backendtest.Inputs) []backend.Op) (names []string, bits [][]byte) {
	dev, err := OpenWith(o)
	require.NoError(t, err)
	defer dev.Close()
	for _, op := range build(backendtest.NewInputs(t, dev, 3)) {
		p, err := dev.Compile([]backend.Op{op})
		require.NoError(t, err)
		require.NoError(t, p.Run(1))
		for _, operand := range op.Operands() {
			if operand.Access.Writes() {
				raw := make([]byte, operand.Region.Bytes())
				require.NoError(t, dev.Read(raw, operand.Region))
				names, bits = append(names, fmt.Sprintf("%s %s", op.Name(), operand.Name)), append(bits, raw)
			}
		}
	}
	return names, bits
}

func assertSameBits(t *testing.T, a, b Options) {
	names, want := written(t, a, backendtest.AllOperations)
	_, got := written(t, b, backendtest.AllOperations)
	for i, name := range names {
		if string(want[i]) != string(got[i]) {
			t.Errorf("%s [%d bytes] of operation %d: %+v and %+v differ", name, len(want[i]), i, a, b)
		}
	}
}

var elsewhere = flag.String("elsewhere", "", "`file` with the checksums of what every operation writes on another machine; written if it is empty")

// Vector kernels are written once for all sets: lanes never mix, so that their number does not matter. scripts/arm64.sh has another machine's bits.
func TestEveryOperationAgreesToTheBit(t *testing.T) {
	if *elsewhere != "" && available().vectorised() {
		assertElsewhere(t, *elsewhere)
		return
	}
	if available() != avx512 {
		t.Skip("NOT TESTED: that AVX2 and AVX-512 agree: this machine has no AVX-512")
	}
	assertSameBits(t, Options{Threads: 1, Instructions: "avx512"}, Options{Threads: 3, Instructions: "avx2"})
}

// assertElsewhere compares what every operation writes with the file, or writes the file.
func assertElsewhere(t *testing.T, path string) {
	names, bits := written(t, Options{}, backendtest.AllOperations)
	own := &strings.Builder{}
	for i, name := range names {
		fmt.Fprintf(own, "%d %s %016x\n", i, name, crc64.Checksum(bits[i], crc64.MakeTable(crc64.ISO)))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	if len(want) == 0 {
		require.NoError(t, os.WriteFile(path, []byte(own.String()), 0o644))
		return
	}
	assert.Equal(t, strings.Split(string(want), "\n"), strings.Split(own.String(), "\n"))
}

func TestNaNStays(t *testing.T) {
	nan := float32(math.NaN())
	for _, o := range append(sets(), Options{}) {
		dev, err := OpenWith(o)
		require.NoError(t, err)
		in := backendtest.NewInputs(t, dev, 1)
		x, ones, y := in.Of(1, nan, -1, nan), in.Of(1, 1, 1, 1), in.Result(4)
		rates, velocity := ops.Rates{Table: in.Of(0.5, 0.5, 0), Clock: in.Indices(0), Steps: 1, Columns: 3}, in.Of(1, 1, 1, 1)
		half := in.Of(0, 0)
		cases := map[string]struct {
			op backend.Op
			y  backend.Region
		}{
			"bias":      {ops.Bias{X: x, Bias: ones, Y: y, Rows: 1, Cols: 4}, y},
			"sgd":       {ops.SGD{Params: ones, Grads: x, Velocity: velocity, Factors: in.Of(1, 1), Rates: rates, N: 4}, ones},
			"clip":      {ops.Clip{Grads: x, N: 4, Limit: 1}, x},
			"bias_grad": {ops.BiasGrad{DY: x, DBias: half, Rows: 2, Cols: 2}, half},
		}
		for _, f := range ops.Functions() {
			y, dy := in.Result(4), in.Result(4)
			cases[f.String()] = struct {
				op backend.Op
				y  backend.Region
			}{ops.Activation{X: x, Y: y, N: 4, Function: f, Options: ops.Options{Alpha: 1}}, y}
			cases[f.String()+" grad"] = struct {
				op backend.Op
				y  backend.Region
			}{ops.ActivationGrad{X: x, DY: ones, DX: dy, N: 4, Function: f, Options: ops.Options{Alpha: 1}}, dy}
		}
		for name, c := range cases {
			p, err := dev.Compile([]backend.Op{c.op})
			require.NoError(t, err, name)
			require.NoError(t, p.Run(1))
			got := make([]float32, c.y.Len)
			require.NoError(t, backend.Download(dev, got, c.y))
			assert.False(t, math.IsNaN(float64(got[0])), "%+v %s: %v", o, name, got)
			assert.True(t, math.IsNaN(float64(got[1])), "%+v %s: %v", o, name, got)
		}
		require.NoError(t, dev.Close())
	}
}

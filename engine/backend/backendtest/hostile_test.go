package backendtest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// What the rules of the operations let through stays within its buffers: the oracle's are slices, which panic.
func TestHostile(t *testing.T) {
	ran := RunHostile(t, OpenOracle, 1, 20_000)
	t.Logf("%d of 20,000 changed operations were accepted", ran)
	assert.Greater(t, ran, 1000)
}

// overrun is an oracle whose Bias writes one element too many, or one result too few.
type overrun struct {
	*Oracle
	by int
}

func (o overrun) Compile(list []backend.Op) (backend.Program, error) {
	b := list[0].(ops.Bias)
	return longer{b, o.by}, nil
}

type longer struct {
	op ops.Bias
	by int
}

func (longer) Release() {}
func (l longer) Run(int) error {
	bias(l.op)
	l.op.Y.Buffer.(*memory).f[l.op.Y.Offset+l.op.Y.Len-1+l.by] = 7
	return nil
}

// A device that writes beyond a result, or a wrong one, is found out.
func TestGuard(t *testing.T) {
	for by, text := range map[int]string{0: "y[5] = 7", 1: "element 6 of a buffer of 6 f32 has changed"} {
		h := NewHostile(t, overrun{NewOracle(), by})
		in := NewInputs(t, h.oracle, 1)
		require.ErrorContains(t, h.run(ops.Bias{X: in.Normal(6, 0, 1), Bias: in.Normal(3, 0, 1), Y: in.Result(6), Rows: 2, Cols: 3}), text)
	}
}

// FuzzCheck changes operations as the fuzzer's bytes say, and runs what their rules let through.
func FuzzCheck(f *testing.F) {
	h := NewHostile(f, NewOracle())
	f.Add([]byte("what is changed, and how"))
	f.Fuzz(func(t *testing.T, changes []byte) { h.Try(t, &Bytes{changes}) })
}

package kernels

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/shaders"
)

var (
	storageLine = regexp.MustCompile(`var<storage, (read|read_write)> \w+: array<(\w+)>`)
	paramsLine  = regexp.MustCompile(`struct Params \{([^}]*)\}`)
)

// No layer below notices when a kernel and its launch disagree: each launch must bind what the kernel declares, with the same
// access and kind, and give as many parameters.
func TestLaunchesMatchKernels(t *testing.T) {
	used := map[string]bool{"fill": true}
	for _, op := range backendtest.AllOperations(backendtest.NewInputs(t, backendtest.NewOracle(), 1)) {
		l := table[op.Name()](op)
		used[l.shader] = true
		source, err := shaders.Source(l.shader, l.constants...)
		require.NoError(t, err)
		declared := storageLine.FindAllStringSubmatch(source, -1)
		require.Len(t, declared, len(l.operands), l.shader)
		for i, o := range l.operands {
			access, kind := "read", "u32"
			if o.Access.Writes() {
				access = "read_write"
			}
			if o.Region.Kind() == backend.F32 {
				kind = "f32"
			}
			assert.Equal(t, []string{access, kind}, declared[i][1:], "%s: %s", l.shader, o.Name)
		}
		fields := strings.Split(paramsLine.FindStringSubmatch(source)[1], ",")
		assert.Len(t, l.params, len(fields), "%s: parameters", l.shader)
		assert.LessOrEqual(t, len(l.params)*4, slotBytes)
		assert.True(t, l.x >= 1 && l.x <= maxGroups && l.y >= 1 && l.y <= maxGroups, "%s: %d × %d workgroups", l.shader, l.x, l.y)
	}
	for _, name := range shaders.Names() {
		assert.True(t, used[name], "no operation uses kernel %s", name)
	}
}

func TestMatMulKernel(t *testing.T) {
	for _, row := range []struct {
		m, n int
		want string
	}{
		{1, 1, "matmul_plain"}, {7, 1000, "matmul_plain"}, {1000, 7, "matmul_plain"}, {8, 8, "matmul"}, {32, 300, "matmul"}, {32, 10, "matmul"},
		{10, 100, "matmul"}, {maxGroups * tile, 8, "matmul"}, {maxGroups*tile + 1, 8, "matmul_plain"}, {8, maxGroups*tile + 1, "matmul_plain"},
	} {
		assert.Equal(t, row.want, matMulKernel(row.m, row.n), "%d × %d", row.m, row.n)
	}
}

func TestFold(t *testing.T) {
	for _, row := range []struct {
		groups int
		x, y   uint32
	}{{1, 1, 1}, {65_535, 65_535, 1}, {65_536, 65_535, 2}, {1 << 24, 65_535, 257}} {
		var l launch
		l.fold(row.groups)
		assert.Equal(t, []uint32{row.x, row.y}, []uint32{l.x, l.y}, "%d groups", row.groups)
		assert.GreaterOrEqual(t, int(l.x)*int(l.y), row.groups)
	}
}

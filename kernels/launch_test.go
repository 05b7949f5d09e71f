package kernels

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func TestFold(t *testing.T) {
	for groups, want := range map[int]grid{
		1: {1, 1}, 65_535: {65_535, 1}, 65_536: {65_535, 2}, 131_070: {65_535, 2}, 131_071: {65_535, 3}, 1 << 30: {65_535, 16_385},
	} {
		assert.Equal(t, want, fold(groups, maxGroups), "%d groups", groups)
	}
}

func TestLanes(t *testing.T) {
	for cols, want := range map[int]int{1: 1, 2: 2, 3: 4, 10: 16, 32: 32, 33: 32, manyCols - 1: 32, manyCols: 256, 50_000: 256} {
		l := softmax(ops.Softmax{Rows: 1000, Cols: cols})
		assert.Equal(t, []shaders.Constant{shaders.Uint("LANES", want), shaders.Uint("ROWS", 256/want)}, l.constants, "%d columns", cols)
		assert.Equal(t, ceil(1000, 256/want), l.groups)
	}
	for rows, want := range map[int]int{1: 8, manyRows - 1: 8, manyRows: 32} {
		l := biasGrad(ops.BiasGrad{Rows: rows, Cols: 100})
		assert.Equal(t, []shaders.Constant{shaders.Uint("LANES", want), shaders.Uint("COLS", 256/want)}, l.constants, "%d rows", rows)
		assert.Equal(t, ceil(100, 256/want), l.groups)
	}
}

// TestFunctions holds that the shaders number the activation functions as package ops does.
func TestFunctions(t *testing.T) {
	for _, name := range []string{"activation", "activation_grad"} {
		source, err := shaders.Source(name)
		assert.NoError(t, err)
		for _, f := range ops.Functions() {
			declared := shaders.Uint(strings.ToUpper(f.String()), int(f)).String()
			assert.Contains(t, source, "\n"+declared+"\n", "%s.wgsl", name)
		}
	}
}

// fieldsOf returns how many parameters a shader has.
func fieldsOf(source string) int {
	params := regexp.MustCompile(`(?s)struct Params \{.*?\n\}`).FindString(source)
	return len(regexp.MustCompile(`(?m)^    \w+: (u32|i32|f32),`).FindAllString(params, -1))
}

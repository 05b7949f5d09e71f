package shaders

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSource(t *testing.T) {
	source, err := Source("matmul", Bool("TRANSPOSE_A", true), Uint("TILE", 16))
	require.NoError(t, err)
	assert.Contains(t, source, "\nconst TRANSPOSE_A: bool = true;\nconst TRANSPOSE_B: bool = false;\n")
	assert.Contains(t, source, "\nconst TILE: u32 = 16u; //")
	for want, refused := range map[string]func() (string, error){
		"there is no conv2d.wgsl":                 func() (string, error) { return Source("conv2d") },
		"matmul.wgsl has no line const TILT: u32": func() (string, error) { return Source("matmul", Uint("TILT", 1)) },
		"has no line const TILE: bool":            func() (string, error) { return Source("matmul", Bool("TILE", true)) },
	} {
		_, err := refused()
		assert.ErrorContains(t, err, want)
	}
}

func TestBindings(t *testing.T) {
	source, err := Source("tally")
	require.NoError(t, err)
	assert.Equal(t, []Binding{{Name: "x"}, {Name: "clock"}, {Name: "ledger", Writes: true}, {Name: "params", Uniform: true}}, Bindings(source))
}

package shaders

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSource(t *testing.T) {
	source, err := Source("matmul_vector", Bool("TRANSPOSE_A", true), Uint("SLICES", 16))
	require.NoError(t, err)
	assert.Contains(t, source, "\nconst TRANSPOSE_A: bool = true;\nconst TRANSPOSE_B: bool = false;\n")
	assert.Contains(t, source, "\nconst SLICES: u32 = 16u;\n")
	source, err = Source("clip_value", append(VectorBits(), Vectors())...)
	require.NoError(t, err)
	assert.Contains(t, source, "\nalias Bits = vec4<u32>;")
	assert.Contains(t, source, "\nfn bits(g: Value) -> Bits { return bitcast<vec4<u32>>(g); }\n")
	for want, refused := range map[string]func() (string, error){
		"there is no conv2d.wgsl":                   func() (string, error) { return Source("conv2d") },
		"matmul.wgsl has no line const SLIDES: u32": func() (string, error) { return Source("matmul", Uint("SLIDES", 1)) },
		"has no line const SLICES: bool":            func() (string, error) { return Source("matmul", Bool("SLICES", true)) },
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

// A borrowed function brings along what it calls and names, and nothing else.
func TestLinked(t *testing.T) {
	source, err := Source("bias_activation", Uint("FUNCTION", 2))
	require.NoError(t, err)
	assert.Contains(t, source, "\nconst FUNCTION: u32 = 2u;")
	assert.Contains(t, source, "\nfn expm1(v: f32)")
	assert.NotContains(t, source, "wgsl's\n")
	for _, once := range []string{"fn f(", "fn is_nan(", "fn main(", "fn erfc(", "struct Params", "const ELU:"} {
		assert.Equal(t, 1, strings.Count(source, "\n"+once)+strings.Count(source, " "+once), once)
	}
	// A borrowed main brings its attribute and the workgroup memory, and ends with the borrower's store.
	source, err = Source("matmul_vector_bias_activation", Uint("PER", 1), Uint("SLICES", 4))
	require.NoError(t, err)
	for _, once := range []string{"@compute @workgroup_size(THREADS)\nfn main(@builtin(local_invocation_index)", "\nvar<workgroup> vectors:", "\nconst SLICES: u32 = 4u;", "\nconst SLAB:", "fn store("} {
		assert.Equal(t, 1, strings.Count(source, once), once)
	}
	assert.NotContains(t, source, "workgroup_size(1)")
	for text, want := range map[string]string{
		"fn f(v: f32) -> f32 { return v; } // conv2d.wgsl's\n": "there is no such file",
		"fn f(v: f32) -> f32 { return v; } // bias.wgsl's\n":   "it has no such function",
	} {
		_, err := linked(text)
		assert.ErrorContains(t, err, want)
	}
}

package shaders

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUnroll(t *testing.T) {
	got, err := Unroll(`const WIDE: u32 = ROWS / 4u + 1u;
const ROWS: u32 = 4u;
    for (var row = 0u; row < WIDE; row = row + 1u) { // unrolled
        for (var e = 0u; e < 2u; e = e + 1u) { // unrolled
            if (e < n) {
                sum[row * 2u + e] = f(rows, e);
            }
        }
    }
    for (var k = 0u; k < n; k = k + 1u) {
    }
`)
	require.NoError(t, err)
	assert.Equal(t, `const WIDE: u32 = ROWS / 4u + 1u;
const ROWS: u32 = 4u;
    {
        {
            if (0u < n) {
                sum[0u * 2u + 0u] = f(rows, 0u);
            }
        }
        {
            if (1u < n) {
                sum[0u * 2u + 1u] = f(rows, 1u);
            }
        }
    }
    {
        {
            if (0u < n) {
                sum[1u * 2u + 0u] = f(rows, 0u);
            }
        }
        {
            if (1u < n) {
                sum[1u * 2u + 1u] = f(rows, 1u);
            }
        }
    }
    for (var k = 0u; k < n; k = k + 1u) {
    }
`, got)
}

func TestUnrollRefuses(t *testing.T) {
	for source, want := range map[string]string{
		"for (var i = 0u; i < N; i = i + 1u) { // unrolled\n}\n":                            "there is no const N: u32",
		"for (var i = 0u; i < 2u; j = j + 1u) { // unrolled\n}\n":                           "cannot unroll",
		"    for (var i = 0u; i < 2u; i = i + 1u) { // unrolled\n}\n":                       "cannot unroll",
		"const N: u32 = 0u;\nfor (var i = 0u; i < 4u / N; i = i + 1u) { // unrolled\n\n}\n": "divided by 0",
	} {
		_, err := Unroll(source)
		assert.ErrorContains(t, err, want)
	}
}

// Every loop that is marked is written out, and nothing else changes.
func TestUnrollShaders(t *testing.T) {
	for _, name := range Names() {
		source, err := Source(name)
		require.NoError(t, err)
		got, err := Unroll(source)
		require.NoError(t, err, name)
		assert.NotContains(t, got, "// unrolled", name)
		assert.Equal(t, strings.Contains(source, mark), got != source, name)
	}
}

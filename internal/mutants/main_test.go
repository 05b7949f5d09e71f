package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFaults(t *testing.T) {
	source := "// a + b\nconst n = 1 + 2\n    y[i] = a + b * c; // 1 + 1\n"
	var made []string
	for _, f := range faults(source) {
		assert.Equal(t, 3, f.line)
		made = append(made, f.apply(source)[len("// a + b\nconst n = 1 + 2\n"):])
	}
	assert.Equal(t, []string{"    y[i] = a - b * c; // 1 + 1\n", "    y[i] = a + b + c; // 1 + 1\n", "    y[i] = a + b / c; // 1 + 1\n"}, made)
}

// Every fault of the list is still to be had, and is of code, not of a comment.
func TestList(t *testing.T) {
	root := filepath.Join("..", "..")
	var files []string
	for _, n := range list {
		matches, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(n.file)))
		require.NoError(t, err)
		for _, m := range matches {
			file, err := filepath.Rel(root, m)
			require.NoError(t, err)
			files = append(files, filepath.ToSlash(file))
		}
	}
	found, err := listed(root, files)
	require.NoError(t, err)
	n := 0
	for file, faults := range found {
		source, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		for _, f := range faults {
			n++
			before := string(source[:f.from])
			assert.NotContains(t, before[strings.LastIndex(before, "\n")+1:], "//", "%s: %s", file, f.what)
		}
	}
	assert.GreaterOrEqual(t, n, 60)
}

// Every kernel and every operation of the CPU has a fault in the list.
func TestListIsWhole(t *testing.T) {
	listed := map[string]bool{}
	for _, n := range list {
		listed[n.file] = true
	}
	for _, pattern := range []string{"shaders/*.wgsl", "engine/ops/*.go"} {
		files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(pattern)))
		require.NoError(t, err)
		for _, file := range files {
			name := filepath.Base(file)
			place := "shaders/" + name
			if strings.HasSuffix(name, ".go") {
				place = "cpu/" + name
				if _, err := os.Stat(filepath.Join("..", "..", "cpu", name)); err != nil {
					continue // no operation
				}
			}
			if !listed[place] && !excused[place] {
				t.Errorf("%s has no fault in list.go", place)
			}
		}
	}
}

// excused are files without a fault: a measurement is no result.
var excused = map[string]bool{"shaders/roof.wgsl": true, "shaders/roof_copy.wgsl": true}

func TestSpread(t *testing.T) {
	all := make([]fault, 10)
	for i := range all {
		all[i].line = i
	}
	some := spread(all, 2)
	assert.Equal(t, []int{2, 7}, []int{some[0].line, some[1].line})
	assert.Len(t, spread(all[:1], 2), 1)
}

func TestTestsOf(t *testing.T) {
	assert.Equal(t, tests{"./kernels", "TestConformance/operations/^matmul|TestKernelsOfGPUs"}, testsOf("shaders/matmul_vector.wgsl"))
	assert.Equal(t, tests{"./cpu", "."}, testsOf("cpu/pool.go"))
}

func TestFirstFailure(t *testing.T) {
	assert.Equal(t, "TestA/b", firstFailure("ok\n--- FAIL: TestA (1s)\n    x_test.go:1: log\n    --- FAIL: TestA/b (0s)\n        x_test.go:3: no\n    --- FAIL: TestA/c (0s)\n"))
	assert.Equal(t, "panic: oh", firstFailure("panic: oh\n\ngoroutine 1\n--- FAIL: TestA (1s)\n"))
	assert.Empty(t, firstFailure("exit status 3"))
}

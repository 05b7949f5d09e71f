package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
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
	pkg, pattern := testsOf("shaders/matmul_large.wgsl")
	assert.Equal(t, []string{"./kernels", "TestConformance/operations/^matmul"}, []string{pkg, pattern})
	pkg, pattern = testsOf("cpu/pool.go")
	assert.Equal(t, []string{"./cpu", "."}, []string{pkg, pattern})
}

package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTable(t *testing.T) {
	const in = `go1.26, linux/amd64, commit abc
goos: linux
pkg: github.com/gradus-ml/gradus/bench
BenchmarkMatMul/AB/512x512x512/cpu-1-thread-2         	     525	         2.775 GB/s	       236.8 GFLOP/s	        92.13 %limit	         1.134 ms	       882.2 steps/s
BenchmarkDispatch/gpu-16         	limit of gpu: 67 GFLOP/s
     3	         12.25 us/operation
--- SKIP: BenchmarkMatMul/AB/4096x4096x4096/gpu
    bench_test.go:1: NOT TIMED: 137 GFLOP on a software driver
PASS
ok  	github.com/gradus-ml/gradus/bench	1.0s
`
	var out strings.Builder
	failed, err := table(strings.NewReader(in), &out)
	require.NoError(t, err)
	assert.False(t, failed)
	want := []string{
		"go1.26, linux/amd64, commit abc",
		"benchmark device ms GFLOP/s GB/s %limit",
		"MatMul/AB/512x512x512 cpu-1-thread 1.134 236.8 2.775 92.13",
		"limit of gpu: 67 GFLOP/s",
		"Dispatch gpu 12.25 us/operation",
		"bench_test.go:1: NOT TIMED: 137 GFLOP on a software driver",
	}
	for i, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		assert.Equal(t, want[i], strings.Join(strings.Fields(line), " "))
	}
	failed, err = table(strings.NewReader("--- FAIL: BenchmarkStep/x\nFAIL\n"), &out)
	require.NoError(t, err)
	assert.True(t, failed, "a failed benchmark is told")
}

func TestRounded(t *testing.T) {
	for number, want := range map[string]string{"0.00012345": "0.0001", "0": "0.0000", "-3.14159": "-3.142", "123.456": "123.5", "98765": "98765", "x": "x"} {
		assert.Equal(t, want, rounded(number))
	}
}

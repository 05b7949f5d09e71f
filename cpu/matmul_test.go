package cpu

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Every number of rows and columns that a kernel has computes the chains, to the bit, and writes nothing beside them.
func TestTilesOfEverySize(t *testing.T) {
	for _, set := range present()[1:] {
		w := kernelSizes[set]
		for m := 1; m <= w.rows+1; m++ {
			for n := 1; n <= w.cols+1; n++ {
				const k, gap, canary = 3, 2, float32(-77)
				f := factors{set, matrix{reals(1, m*k), k, 1}, matrix{reals(2, k*n), n, 1}, 1, nil}
				c := make([]float32, m*(n+gap))
				for i := range c {
					c[i] = canary
				}
				s := dense(m, n, k)
				s.ldc = n + gap
				f.multiply(c, nil, s).inParallel(1)
				for i, got := range c {
					want := canary
					if i%s.ldc < n {
						want = f.chain(i/s.ldc, i%s.ldc, k, 0)
					}
					if got != want {
						t.Fatalf("%v %dx%d: c[%d,%d] = %v, want %v", set, m, n, i/s.ldc, i%s.ldc, got, want)
					}
				}
			}
		}
	}
}

// Tiles cover every row once, whatever part is asked for, and their heights differ by one at most.
func TestBlocks(t *testing.T) {
	for _, row := range []struct {
		m, from, to int
		want        []block
	}{
		{14, 0, 1, []block{{0, 14, 0, 20, 1}}},
		{32, 0, 3, []block{{0, 11, 0, 20, 2}, {22, 10, 0, 20, 1}}},
		{32, 1, 3, []block{{11, 11, 0, 20, 1}, {22, 10, 0, 20, 1}}},
		{32, 0, 1, []block{{0, 11, 0, 20, 1}}},
		{33, 0, 3, []block{{0, 11, 0, 20, 3}}},
		{15, 0, 2, []block{{0, 8, 0, 20, 1}, {8, 7, 0, 20, 1}}},
	} {
		var got []block
		for i := row.from; i < row.to; {
			at := size{m: row.m, n: 20}.block(i, row.to, 14, 32)
			got = append(got, at)
			i += at.count
		}
		assert.Equal(t, row.want, got, row.m)
	}
}

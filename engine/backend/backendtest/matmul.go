package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

func matMul(o ops.MatMul) {
	a, b, c := f64(o.A), f64(o.B), f64(o.C)
	for i := range o.M {
		for j := range o.N {
			sum := 0.0
			for k := range o.K {
				left, right := a[i*o.K+k], 0.0
				if o.TransposeA {
					left = a[k*o.M+i]
				}
				if right = b[k*o.N+j]; o.TransposeB {
					right = b[j*o.K+k]
				}
				sum += left * right
			}
			c[i*o.N+j] = sum
		}
	}
}

// matMulSizes are m, n, k: single elements, odd shapes, the edges of tiles of 16, 32 and 64, the products of the seed network, and
// multiples of four, around tiles of 8 and of 16 by 16 too, with few and many other sizes.
var matMulSizes = [][3]int{
	{1, 1, 1}, {1, 1, 3}, {3, 1, 1}, {1, 3, 2}, {2, 3, 4}, {3, 5, 7}, {1, 64, 64}, {64, 1, 64}, {64, 64, 1},
	{15, 15, 15}, {16, 16, 16}, {17, 17, 17}, {31, 33, 32}, {32, 32, 32}, {33, 31, 33}, {63, 64, 65}, {64, 64, 64},
	{65, 63, 64}, {65, 65, 65}, {96, 80, 48}, {97, 101, 103}, {127, 128, 129}, {128, 128, 128}, {4, 4, 1000}, {5, 7, 4099}, {130, 2, 257},
	{32, 300, 784}, {300, 784, 32}, {32, 100, 300}, {32, 10, 100}, {100, 10, 32}, {100, 10, 256}, {10, 300, 100}, {8, 1031, 6}, {1031, 8, 6},
	{4, 4, 4}, {4, 12, 5}, {8, 16, 3}, {8, 16, 4}, {12, 20, 8}, {13, 28, 36}, {7, 16, 1000}, {40, 68, 33}, {68, 60, 129}, {2, 8, 8}, {5, 1028, 12}, {1036, 4, 7}, {76, 132, 20}, {81, 124, 44}, {132, 84, 5},
	{449, 193, 17}, // many tiles of 64, and no rows of whole vectors
}

func matMulCases() []Case {
	var cases []Case
	for _, s := range matMulSizes {
		for _, form := range []struct{ ta, tb bool }{{false, false}, {true, false}, {false, true}} {
			cases = append(cases, matMulCase(s, form.ta, form.tb, 1))
		}
	}
	large := matMulCase([3]int{33, 35, 70}, false, false, 1e4)
	large.Name += " large"
	cases = append(cases, large, matMulInArena())
	for _, s := range [][3]int{{33, 34, 37}, {36, 36, 20}} { // neither depth is a multiple of a tile's
		for _, form := range []struct{ ta, tb bool }{{false, false}, {true, false}, {false, true}} {
			cases = append(cases, matMulOfNaN(s, form.ta, form.tb))
		}
	}
	return cases
}

// matMulOfNaN has a′[1,0] = b′[0,1] = NaN, and so only row 1 and column 1 of c: a product past the depth, of the next row's first element and a zero,
// would make row 0 NaN too, and is to be seen by nothing else.
func matMulOfNaN(s [3]int, transposeA, transposeB bool) Case {
	c := matMulCase(s, transposeA, transposeB, 1)
	c.Name += " NaN"
	m, n, k := s[0], s[1], s[2]
	inA, inB := k, 1
	if transposeA {
		inA = 1
	}
	if transposeB {
		inB = k
	}
	c.Build = one(func(in *Inputs) ops.MatMul {
		return ops.MatMul{A: in.normalBut(m*k, inA), B: in.normalBut(k*n, inB), C: in.Result(m * n), M: m, N: n, K: k, TransposeA: transposeA, TransposeB: transposeB}
	})
	return c
}

// normalBut allocates n values from the normal distribution, but for one that is NaN.
func (in *Inputs) normalBut(n, nan int) backend.Region {
	return in.Fill(n, func(i int) float64 {
		if i == nan {
			return math.NaN()
		}
		return in.stream.Normal()
	})
}

func matMulCase(s [3]int, transposeA, transposeB bool, size float64) Case {
	m, n, k := s[0], s[1], s[2]
	return Case{
		Name:  fmt.Sprintf("matmul %dx%dx%d %v %v", m, n, k, transposeA, transposeB),
		Terms: k, Scale: partialSums(k) * size * size,
		Build: one(func(in *Inputs) ops.MatMul {
			return ops.MatMul{A: in.Normal(m*k, 0, size), B: in.Normal(k*n, 0, size), C: in.Result(m * n),
				M: m, N: n, K: k, TransposeA: transposeA, TransposeB: transposeB}
		}),
	}
}

// partialSums is the scale of a sum of k products of normal numbers: its partial sums walk at random, to √k, and each is rounded.
// A quarter of that makes the tolerance five standard deviations of the error of a plain chain.
func partialSums(k int) float64 { return max(1, math.Sqrt(float64(k))/4) }

// matMulInArena has its factors and its result at offsets.
func matMulInArena() Case {
	const m, n, k = 20, 30, 40
	return Case{Name: "matmul in an arena", Terms: k, Scale: partialSums(k), Build: one(func(in *Inputs) ops.MatMul {
		value := func(int, int) float64 { return in.stream.Normal() }
		factors := in.Arena([]int{7, m * k, k * n}, value)
		results := in.Arena([]int{100, m * n, 9}, value)
		return ops.MatMul{A: factors[1], B: factors[2], C: results[1], M: m, N: n, K: k}
	})}
}

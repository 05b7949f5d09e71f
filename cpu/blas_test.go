package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// Sgemm is held to gonum's: sizes, forms, strides and factors.
func TestSgemm(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	values := func(n int) []float32 {
		list := make([]float32, n)
		for i := range list {
			list[i] = float32(random.NormFloat64())
		}
		return list
	}
	for _, s := range [][3]int{{1, 1, 1}, {3, 5, 7}, {14, 32, 9}, {29, 33, 17}, {64, 10, 100}, {100, 10, 256}, {200, 150, 130}} {
		for form := range 4 {
			for _, factor := range [][2]float32{{1, 0}, {1, 1}, {-0.5, 0.25}, {2, 0}, {0, 0.5}} {
				tA, tB := [2]blas.Transpose{blas.NoTrans, blas.Trans}[form%2], [2]blas.Transpose{blas.NoTrans, blas.ConjTrans}[form/2]
				lda, ldb, ldc := max(s[0], s[2])+3, max(s[1], s[2])+1, s[1]+2
				a, b, c := values(max(s[0], s[2])*lda), values(max(s[1], s[2])*ldb), values(s[0]*ldc)
				want := append([]float32(nil), c...)
				gonum.Implementation{}.Sgemm(tA, tB, s[0], s[1], s[2], factor[0], a, lda, b, ldb, factor[1], want, ldc)
				BLAS{}.Sgemm(tA, tB, s[0], s[1], s[2], factor[0], a, lda, b, ldb, factor[1], c, ldc)
				for i, w := range want {
					tolerance := 8 * 0x1p-23 * math.Sqrt(float64(s[2])) * (3 + math.Abs(float64(w)))
					if math.Abs(float64(c[i])-float64(w)) > tolerance {
						t.Fatalf("%v form %d factors %v: c[%d] = %v, want %v", s, form, factor, i, c[i], w)
					}
				}
			}
		}
	}
}

func TestSgemmRefuses(t *testing.T) {
	for i, call := range []func(g blas.Float32){
		func(g blas.Float32) {
			g.Sgemm('x', blas.NoTrans, 1, 1, 1, 1, []float32{1}, 1, []float32{1}, 1, 0, []float32{1}, 1)
		},
		func(g blas.Float32) {
			g.Sgemm(blas.NoTrans, blas.NoTrans, 2, 2, 2, 1, make([]float32, 3), 2, make([]float32, 4), 2, 0, make([]float32, 4), 2)
		},
		func(g blas.Float32) {
			g.Sgemm(blas.NoTrans, blas.NoTrans, 2, 2, 2, 1, make([]float32, 4), 1, make([]float32, 4), 2, 0, make([]float32, 4), 2)
		},
		func(g blas.Float32) {
			g.Sgemm(blas.NoTrans, blas.NoTrans, -1, 2, 2, 1, make([]float32, 4), 2, make([]float32, 4), 2, 0, make([]float32, 4), 2)
		},
	} {
		assert.Equal(t, panicOf(func() { call(gonum.Implementation{}) }), panicOf(func() { call(BLAS{}) }), "call %d", i)
	}
}

// panicOf returns what f panics with.
func panicOf(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}

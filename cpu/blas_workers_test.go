package cpu

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"
)

func ExampleNewBLAS() {
	products := NewBLAS(0)
	defer products.Close()
	blas32.Use(products)
	defer blas32.Use(gonum.Implementation{})
	a := blas32.General{Rows: 2, Cols: 2, Stride: 2, Data: []float32{1, 2, 3, 4}}
	c := blas32.General{Rows: 2, Cols: 2, Stride: 2, Data: make([]float32, 4)}
	blas32.Gemm(blas.NoTrans, blas.Trans, 1, a, a, 0, c)
	fmt.Println(c.Data)
	// Output: [5 11 11 25]
}

// sgemmCall is a call of Sgemm, and what C holds before.
type sgemmCall struct {
	tA, tB      blas.Transpose
	m, n, k     int
	alpha, beta float32
	a, b, c     []float32
}

// on returns what C holds after the call.
func (s sgemmCall) on(g blas.Float32) []float32 {
	lda, ldb, c := s.k, s.n, append([]float32(nil), s.c...)
	if s.tA != blas.NoTrans {
		lda = s.m
	}
	if s.tB != blas.NoTrans {
		ldb = s.k
	}
	g.Sgemm(s.tA, s.tB, s.m, s.n, s.k, s.alpha, s.a, lda, s.b, ldb, s.beta, c, s.n)
	return c
}

// sgemmCalls are products of every way in which they are computed, in every form, from other numbers each.
func sgemmCalls() []sgemmCall {
	var list []sgemmCall
	for i, s := range [][3]int{{1, 1, 1}, {32, 10, 100}, {32, 300, 784}, {300, 100, 32}, {100, 10, 256}, {256, 100, 300}, {240, 37, 65}, {700, 700, 600}} {
		for form := range 4 {
			for _, factor := range [][2]float32{{1, 0}, {1, 1}, {-0.5, 2}} {
				m, n, k, seed := s[0], s[1], s[2], uint64(len(list))
				if i == 7 && factor[0] != 1 {
					continue
				}
				list = append(list, sgemmCall{[2]blas.Transpose{blas.NoTrans, blas.Trans}[form%2], [2]blas.Transpose{blas.NoTrans, blas.Trans}[form/2],
					m, n, k, factor[0], factor[1], reals(seed, m*k), reals(seed+100, k*n), reals(seed+200, m*n)})
			}
		}
	}
	return list
}

// Products are the same bits with one, two and three threads, kept or not, the first time and later, and from several goroutines at once.
func TestNewBLAS(t *testing.T) {
	calls, wants := sgemmCalls(), [][]float32{}
	for _, call := range calls {
		wants = append(wants, call.on(BLAS{}))
	}
	for _, threads := range []int{1, 2, 3} {
		g := NewBLAS(threads)
		var wait sync.WaitGroup
		for range 3 {
			wait.Go(func() {
				for i, call := range calls {
					assert.True(t, slices.Equal(wants[i], call.on(g)), "%d threads, call %d", threads, i)
				}
			})
		}
		wait.Wait()
		assert.NoError(t, g.Close())
		assert.NoError(t, g.Close())
		assert.Equal(t, wants[0], calls[0].on(g), "after Close")
	}
}

// The second product of a kind allocates nothing.
func TestNewBLASAllocates(t *testing.T) {
	g := NewBLAS(2)
	defer g.Close()
	for _, s := range sgemmCalls() {
		lda, ldb := max(s.m, s.k), max(s.n, s.k)
		a, b := make([]float32, lda*lda), make([]float32, ldb*ldb)
		run := func() { g.Sgemm(s.tA, s.tB, s.m, s.n, s.k, s.alpha, a, lda, b, ldb, s.beta, s.c, s.n) }
		assert.Zero(t, testing.AllocsPerRun(3, run), "%dx%dx%d %c%c %v %v", s.m, s.n, s.k, s.tA, s.tB, s.alpha, s.beta)
	}
}

// What is kept stays within its bounds.
func TestNewBLASForgets(t *testing.T) {
	w := &workers{plans: map[plan]*planned{}}
	for i := range 3 * keptPlans {
		w.keep(plan{aRow: i}, &planned{matrixProduct: matrixProduct{held: keptMemory / 10}})
		held := 0
		for _, p := range w.plans {
			held += p.held
		}
		assert.Equal(t, held, w.held)
		assert.LessOrEqual(t, held, keptMemory)
	}
	before := len(w.plans)
	w.keep(plan{}, &planned{matrixProduct: matrixProduct{held: keptMemory + 1}})
	assert.LessOrEqual(t, len(w.plans), before)
	for i := range 2 * keptPlans {
		w.keep(plan{aRow: i}, &planned{})
		assert.LessOrEqual(t, len(w.plans), keptPlans)
	}
}

package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

// reals are random numbers that every machine makes the same.
func reals(seed uint64, n int) []float32 {
	random, list := rand.New(rand.NewPCG(seed, 2)), make([]float32, n)
	for i := range list {
		list[i] = float32(random.Float64() - random.Float64())
	}
	return list
}

// chain is element [i, j] of a product by fused multiply-add in order of k, onto a number.
func (f factors) chain(i, j, k int, onto float32) float32 {
	sum := onto
	for l := range k {
		x, y := f.a.data[i*f.a.row+l*f.a.step], f.b.data[l*f.b.row+j*f.b.step]
		sum = fma32(x, y, sum)
	}
	return sum
}

// fma32 rounds x·y + z once: the product is exact in float64, and a sum rounded to odd is right when it is rounded again.
func fma32(x, y, z float32) float32 {
	p := float64(x) * float64(y)
	s := p + float64(z)
	t := s - p
	rest := (p - (s - t)) + (float64(z) - t)
	if bits := math.Float64bits(s); rest != 0 && bits&1 == 0 {
		if (rest > 0) == (s > 0) {
			bits++
		} else {
			bits--
		}
		s = math.Float64frombits(bits)
	}
	return float32(s)
}

// Every product, by packed blocks or at once, with or without bias, is the chain of fused multiply-adds in order of k, to the bit.
func TestProductsAreChains(t *testing.T) {
	for _, set := range present()[1:] {
		for _, s := range [][3]int{{1, 1, 1}, {13, 33, 40}, {61, 130, 70}, {30, 25, 2*depth + 1}, {97, 8, depth}} {
			for form := range 4 {
				m, n, k := s[0], s[1], s[2]
				f := factors{set, matrix{reals(1, m*k), k, 1}, matrix{reals(2, k*n), n, 1}, 2, nil}
				if form%2 == 1 {
					f.a.row, f.a.step = 1, m
				}
				if form/2 == 1 {
					f.b.row, f.b.step = 1, k
				}
				for _, onto := range []bool{false, true} {
					for _, bias := range [][]float32{nil, reals(3, n)} {
						f.holds(t, s, onto, bias)
					}
				}
			}
		}
	}
}

// holds computes a product in every way and compares all its elements.
func (f factors) holds(t *testing.T, size3 [3]int, onto bool, bias []float32) {
	m, n, k := size3[0], size3[1], size3[2]
	before := reals(4, m*n)
	s, wants := dense(m, n, k), make([]float32, m*n)
	s.onto = onto
	for at := range wants {
		start := float32(0)
		if onto {
			start = before[at]
		}
		if wants[at] = f.chain(at/n, at%n, k, start); bias != nil {
			wants[at] += bias[at%n]
		}
	}
	for way, job := range map[string]func(c []float32) *job{
		"blocks":    func(c []float32) *job { return (&matrixProduct{factors: f, size: s, c: c, bias: bias}).blocks() },
		"at once":   func(c []float32) *job { return f.multiply(c, bias, s) },
		"panels":    func(c []float32) *job { return (&matrixProduct{factors: f, size: s, c: c, bias: bias}).turnedPanels() },
		"exchanged": func(c []float32) *job { return (&matrixProduct{factors: f, size: s, c: c, bias: bias}).exchanged() },
	} {
		if way == "panels" && f.b.step == 1 || way == "exchanged" && (onto || bias != nil) {
			continue
		}
		c := append([]float32(nil), before...)
		job(c).inParallel(2)
		for at, got := range c {
			if want := wants[at]; got != want {
				t.Fatalf("%v %s %v, strides %d %d, onto %v, bias %v: c[%d,%d] = %v, want %v", f.set, way, size3, f.a.step, f.b.step, onto, bias != nil, at/n, at%n, got, want)
			}
		}
	}
}

// A product that is wider than a block of B.
func TestWideProduct(t *testing.T) {
	if available() == generic {
		t.Skip("NOT TESTED: products by vector kernels: this machine has none")
	}
	const m, n, k = 60, blockCols + 37, 70
	f := factors{available(), matrix{reals(1, m*k), k, 1}, matrix{reals(2, k*n), n, 1}, 1, nil}
	c := make([]float32, m*n)
	(&matrixProduct{factors: f, size: dense(m, n, k), c: c}).blocks().inParallel(1)
	for _, at := range []int{0, blockCols - 1, blockCols, n - 1, 31*n + blockCols + 3, m*n - 1} {
		assert.Equal(t, f.chain(at/n, at%n, k, 0), c[at], fmt.Sprint(at))
	}
}

func TestEvenly(t *testing.T) {
	for _, row := range [][3]int{{84, 84, 1}, {85, 84, 2}, {1024, 84, 14}, {2048, 84, 26}, {168, 84, 2}, {3, 1, 4}} {
		if got := evenly(row[0], row[1]); got != row[2] {
			t.Errorf("%d rows, at most %d a part: %d parts, want %d", row[0], row[1], got, row[2])
		}
	}
}

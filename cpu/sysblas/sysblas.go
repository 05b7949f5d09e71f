// Package sysblas computes the CPU backend's matrix products with a BLAS of the system, loaded when the program runs, without cgo: OpenBLAS, MKL, BLIS,
// or Apple's Accelerate, which alone reaches the matrix units of Apple's processors:
//
//	library, err := sysblas.Open(sysblas.Options{})
//	dev, err := cpu.OpenWith(cpu.Options{Products: library})
//
// It is a package of its own because importing it makes a program need the system's dynamic loader. Nothing is loaded before Open.
package sysblas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/gradus-ml/gradus/cpu"
)

// Options say which library is loaded. The zero value means the first of Candidates that the system has.
type Options struct {
	// Path is the library's file, or a name that the system's loader finds.
	Path string
	// Threads is how many the library may use, where it can be told (OpenBLAS and MKL); zero leaves it to the library.
	Threads int
	// CoreType is OPENBLAS_CORETYPE, which OpenBLAS looks at when it is loaded, unless the environment has it. Empty means SkylakeX on processors with
	// AVX-512, since releases that are older than a processor take it for one without.
	CoreType string
	// AnySpeed takes a library although it is less than half as fast as the kernels of package cpu.
	AnySpeed bool
}

// Library is a loaded BLAS, a cpu.Products. It stays loaded until the program ends.
type Library struct {
	Path   string
	Config string  // what OpenBLAS says of itself; empty for others
	GFLOPs float64 // of a product of 512³ when it was loaded
	Own    float64 // the same by package cpu's kernels
	call   caller
}

var _ cpu.Products = (*Library)(nil)

// String returns the library's name and speed.
func (l *Library) String() string { return fmt.Sprintf("%s (%.0f GFLOP/s)", l.Path, l.GFLOPs) }

// Open loads a library, holds its results to gonum's and its speed to that of package cpu. Without a Path it tries Candidates; libblas.so.3 is not among them, since
// that may be the reference, which is slow. The error tells why each was refused.
func Open(o Options) (*Library, error) {
	if o.Threads < 0 {
		return nil, fmt.Errorf("sysblas: threads is %d, want at least 1, or 0 to leave it to the library", o.Threads)
	}
	paths := Candidates()
	if o.Path != "" {
		paths = []string{o.Path}
	}
	var refused []string
	for _, path := range paths {
		l, err := open(path, o)
		if err == nil {
			return l, nil
		}
		refused = append(refused, fmt.Sprintf("%s: %v", path, err))
	}
	if len(refused) == 0 {
		return nil, fmt.Errorf("sysblas: no library is known on this platform; set Options.Path")
	}
	return nil, fmt.Errorf("sysblas: no library that can be used: %s", strings.Join(refused, "; "))
}

func open(path string, o Options) (*Library, error) {
	call, config, err := load(path, o)
	if err != nil {
		return nil, err
	}
	l := &Library{Path: path, Config: config, call: call}
	if err := l.right(); err != nil {
		return nil, err
	}
	l.GFLOPs, l.Own = speed(l), speed(cpu.BLAS{})
	if l.GFLOPs < l.Own/2 && !o.AnySpeed {
		return nil, fmt.Errorf("%.1f GFLOP/s, and package cpu %.1f: not used (Options.AnySpeed does)", l.GFLOPs, l.Own)
	}
	return l, nil
}

// The numbers of cblas.h.
const (
	rowMajor   = 101
	plain      = 111
	transposed = 112
)

// Sgemm implements cpu.Products. It panics as gonum's does.
func (l *Library) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	gonum.Implementation{}.Sgemm(tA, tB, m, n, k, 0, a, lda, b, ldb, 1, c, ldc) // checks, and does nothing
	if m == 0 || n == 0 || k == 0 || max(m, n, k, lda, ldb, ldc) > math.MaxInt32 {
		gonum.Implementation{}.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	l.call.sgemm([3]int32{rowMajor, form(tA), form(tB)}, [6]int32{int32(m), int32(n), int32(k), int32(lda), int32(ldb), int32(ldc)},
		[2]float32{alpha, beta}, [3]*float32{&a[0], &b[0], &c[0]})
}

func form(t blas.Transpose) int32 {
	if t == blas.NoTrans {
		return plain
	}
	return transposed
}

// right holds products to gonum's: each of k products and sums is rounded, on both sides.
func (l *Library) right() error {
	for _, s := range [][3]int{{1, 1, 1}, {5, 3, 7}, {33, 17, 29}, {64, 100, 300}} {
		for form := range 4 {
			m, n, k := s[0], s[1], s[2]
			tA, lda, tB, ldb := blas.NoTrans, k+1, blas.NoTrans, n+2
			if form%2 == 1 {
				tA, lda = blas.Trans, m+1
			}
			if form/2 == 1 {
				tB, ldb = blas.Trans, k+2
			}
			a, b, c := uniform(1, max(m, k)*lda), uniform(2, max(n, k)*ldb), uniform(3, m*n)
			want := append([]float32(nil), c...)
			gonum.Implementation{}.Sgemm(tA, tB, m, n, k, 0.5, a, lda, b, ldb, 2, want, n)
			l.Sgemm(tA, tB, m, n, k, 0.5, a, lda, b, ldb, 2, c, n)
			for i, w := range want {
				if d, tolerance := math.Abs(float64(c[i]-w)), 0x1p-23*float64(k+2); !(d <= tolerance) {
					return fmt.Errorf("wrong results: c[%d] of %dx%dx%d is %v, want %v", i, m, n, k, c[i], w)
				}
			}
		}
	}
	return nil
}

// uniform are n numbers from −1 to 1.
func uniform(seed uint64, n int) []float32 {
	random, list := rand.New(rand.NewPCG(seed, 0)), make([]float32, n)
	for i := range list {
		list[i] = 2*random.Float32() - 1
	}
	return list
}

// speed returns the GFLOP/s of a product of 512³, in the fastest of some rounds.
func speed(p cpu.Products) float64 {
	const n = 512
	a, b, c := uniform(1, n*n), uniform(2, n*n), make([]float32, n*n)
	best := time.Duration(math.MaxInt64)
	for range 5 {
		start := time.Now()
		p.Sgemm(blas.NoTrans, blas.NoTrans, n, n, n, 1, a, n, b, n, 0, c, n)
		best = min(best, time.Since(start))
	}
	return 2 * n * n * n / float64(max(best, 1))
}

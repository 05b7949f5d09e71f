package cpu

import (
	"runtime"
	"sync"
)

// NewBLAS returns a BLAS that keeps threads, so that it is worth sharing also small products among them, and memory, so that nothing is allocated for a product
// whose sizes, distances of rows and transpositions have come before; at most 64 MiB are kept, and for blocks of large ones 9 MiB and 1 MiB a thread. Up to so
// many threads work on a product, the calling one among them; fewer than one means GOMAXPROCS. Between products, the others watch out for the next for 50 µs and then sleep.
//
// Any number of goroutines may use it: who finds the threads at work computes alone. Close ends the threads.
func NewBLAS(threads int) BLAS {
	if threads < 1 {
		threads = runtime.GOMAXPROCS(0)
	}
	return BLAS{kept: &workers{pool: newPool(threads), plans: map[plan]*planned{}}}
}

// Close ends the threads that NewBLAS started. Products that come later are computed by the calling goroutine.
func (g BLAS) Close() error {
	if g.kept != nil {
		g.kept.pool.close()
	}
	return nil
}

// workers are threads, and the products that they have computed before, with their memory.
type workers struct {
	mu     sync.Mutex // held by whoever computes
	pool   *pool
	plans  map[plan]*planned
	held   int // numbers of memory that all plans have
	packed packing
}

// keptMemory is how many numbers the plans may keep, and keptPlans how many may be kept: 64 MiB, which is enough for products of 4096. Beyond, all are
// forgotten.
const (
	keptMemory = 1 << 24
	keptPlans  = 256
)

// A plan is all that tells products apart but their numbers.
type plan struct {
	size
	aRow, aStep, bRow, bStep int
	scaled                   bool
}

// planned is a product that can be computed again.
type planned struct {
	matrixProduct
	job *job
	sum []float32 // A·B before it is scaled
}

// multiply computes a product, unless another goroutine has the threads.
func (w *workers) multiply(f factors, c []float32, s size, x scaling) bool {
	if !w.mu.TryLock() {
		return false
	}
	defer w.mu.Unlock()
	s.onto = x.direct() && x.beta == 1
	p := w.planned(f, s, !x.direct())
	p.a.data, p.b.data, p.c = f.a.data, f.b.data, c
	if p.sum != nil {
		p.c = p.sum
	}
	w.pool.run(p.job)
	if p.sum != nil {
		addScaled(x, p.sum, c, s.n, s.ldc)
	}
	p.a.data, p.b.data, p.c = nil, nil, nil // they are not ours to keep
	return true
}

// planned returns the plan for products like this one.
func (w *workers) planned(f factors, s size, scaled bool) *planned {
	key := plan{s, f.a.row, f.a.step, f.b.row, f.b.step, scaled}
	if p := w.plans[key]; p != nil {
		return p
	}
	f.threads, f.packed = w.pool.helpers+1, &w.packed
	p := &planned{matrixProduct: matrixProduct{factors: f, size: s}}
	if scaled {
		p.sum, p.ldc = p.memory(s.m*s.n), s.n
	}
	p.job = p.matrixProduct.job()
	w.keep(key, p)
	return p
}

// keep remembers a plan, unless its memory alone is too much.
func (w *workers) keep(key plan, p *planned) {
	if w.held+p.held > keptMemory || len(w.plans) >= keptPlans {
		clear(w.plans)
		w.held = 0
	}
	if p.held <= keptMemory {
		w.plans[key], w.held = p, w.held+p.held
	}
}

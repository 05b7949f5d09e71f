package cpu

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/gradus-ml/gradus/engine/backend"
)

// Roof implements backend.Roofed: multiply-adds by the instructions of the kernels, and copies, on the threads of the device. The fastest of
// several rounds counts.
func (d *Backend) Roof() (backend.Roof, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return backend.Roof{}, err
	}
	r := backend.Roof{FLOPs: d.arithmetic()}
	for _, bytes := range roofCopies {
		r.Copies = append(r.Copies, backend.Copy{Bytes: bytes, PerSecond: d.copies(int(bytes))})
	}
	return r, nil
}

// roofCopies are sizes that fit caches of the first, second and third level, and one that is larger than they are.
var roofCopies = []int64{32 << 10, 512 << 10, 8 << 20, 256 << 20}

const (
	roofRounds = 8
	fmaRounds  = 50_000  // about a quarter of a millisecond
	fmaParts   = 4       // a thread
	copiedOver = 8 << 20 // bytes that a part copies at least, again and again
)

// arithmetic returns the flops a second of a loop of multiply-adds.
func (d *Backend) arithmetic() float64 {
	parts, flops := fmaParts*(1+d.pool.helpers), fmas(d.set, 1)*fmaRounds
	took := d.fastest(&job{parts: parts, run: func(int) { fmas(d.set, fmaRounds) }})
	return float64(parts*flops) / took.Seconds()
}

// copies returns the bytes a second of copies that move so many, each thread its share.
func (d *Backend) copies(bytes int) float64 {
	threads := 1 + d.pool.helpers
	share := max(1<<10, bytes/2/threads)
	src, dst, again := make([]byte, share*threads), make([]byte, share*threads), max(1, copiedOver/share)
	took := d.fastest(&job{parts: threads, run: func(part int) {
		for range again {
			copy(dst[part*share:][:share], src[part*share:][:share])
		}
	}})
	return float64(2*share*threads*again) / took.Seconds()
}

// fastest returns how long the job takes, the first round left out.
func (d *Backend) fastest(j *job) time.Duration {
	best := time.Duration(1<<63 - 1)
	d.pool.run(j)
	for range roofRounds {
		start := time.Now()
		d.pool.run(j)
		best = min(best, time.Since(start))
	}
	return max(best, 1)
}

// plainFMAs is what Go makes of multiply-adds: four chains.
func plainFMAs(n int) int {
	var a, b, c, d float32
	x := float32(1e-3)
	for range n {
		a, b, c, d = a*x+x, b*x+x, c*x+x, d*x+x
	}
	kept.Store(math.Float32bits(a + b + c + d))
	return 8 * n
}

// kept is where results go that nobody wants, so that they are computed.
var kept atomic.Uint32

// Package bench times the backends side by side: matrix products and whole training steps.
//
//	make bench, or go test -run '^$' -bench . ./bench
//
// Every benchmark first checks that the device computes what the CPU backend computes, warms up, and waits for the
// device before it stops the clock. GFLOP/s and GB/s come from the Cost of the operations: the least arithmetic and the least memory traffic
// that they need.
package bench

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/kernels"
)

// device is a backend to time.
type device struct {
	name string
	open backend.Opener
}

var devices = []device{
	{"cpu-1-thread", func() (backend.Backend, error) { return cpu.OpenWith(cpu.Options{Threads: 1}) }},
	{"cpu", cpu.Open},
	{"gpu", kernels.OpenAny},
}

// TestMain names the devices, since the numbers mean nothing without them.
func TestMain(m *testing.M) {
	for _, d := range devices {
		if dev, err := d.open(); err != nil {
			fmt.Printf("%s: not timed: %v\n", d.name, err)
		} else {
			fmt.Printf("%s: %v\n", d.name, dev.Info())
			dev.Close()
		}
	}
	os.Exit(m.Run())
}

// each runs a benchmark on every device that there is.
func each(b *testing.B, run func(b *testing.B, dev backend.Backend)) {
	for _, d := range devices {
		b.Run(d.name, func(b *testing.B) {
			dev, err := d.open()
			if err != nil {
				b.Skipf("NOT TIMED: %v", err)
			}
			defer dev.Close()
			run(b, dev)
		})
	}
}

// report adds the rates of n executions of the given cost.
func report(b *testing.B, n int, took time.Duration, cost backend.Cost) {
	seconds := took.Seconds() / float64(n)
	b.ReportMetric(float64(cost.FLOPs)/seconds/1e9, "GFLOP/s")
	if cost.Bytes > 0 {
		b.ReportMetric(float64(cost.Bytes)/seconds/1e9, "GB/s")
	}
	b.ReportMetric(seconds*1e3, "ms/step")
	b.ReportMetric(1/seconds, "steps/s")
	b.ReportMetric(0, "ns/op") // the same as ms/step, or a whole epoch
}

// compare fails the benchmark if two results differ by more than rounding.
func compare(b *testing.B, what string, got, want []float32, tolerance float64) {
	b.Helper()
	for i, w := range want {
		if d := math.Abs(float64(got[i]) - float64(w)); !(d <= tolerance*(1+math.Abs(float64(w)))) {
			b.Fatalf("%s[%d] = %v, want %v as on the CPU: not timed", what, i, got[i], w)
		}
	}
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// size writes sizes as 32x300x784.
func size(sizes ...int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(sizes), " ", "x"), "[]")
}

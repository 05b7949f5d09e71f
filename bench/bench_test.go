// Package bench times the backends side by side: matrix products, whole training steps, inference, the cost of an operation that does nothing, and
// memory over many steps.
//
//	make bench, or go test -run '^$' -bench . ./bench
//
// Every benchmark first checks results against float64, within a tolerance that is computed, warms up, and waits for the
// device before it stops the clock. GFLOP/s and GB/s come from the Cost of the operations, the least arithmetic and the least memory traffic
// that they need; %limit is the share of what the device gives at most, by arithmetic or by memory, whichever takes longer, which is measured in the same process
// (backend.Roofed). A step may have more than 100, where a backend leaves out what nobody reads. Software drivers such as lavapipe leave out what would take minutes there; GRADUS_BENCH=all leaves out nothing.
package bench

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
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

// TestMain names the machine, the commit and the devices, since the numbers mean nothing without them.
func TestMain(m *testing.M) {
	fmt.Printf("%s, %s/%s, commit %s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, commit())
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

// commit is what git says of the source, with a + for changes that are not in it; unknown without git.
func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty=+").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// roofs are what the devices give at most, by name: each is measured when it is first needed, and printed.
var roofs = map[string]backend.Roof{}

func roofOf(b *testing.B, dev backend.Backend) backend.Roof {
	name := dev.Info().String()
	r, known := roofs[name]
	if !known {
		roofed, ok := dev.(backend.Roofed)
		if !ok {
			return r
		}
		var err error
		r, err = roofed.Roof()
		must(b, err)
		roofs[name] = r
		line := fmt.Sprintf("limit of %s: %.0f GFLOP/s", name, r.FLOPs/1e9)
		for _, c := range r.Copies {
			line += fmt.Sprintf("; copies of %d KiB %.1f GB/s", c.Bytes>>10, c.PerSecond/1e9)
		}
		fmt.Println(line)
	}
	return r
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

// softwareFLOPs is the most arithmetic of one run on a software driver: about a second.
const softwareFLOPs = 2e10

// notTooMuch skips what would take minutes on a software driver.
func notTooMuch(b *testing.B, dev backend.Backend, flops float64) {
	if dev.Info().Software && flops > softwareFLOPs && os.Getenv("GRADUS_BENCH") != "all" {
		b.Skipf("NOT TIMED: %.0f GFLOP on a software driver; GRADUS_BENCH=all does", flops/1e9)
	}
}

// report adds the rates of n executions of the given cost.
func report(b *testing.B, dev backend.Backend, n int, took time.Duration, cost backend.Cost) {
	seconds := took.Seconds() / float64(n)
	b.ReportMetric(float64(cost.FLOPs)/seconds/1e9, "GFLOP/s")
	if cost.Bytes > 0 {
		b.ReportMetric(float64(cost.Bytes)/seconds/1e9, "GB/s")
	}
	if arithmetic, traffic := roofOf(b, dev).Seconds(cost); arithmetic+traffic > 0 {
		b.ReportMetric(100*max(arithmetic, traffic)/seconds, "%limit")
	}
	b.ReportMetric(seconds*1e3, "ms")
	b.ReportMetric(1/seconds, "steps/s")
	b.ReportMetric(0, "ns/op") // the same as ms, or a whole epoch
}

// compare fails the benchmark if two results differ by more than rounding.
func compare(b *testing.B, what string, got, want []float32, tolerance float64) {
	b.Helper()
	for i, w := range want {
		if d := math.Abs(float64(got[i]) - float64(w)); !(d <= tolerance*(1+math.Abs(float64(w)))) {
			b.Fatalf("%s[%d] = %v, want %v, tolerance %.2g: not timed", what, i, got[i], w, tolerance)
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

package kernels

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/optim"
)

// BenchmarkHost times what the host does for a training step of the seed network: recording its share of a submission of many steps. The
// device runs nothing meanwhile.
func BenchmarkHost(b *testing.B) {
	const steps = 50
	d := openTest(b)
	list := seedStep(b, d, optim.SGD{LearningRate: 0.01, Momentum: 0.9}, 32)
	commands := d.built(b, d.tasks(list)...).commands
	require.NoError(b, d.Sync())
	var took time.Duration
	b.ReportAllocs()
	for range b.N {
		require.NoError(b, d.owner.do(func() error {
			start := time.Now()
			encoder, err := d.gpu.device.CreateCommandEncoder(nil)
			if err != nil {
				return err
			}
			buffer, err := d.gpu.record(encoder, commands, 0, steps*len(commands), nil)
			took += time.Since(start)
			if err == nil {
				_, err = d.gpu.queue.Submit(buffer)
				d.gpu.status.submitted()
			}
			return err
		}))
		b.StopTimer()
		require.NoError(b, d.Sync())
		b.StartTimer()
	}
	step := float64(took.Microseconds()) / float64(b.N) / steps
	b.ReportMetric(step, "us/step")
	b.ReportMetric(step/float64(len(commands)), "us/dispatch")
	b.ReportMetric(0, "ns/op")
}

package engine

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/nn"
)

// child tells a process that it is to train and print the digest of what came of it.
const child = "GRADUS_TEST_REPEAT"

// digest is of every loss and value of a run with everything that is drawn at random: initial values, order, dropout.
func digest(t *testing.T, dev backend.Backend) string {
	net := nn.Sequential(nn.Input(4), nn.BatchNorm(), nn.Dense(64, nn.ELU, nn.HeNormal), nn.Dropout(0.2), nn.Dense(3, nn.Softmax))
	values, history := trainPlain(t, dev, net, Fit{Epochs: 3, BatchSize: 16})
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%v %v", values, history.Column("loss"))))
}

// The same seed gives the same bits in another process, and with another number of threads.
func TestRepeatInAnotherProcess(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			own := digest(t, device.open(t))
			if os.Getenv(child) != "" {
				fmt.Printf("digest %s\n", own)
				return
			}
			cmd := exec.Command(os.Args[0], "-test.run", "^TestRepeatInAnotherProcess$/^"+device.name+"$")
			cmd.Env = append(os.Environ(), child+"=1")
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
			_, rest, found := strings.Cut(string(out), "digest ")
			require.True(t, found, "%s", out)
			assert.Equal(t, own, strings.Fields(rest)[0])
		})
	}
	if os.Getenv(child) != "" {
		return
	}
	for _, threads := range []int{1, 2, 5} {
		dev, err := cpu.OpenWith(cpu.Options{Threads: threads})
		require.NoError(t, err)
		one, err := cpu.OpenWith(cpu.Options{Threads: 1})
		require.NoError(t, err)
		assert.Equal(t, digest(t, one), digest(t, dev), "%d threads", threads)
		require.NoError(t, dev.Close())
		require.NoError(t, one.Close())
	}
}

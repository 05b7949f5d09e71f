package progress

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLines(t *testing.T) {
	var out bytes.Buffer
	b := New(&out)
	b.Begin(1, 2, 100)
	b.Update(50, "loss: 0.5")
	b.End(2*time.Second, "loss: 0.4")
	b.Begin(2, 2, 100)
	b.Update(50, "loss: 0.3")
	b.Abandon()
	assert.Equal(t, "Epoch 1/2 - 2.0s - 50 steps/s - 0s left - loss: 0.4\n", out.String())
}

// What is left is judged by the epochs that this bar has seen: those of a run that is gone on with were made before.
func TestLeft(t *testing.T) {
	for _, row := range []struct {
		number, epochs, before int
		passed                 time.Duration
		want                   string
	}{
		{1, 4, 0, 10 * time.Second, "30s left - "}, {3, 4, 0, 30 * time.Second, "10s left - "}, {4, 4, 0, time.Second, ""},
		{8, 10, 7, time.Minute, "2m0s left - "}, {1, 2, 0, 400 * time.Millisecond, "0s left - "},
	} {
		b := Bar{number: row.number, epochs: row.epochs, before: row.before}
		assert.Equal(t, row.want, b.left(row.passed))
	}
}

func TestNothing(t *testing.T) {
	b := New(nil)
	b.Begin(1, 1, 10)
	b.Update(5, "")
	b.End(time.Second, "")
}

// The bar itself, as on a terminal: description, count, speed and time left; then it makes way for the line.
func TestBar(t *testing.T) {
	var out bytes.Buffer
	b := New(&out)
	b.terminal = true
	b.Begin(3, 9, 1000)
	time.Sleep(60 * time.Millisecond)
	b.Update(400, "loss: 0.5")
	assert.Contains(t, out.String(), "Epoch 3/9 - loss: 0.5")
	assert.Contains(t, out.String(), "400/1000")
	assert.Contains(t, out.String(), "steps/s")
	b.End(time.Second, "loss: 0.4")
	assert.Regexp(t, `Epoch 3/9 - 1\.0s - 1000 steps/s - 0s left - loss: 0\.4\n$`, out.String())
}

func TestFileIsNoTerminal(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/out")
	require.NoError(t, err)
	defer f.Close()
	assert.False(t, New(f).terminal)
}

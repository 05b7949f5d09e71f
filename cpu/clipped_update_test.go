package cpu

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
)

// clippedUpdates are the lists of a clipping and an update.
func clippedUpdates() (list []backendtest.Case) {
	for _, c := range backendtest.Sequences() {
		if strings.HasPrefix(c.Name, "clip") {
			list = append(list, c)
		}
	}
	return list
}

// Clipping in the pass that updates gives what the operations give one by one, to the bit, on any instructions and threads.
func TestClippedUpdatesChangeNoBits(t *testing.T) {
	for _, o := range everySet() {
		dev, err := OpenWith(o)
		require.NoError(t, err)
		for _, c := range clippedUpdates() {
			list, same := c.Build(backendtest.NewInputs(t, dev, 4)), c.Build(backendtest.NewInputs(t, dev, 4))
			if len(list) == 2 && strings.HasPrefix(c.Name, "clip by") {
				assert.Len(t, dev.(*Backend).fuse(list), 2, c.Name)
			}
			execute(t, dev, list)
			alone(t, dev, same)
			assert.Equal(t, backendtest.Written(t, dev, same), backendtest.Written(t, dev, list), "%+v: %s", o, c.Name)
		}
		require.NoError(t, dev.Close())
	}
}

// A gradient that the norm does not clip is not written.
func TestWithinTheNorm(t *testing.T) {
	dev, err := OpenWith(Options{Threads: 1})
	require.NoError(t, err)
	defer dev.Close()
	in := backendtest.NewInputs(t, dev, 4)
	c := ops.Clip{Grads: in.Of(1, 2), Squares: in.Of(25), N: 2, Limit: 5, Norm: true}
	ran := 0
	first := clipping(c)
	both := first.then(sweep{2, 1, func(from, to int) { ran++; f32(c.Grads)[0] = 7 }})
	both.run(0, 2)
	assert.Equal(t, []float32{7, 2}, f32(c.Grads))
	assert.Equal(t, 1, ran)
}

func TestClippedUpdatesAllocateNothing(t *testing.T) {
	dev, err := OpenWith(Options{Threads: 2})
	require.NoError(t, err)
	defer dev.Close()
	for _, c := range clippedUpdates() {
		p, err := dev.Compile(c.Build(backendtest.NewInputs(t, dev, 4)))
		require.NoError(t, err)
		assert.Zero(t, testing.AllocsPerRun(3, func() { require.NoError(t, p.Run(1)) }), c.Name)
	}
}

// A sweep behind another gets each stretch once, in order, after it.
func TestThen(t *testing.T) {
	for _, n := range []int{1, resident - 1, resident, resident + 1, 3*resident + 5} {
		var first, second []string
		note := func(list *[]string) func(from, to int) {
			return func(from, to int) { *list = append(*list, fmt.Sprint(from, "-", to)) }
		}
		both := sweep{n, 3, note(&first)}.then(sweep{n, 4, func(from, to int) {
			note(&second)(from, to)
			assert.Equal(t, first, second)
		}})
		assert.Equal(t, 7, both.cost)
		both.run(0, n)
		assert.Equal(t, fmt.Sprint((n-1)/resident*resident, "-", n), second[len(second)-1])
		assert.Len(t, second, (n+resident-1)/resident)
	}
}

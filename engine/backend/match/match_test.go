package match_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
)

// copies are operations x[i] → x[i+1], each over a buffer of its own; the last begins at buffer n.
func copies(t *testing.T, n int) (list []backend.Op, x []backend.Region) {
	dev, err := cpu.Open()
	require.NoError(t, err)
	t.Cleanup(func() { dev.Close() })
	for range n + 1 {
		b, err := dev.Alloc(backend.F32, 64)
		require.NoError(t, err)
		x = append(x, backend.Whole(b))
	}
	for i := range n {
		list = append(list, ops.Activation{X: x[i], Y: x[i+1], N: 64})
	}
	return list, x
}

func transient(r backend.Region) { r.Buffer.(backend.Transient).MarkTransient() }

func TestUnread(t *testing.T) {
	list, x := copies(t, 3)
	assert.False(t, match.Unread(list, x[1], 1), "a host may read it")
	transient(x[1])
	assert.True(t, match.Unread(list, x[1], 1))
	assert.False(t, match.Unread(list, x[1]), "operation 1 reads it")
	list = append(list, ops.Accumulate{X: x[1], Y: x[3], N: 64})
	assert.False(t, match.Unread(list, x[1], 1), "operation 3 reads it")
	assert.True(t, match.Unread(list, x[1], 1, 3))
	transient(x[3])
	assert.False(t, match.Unread(list, x[3]), "operation 3 adds to it")
}

func TestGathers(t *testing.T) {
	list, x := copies(t, 4)
	for name, row := range map[string]struct {
		indices []int
		want    bool
	}{
		"one":                             {[]int{2}, true},
		"neighbours":                      {[]int{1, 2}, true},
		"all":                             {[]int{0, 1, 2, 3}, true},
		"operation 1 reads what 0 writes": {[]int{0, 2}, false},
		"operation 1 writes what 2 reads": {[]int{1, 3}, false},
	} {
		assert.Equal(t, row.want, match.Gathers(list, row.indices...), name)
	}
	apart := []backend.Op{list[0], list[3], list[1]} // 3 uses x[3] and x[4]
	assert.True(t, match.Gathers(apart, 0, 2))
	assert.False(t, match.Gathers([]backend.Op{list[0], ops.Activation{X: x[4], Y: x[0], N: 64}, list[1]}, 0, 2), "what 0 reads is overwritten before")
}

func TestFinding(t *testing.T) {
	list, x := copies(t, 3)
	_, ok := match.At[ops.Activation](list, 3)
	assert.False(t, ok)
	_, ok = match.At[ops.Activation](list, -1)
	assert.False(t, ok)
	_, ok = match.At[ops.Bias](list, 1)
	assert.False(t, ok)
	writes := func(r backend.Region) func(ops.Activation) bool {
		return func(o ops.Activation) bool { return o.Y == r }
	}
	i, ok := match.LastBefore(list, 3, writes(x[1]))
	assert.True(t, ok)
	assert.Equal(t, 0, i)
	_, ok = match.LastBefore(list, 0, writes(x[1]))
	assert.False(t, ok)
	i, ok = match.FirstAfter(list, 0, writes(x[3]))
	assert.True(t, ok)
	assert.Equal(t, 2, i)
	_, ok = match.FirstAfter(list, 2, writes(x[3]))
	assert.False(t, ok)
	assert.True(t, match.Untouched(list[:1], x[0], x[2]))
	assert.False(t, match.Untouched(list[:1], x[0], x[1]))
}

// What is found is held by name: kernels/fuse_test.go has the same lists.
func TestFindClippedUpdate(t *testing.T) {
	apart := map[string]bool{"gradients read in between": true, "gradients changed in between": true, "squares changed in between": true,
		"squares among the velocity": true, "other gradients": true, "some of the gradients": true}
	checked := 0
	for _, c := range backendtest.Sequences() {
		if !strings.HasPrefix(c.Name, "clip") {
			continue
		}
		list, found := c.Blank(t), 0
		for i := range list {
			if u, ok := match.FindClippedUpdate(list, i); ok {
				assert.Equal(t, list[u.Index], backend.Op(u.Clip), c.Name)
				assert.Equal(t, list[u.UpdateIndex], u.Update, c.Name)
				found++
			}
		}
		_, what, _ := strings.Cut(c.Name, ": ")
		assert.Equal(t, !apart[what], found == 1, c.Name)
		checked++
	}
	assert.Greater(t, checked, 100)
}

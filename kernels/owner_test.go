package kernels

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestOwner(t *testing.T) {
	o := newOwner()
	assert.EqualError(t, o.do(func() error { return errors.New("a refusal") }), "a refusal")
	assert.NoError(t, o.do(func() error { return nil }), "a refusal is not kept")
	assert.NoError(t, o.enqueue(func() error { return nil }))
	assert.NoError(t, o.stop(func() error { return nil }))
	assert.ErrorIs(t, o.do(func() error { return nil }), errClosed)
	assert.ErrorIs(t, o.enqueue(func() error { return nil }), errClosed)
	assert.ErrorIs(t, o.stop(func() error { return nil }), errClosed)
}

// TestOwnerFails holds that a failure of the device answers everything that comes later, and that it can be closed all the same.
func TestOwnerFails(t *testing.T) {
	for name, fail := range map[string]func(o *owner){
		"a failure":              func(o *owner) { _ = o.do(func() error { return fmt.Errorf("%w: fault", errFailed) }) },
		"a panic":                func(o *owner) { _ = o.do(func() error { panic("fault") }) },
		"an error nobody awaits": func(o *owner) { _ = o.enqueue(func() error { return errors.New("fault") }) },
	} {
		o := newOwner()
		fail(o)
		ran := false
		assert.ErrorContains(t, o.do(func() error { ran = true; return nil }), "fault", name)
		assert.ErrorContains(t, o.enqueue(func() error { ran = true; return nil }), "fault", name)
		assert.False(t, ran, name)
		assert.NoError(t, o.stop(func() error { ran = true; return nil }), name)
		assert.True(t, ran, name)
	}
}

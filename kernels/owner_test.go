package kernels

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"unsafe"

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

// TestStackStays holds that the stack of an owner stays where it is, as far down as the binding goes, and while garbage is collected.
func TestStackStays(t *testing.T) {
	assert.NotZero(t, moves(func(f func() error) { done := make(chan error); go func() { done <- f() }(); <-done }), "on a goroutine of its own")
	o := newOwner()
	defer o.stop(func() error { return nil })
	assert.Zero(t, moves(func(f func() error) { assert.NoError(t, o.do(f)) }))
}

// moves counts how often the stack moves that run calls a function on.
func moves(run func(func() error)) (n int) {
	for depth := 1; depth <= 1<<14; depth *= 2 {
		run(func() error {
			n += moved(depth)
			return nil
		})
	}
	return n
}

// moved returns 1 if the stack moves while it is so many bytes deeper, or in a collection thereafter.
//
//go:noinline
func moved(depth int) int {
	var here byte
	was := uintptr(unsafe.Pointer(&here))
	descend(depth)
	runtime.GC()
	runtime.Gosched()
	runtime.GC()
	if uintptr(unsafe.Pointer(&here)) != was {
		return 1
	}
	return 0
}

//go:noinline
func descend(bytes int) byte {
	var frame [64]byte
	if bytes > len(frame) {
		frame[bytes%len(frame)] = descend(bytes - len(frame))
	}
	return frame[0]
}

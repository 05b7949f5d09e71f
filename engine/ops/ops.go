// Package ops describes every operation that a backend can run, as data.
//
// An operation is a plain struct of regions and sizes that implements backend.Op. Matrices are row-major; x is what
// goes in, y what comes out, dx the gradient of the loss with respect to x. Each operation has the same file stem in
// this package, in backendtest (the float64 oracle and the cases), in cpu, in kernels and in shaders.
package ops

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
)

// checker collects the first broken rule of one operation.
type checker struct {
	name string
	err  error
}

func (c *checker) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%s: %s", c.name, fmt.Sprintf(format, args...))
	}
}

// positive asks that a size is at least one.
func (c *checker) positive(what string, n int) {
	if n < 1 || n > maxElements {
		c.fail("%s is %d, want 1 to %d", what, n, maxElements)
	}
}

// maxElements keeps every index and every product of two indices' bytes within u32 arithmetic on a GPU.
const maxElements = 1 << 30

// matrix asks that the sizes are positive and that their product is small enough to index.
func (c *checker) matrix(rows, cols int) {
	c.positive("rows", rows)
	c.positive("cols", cols)
	c.product("rows × cols", rows, cols)
}

func (c *checker) product(what string, a, b int) {
	if c.err == nil && int64(a)*int64(b) > maxElements {
		c.fail("%s is %d × %d, want at most %d elements", what, a, b, maxElements)
	}
}

// region asks that the region lies in a buffer of the kind and has n elements.
func (c *checker) region(what string, r backend.Region, kind backend.Kind, n int) {
	if c.err != nil {
		return
	}
	if err := r.Valid(); err != nil {
		c.fail("%s: %v", what, err)
	} else if r.Kind() != kind || r.Len != n {
		c.fail("%s has %d %v elements, want %d %v", what, r.Len, r.Kind(), n, kind)
	}
}

// f32 asks the same of several float regions at once, given as name, region, name, region …
func (c *checker) f32(n int, regions ...named) {
	for _, r := range regions {
		c.region(r.name, r.region, backend.F32, n)
	}
}

type named struct {
	name   string
	region backend.Region
}

// within asks that a float option lies in [low, high].
func (c *checker) within(what string, v, low, high float32) {
	if !(v >= low && v <= high) {
		c.fail("%s is %v, want %v to %v", what, v, low, high)
	}
}

// finite asks that a float option is a number.
func (c *checker) finite(what string, v float32) {
	c.within(what, v, -math.MaxFloat32, math.MaxFloat32)
}

// clock asks for the one-element step counter.
func (c *checker) clock(r backend.Region) { c.region("clock", r, backend.U32, 1) }

func reads(name string, r backend.Region) backend.Operand {
	return backend.Operand{Name: name, Region: r, Access: backend.Read}
}

func writes(name string, r backend.Region) backend.Operand {
	return backend.Operand{Name: name, Region: r, Access: backend.Write}
}

func updates(name string, r backend.Region) backend.Operand {
	return backend.Operand{Name: name, Region: r, Access: backend.ReadWrite}
}

// cost counts flops and moves every operand once, updated operands twice.
func cost(op backend.Op, flops int) backend.Cost {
	c := backend.Cost{FLOPs: int64(flops)}
	for _, o := range op.Operands() {
		c.Bytes += o.Region.Bytes()
		if o.Access == backend.ReadWrite {
			c.Bytes += o.Region.Bytes()
		}
	}
	return c
}

package onnx

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/gradus-ml/gradus/engine/backend"
	schema "github.com/gradus-ml/gradus/internal/schema/onnx"
)

// A Value is a tensor of the ONNX graph.
type Value struct {
	name  string
	shape []int64 // −k for an axis of k for each example
	// uniform marks a constant of as many equal elements as there are examples, which stands as one number.
	uniform bool
}

// Shape returns the axes: −k for one that is k for each example of the batch.
func (v Value) Shape() []int64 { return slices.Clone(v.shape) }

// An Exporter is an operation of a user's own that says what it is in ONNX: it takes its operands with Builder.Value, adds nodes to the graph, and tells
// with Builder.Define what is its result.
type Exporter interface {
	backend.Op
	ExportONNX(b *Builder) error
}

// A Builder makes the graph, one operation after the other. A mistake is kept: what is added after it does not matter.
type Builder struct {
	graph  *schema.GraphProto
	part   string        // the layer
	ops    [2]backend.Op // the operation at hand, as recorded for each of the batches
	values map[place]Value
	sources
	pasted map[place][]Value // parts of a tensor that is put together
	names  map[string]bool
	made   map[string]*schema.NodeProto // by the name of what it makes
	err    error
}

// place is where an operand of the first recording is.
type place struct {
	buffer backend.Buffer
	offset int
}

func placeOf(r backend.Region) place { return place{r.Buffer, r.Offset} }

func newBuilder() *Builder {
	return &Builder{graph: &schema.GraphProto{}, values: map[place]Value{}, pasted: map[place][]Value{}, names: map[string]bool{},
		made: map[string]*schema.NodeProto{}, sources: sources{constants: map[string]Value{}, variables: map[string]bool{}}}
}

// Errorf keeps a mistake.
func (b *Builder) Errorf(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf(format, args...)
	}
}

// Define says where a later operation finds the value.
func (b *Builder) Define(at backend.Region, v Value) { b.values[placeOf(at)] = v }

// Value returns what an operand of the operation at hand is: what an earlier operation made, an input, a variable or a constant.
func (b *Builder) Value(at backend.Region) Value {
	v, ok := b.values[placeOf(at)]
	if !ok {
		v = b.constant(at)
		b.values[placeOf(at)] = v
	}
	if !v.uniform && size(v.shape, batches[0]) != at.Len {
		b.Errorf("%s reads %d of the %d elements of a tensor", b.ops[0].Name(), at.Len, size(v.shape, batches[0]))
	}
	b.variables[v.name] = true
	return v
}

// size returns the number of elements for a batch.
func size(shape []int64, batch int) int {
	n := 1
	for _, d := range shape {
		if d < 0 {
			d = -d * int64(batch)
		}
		n *= int(d)
	}
	return n
}

// Node adds an operator and returns what it makes, which has the shape given.
func (b *Builder) Node(operator string, shape []int64, inputs []Value, attributes ...Attribute) Value {
	node := &schema.NodeProto{OpType: proto.String(operator), Name: proto.String(b.unique(b.part + "/" + operator))}
	for _, v := range inputs {
		if v.uniform && len(inputs) == 1 {
			b.Errorf("%s takes a constant of the batch's size", operator)
		}
		node.Input = append(node.Input, v.name)
	}
	for _, a := range attributes {
		node.Attribute = append(node.Attribute, a())
	}
	node.Output = []string{node.GetName()}
	b.graph.Node = append(b.graph.Node, node)
	b.made[node.GetName()] = node
	return Value{name: node.GetName(), shape: shape}
}

// unique returns the name, numbered if it is taken.
func (b *Builder) unique(stem string) string {
	name := stem
	for i := 1; b.names[name]; i++ {
		name = fmt.Sprintf("%s_%d", stem, i)
	}
	b.names[name] = true
	return name
}

// Reshape gives a value other axes, of which one may grow with the batch.
func (b *Builder) Reshape(v Value, axes ...int64) Value {
	if slices.Equal(v.shape, axes) {
		return v
	}
	wanted, open := slices.Clone(axes), 0
	for i, d := range axes {
		if d < 0 {
			wanted[i] = -1
			open++
		}
	}
	if v.uniform || open > 1 {
		b.Errorf("%s: a tensor of %v cannot be given the axes %v, for batches of any size", b.ops[0].Name(), v.shape, axes)
	}
	return b.Node("Reshape", slices.Clone(axes), []Value{v, b.Integers(wanted...)})
}

// Matrix sees to it that the last axis of a value is cols, by giving it the axes rows and cols if need be.
func (b *Builder) Matrix(v Value, rows, cols int64) Value {
	if n := len(v.shape); n >= 2 && cols > 0 && v.shape[n-1] == cols {
		return v
	}
	return b.Reshape(v, rows, cols)
}

// Size returns a whole-numbered field of the operation at hand, such as Rows; −k if it is k for each example of the batch.
func (b *Builder) Size(field string) int64 {
	sizes, err := sizes(b.ops[0], b.ops[1])
	if err != nil {
		b.Errorf("%w", err)
	}
	n, ok := sizes[field]
	if !ok {
		b.Errorf("%s has no size %s", b.ops[0].Name(), field)
	}
	return n
}

// text names axes: -1x784.
func text(axes []int64) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(axes), "[]"), " ", "x")
}

package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/nn"
	schema "github.com/gradus-ml/gradus/internal/schema/onnx"
)

// sources are what a graph takes as given.
type sources struct {
	constants map[string]Value // by name
	variables map[string]bool  // by name: those that are used
}

// Scalar returns a constant number.
func (b *Builder) Scalar(x float32) Value {
	return b.keep(fmt.Sprintf("constant/%v", x), nil, floats([]float32{x}))
}

// Floats returns a constant with one axis.
func (b *Builder) Floats(values []float32) Value {
	return b.keep(b.unique(b.part+"/constant"), []int64{int64(len(values))}, floats(values))
}

// Integers returns a constant of whole numbers, such as the axes of an operator.
func (b *Builder) Integers(values ...int64) Value {
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
	}
	return b.keep("integers/"+text(values), []int64{int64(len(values))}, &schema.TensorProto{
		DataType: proto.Int32(int32(schema.TensorProto_INT64)), RawData: raw})
}

// keep adds an initialiser, unless there is one of the name.
func (b *Builder) keep(name string, shape []int64, t *schema.TensorProto) Value {
	if v, ok := b.constants[name]; ok {
		return v
	}
	t.Name, t.Dims = proto.String(name), shape
	b.graph.Initializer = append(b.graph.Initializer, t)
	b.constants[name] = Value{name: name, shape: shape}
	return b.constants[name]
}

// floats is a tensor without name and axes: raw, little-endian.
func floats(values []float32) *schema.TensorProto {
	raw := make([]byte, 0, 4*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return &schema.TensorProto{DataType: proto.Int32(int32(schema.TensorProto_FLOAT)), RawData: raw}
}

// constant returns what was written to an operand when the network was recorded. What grows with the batch has to be the same for each example.
func (b *Builder) constant(at backend.Region) Value {
	i := slices.IndexFunc(b.ops[0].Operands(), func(o backend.Operand) bool { return o.Region == at })
	if i < 0 || at.Kind() != backend.F32 {
		b.Errorf("%s: an operand is unknown", b.ops[0].Name())
		return Value{}
	}
	values, other := read(at), read(b.ops[1].Operands()[i].Region)
	if values == nil || other == nil {
		b.Errorf("%s reads %s, which no operation that can be exported writes", b.ops[0].Name(), b.ops[0].Operands()[i].Name)
		return Value{}
	}
	if slices.Equal(values, other) {
		return b.Floats(values)
	}
	if same := slices.Concat(values, other); slices.Min(same) == slices.Max(same) {
		v := b.Scalar(values[0])
		v.uniform = true
		return v
	}
	b.Errorf("%s: the constant %s depends on the size of the batch", b.ops[0].Name(), b.ops[0].Operands()[i].Name)
	return Value{}
}

// read returns what was written to a region of paper, nil if nothing was.
func read(at backend.Region) []float32 {
	if s, ok := at.Buffer.(*sheet); !ok || s.bytes == nil {
		return nil
	}
	values := make([]float32, at.Len)
	if backend.Download(paper{}, values, at) != nil {
		return nil
	}
	return values
}

// initialise adds the variables that are used, with the model's values.
func (b *Builder) initialise(net *nn.Network, value func(name string) ([]float32, error)) error {
	var weights []*schema.TensorProto
	for _, v := range net.Variables() {
		if !b.variables[v.Name] {
			continue
		}
		values, err := value(v.Name)
		if err != nil {
			return err
		}
		t := floats(values)
		t.Name = proto.String(v.Name)
		for _, d := range v.Shape {
			t.Dims = append(t.Dims, int64(d))
		}
		weights = append(weights, t)
	}
	b.graph.Initializer = append(weights, b.graph.Initializer...)
	return nil
}

package onnx

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
	schema "github.com/gradus-ml/gradus/internal/schema/onnx"
)

// declare makes the inputs and the variables known.
func (b *Builder) declare(store *graph.Store, net *nn.Network, inputs []*graph.Tensor) {
	for _, v := range net.Variables() {
		b.names[v.Name] = true
		b.Define(store.Value(v), Value{name: v.Name, shape: wide(v.Shape)})
	}
	for i, x := range inputs {
		name := net.InputNames()[i]
		b.names[name] = true
		shape := append([]int64{-1}, wide(net.Inputs()[i])...)
		b.Define(x.Value(), Value{name: name, shape: shape})
		b.graph.Input = append(b.graph.Input, tensor(name, shape))
	}
	b.graph.Name = proto.String(net.Name())
}

func wide(shape []int) []int64 {
	var axes []int64
	for _, d := range shape {
		axes = append(axes, int64(d))
	}
	return axes
}

// tensor describes an input or output of the graph, whose first axis is the batch.
func tensor(name string, shape []int64) *schema.ValueInfoProto {
	axes := &schema.TensorShapeProto{Dim: []*schema.TensorShapeProto_Dimension{{
		Value: &schema.TensorShapeProto_Dimension_DimParam{DimParam: "batch"}}}}
	for _, d := range shape[1:] {
		axes.Dim = append(axes.Dim, &schema.TensorShapeProto_Dimension{Value: &schema.TensorShapeProto_Dimension_DimValue{DimValue: d}})
	}
	return &schema.ValueInfoProto{Name: proto.String(name), Type: &schema.TypeProto{Value: &schema.TypeProto_TensorType{
		TensorType: &schema.TypeProto_Tensor{ElemType: proto.Int32(int32(schema.TensorProto_FLOAT)), Shape: axes}}}}
}

// finish names the outputs after their layers.
func (b *Builder) finish(net *nn.Network, outputs []*graph.Tensor) error {
	for i, name := range net.OutputNames() {
		b.part = name
		v, ok := b.values[placeOf(outputs[i].Value())]
		if !ok {
			return fmt.Errorf("layer %q: no operation that can be exported makes its output", name)
		}
		shape := append([]int64{-1}, wide(net.OutputShapes()[i])...)
		v = b.Reshape(v, shape...)
		node, ok := b.made[v.name]
		if !ok { // an input, or an output that has its name
			v = b.Node("Identity", shape, []Value{v})
			node = b.made[v.name]
		}
		b.rename(node, b.unique(name))
		b.graph.Output = append(b.graph.Output, tensor(node.Output[0], shape))
	}
	return b.err
}

// rename gives another name to what a node makes.
func (b *Builder) rename(node *schema.NodeProto, name string) {
	old := node.Output[0]
	delete(b.made, old)
	node.Output[0] = name
	for _, n := range b.graph.Node {
		for i, input := range n.Input {
			if input == old {
				n.Input[i] = name
			}
		}
	}
	for at, v := range b.values {
		if v.name == old {
			v.name = name
			b.values[at] = v
		}
	}
}

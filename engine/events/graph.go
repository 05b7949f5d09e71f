package events

import (
	"fmt"
	"strings"
	"unicode"

	"google.golang.org/protobuf/proto"

	"github.com/gradus-ml/gradus/engine/nn"
	schema "github.com/gradus-ml/gradus/internal/schema/events"
)

// Graph writes the graph of a network: a node for each layer, for each further place of a shared one, for its variables and for the inputs.
func (w *Writer) Graph(net *nn.Network) error {
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(graph(net))
	if err != nil {
		return fmt.Errorf("events: graph: %w", err)
	}
	return w.write(0, &schema.Event{What: &schema.Event_GraphDef{GraphDef: data}})
}

func graph(net *nn.Network) *schema.GraphDef {
	g := &schema.GraphDef{Versions: &schema.VersionDef{Producer: 22}}
	for i, name := range net.InputNames() {
		g.Node = append(g.Node, node(name, "InputLayer", batch(net.Inputs()[i])))
	}
	for _, p := range net.Layers() {
		for _, v := range p.Variables {
			g.Node = append(g.Node, node(v.Name, "Variable", v.Shape))
		}
	}
	for _, c := range net.Calls() {
		n := node(c.Name, nn.TypeOf(c.Layer.Layer), batch(c.Layer.Out))
		for _, from := range c.From {
			n.Input = append(n.Input, valid(from))
		}
		for _, v := range c.Layer.Variables {
			n.Input = append(n.Input, valid(v.Name))
		}
		g.Node = append(g.Node, n)
	}
	return g
}

// batch puts the axis of any number of examples before a shape.
func batch(shape []int) []int { return append([]int{-1}, shape...) }

func node(name, operation string, shape []int) *schema.NodeDef {
	axes := &schema.TensorShapeProto{}
	for _, d := range shape {
		axes.Dim = append(axes.Dim, &schema.TensorShapeProto_Dim{Size: int64(d)})
	}
	shapes := &schema.AttrValue{Value: &schema.AttrValue_List{List: &schema.AttrValue_ListValue{Shape: []*schema.TensorShapeProto{axes}}}}
	return &schema.NodeDef{Name: valid(name), Op: operation, Attr: map[string]*schema.AttrValue{"_output_shapes": shapes}}
}

// valid makes a name one of TensorFlow's: letters, digits and _ > . / alone.
func valid(name string) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_>./", r)) {
			return r
		}
		return '_'
	}, name)
}

package nn

import (
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// FillMode says what lies beyond the borders of an image; it is an option of RandomTranslation.
type FillMode = ops.FillMode

// The modes, with Keras's names: "reflect" (the default, d c b a | a b c d | d c b a), "constant" (0), "nearest" and "wrap".
const (
	FillReflect  = ops.FillReflect
	FillConstant = ops.FillConstant
	FillNearest  = ops.FillNearest
	FillWrap     = ops.FillWrap
)

// FlipMode says which ways RandomFlip turns images.
type FlipMode uint8

// The modes.
const (
	HorizontalAndVertical FlipMode = iota
	Horizontal                     // left and right change places
	Vertical                       // top and bottom change places
)

// augmentation is a layer that changes images at random while training: [height width] or [height width channels].
type augmentation struct {
	kind          string // Keras's name of the type
	flip          FlipMode
	height, width float64 // shares of the image, or pixels
	fill          FillMode
}

// RandomFlip turns each image over with probability one half, for each of the ways of the mode, anew in each training step; otherwise it does
// nothing (Keras's RandomFlip). Images are [height width] or [height width channels]. Like all layers that augment, it
// belongs right behind the input.
func RandomFlip(mode FlipMode) Layer { return &augmentation{kind: "RandomFlip", flip: mode} }

// RandomTranslation shifts each image by up to the given shares of its height and width, up or down, left or right, anew in each training step; otherwise it does nothing
// (Keras's RandomTranslation, in whole pixels). Shares are 0 to 1. What comes in from outside is the image, reflected, or as the fill mode says.
func RandomTranslation(height, width float64, fill ...FillMode) Layer {
	l := &augmentation{kind: "RandomTranslation", height: height, width: width}
	for _, f := range fill {
		l.fill = f
	}
	return l
}

// RandomCrop cuts a part of so many pixels out of each image, anew in each training step; otherwise the middle (Keras's RandomCrop, for images that are
// at least so large).
func RandomCrop(height, width int) Layer {
	return &augmentation{kind: "RandomCrop", height: float64(height), width: float64(width)}
}

// Cutout sets a square of size × size pixels to 0 whose middle is drawn anew for each image in each training step, and which may lie partly
// outside (DeVries and Taylor, 2017, "Improved Regularization of Convolutional Neural Networks with Cutout"); otherwise it does nothing.
func Cutout(size int) Layer { return &augmentation{kind: "Cutout", height: float64(size)} }

// LayerType returns Keras's name of the type.
func (l *augmentation) LayerType() string { return l.kind }

// Build implements Layer.
func (l *augmentation) Build(b *Builder, in []int) ([]int, error) {
	if len(in) != 2 && len(in) != 3 {
		return nil, b.Errorf(l, "input is %v, want [height width] or [height width channels]", in)
	}
	whole := func(v float64, most int) bool { return v >= 1 && v <= float64(most) }
	switch {
	case max(in[0], in[1]) > 1<<16-1:
		return nil, b.Errorf(l, "input is %v, want sides of at most 65535", in)
	case l.flip > Vertical:
		return nil, b.Errorf(l, "unknown flip mode %d", l.flip)
	case l.kind == "RandomTranslation" && !(l.height >= 0 && l.height <= 1 && l.width >= 0 && l.width <= 1):
		return nil, b.Errorf(l, "height is %v and width %v, want shares of 0 to 1", l.height, l.width)
	case l.fill > FillWrap:
		return nil, b.Errorf(l, "unknown fill mode %v", l.fill)
	case l.kind == "RandomCrop" && !(whole(l.height, in[0]) && whole(l.width, in[1])):
		return nil, b.Errorf(l, "a part of %v × %v of an image of %d × %d, want at least 1 and no more than that", l.height, l.width, in[0], in[1])
	case l.kind == "Cutout" && !whole(l.height, max(in[0], in[1])):
		return nil, b.Errorf(l, "size is %v, want 1 to %d", l.height, max(in[0], in[1]))
	}
	out := slices.Clone(in)
	if l.kind == "RandomCrop" {
		out[0], out[1] = int(l.height), int(l.width)
	}
	return out, nil
}

// Forward implements Layer.
func (l *augmentation) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	if !r.Training() && l.kind != "RandomCrop" || r.Err() != nil {
		return x
	}
	shape := x.Shape()
	o := ops.Augment{Images: shape[0], Rows: shape[1], Cols: shape[2], Channels: 1, OutRows: shape[1], OutCols: shape[2], Fill: l.fill}
	if len(shape) == 4 {
		o.Channels = shape[3]
	}
	l.set(&o, r.Training())
	y := graph.Augment(r, x, o)
	if r.Err() != nil {
		return x
	}
	if len(shape) == 4 {
		return y
	}
	return graph.Reshape(r, y, o.Images, o.OutRows, o.OutCols)
}

// set says what becomes of the images.
func (l *augmentation) set(o *ops.Augment, random bool) {
	switch l.kind {
	case "RandomFlip":
		o.FlipRows, o.FlipCols = l.flip != Horizontal, l.flip != Vertical
	case "RandomTranslation":
		down, across := int(l.height*float64(o.Rows)), int(l.width*float64(o.Cols))
		o.Down, o.Across = ops.Span{Low: -down, More: 2 * down}, ops.Span{Low: -across, More: 2 * across}
	case "Cutout":
		o.Cut = int(l.height)
	case "RandomCrop":
		o.OutRows, o.OutCols = int(l.height), int(l.width)
		o.Down, o.Across = ops.Span{More: o.Rows - o.OutRows}, ops.Span{More: o.Cols - o.OutCols}
		if !random {
			o.Down, o.Across = ops.Span{Low: o.Down.More / 2}, ops.Span{Low: o.Across.More / 2}
		}
	}
}

// Copy returns an unbuilt layer with the same options.
func (l *augmentation) Copy() Layer {
	c := *l
	return &c
}

// imageText is how an augmentation is written to a file.
type imageText struct {
	Mode   FlipMode `json:"mode,omitempty"`
	Height float64  `json:"height,omitempty"`
	Width  float64  `json:"width,omitempty"`
	Fill   string   `json:"fill_mode"`
}

// Describe implements Described.
func (l *augmentation) Describe() any { return imageText{l.flip, l.height, l.width, l.fill.String()} }

// decodingImages makes a decoder of the augmentations of a kind.
func decodingImages(kind string) func(Registry, Options) (Layer, error) {
	return decoding(func(_ Registry, t imageText) (Layer, error) {
		for _, fill := range ops.FillModes() {
			if fill.String() == t.Fill {
				return &augmentation{kind, t.Mode, t.Height, t.Width, fill}, nil
			}
		}
		return nil, fmt.Errorf("fill mode %.50q is unknown", t.Fill)
	})
}

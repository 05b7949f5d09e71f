package ops

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
)

// FillMode says what lies outside an image.
type FillMode uint8

// The modes, of a row a b c d.
const (
	FillReflect  FillMode = iota // d c b a | a b c d | d c b a
	FillConstant                 // 0 0 0 0 | a b c d | 0 0 0 0
	FillNearest                  // a a a a | a b c d | d d d d
	FillWrap                     // a b c d | a b c d | a b c d
)

// fillNames are Keras's; their order is that of the constants.
var fillNames = []string{"reflect", "constant", "nearest", "wrap"}

// FillModes lists every mode.
func FillModes() []FillMode { return []FillMode{FillReflect, FillConstant, FillNearest, FillWrap} }

// String returns Keras's name of the mode.
func (m FillMode) String() string {
	if int(m) < len(fillNames) {
		return fillNames[m]
	}
	return fmt.Sprintf("FillMode(%d)", uint8(m))
}

// Span is a range of whole pixels that a shift is drawn from: Low to Low + More.
type Span struct{ Low, More int }

// Augment fetches each image of a batch through a map of its own, anew in each step:
//
//	y[r, i, j, c] = x[r, i + s, j + t, c],  s = Down.Low + ⌊w₁·(Down.More + 1)/2³²⌋,  t = Across.Low + ⌊w₂·(Across.More + 1)/2³²⌋
//
// of the image with its rows in the opposite order if FlipRows and bit 1 of w₀, with its columns so if FlipCols and bit 0 of w₀. w₀ to w₃ are the
// words of element r of Draw, four to an image. Beyond the image lies what Fill says. With Cut more than 0, a square of Cut × Cut outputs is 0, cut off at the
// borders, whose middle is row ⌊(w₃ mod 2¹⁶)·OutRows/2¹⁶⌋ and column ⌊⌊w₃/2¹⁶⌋·OutCols/2¹⁶⌋ (its first row is Cut/2 above it, rounded down).
//
// X is [Images, Rows, Cols, Channels], Y [Images, OutRows, OutCols, Channels].
type Augment struct {
	X, Y                         backend.Region
	Draw                         Draw
	Images, Rows, Cols, Channels int
	OutRows, OutCols             int
	FlipRows, FlipCols           bool
	Down, Across                 Span
	Fill                         FillMode
	Cut                          int
}

// Name returns "augment".
func (Augment) Name() string { return "augment" }

// maxSide is the largest side of an image, and the farthest that it is shifted.
const maxSide = 1<<16 - 1

// Check implements backend.Op.
func (o Augment) Check() error {
	c := checker{name: o.Name()}
	c.positive("images", o.Images)
	c.positive("channels", o.Channels)
	c.side("rows", o.Rows, 1)
	c.side("cols", o.Cols, 1)
	c.side("out rows", o.OutRows, 1)
	c.side("out cols", o.OutCols, 1)
	c.side("cut", o.Cut, 0)
	c.span("down", o.Down)
	c.span("across", o.Across)
	if int(o.Fill) >= len(fillNames) {
		c.fail("unknown fill mode %v", o.Fill)
	}
	c.volume("x", o.Images, o.Rows, o.Cols, o.Channels)
	c.volume("y", o.Images, o.OutRows, o.OutCols, o.Channels)
	c.f32(o.Images*o.Rows*o.Cols*o.Channels, named{"x", o.X})
	c.f32(o.Images*o.OutRows*o.OutCols*o.Channels, named{"y", o.Y})
	c.clock(o.Draw.Clock)
	return c.err
}

func (c *checker) side(what string, n, low int) {
	if n < low || n > maxSide {
		c.fail("%s is %d, want %d to %d", what, n, low, maxSide)
	}
}

func (c *checker) span(what string, s Span) {
	if s.Low < -maxSide || s.Low > maxSide || s.More < 0 || s.More > 2*maxSide {
		c.fail("%s is %d to %d more, want shifts of at most %d", what, s.Low, s.More, maxSide)
	}
}

// volume asks that the product of sizes is small enough to index.
func (c *checker) volume(what string, sizes ...int) {
	n := int64(1)
	for _, d := range sizes {
		if n *= int64(max(d, 1)); n > maxElements {
			c.fail("%s is %v, want at most %d elements", what, sizes, maxElements)
			return
		}
	}
}

// Operands implements backend.Op.
func (o Augment) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("clock", o.Draw.Clock), writes("y", o.Y)}
}

// Cost implements backend.Op.
func (o Augment) Cost() backend.Cost { return cost(o, 0) }

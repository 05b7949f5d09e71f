package plot

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"gonum.org/v1/plot"

	"github.com/gradus-ml/gradus/engine/data"
)

// mostImages is how many examples Predictions draws.
const mostImages = 200

// Predictions draws the first examples of a set of images in a grid, each with the class that the network predicts and its probability, in green where it is right; where
// it is wrong, in red, with the true class below. Outputs are those of Model.Predict for the set, probabilities or scores; Set.Select and Set.Slice choose examples. An
// image is of [height width], or with 1 or 3 channels, as bytes or as numbers, which are drawn from the least, black, to the largest, white. At most 200 are drawn.
func Predictions(set *data.Set, outputs [][]float32) *Figure {
	const about = "predictions"
	if err := checkImages(set, outputs); err != nil {
		return failed(about, "%w", err)
	}
	n := min(set.Len(), mostImages)
	columns := min(n, int(math.Ceil(math.Sqrt(1.6*float64(n)))))
	rows := (n + columns - 1) / columns
	f := &Figure{Width: 1.35*float64(columns) + 0.2, Height: 1.7*float64(rows) + 0.2, about: about}
	f.paint = func(c draw.Canvas) error {
		tiles := draw.Tiles{Cols: columns, Rows: rows, PadX: 6, PadY: 4, PadTop: 7, PadBottom: 7, PadLeft: 7, PadRight: 7}
		for i := range n {
			if err := example(tiles.At(c, i%columns, i/columns), set, i, outputs[i]); err != nil {
				return err
			}
		}
		return nil
	}
	return f
}

func checkImages(set *data.Set, outputs [][]float32) error {
	if set == nil || set.Len() == 0 {
		return fmt.Errorf("the set is empty")
	}
	if len(outputs) != set.Len() {
		return fmt.Errorf("%d outputs for %d examples", len(outputs), set.Len())
	}
	s := set.Shape
	if len(s) != 2 && !(len(s) == 3 && (s[2] == 1 || s[2] == 3)) {
		return fmt.Errorf("an example is %v, want [height width], [height width 1] or [height width 3]", s)
	}
	if len(set.Labels) != 0 && len(set.Labels) != set.Len() {
		return fmt.Errorf("%d labels for %d examples", len(set.Labels), set.Len())
	}
	for i, y := range outputs {
		if len(y) < 2 {
			return fmt.Errorf("output %d has %d numbers, want one for each class", i, len(y))
		}
	}
	return nil
}

// example draws an image and what is said about it, in two lines below.
func example(c draw.Canvas, set *data.Set, number int, output []float32) error {
	const lines = 25 // points
	size := c.Size()
	side := min(size.X, size.Y-lines)
	left, top := c.Min.X+(size.X-side)/2, c.Max.Y
	picture := picture(set, number)
	scale := side / vg.Length(max(picture.Bounds().Dx(), picture.Bounds().Dy()))
	width, height := scale*vg.Length(picture.Bounds().Dx()), scale*vg.Length(picture.Bounds().Dy())
	corner := vg.Point{X: left + (side-width)/2, Y: top - (side+height)/2}
	c.DrawImage(vg.Rectangle{Min: corner, Max: corner.Add(vg.Point{X: width, Y: height})}, picture)

	style := text.Style{Font: font.From(plot.DefaultFont, 9), XAlign: draw.XCenter, YAlign: draw.YTop, Handler: plot.DefaultTextHandler}
	style.Font.Variant, style.Color = "Sans", colours[0]
	first, second, right, known := said(set, number, output)
	if known {
		style.Color = map[bool]color.Color{true: color.RGBA{0, 110, 60, 255}, false: color.RGBA{190, 20, 30, 255}}[right]
	}
	at := vg.Point{X: c.Min.X + size.X/2, Y: top - side - 3}
	c.FillText(fitting(style, first, size.X), at, first)
	at.Y -= 11
	style.Color = color.Black
	c.FillText(fitting(style, second, size.X), at, second)
	return nil
}

// fitting makes the letters smaller if the text is wider than there is room.
func fitting(style text.Style, words string, room vg.Length) text.Style {
	if width := style.Width(words); width > room && width > 0 {
		style.Font.Size *= room / width
	}
	return style
}

// said is the prediction, and the truth where it is another.
func said(set *data.Set, number int, output []float32) (first, second string, right, known bool) {
	class := largest(output)
	first = className(set, class)
	if probable(output) {
		first += fmt.Sprintf(" %.0f%%", 100*output[class])
	}
	if known = len(set.Labels) > 0; known {
		right = class == set.Labels[number]
		if !right {
			second = "is " + className(set, set.Labels[number])
		}
	}
	return first, second, right, known
}

func largest(output []float32) (class int) {
	for c, v := range output {
		if v > output[class] {
			class = c
		}
	}
	return class
}

// probable reports whether numbers are probabilities: none negative, and together 1.
func probable(output []float32) bool {
	sum := float32(0)
	for _, v := range output {
		if !(v >= 0) {
			return false
		}
		sum += v
	}
	return sum > 0.999 && sum < 1.001
}

func className(set *data.Set, class int) string {
	if class < len(set.Names) {
		return set.Names[class]
	}
	return strconv.Itoa(class)
}

// picture is the image of an example, each of its points so many times that none is blurred by what draws it larger.
func picture(set *data.Set, number int) image.Image {
	height, width, channels := set.Shape[0], set.Shape[1], 1
	if len(set.Shape) == 3 {
		channels = set.Shape[2]
	}
	times := max(1, 224/max(height, width))
	values := shades(set, number)
	img := image.NewRGBA(image.Rect(0, 0, width*times, height*times))
	for y := range height * times {
		for x := range width * times {
			at := ((y/times)*width + x/times) * channels
			img.SetRGBA(x, y, color.RGBA{values[at], values[at+channels/2], values[at+channels-1], 255})
		}
	}
	return img
}

// shades are the numbers of an example as bytes.
func shades(set *data.Set, number int) []uint8 {
	n := set.Features()
	if set.Bytes != nil {
		return set.Bytes[number*n : (number+1)*n]
	}
	floats := set.Floats[number*n : (number+1)*n]
	least, most := floats[0], floats[0]
	for _, v := range floats {
		least, most = min(least, v), max(most, v)
	}
	bytes := make([]uint8, n)
	for i, v := range floats {
		if most > least {
			bytes[i] = uint8(math.Round(255 * float64(v-least) / float64(most-least)))
		}
	}
	return bytes
}

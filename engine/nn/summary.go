package nn

import (
	"fmt"
	"strconv"
	"strings"
)

// Summary returns the table that Keras prints: the name and type, output shape and number of parameters of each layer,
// then the totals, with their size in f32.
func (n *Network) Summary() string {
	var out strings.Builder
	fmt.Fprintf(&out, "Model: %q\n", n.name)
	table := [][3]string{{"Layer (type)", "Output Shape", "Param #"}}
	for _, l := range n.layers {
		table = append(table, [3]string{l.Name + " (" + TypeOf(l.Layer) + ")", shapeText(l.Out), grouped(l.Parameters())})
	}
	writeTable(&out, table)
	trainable, frozen := n.Parameters()
	for _, total := range []struct {
		what string
		n    int
	}{{"Total", trainable + frozen}, {"Trainable", trainable}, {"Non-trainable", frozen}} {
		fmt.Fprintf(&out, " %s params: %s (%s)\n", total.what, grouped(total.n), sizeText(4*total.n))
	}
	return out.String()
}

// Parameters counts the elements of the trainable variables and of the others.
func (n *Network) Parameters() (trainable, nonTrainable int) {
	for _, v := range n.Variables() {
		if v.Trainable {
			trainable += v.Size()
		} else {
			nonTrainable += v.Size()
		}
	}
	return trainable, nonTrainable
}

// shapeText writes [28 28] as (None, 28, 28): any number of examples.
func shapeText(shape []int) string {
	text := "(None"
	for _, d := range shape {
		text += ", " + strconv.Itoa(d)
	}
	return text + ")"
}

// grouped writes 235500 as 235,500.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func sizeText(bytes int) string {
	size, units := float64(bytes), []string{"B", "KB", "MB", "GB"}
	for size >= 1024 && len(units) > 1 {
		size, units = size/1024, units[1:]
	}
	return fmt.Sprintf("%.2f %s", size, units[0])
}

// writeTable draws the rows, the first as the head, with the last column to the right.
func writeTable(out *strings.Builder, rows [][3]string) {
	var width [3]int
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], len(cell)+2)
		}
	}
	rule := func(left, line, middle, right string) {
		fmt.Fprintln(out, left+strings.Repeat(line, width[0])+middle+strings.Repeat(line, width[1])+
			middle+strings.Repeat(line, width[2])+right)
	}
	rule("┏", "━", "┳", "┓")
	for i, row := range rows {
		bar := "│"
		if i == 0 {
			bar = "┃"
		}
		fmt.Fprintf(out, "%s %-*s%s %-*s%s%*s %s\n", bar, width[0]-1, row[0], bar, width[1]-1, row[1], bar, width[2]-1, row[2], bar)
		switch {
		case i == len(rows)-1:
			rule("└", "─", "┴", "┘")
		case i == 0:
			rule("┡", "━", "╇", "┩")
		default:
			rule("├", "─", "┼", "┤")
		}
	}
}

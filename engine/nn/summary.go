package nn

import (
	"fmt"
	"strconv"
	"strings"
)

// Summary returns the table that Keras prints: the name and type, output shape and number of parameters of each layer, and, where
// they are not in a chain, what it is connected to; then the totals, with their size in f32.
func (n *Network) Summary() string { return n.SummaryWith() }

// A Column says something about each layer, by its name, in a summary.
type Column struct {
	Title string
	Cells map[string]string
}

// SummaryWith is Summary with further columns.
func (n *Network) SummaryWith(columns ...Column) string {
	var out strings.Builder
	fmt.Fprintf(&out, "Model: %q\n", n.name)
	table := [][]string{{"Layer (type)", "Output Shape", "Param #"}}
	for _, l := range n.layers {
		table = append(table, []string{l.Name + " (" + TypeOf(l.Layer) + ")", shapeText(l.Out), grouped(l.Parameters())})
	}
	for _, c := range columns {
		table[0] = append(table[0], c.Title)
		for i, l := range n.layers {
			table[i+1] = append(table[i+1], c.Cells[l.Name])
		}
	}
	if !n.chain() {
		table = n.connected(table)
	}
	writeTable(&out, table, 2+len(columns))
	trainable, frozen := n.Parameters()
	for _, total := range []struct {
		what string
		n    int
	}{{"Total", trainable + frozen}, {"Trainable", trainable}, {"Non-trainable", frozen}} {
		fmt.Fprintf(&out, " %s params: %s (%s)\n", total.what, grouped(total.n), sizeText(4*total.n))
	}
	return out.String()
}

// chain reports whether there is one input and each layer takes what the one before makes, as in Sequential.
func (n *Network) chain() bool {
	for i, c := range n.calls {
		if c.layer != i || len(c.from) != 1 || c.from[0] != value(i-1) {
			return false
		}
	}
	return len(n.inputs) == 1
}

// connected adds rows for the inputs and a column that says what each layer takes, call by call.
func (n *Network) connected(table [][]string) [][]string {
	takes := make([]string, len(n.layers))
	for _, c := range n.calls {
		for _, v := range c.from {
			if takes[c.layer] != "" {
				takes[c.layer] += ", "
			}
			takes[c.layer] += n.maker(v)
		}
	}
	wide := [][]string{append(table[0], "Connected to")}
	for i, shape := range n.inputs {
		row := make([]string, len(wide[0]))
		copy(row, []string{n.maker(inputValue(i)) + " (InputLayer)", shapeText(shape), "0"})
		row[len(row)-1] = "-"
		wide = append(wide, row)
	}
	for i, row := range table[1:] {
		wide = append(wide, append(row, takes[i]))
	}
	return wide
}

// maker names what makes a value.
func (n *Network) maker(v value) string {
	switch {
	case v == inputValue(0):
		return "input_layer"
	case v.input():
		return fmt.Sprintf("input_layer_%d", ^v)
	}
	return n.layers[n.calls[v].layer].Name
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

// writeTable draws the rows, the first as the head, with the third column and those after it, up to the last of numbers, to the right.
func writeTable(out *strings.Builder, rows [][]string, numbers int) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], len(cell)+2)
		}
	}
	rule := func(left, line, middle, right string) {
		cells := make([]string, len(width))
		for i, w := range width {
			cells[i] = strings.Repeat(line, w)
		}
		fmt.Fprintln(out, left+strings.Join(cells, middle)+right)
	}
	rule("┏", "━", "┳", "┓")
	for i, row := range rows {
		bar := "│"
		if i == 0 {
			bar = "┃"
		}
		for j, cell := range row {
			pad := strings.Repeat(" ", width[j]-2-len(cell))
			if j >= 2 && j <= numbers {
				cell, pad = pad+cell, ""
			}
			fmt.Fprint(out, bar, " ", cell, pad, " ")
		}
		fmt.Fprintln(out, bar)
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

package table

import "github.com/gradus-ml/gradus/engine/data"

// builder puts rows together as a set.
type builder struct {
	schema *Schema
	n      int
	floats []float32
	labels []int
	goals  []float32
}

func (s *Schema) builder() *builder { return &builder{schema: s} }

// add takes a row: a value for each column, NaN for answers that the file does not have.
func (b *builder) add(values []float64) {
	b.n++
	for i, c := range b.schema.Columns {
		v := values[i]
		switch {
		case c.Kind == Ignore || v != v:
		case c.Target && c.Kind == Category:
			b.labels = append(b.labels, int(v))
		case c.Target:
			b.goals = append(b.goals, float32(v))
		case c.Kind == Number:
			b.floats = append(b.floats, float32(v))
		default:
			row := make([]float32, len(c.Categories))
			row[int(v)] = 1
			b.floats = append(b.floats, row...)
		}
	}
}

func (b *builder) set() *data.Set {
	set := &data.Set{Shape: []int{len(b.schema.Features())}, Floats: b.floats, Labels: b.labels, Targets: b.goals}
	if classes := b.schema.answers(Category); len(classes) > 0 {
		set.Names = classes[0].Categories
	}
	if goals := b.schema.answers(Number); len(b.goals) > 0 {
		set.TargetShape = []int{len(goals)}
	}
	return set
}

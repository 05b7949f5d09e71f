package engine

import (
	"context"

	"github.com/gradus-ml/gradus/engine/data"
)

// material is what a call works on: a set in memory, or a stream with its first part as the sample that tells what it is like.
type material struct {
	set    *data.Set
	stream *data.Stream
}

// materialOf looks at the source. Nil, of any type, has no set.
func materialOf(ctx context.Context, from data.Source) (material, error) {
	switch from := from.(type) {
	case *data.Set:
		return material{set: from}, nil
	case *data.Stream:
		if from == nil {
			return material{}, nil
		}
		first, err := from.FirstPart(ctx)
		return material{first, from}, err
	}
	return material{}, nil
}

// given reports whether there is any.
func (m material) given() bool { return m.set != nil }

// withoutAnswers returns the examples alone.
func (m material) withoutAnswers() material {
	m.set = m.set.WithoutAnswers()
	if m.stream != nil {
		m.stream = m.stream.Map(func(part *data.Set) (*data.Set, error) { return part.WithoutAnswers(), nil })
	}
	return m
}

// answering returns the material with each part of a stream checked against the network's outputs.
func (m material) answering(model *Model) material {
	if m.stream != nil {
		m.stream = m.stream.Map(func(part *data.Set) (*data.Set, error) { return part, model.checkAnswers(part) })
	}
	return m
}

// weighted returns the material with the weights of its classes.
func (m material) weighted(weights map[int]float32) material {
	m.set = weighted(m.set, weights)
	if m.stream != nil {
		m.stream = m.stream.Map(func(part *data.Set) (*data.Set, error) { return weighted(part, weights), nil })
	}
	return m
}

// batch returns the batch size for a wish, 0 for so many as are usual: no more than there are examples, where that is known.
func (m material) batch(wish, usual int) int {
	switch {
	case wish != 0:
		return wish
	case m.stream == nil && m.given() && m.set.Len() > 0:
		return min(usual, m.set.Len())
	}
	return usual
}

// chunkBytes is what the resident examples of a stream take unless it says otherwise.
const chunkBytes = 32 << 20

// chunk returns how many examples of a stream are resident at once: a whole number of batches.
func (m material) chunk(rows int) int {
	n := m.stream.Buffer
	if n == 0 {
		bytes := 4
		for _, f := range m.set.AllInputs() {
			bytes = max(bytes, bytesOf(f))
		}
		for _, a := range m.set.AllAnswers(1 + len(m.set.Outputs)) {
			bytes = max(bytes, 4*a.Size())
		}
		n = chunkBytes / bytes
	}
	return max(1, n/rows) * rows
}

func bytesOf(f data.Features) int {
	if f.Bytes != nil {
		return f.Size()
	}
	return 4 * f.Size()
}

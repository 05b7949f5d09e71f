// Package table reads CSV files as data sets: numbers as they are, categories as one-hot features or as labels.
//
//	train, schema, err := table.ReadFile("train.csv", table.Options{Target: []string{"species"}})
//	test, err := schema.ReadFile("test.csv") // the same columns, categories and fillings
//
// Files are as encoding/csv (RFC 4180) reads them: quoted fields may hold delimiters, quotes and lines. A byte order mark is skipped.
package table

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"

	"github.com/gradus-ml/gradus/engine/data"
)

// Kind is what a column holds.
type Kind uint8

// The kinds.
const (
	Infer    Kind = iota // Number if every value is one; else Category if there are at most Options.MaxCategories different ones; else refused
	Number               // one feature, or one target
	Category             // a feature for each different value, 1 for the row's and 0 for the others; as the only target the label
	Ignore               // left out
)

// String returns the kind's name.
func (k Kind) String() string {
	return [...]string{"Infer", "Number", "Category", "Ignore"}[min(k, Ignore)]
}

// Missing says what becomes of missing values: fields that are empty, NA, N/A, NaN, null, None, ? or -, in capitals or not.
type Missing uint8

// The rules.
const (
	RefuseMissing Missing = iota // an error that names the line and the column
	DropRows                     // leave the row out
	FillMissing                  // a number becomes the mean of the file that the schema was made of, a category its most frequent
)

// Options say how a file is read. The zero value is a file with a header, comma-separated, all of whose columns are features.
type Options struct {
	Target   []string        // columns that are answers: one of kind Category gives labels, any of kind Number targets
	Kinds    map[string]Kind // of columns, by name; others are inferred
	Missing  Missing         // what becomes of missing values
	Comma    rune            // between fields; zero means ','. '\t' and ';' are common
	NoHeader bool            // the first line is a row; columns are called "0", "1" …
	// MaxCategories is how many different values an inferred Category has at most; zero means 100.
	MaxCategories int
}

// A Column is what a schema knows of one.
type Column struct {
	Name       string
	Kind       Kind
	Target     bool
	Categories []string // sorted; a category's place is its number
	Fill       float64  // in place of a missing value: a number, or a category's number
}

// A Schema is how the columns of a file become features and answers. It is made from one file, for training, and reads others alike.
type Schema struct {
	Options Options
	Columns []Column
}

// ReadFile reads a file and returns its rows and the schema that was made of it. Errors name file, line and column.
func ReadFile(name string, o Options) (*data.Set, *Schema, error) {
	return read(source{name, func() (io.ReadCloser, error) { return os.Open(name) }}, o)
}

// Read is ReadFile for what a reader gives.
func Read(r io.Reader, o Options) (*data.Set, *Schema, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, nil, fmt.Errorf("table: %w", err)
	}
	return read(source{"input", func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }}, o)
}

func read(src source, o Options) (*data.Set, *Schema, error) {
	s, err := infer(src, o)
	if err != nil {
		return nil, nil, err
	}
	set, err := s.set(src)
	return set, s, err
}

// InferFile makes the schema of a file and keeps none of its rows.
func InferFile(name string, o Options) (*Schema, error) {
	return infer(source{name, func() (io.ReadCloser, error) { return os.Open(name) }}, o)
}

// ReadFile reads another file with the schema. It must have the same columns in the same order; a category that the schema does not know is
// refused. A file without any of the target columns gives a set without answers.
func (s *Schema) ReadFile(name string) (*data.Set, error) {
	return s.set(source{name, func() (io.ReadCloser, error) { return os.Open(name) }})
}

// StreamFile returns a stream of the rows of a file, in parts of so many, for files that do not fit in memory.
func (s *Schema) StreamFile(name string, part int) *data.Stream {
	src := source{name, func() (io.ReadCloser, error) { return os.Open(name) }}
	return &data.Stream{Parts: func(ctx context.Context, _ int) iter.Seq2[*data.Set, error] {
		return func(yield func(*data.Set, error) bool) {
			b := s.builder()
			err := s.rows(src, func(values []float64) error {
				if b.add(values); b.n >= max(part, 1) {
					if !yield(b.set(), nil) {
						return errStop
					}
					b = s.builder()
				}
				return ctx.Err()
			})
			switch {
			case errors.Is(err, errStop):
			case err != nil:
				yield(nil, err)
			case b.n > 0:
				yield(b.set(), nil)
			}
		}
	}}
}

var errStop = errors.New("stop")

// Features names the features in their order: "age", "sex=female".
func (s *Schema) Features() []string {
	var names []string
	for _, c := range s.Columns {
		switch {
		case c.Target || c.Kind == Ignore:
		case c.Kind == Number:
			names = append(names, c.Name)
		default:
			for _, category := range c.Categories {
				names = append(names, c.Name+"="+category)
			}
		}
	}
	return names
}

// set reads all rows.
func (s *Schema) set(src source) (*data.Set, error) {
	b := s.builder()
	err := s.rows(src, func(values []float64) error {
		b.add(values)
		return nil
	})
	if err == nil && b.n == 0 {
		err = fmt.Errorf("table: %s: no rows", src.name)
	}
	if err != nil {
		return nil, err
	}
	return b.set(), nil
}

// answers lists the target columns that are of the kind.
func (s *Schema) answers(kind Kind) []Column {
	return slices.DeleteFunc(slices.Clone(s.Columns), func(c Column) bool { return !c.Target || c.Kind != kind })
}

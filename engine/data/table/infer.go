package table

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxCategories is the default of Options.MaxCategories; mostCategories is what a column that is said to be a Category may have.
const (
	maxCategories  = 100
	mostCategories = 100_000
)

// seen is what is known of a column while a file is read.
type seen struct {
	Column
	n, sum float64
	counts map[string]int // of the different values, up to the most that there may be
	many   bool           // there are more
	wrong  error          // why it is not a column of numbers
	line   int            // where
}

// infer reads a file and makes its schema.
func infer(src source, o Options) (*Schema, error) {
	var columns []*seen
	rows := 0
	err := src.each(o, func(names []string) (err error) {
		columns, err = o.columns(names)
		return err
	}, func(line int, fields []string) error {
		rows++
		for i, c := range columns {
			c.see(line, fields[i], o)
		}
		return nil
	})
	if err == nil && rows == 0 {
		err = fmt.Errorf("table: %s: no rows", src.name)
	}
	if err != nil {
		return nil, err
	}
	s := &Schema{Options: o}
	for _, c := range columns {
		if err := c.decide(o); err != nil {
			return nil, fmt.Errorf("table: %s: column %q: %w", src.name, c.Name, err)
		}
		s.Columns = append(s.Columns, c.Column)
	}
	return s, s.check(src.name)
}

// columns begins with what the options say, and refuses names that are not there, or there twice.
func (o Options) columns(names []string) ([]*seen, error) {
	var columns []*seen
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("two columns are called %q", name)
		}
		kind := o.Kinds[name]
		if kind > Ignore {
			return nil, fmt.Errorf("column %q: unknown kind %d", name, kind)
		}
		columns = append(columns, &seen{Column: Column{Name: name, Kind: kind, Target: slices.Contains(o.Target, name)}, counts: map[string]int{}})
	}
	for _, name := range append(slices.Sorted(maps.Keys(o.Kinds)), o.Target...) {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("no column %q; there are %q", name, names)
		}
	}
	return columns, nil
}

// see takes a field into account.
func (c *seen) see(line int, field string, o Options) {
	if c.Kind == Ignore || isMissing(field) {
		return
	}
	if c.wrong == nil {
		v, err := number(field)
		if err != nil {
			c.wrong, c.line = err, line
		} else {
			c.sum, c.n = c.sum+v, c.n+1
		}
	}
	if c.Kind == Number {
		return
	}
	_, known := c.counts[field]
	switch {
	case known:
		c.counts[field]++
	case len(c.counts) < c.most(o):
		c.counts[strings.Clone(field)] = 1
	default:
		c.many = true
	}
}

// most returns how many different values are kept.
func (c *seen) most(o Options) int {
	switch {
	case c.Kind == Category:
		return mostCategories
	case o.MaxCategories > 0:
		return o.MaxCategories
	}
	return maxCategories
}

// decide settles the kind, the categories and the filling.
func (c *seen) decide(o Options) error {
	switch {
	case c.Kind == Ignore:
		return nil
	case c.wrong == nil && c.n == 0 && len(c.counts) == 0:
		return fmt.Errorf("no value at all: want some, or the kind Ignore")
	case c.Kind == Number && c.wrong != nil:
		return fmt.Errorf("line %d: %w", c.line, c.wrong)
	case c.Kind == Infer && c.wrong == nil:
		c.Kind = Number
	case c.many:
		return fmt.Errorf("line %d: %w, and there are more than %d different values: want numbers, categories (Options.Kinds, MaxCategories), or the kind Ignore for a text",
			c.line, c.wrongOrMany(), c.most(o))
	}
	if c.Kind == Number {
		c.Fill = c.sum / c.n
		return nil
	}
	c.Kind = Category
	c.Categories = slices.Sorted(maps.Keys(c.counts))
	for i, category := range c.Categories {
		if c.counts[category] > c.counts[c.Categories[int(c.Fill)]] {
			c.Fill = float64(i)
		}
	}
	return nil
}

func (c *seen) wrongOrMany() error {
	if c.wrong != nil {
		return c.wrong
	}
	return fmt.Errorf("a category")
}

// check refuses answers that no set can have.
func (s *Schema) check(name string) error {
	labels, goals := s.answers(Category), s.answers(Number)
	switch {
	case len(s.Options.Target) != len(labels)+len(goals):
		return fmt.Errorf("table: %s: a target column is ignored, or named twice: %q", name, s.Options.Target)
	case len(labels) > 1 || len(labels) == 1 && len(goals) > 0:
		return fmt.Errorf("table: %s: targets are %d categories and %d numbers, want one category or any numbers", name, len(labels), len(goals))
	case len(s.Features()) == 0:
		return fmt.Errorf("table: %s: no column is a feature", name)
	}
	return nil
}

package table

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// source is a file that can be read more than once.
type source struct {
	name string
	open func() (io.ReadCloser, error)
}

// maxRecord bounds one row, which a quote that is never closed would make as long as the file.
const maxRecord = 16 << 20

// bounded refuses rows that are too long.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p[:min(len(p), 4096)])
	if b.left -= n; b.left < 0 {
		return 0, fmt.Errorf("a row of more than %d bytes: is a quote not closed?", maxRecord)
	}
	return n, err
}

// missing lists what stands for a value that is not there.
var missing = []string{"", "na", "n/a", "nan", "null", "none", "?", "-"}

func isMissing(field string) bool {
	return slices.Contains(missing, strings.ToLower(strings.TrimSpace(field)))
}

// each reads the header, which may be made up, and then calls row with each line number and its fields, which are used again.
func (s source) each(o Options, header func(names []string) error, row func(line int, fields []string) error) error {
	f, err := s.open()
	if err != nil {
		return fmt.Errorf("table: %w", err)
	}
	defer f.Close()
	limit := &bounded{r: withoutMark(f), left: maxRecord}
	r := csv.NewReader(limit)
	if r.ReuseRecord = true; o.Comma != 0 {
		r.Comma = o.Comma
	}
	for first := true; ; first = false {
		limit.left = maxRecord
		fields, err := r.Read()
		switch {
		case err == io.EOF && first:
			return fmt.Errorf("table: %s: the file is empty", s.name)
		case err == io.EOF:
			return nil
		case err != nil:
			return s.explain(err)
		}
		line, _ := r.FieldPos(0)
		if err := s.deliver(o, first, line, fields, header, row); err != nil {
			return err
		}
	}
}

// deliver hands one record on: the first as header, or with a header made up.
func (s source) deliver(o Options, first bool, line int, fields []string, header func([]string) error, row func(int, []string) error) error {
	if first {
		names := slices.Clone(fields)
		for i := range names {
			if names[i] = strings.Clone(strings.TrimSpace(names[i])); o.NoHeader {
				names[i] = strconv.Itoa(i)
			}
		}
		if err := header(names); err != nil {
			return fmt.Errorf("table: %s: %w", s.name, err)
		}
		if !o.NoHeader {
			return nil
		}
	}
	if err := row(line, fields); err != nil && !errors.Is(err, errStop) {
		return fmt.Errorf("table: %s: line %d: %w", s.name, line, err)
	} else {
		return err
	}
}

// explain says what is wrong with a line that is not CSV.
func (s source) explain(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) && errors.Is(parse.Err, csv.ErrFieldCount) {
		return fmt.Errorf("table: %s: line %d: another number of fields than the first line has", s.name, parse.Line)
	}
	if errors.As(err, &parse) {
		return fmt.Errorf("table: %s: line %d, byte %d: %w", s.name, parse.Line, parse.Column, parse.Err)
	}
	return fmt.Errorf("table: %s: %w", s.name, err)
}

func withoutMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if mark, _ := b.Peek(3); string(mark) == "\xef\xbb\xbf" {
		_, _ = b.Discard(3)
	}
	return b
}

// number reads a field as a number that a float32 holds.
func number(field string) (float64, error) {
	v, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
	if errors.Is(err, strconv.ErrRange) || err == nil && math.Abs(v) > math.MaxFloat32 {
		return 0, fmt.Errorf("%s is beyond what a float32 holds", abbreviated(field))
	}
	if err != nil || v != v {
		return 0, fmt.Errorf("%s is not a number", abbreviated(field))
	}
	return v, nil
}

// abbreviated quotes a field for a message.
func abbreviated(field string) string {
	if runes := []rune(field); len(runes) > 40 {
		field = string(runes[:40]) + "…"
	}
	return strconv.Quote(field)
}

// rows calls call with the values of each row: numbers, numbers of categories, NaN for answers that are not in the file.
func (s *Schema) rows(src source, call func(values []float64) error) error {
	var columns []int // of the file, by those of the schema; -1 for an answer that is not there
	values := make([]float64, len(s.Columns))
	header := func(names []string) (err error) {
		columns, err = s.match(names)
		return err
	}
	return src.each(s.Options, header, func(_ int, fields []string) error {
		keep := true
		for i, c := range s.Columns {
			if values[i] = math.NaN(); columns[i] < 0 || c.Kind == Ignore {
				continue
			}
			v, ok, err := s.value(c, fields[columns[i]])
			if err != nil {
				return fmt.Errorf("column %q: %w", c.Name, err)
			}
			values[i], keep = v, keep && ok
		}
		if !keep {
			return nil
		}
		return call(values)
	})
}

// match finds the columns of the schema in a file.
func (s *Schema) match(names []string) ([]int, error) {
	columns, answers := make([]int, len(s.Columns)), 0
	for i, c := range s.Columns {
		columns[i] = slices.Index(names, c.Name)
		if columns[i] < 0 && c.Kind != Ignore && !c.Target {
			return nil, fmt.Errorf("no column %q, which the schema has; there are %q", c.Name, names)
		}
		if columns[i] >= 0 && c.Target {
			answers++
		}
	}
	if want := len(s.Options.Target); answers > 0 && answers < want {
		return nil, fmt.Errorf("%d of the %d target columns %q, want all or none", answers, want, s.Options.Target)
	}
	for _, name := range names {
		if !slices.ContainsFunc(s.Columns, func(c Column) bool { return c.Name == name }) {
			return nil, fmt.Errorf("a column %q, which the schema does not have", name)
		}
	}
	return columns, nil
}

// value reads a field of a column. It is not ok in a row that is to be left out.
func (s *Schema) value(c Column, field string) (v float64, ok bool, err error) {
	if isMissing(field) && (c.Kind == Number || !slices.Contains(c.Categories, field)) {
		switch s.Options.Missing {
		case DropRows:
			return 0, false, nil
		case FillMissing:
			return c.Fill, true, nil
		}
		return 0, false, fmt.Errorf("the value is missing (%q): want one, or Options.Missing to say what becomes of it", field)
	}
	if c.Kind == Number {
		v, err = number(field)
		return v, err == nil, err
	}
	i, found := slices.BinarySearch(c.Categories, field)
	if !found {
		return 0, false, fmt.Errorf("%s is none of the %d categories %.5q", abbreviated(field), len(c.Categories), c.Categories[:min(5, len(c.Categories))])
	}
	return float64(i), true, nil
}

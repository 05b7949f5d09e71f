package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// classText is a value behind an interface, as it is in a file.
type classText struct {
	Class  string                     `json:"class_name"`
	Config map[string]json.RawMessage `json:"config"`
}

// encode writes a value of numbers, strings, structs, lists of them, and values behind interfaces of a registry. Fields that are zero are left out.
func (c classes) encode(v reflect.Value) (json.RawMessage, error) {
	switch v.Kind() {
	case reflect.Interface:
		return c.encodeClass(v)
	case reflect.Struct:
		fields, err := c.encodeFields(v)
		if err != nil {
			return nil, err
		}
		return json.Marshal(fields)
	case reflect.Slice:
		list := []json.RawMessage{}
		for i := range v.Len() {
			text, err := c.encode(v.Index(i))
			if err != nil {
				return nil, err
			}
			list = append(list, text)
		}
		return json.Marshal(list)
	case reflect.Bool, reflect.String, reflect.Int, reflect.Int64, reflect.Uint64, reflect.Float32, reflect.Float64:
		return json.Marshal(v.Interface())
	}
	return nil, fmt.Errorf("a %v cannot be written", v.Type())
}

func (c classes) encodeClass(v reflect.Value) (json.RawMessage, error) {
	t := v.Elem().Type()
	if known := c[v.Type()][className(t)]; known != nil && known != t {
		return nil, fmt.Errorf("%v has the name of %v", t, known)
	}
	inner := v.Elem()
	if inner.Kind() == reflect.Pointer && !inner.IsNil() {
		inner = inner.Elem()
	}
	if inner.Kind() != reflect.Struct {
		return nil, fmt.Errorf("a %v cannot be written: want a struct of exported fields", t)
	}
	fields, err := c.encodeFields(inner)
	if err != nil {
		return nil, err
	}
	return json.Marshal(classText{className(t), fields})
}

func (c classes) encodeFields(v reflect.Value) (map[string]json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() {
			return nil, fmt.Errorf("%v.%s cannot be written: it is not exported", v.Type(), f.Name)
		}
		if v.Field(i).IsZero() {
			continue
		}
		text, err := c.encode(v.Field(i))
		if err != nil {
			return nil, fmt.Errorf("%v.%s: %w", v.Type(), f.Name, err)
		}
		fields[snakeCase(f.Name)] = text
	}
	return fields, nil
}

// maxDepth is how deep values may lie within each other.
const maxDepth = 32

// decode fills a value of what encode wrote. Unknown classes and fields are errors.
func (c classes) decode(text []byte, into reflect.Value, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("values lie more than %d deep within each other", maxDepth)
	}
	switch into.Kind() {
	case reflect.Interface:
		return c.decodeClass(text, into, depth)
	case reflect.Struct:
		var fields map[string]json.RawMessage
		if err := unmarshal(text, &fields); err != nil {
			return err
		}
		return c.decodeFields(fields, into, depth)
	case reflect.Slice:
		var list []json.RawMessage
		if err := unmarshal(text, &list); err != nil {
			return err
		}
		made := reflect.MakeSlice(into.Type(), len(list), len(list))
		for i, text := range list {
			if err := c.decode(text, made.Index(i), depth+1); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		into.Set(made)
		return nil
	}
	if string(text) == "null" {
		return fmt.Errorf("null, want a %v", into.Type())
	}
	return unmarshal(text, into.Addr().Interface())
}

func (c classes) decodeClass(text []byte, into reflect.Value, depth int) error {
	var class classText
	if err := unmarshal(text, &class); err != nil {
		return err
	}
	t, ok := c[into.Type()][class.Class]
	if !ok {
		return fmt.Errorf("class %.50q is unknown, want a %v of Gradus or of the registry", class.Class, into.Type())
	}
	value := reflect.New(t).Elem()
	inner := value
	if t.Kind() == reflect.Pointer {
		value.Set(reflect.New(t.Elem()))
		inner = value.Elem()
	}
	if err := c.decodeFields(class.Config, inner, depth); err != nil {
		return fmt.Errorf("%s: %w", class.Class, err)
	}
	into.Set(value)
	return nil
}

func (c classes) decodeFields(fields map[string]json.RawMessage, into reflect.Value, depth int) error {
	left := len(fields)
	for i := range into.NumField() {
		f := into.Type().Field(i)
		text, given := fields[snakeCase(f.Name)]
		switch {
		case !given && f.Anonymous && f.Type.Kind() == reflect.Interface: // an optimizer around another
			return fmt.Errorf("%s is missing", snakeCase(f.Name))
		case !given || !f.IsExported():
			continue
		}
		left--
		if err := c.decode(text, into.Field(i), depth+1); err != nil {
			return fmt.Errorf("%s: %w", snakeCase(f.Name), err)
		}
	}
	if left > 0 {
		return fmt.Errorf("unknown fields among %s, want some of %s", keysOf(fields), fieldsOf(into.Type()))
	}
	return nil
}

func keysOf(fields map[string]json.RawMessage) string {
	var list []string
	for name := range fields {
		list = append(list, fmt.Sprintf("%.50q", name))
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func fieldsOf(t reflect.Type) string {
	var list []string
	for i := range t.NumField() {
		list = append(list, snakeCase(t.Field(i).Name))
	}
	return strings.Join(list, ", ")
}

// snakeCase turns LearningRate into learning_rate, EMAMomentum into ema_momentum and PR into pr.
func snakeCase(s string) string {
	var out strings.Builder
	letters := []rune(s)
	for i, c := range letters {
		if i > 0 && unicode.IsUpper(c) && (!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])) {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(c))
	}
	return out.String()
}

// unmarshal decodes JSON of exactly the fields of a struct.
func unmarshal(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("more behind the JSON value")
	}
	return nil
}

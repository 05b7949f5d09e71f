// Package shaders holds the WebGPU kernels, one WGSL file each, named after the operation that it computes.
//
// Every file is valid WGSL as it stands. Its sizes are named constants at the top; whoever compiles it may replace
// their values. A file may borrow a function of another; then a line stands for it. The dialect, which keeps clear of what WebGPU implementations get wrong, is held by dialect_test.go.
package shaders

import (
	"embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

//go:embed *.wgsl
var files embed.FS

// A Constant is a named constant, type or one-line function of a shader with the value that replaces the one in the file.
type Constant struct{ name, kind, value string }

// Uint is a constant of type u32.
func Uint(name string, value int) Constant { return Constant{name, "u32", strconv.Itoa(value) + "u"} }

// Bool is a constant of type bool.
func Bool(name string, value bool) Constant { return Constant{name, "bool", strconv.FormatBool(value)} }

// Vectors makes Value, the type of what a thread takes at a time in shaders that declare it, a vector of four.
func Vectors() Constant { return Constant{"Value", alias, "vec4<f32>"} }

// VectorBits makes Bits, what bits returns of a Value, a vector of four. naga takes no alias in a bitcast.
func VectorBits() []Constant {
	return []Constant{{"Bits", alias, "vec4<u32>"}, {"bits", "(g: Value) -> Bits", "bitcast<vec4<u32>>(g)"}}
}

// VectorTotal makes total, what the elements of a Value add up to, that of a vector of four.
func VectorTotal() Constant {
	return Constant{"total", "(v: Value) -> f32", "(v.x + v.y) + (v.z + v.w)"}
}

// alias is the kind of a type's name.
const alias = "alias"

// String returns the declaration.
func (c Constant) String() string {
	switch {
	case c.kind == alias:
		return fmt.Sprintf("alias %s = %s;", c.name, c.value)
	case strings.HasPrefix(c.kind, "("):
		return fmt.Sprintf("fn %s%s { return %s; }", c.name, c.kind, c.value)
	}
	return fmt.Sprintf("const %s: %s = %s;", c.name, c.kind, c.value)
}

// line is what the declaration looks like in a file.
func (c Constant) line() string {
	value := c
	value.value = "\x00"
	return `(?m)^` + strings.Replace(regexp.QuoteMeta(value.String()), "\x00", `[^;]+`, 1)
}

// Source returns a shader's WGSL with the functions that it borrows and with the constants replaced. The name is the file's without .wgsl.
func Source(name string, constants ...Constant) (string, error) {
	text, err := files.ReadFile(name + ".wgsl")
	if err != nil {
		return "", fmt.Errorf("shaders: there is no %s.wgsl", name)
	}
	source, err := linked(string(text))
	if err != nil {
		return "", err
	}
	for _, c := range constants {
		line := regexp.MustCompile(c.line())
		if !line.MatchString(source) {
			return "", fmt.Errorf("shaders: %s.wgsl has no line %s", name, strings.Replace(c.String(), c.value, "…", 1))
		}
		source = line.ReplaceAllString(source, c.String())
	}
	return source, nil
}

// Names lists the shaders.
func Names() []string {
	entries, _ := files.ReadDir(".") // an embedded folder can be read
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".wgsl"))
	}
	return names
}

// A Binding is how a shader declares one of its buffers.
type Binding struct {
	Name    string
	Uniform bool
	Writes  bool
}

var declaration = regexp.MustCompile(`(?m)^@group\(0\) @binding\((\d+)\) var<(uniform|storage, read|storage, read_write)> (\w+):`)

// Bindings lists the buffers that a shader's source declares, in the order of their numbers, which is that of the file.
func Bindings(source string) []Binding {
	var list []Binding
	for _, m := range declaration.FindAllStringSubmatch(source, -1) {
		list = append(list, Binding{Name: m[3], Uniform: m[2] == "uniform", Writes: m[2] == "storage, read_write"})
	}
	return list
}

// Package shaders holds the compute kernels in WGSL, one file each.
//
// Every file is a valid WGSL program as it stands. Constants at its top may be given other values by the host
// when it specialises a kernel; package kernels does. The dialect is narrower than WGSL: see dialect_test.go for the rules and
// the compiler faults that they avoid.
package shaders

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.wgsl
var files embed.FS

// Names lists the kernels: file names without their extension, sorted.
func Names() []string {
	entries, _ := files.ReadDir(".") // embedded: it is there
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".wgsl"))
	}
	return names
}

// A Constant is a value for one of the constants at the top of a kernel: name FUNCTION, value "2u".
type Constant struct{ Name, Value string }

// Source returns the text of a kernel with the constants given. Each must be declared in the kernel on
// a line of its own: const NAME: type = value;
func Source(name string, constants ...Constant) (string, error) {
	text, err := files.ReadFile(name + ".wgsl")
	if err != nil {
		return "", fmt.Errorf("shaders: no kernel %q", name)
	}
	source := string(text)
	for _, c := range constants {
		if source, err = replace(source, c); err != nil {
			return "", fmt.Errorf("shaders: %s: %w", name, err)
		}
	}
	return source, nil
}

func replace(source string, c Constant) (string, error) {
	head, rest, found := strings.Cut(source, "\nconst "+c.Name+":")
	declared, tail, ended := strings.Cut(rest, ";")
	kind, _, assigned := strings.Cut(declared, "=")
	if !found || !ended || !assigned {
		return "", fmt.Errorf("no constant %s", c.Name)
	}
	return head + "\nconst " + c.Name + ":" + kind + "= " + c.Value + ";" + tail, nil
}

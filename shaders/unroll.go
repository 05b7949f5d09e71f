package shaders

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// marked matches the head of a loop that is written out before a device sees it.
var marked = regexp.MustCompile(`(?m)^( *)for \(var (\w+) = 0u; (\w+) < ([\w /*+]+); (\w+) = (\w+) \+ 1u\) \{ // unrolled\n`)

// Unroll returns the source with every loop that is marked "// unrolled" written out, and its counter replaced by numbers: compilers then
// see constant indices, which keep arrays in registers and cost no check of bounds. The loop ends at the first line that is
// a closing brace indented as the loop is; its limit is an expression of numbers and of constants of the module.
func Unroll(source string) (string, error) {
	for {
		at := marked.FindStringSubmatchIndex(source)
		if at == nil {
			return source, nil
		}
		part := func(i int) string { return source[at[2*i]:at[2*i+1]] }
		indent, counter, rest := part(1), part(2), source[at[1]:]
		end := strings.Index(rest, "\n"+indent+"}\n")
		n, err := evaluate(source, part(4))
		if err != nil || end < 0 || part(3) != counter || part(5) != counter || part(6) != counter {
			return "", fmt.Errorf("shaders: cannot unroll %q: %v", strings.TrimSpace(part(0)), err)
		}
		source = source[:at[0]] + copies(rest[:end+1], indent, counter, n) + rest[end+len(indent)+3:]
	}
}

// copies returns the body of a loop n times, each in a block of its own.
func copies(body, indent, counter string, n int) string {
	name := regexp.MustCompile(`\b` + counter + `\b`)
	var b strings.Builder
	for i := range n {
		b.WriteString(indent + "{\n" + name.ReplaceAllString(body, strconv.Itoa(i)+"u") + indent + "}\n")
	}
	return b.String()
}

var (
	term   = regexp.MustCompile(`([*/]?)\s*(\w+)`)
	number = regexp.MustCompile(`^(\d+)u?$`)
)

// evaluate computes an expression of numbers, constants of the source, *, / and +; * and / before +.
func evaluate(source, expression string) (int, error) {
	sum := 0
	for _, summand := range strings.Split(expression, "+") {
		product := 1
		for _, m := range term.FindAllStringSubmatch(summand, -1) {
			n, err := valueOf(source, m[2])
			switch {
			case err != nil:
				return 0, err
			case m[1] == "/" && n == 0:
				return 0, fmt.Errorf("%s is divided by 0", expression)
			case m[1] == "/":
				product /= n
			default:
				product *= n
			}
		}
		sum += product
	}
	return sum, nil
}

func valueOf(source, name string) (int, error) {
	if m := number.FindStringSubmatch(name); m != nil {
		return strconv.Atoi(m[1])
	}
	m := regexp.MustCompile(`(?m)^const ` + name + `: u32 = ([^;]+);`).FindStringSubmatch(source)
	if m == nil {
		return 0, fmt.Errorf("there is no const %s: u32", name)
	}
	return evaluate(source, m[1])
}

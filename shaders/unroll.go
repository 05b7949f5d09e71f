package shaders

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// mark ends the head of a loop that is written out before a device sees it.
const mark = "// unrolled\n"

var marked = regexp.MustCompile(`^( *)for \(var (\w+) = 0u; (\w+) < ([\w /*+]+); (\w+) = (\w+) \+ 1u\) \{ ` + mark + `$`)

// Unroll returns the source with every loop that is marked "// unrolled" written out, and its counter replaced by numbers: compilers then
// see constant indices, which keep arrays in registers and cost no check of bounds. The loop ends at the first line that is
// a closing brace indented as the loop is; its limit is an expression of numbers and of constants of the module.
func Unroll(source string) (string, error) {
	for done := 0; ; {
		i := strings.Index(source[done:], mark)
		if i < 0 {
			return source, nil
		}
		body := done + i + len(mark)
		done += strings.LastIndex(source[done:done+i], "\n") + 1 // where the loop begins
		head := source[done:body]
		m := marked.FindStringSubmatch(head)
		if m == nil || m[3] != m[2] || m[5] != m[2] || m[6] != m[2] {
			return "", fmt.Errorf("shaders: cannot unroll %q", strings.TrimSpace(head))
		}
		end := strings.Index(source[body:], "\n"+m[1]+"}\n")
		n, err := evaluate(source, m[4])
		if err != nil || end < 0 {
			return "", fmt.Errorf("shaders: cannot unroll %q: %v", strings.TrimSpace(head), err)
		}
		end += body
		source = source[:done] + copies(source[body:end+1], m[1], m[2], n) + source[end+len(m[1])+3:]
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

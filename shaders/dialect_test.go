package shaders

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The dialect keeps clear of what the WebGPU binding and its shader compiler, naga, get silently wrong. A rule returns what breaks it
// in a shader's text or in its code, which is the text without comments.
var rules = map[string]func(text, code string) []string{
	"every var is initialised: naga does not zero them": never(`\bvar\s+\w+[^=;]*;`),
	"no private variables: naga drops their values":     never(`var<private`),
	"no override constants: the binding ignores them":   never(`\boverride\b`),
	"no push constants": never(`push_constant`),
	"module constants are scalars: naga turns others into zeros":              never(`(?m)^const\s+\w+[^=]*=[^;]*\b(array|vec[234]|mat[234]x[234])\b`),
	"module constants have a type":                                            never(`(?m)^const\s+\w+\s*=`),
	"no any or all: naga lacks them":                                          never(`\b(any|all)\s*\(`),
	"no matrices":                                                             never(`\bmat[234]x[234]`),
	"no atomics: the order of sums is fixed":                                  never(`\batomic`),
	"no 16-bit floats or subgroups, nor the words: they fail shader creation": inText(`(?i)\bf16\b|subgroup`),
	"NaN is found by its bits: comparisons are optimised away":                selfComparisons,
	"select stands alone: it becomes an unparenthesised ?: on Metal":          selects,
	"an index into a value stands alone: it becomes an unparenthesised ?:":    valueIndexes,
	"arguments of exp are at most 0 or clamped":                               arguments("exp", `^(clamp\(.*\)|min\(.*, 0\.0\)|-abs\(.*\)|.* - highest)$`),
	"arguments of tanh are clamped":                                           arguments("tanh", `^clamp\(.*\)$`),
	"no sin, cos or tan: devices compute them with errors of up to 2⁻¹¹":      never(`\b(sin|cos|tan)\(`),
	"one entry point, main":                                                   entryPoints,
	"bindings are dense, ascending, all used, at most 8 of them storage":      bindings,
	"at most 256 threads":                                                     threads,
	"at most 16 KiB of workgroup memory":                                      workgroupMemory,
	"at most 120 lines, a comment first, a shape for every binding":           layout,
}

// never returns a rule against a pattern in the code.
func never(pattern string) func(text, code string) []string {
	re := regexp.MustCompile(pattern)
	return func(_, code string) []string { return re.FindAllString(code, -1) }
}

// inText returns a rule against a pattern anywhere, comments included.
func inText(pattern string) func(text, code string) []string {
	re := regexp.MustCompile(pattern)
	return func(text, _ string) []string { return re.FindAllString(text, -1) }
}

func selfComparisons(_, code string) (found []string) {
	for _, m := range regexp.MustCompile(`([\w.\[\]]+)\s*[!=]=\s*([\w.\[\]]+)`).FindAllStringSubmatch(code, -1) {
		if m[1] == m[2] {
			found = append(found, m[0])
		}
	}
	return found
}

func selects(_, code string) (found []string) {
	alone := regexp.MustCompile(`^\s*let \w+ = select\(`)
	for _, line := range strings.Split(code, "\n") {
		if i := strings.Index(line, "select("); i >= 0 && (!alone.MatchString(line) || closing(line[i+6:]) != len(line[i+6:])-2) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// closing returns where the parenthesis closes with which s begins.
func closing(s string) int {
	depth := 0
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func valueIndexes(_, code string) (found []string) {
	values := regexp.MustCompile(`\blet (\w+)|[(,]\s*(?:@builtin\(\w+\) )?(\w+): `)
	for _, m := range values.FindAllStringSubmatch(code, -1) {
		name := m[1] + m[2]
		alone := regexp.MustCompile(`^\s*let \w+ = ` + name + `\[[^\]]*\];$`)
		for _, line := range strings.Split(code, "\n") {
			if regexp.MustCompile(`\b`+name+`\[`).MatchString(line) && !alone.MatchString(line) {
				found = append(found, strings.TrimSpace(line))
			}
		}
	}
	return append(found, regexp.MustCompile(`\)\[`).FindAllString(code, -1)...)
}

// arguments returns a rule that the arguments of a function have a form.
func arguments(function, form string) func(text, code string) []string {
	call, allowed := regexp.MustCompile(`\b`+function+`\(`), regexp.MustCompile(form)
	return func(_, code string) (found []string) {
		for _, at := range call.FindAllStringIndex(code, -1) {
			rest := code[at[1]-1:]
			if argument := rest[1:closing(rest)]; !allowed.MatchString(argument) {
				found = append(found, function+"("+argument+")")
			}
		}
		return found
	}
}

func entryPoints(_, code string) []string {
	if list := regexp.MustCompile(`@(compute|vertex|fragment)[^{]*`).FindAllString(code, -1); len(list) != 1 || !strings.Contains(list[0], "fn main(") {
		return append(list, "want one @compute fn main")
	}
	return nil
}

func bindings(_, code string) (found []string) {
	list := regexp.MustCompile(`@group\((\d+)\) @binding\((\d+)\) var<([\w, ]+)> (\w+)`).FindAllStringSubmatch(code, -1)
	for i, m := range list {
		last := i == len(list)-1
		if m[1] != "0" || m[2] != fmt.Sprint(i) || (m[3] == "uniform") != last || i > 8 {
			found = append(found, m[0])
		}
		if len(regexp.MustCompile(`\b`+m[4]+`\b`).FindAllString(code, -1)) < 2 {
			found = append(found, m[4]+" is not used")
		}
	}
	return found
}

func threads(_, code string) []string {
	m := regexp.MustCompile(`@workgroup_size\(([^)]*)\)`).FindStringSubmatch(code)
	if m == nil {
		return []string{"no workgroup size"}
	}
	n := 1
	for _, size := range strings.Split(m[1], ",") {
		if !regexp.MustCompile(`^ ?\w+$`).MatchString(size) {
			return []string{m[0] + ": naga does not compute it, want numbers or names"}
		}
		n *= value(code, size)
	}
	if n < 1 || n > 256 {
		return []string{fmt.Sprintf("%s: %d threads", m[0], n)}
	}
	return nil
}

func workgroupMemory(_, code string) []string {
	bytes, sizes := 0, map[string]int{"f32": 4, "u32": 4, "vec2<f32>": 8, "vec4<f32>": 16}
	list := regexp.MustCompile(`var<workgroup>[^;]*`).FindAllString(code, -1)
	for _, declared := range list {
		m := regexp.MustCompile(`: array<([\w<>]+), ([^>]+)>$`).FindStringSubmatch(declared)
		if m == nil || sizes[m[1]] == 0 {
			return []string{declared + ": not an array of f32, u32, vec2 or vec4"}
		}
		bytes += sizes[m[1]] * value(code, m[2])
	}
	if bytes > 16<<10 {
		return []string{fmt.Sprintf("%d bytes", bytes)}
	}
	return nil
}

// value computes a constant expression of names, numbers, *, / and +, from left to right, * and / before +.
func value(code, expression string) int {
	sum := 0
	for _, term := range strings.Split(expression, "+") {
		product := 1
		for _, m := range regexp.MustCompile(`([*/]?)\s*(\w+)`).FindAllStringSubmatch(term, -1) {
			if m[1] == "/" {
				product /= atom(code, m[2])
			} else {
				product *= atom(code, m[2])
			}
		}
		sum += product
	}
	return sum
}

func atom(code, name string) int {
	n := 0
	if _, err := fmt.Sscanf(name, "%d", &n); err == nil {
		return n
	}
	if m := regexp.MustCompile(`(?m)^const ` + name + `: u32 = ([^;]+);`).FindStringSubmatch(code); m != nil {
		return value(code, m[1])
	}
	return 1 << 30 // unknown: breaks every limit
}

func layout(text, _ string) (found []string) {
	if n := strings.Count(text, "\n"); n > 120 {
		found = append(found, fmt.Sprintf("%d lines", n))
	}
	if !strings.HasPrefix(text, "// ") {
		found = append(found, "no comment at the top")
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.Contains(line, "var<storage") && !regexp.MustCompile(`; +// \[`).MatchString(line) {
			found = append(found, line)
		}
	}
	return found
}

func uncommented(text string) string {
	return regexp.MustCompile(`(?m)[ \t]*//.*$`).ReplaceAllString(text, "")
}

// variants lists the constants that the host may set, beside none.
func variants(name string) [][]Constant {
	source, _ := Source(name)
	list := [][]Constant{nil}
	if m := regexp.MustCompile(`const THREADS: u32 = \d+u; //.* at most (\d+)`).FindStringSubmatch(source); m != nil {
		most, _ := strconv.Atoi(m[1])
		list = append(list, []Constant{Uint("THREADS", most)})
	}
	for _, other := range []string{"ROWS", "COLS"} {
		for lanes := 1; lanes <= 256 && strings.Contains(source, "const "+other+":"); lanes *= 2 {
			list = append(list, []Constant{Uint("LANES", lanes), Uint(other, 256/lanes)})
		}
	}
	return list
}

// file returns a shader as it stands.
func file(t *testing.T, name string) string {
	text, err := files.ReadFile(name + ".wgsl")
	require.NoError(t, err)
	return string(text)
}

func TestDialect(t *testing.T) {
	require.NotEmpty(t, Names())
	for _, name := range Names() {
		for _, constants := range variants(name) {
			source, err := Source(name, constants...)
			require.NoError(t, err)
			for rule, check := range rules {
				text := source
				if strings.HasPrefix(rule, "at most 120 lines") { // of the file, without what it borrows
					text = file(t, name)
				}
				assert.Empty(t, check(text, uncommented(text)), "%s.wgsl %v breaks the rule: %s", name, constants, rule)
			}
		}
	}
}

// TestDialectFails plants a violation of each rule in a shader that is right.
func TestDialectFails(t *testing.T) {
	planted := map[string][2]string{ // the rule's beginning: what is replaced by what
		"every var":             {"var sum = array<vec4<f32>, 4u * PER * PER>();", "var sum: array<vec4<f32>, 4u * PER * PER>;"},
		"no private":            {"fn load", "var<private> seed: u32 = 1u;\nfn load"},
		"no override":           {"const DEPTH", "override DEPTH"},
		"no push":               {"var<uniform> params", "var<push_constant> params"},
		"module constants are":  {"fn load", "const Z = vec2<u32>(0u, 1u);\nfn load"},
		"module constants have": {"const DEPTH: u32 =", "const DEPTH ="},
		"no any":                {"if (i < params.m && ", "if (any(vec2<bool>(i < params.m)) && "},
		"no matrices":           {"fn load", "fn f(m: mat4x4<f32>) {}\nfn load"},
		"no atomics":            {"fn load", "fn f() { atomicAdd(&x, 1u); }\nfn load"},
		"no 16-bit":             {"// Puts", "// Puts with subgroups"},
		"NaN":                   {"if (i < params.m && ", "if (v.x != v.x && "},
		"select":                {" = v; }", " = vec4<f32>(2.0 * select(v.x, v.y, true)); }"},
		"an index":              {" = v; }", " = vec4<f32>(2.0 * v[i]); }"},
		"arguments of exp":      {" = v; }", " = vec4<f32>(exp(v.x)); }"},
		"arguments of tanh":     {" = v; }", " = vec4<f32>(tanh(v.x)); }"},
		"no sin":                {" = v; }", " = vec4<f32>(sin(v.x)); }"},
		"one entry":             {"fn main(", "fn start("},
		"bindings":              {"@binding(2)", "@binding(5)"},
		"at most 256":           {"@workgroup_size(THREADS)", "@workgroup_size(THREADS, 64)"},
		"at most 16 KiB":        {"4u * THREADS>", "400u * THREADS>"},
		"at most 120":           {"array<vec4<f32>>;       // [m×k], transposed [k×m]", "array<vec4<f32>>;"},
	}
	good, err := Source("matmul_vector")
	require.NoError(t, err)
	for rule, check := range rules {
		for beginning, change := range planted {
			if !strings.HasPrefix(rule, beginning) {
				continue
			}
			delete(planted, beginning)
			bad := strings.Replace(good, change[0], change[1], 1)
			require.NotEqual(t, good, bad, "%s: nothing to replace", rule)
			assert.Empty(t, check(good, uncommented(good)), "without the violation: %s", rule)
			assert.NotEmpty(t, check(bad, uncommented(bad)), "with the violation: %s", rule)
		}
	}
	assert.Empty(t, planted, "violations of no rule")
	assert.Len(t, rules, 21, "as many as are planted")
}

// WGSL has no includes: a function that an operation and its gradient both need stands in either file, and must be the same there.
func TestSharedFunctions(t *testing.T) {
	shared := map[string]bool{}
	for _, name := range Names() {
		gradient, err := Source(name + "_grad")
		if err != nil {
			continue // it has none
		}
		source, err := Source(name)
		require.NoError(t, err)
		texts := map[string]string{}
		for _, m := range function.FindAllStringSubmatch(source, -1) {
			texts[m[1]+m[2]] = m[0]
		}
		for _, m := range function.FindAllStringSubmatch(gradient, -1) {
			if text, both := texts[m[1]+m[2]]; both && m[1] != "main" {
				shared[m[1]+m[2]] = true
				assert.Equal(t, text, m[0], "%s in %s.wgsl and %s_grad.wgsl", m[1], name, name)
			}
		}
	}
	assert.Subset(t, shared, map[string]bool{"erfc(z: f32)": true, "is_nan(v: f32)": true, "sigmoid(v: f32)": true})
}

package shaders

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The kernels keep to a part of WGSL that every compiler on their way gets right. In brief, what goes wrong elsewhere:
// variables without initial value hold garbage; select() and indexing a value inside an expression lose their parentheses in Metal;
// composite module constants become zeros; exp and tanh overflow to NaN; x != x is folded to false.

var (
	comment        = regexp.MustCompile(`//[^\n]*`)
	localVar       = regexp.MustCompile(`\bvar\s+(\w+)([^;]*);`)
	anyVar         = regexp.MustCompile(`\bvar(?:<[^>]*>)?\s+(\w+)`)
	indexed        = regexp.MustCompile(`([\w.)\]]+)\[`)
	selectAlone    = regexp.MustCompile(`^\s*let \w+(: [\w<>]+)? = select\([^;]*\);$`)
	moduleConst    = regexp.MustCompile(`(?m)^const\s+([^;]*);`)
	scalarConst    = regexp.MustCompile(`^[A-Z_]+: (u32|i32|f32|bool) = [-\w.]+$`)
	bindingLine    = regexp.MustCompile(`(?m)^@group\((\d+)\) @binding\((\d+)\) var<(\w+)(?:, (\w+))?> (\w+): ([^;]+);(.*)$`)
	workgroupSize  = regexp.MustCompile(`@workgroup_size\(([^)]*)\)`)
	workgroupArray = regexp.MustCompile(`var<workgroup> \w+: array<(\w+)(?:<f32>)?, (\d+)>;`)
	exponential    = regexp.MustCompile(`\b(exp|exp2|tanh|sinh|cosh)\(\s*(\w+)?`)
	selfCompare    = regexp.MustCompile(`([\w.]+) [!=]= ([\w.]+)\b`)
	forbidden      = regexp.MustCompile(`(?i)\b(override|enable|requires|f16|atomic\w*|mat\dx\d\w*|push_constant|\w*subgroup\w*)\b|\b(any|all)\(|var<private>|ptr<`)
)

const (
	maxStorage        = 8
	maxThreads        = 256
	maxWorkgroupBytes = 16 << 10
	maxLines          = 120
)

// violations lists what a kernel does against the dialect.
func violations(source string) []string {
	var found []string
	complain := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	code := comment.ReplaceAllString(source, "")
	for _, m := range localVar.FindAllStringSubmatch(code, -1) {
		if !strings.Contains(m[2], "=") {
			complain("var %s has no initial value", m[1])
		}
	}
	if m := forbidden.FindString(source); m != "" {
		complain("%q is outside the dialect, in comments too", m)
	}
	checkIndexing(code, complain)
	checkConstants(code, complain)
	checkCalls(code, complain)
	checkBindings(source, code, complain)
	checkWorkgroup(code, complain)
	if !strings.HasPrefix(source, "// ") {
		complain("no header: the formula, then what a workgroup does")
	}
	if n := strings.Count(source, "\n"); n > maxLines {
		complain("%d lines, want at most %d", n, maxLines)
	}
	return found
}

// checkIndexing lets only variables be indexed, and select() stand only alone.
func checkIndexing(code string, complain func(string, ...any)) {
	variables := map[string]bool{}
	for _, m := range anyVar.FindAllStringSubmatch(code, -1) {
		variables[m[1]] = true
	}
	for _, m := range indexed.FindAllStringSubmatch(code, -1) {
		if !variables[m[1]] {
			complain("%s[…] indexes a value, not a var", m[1])
		}
	}
	for _, line := range strings.Split(code, "\n") {
		if strings.Contains(line, "select(") && !selectAlone.MatchString(line) {
			complain("select() is not the whole right side of a let: %s", strings.TrimSpace(line))
		}
	}
}

func checkConstants(code string, complain func(string, ...any)) {
	for _, m := range moduleConst.FindAllStringSubmatch(code, -1) {
		if !scalarConst.MatchString(m[1]) {
			complain("const %s: want NAME: type = literal, of a scalar type", m[1])
		}
	}
}

// checkCalls asks for bounded arguments and against comparing a number with itself.
func checkCalls(code string, complain func(string, ...any)) {
	for _, m := range exponential.FindAllStringSubmatch(code, -1) {
		if bounded := map[string]bool{"clamp": true, "max": m[1] == "exp", "min": m[1] == "exp"}; !bounded[m[2]] {
			complain("%s(%s…): want a bounded argument, such as clamp(…)", m[1], m[2])
		}
	}
	for _, m := range selfCompare.FindAllStringSubmatch(code, -1) {
		if m[1] == m[2] {
			complain("%s compares a number with itself: test for NaN by bits", m[0])
		}
	}
}

func checkBindings(source, code string, complain func(string, ...any)) {
	storage, lines := 0, bindingLine.FindAllStringSubmatch(source, -1)
	for i, m := range lines {
		if m[1] != "0" || m[2] != strconv.Itoa(i) {
			complain("binding %s of group %s, want %d of group 0", m[2], m[1], i)
		}
		if n := len(regexp.MustCompile(`\b`+m[5]+`\b`).FindAllString(code, -1)); n < 2 {
			complain("binding %s is not used", m[5])
		}
		if m[3] == "storage" {
			storage++
			if !strings.Contains(m[7], "[") {
				complain("binding %s has no comment with its shape", m[5])
			}
		} else if m[3] != "uniform" || i != len(lines)-1 {
			complain("binding %s is %s at %d: want one uniform, the last", m[5], m[3], i)
		}
	}
	if n := strings.Count(code, "@binding"); n != len(lines) {
		complain("%d bindings, %d of them in a form that this test reads", n, len(lines))
	}
	if storage < 1 || storage > maxStorage || storage == len(lines) {
		complain("%d storage buffers of %d bindings, want 1 to %d and one uniform", storage, len(lines), maxStorage)
	}
}

func checkWorkgroup(code string, complain func(string, ...any)) {
	if strings.Count(code, "@compute") != 1 || strings.Count(code, "fn main(") != 1 {
		complain("want one entry point, main")
	}
	threads := 1
	if m := workgroupSize.FindStringSubmatch(code); m != nil {
		for _, d := range strings.Split(m[1], ",") {
			n, err := strconv.Atoi(strings.TrimSpace(d))
			if err != nil {
				complain("workgroup size %q is not a number", d)
			}
			threads *= n
		}
	}
	bytes, sizes := 0, map[string]int{"f32": 4, "u32": 4, "i32": 4, "vec2": 8, "vec4": 16}
	arrays := workgroupArray.FindAllStringSubmatch(code, -1)
	for _, m := range arrays {
		n, _ := strconv.Atoi(m[2])
		bytes += n * sizes[m[1]]
	}
	if strings.Count(code, "var<workgroup>") != len(arrays) {
		complain("workgroup memory in a form that this test does not read")
	}
	if threads > maxThreads || bytes > maxWorkgroupBytes {
		complain("%d threads and %d bytes of workgroup memory, want at most %d and %d", threads, bytes, maxThreads, maxWorkgroupBytes)
	}
}

func TestDialect(t *testing.T) {
	require.NotEmpty(t, Names())
	for _, name := range Names() {
		source, err := Source(name)
		require.NoError(t, err)
		assert.Empty(t, violations(source), name)
	}
}

// WGSL has no includes: a function that several kernels need stands in each of them, and must be the same in all.
func TestSharedFunctions(t *testing.T) {
	function := regexp.MustCompile(`(?ms)^fn (\w+)\(.*?^}\n`)
	first, where := map[string]string{}, map[string]string{}
	for _, name := range Names() {
		source, err := Source(name)
		require.NoError(t, err)
		for _, m := range function.FindAllStringSubmatch(source, -1) {
			if text, known := first[m[1]]; known && m[1] != "main" {
				assert.Equal(t, text, m[0], "%s in %s and in %s", m[1], where[m[1]], name)
			} else {
				first[m[1]], where[m[1]] = m[0], name
			}
		}
	}
	assert.Contains(t, first, "reduce_sum")
}

const valid = `// y = x
//
// A thread an element.

const SIZE: u32 = 4u;

struct Params { n: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;       // [n]
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [n]
@group(0) @binding(2) var<uniform> p: Params;

var<workgroup> part: array<f32, 64>; // one a thread

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    part[id.x] = x[id.x];
    let v = x[id.x];
    // here
    y[id.x] = f32(p.n) + exp(max(v, -87.0));
}
`

// Each fault is put into a valid kernel, and must be found.
func TestDialectFindsFaults(t *testing.T) {
	require.Empty(t, violations(valid))
	for _, row := range []struct{ name, from, to string }{
		{"a var without value", "// here", "var sum: f32;"},
		{"a select in an expression", "// here", "let w = v - select(0.0, 1.0, v > 0.0);"},
		{"a select as an argument", "// here", "y[0] = select(0.0, 1.0, v > 0.0);"},
		{"an indexed let", "// here", "let w = vec4<f32>(v, v, v, v); let u = w[p.n];"},
		{"an indexed call", "// here", "let w = vec4<f32>(v, v, v, v)[p.n];"},
		{"an indexed member", "// here", "let w = p.v[2];"},
		{"a composite constant", "const SIZE: u32 = 4u;", "const SIZE: array<f32, 2> = array<f32, 2>(1.0, 2.0);"},
		{"a constant without type", "const SIZE: u32 = 4u;", "const SIZE = 4u;"},
		{"a computed constant", "const SIZE: u32 = 4u;", "const SIZE: f32 = 1.0/3.0;"},
		{"an override", "const SIZE", "override SIZE"},
		{"private memory", "// here", "var<private> q: f32 = 1.0;"},
		{"a word in a comment", "// here", "// no subgroups"},
		{"an atomic", "// here", "let w = atomicAdd(&x[0], 1u);"},
		{"any()", "// here", "let w = any(vec2<bool>(true, false));"},
		{"a matrix", "// here", "let w = mat2x2<f32>(v, v, v, v);"},
		{"a free exp", "exp(max(v, -87.0))", "exp(v)"},
		{"a half bounded tanh", "exp(max(v, -87.0))", "tanh(min(v, 15.0))"},
		{"a comparison with itself", "// here", "let w = v != v;"},
		{"a gap in the bindings", "@binding(1)", "@binding(3)"},
		{"another group", "@group(0) @binding(1)", "@group(1) @binding(1)"},
		{"an unused binding", "y[id.x] = f32(p.n)", "part[0] = f32(p.n)"},
		{"a binding without shape", "x: array<f32>;       // [n]", "x: array<f32>; // input"},
		{"no uniform", "var<uniform> p", "var<storage, read> p"},
		{"too many threads", "@workgroup_size(64)", "@workgroup_size(64, 8)"},
		{"too much workgroup memory", "array<f32, 64>", "array<f32, 5000>"},
		{"two entry points", "@compute @workgroup_size(64)", "@compute @workgroup_size(1)\nfn other() {}\n@compute @workgroup_size(64)"},
		{"no header", "// y = x", ""},
	} {
		require.Contains(t, valid, row.from, row.name)
		assert.NotEmpty(t, violations(strings.Replace(valid, row.from, row.to, 1)), row.name)
	}
}

func TestSource(t *testing.T) {
	source, err := Source("activation", Constant{"FUNCTION", "3u"})
	require.NoError(t, err)
	assert.Contains(t, source, "\nconst FUNCTION: u32 = 3u; // the constants of ops.Function\n")
	plain, err := Source("activation")
	require.NoError(t, err)
	assert.Equal(t, strings.Count(plain, "\n"), strings.Count(source, "\n"))
	_, err = Source("activation", Constant{"FUNCTIONS", "3u"})
	assert.ErrorContains(t, err, "activation: no constant FUNCTIONS")
	_, err = Source("convolution")
	assert.ErrorContains(t, err, `no kernel "convolution"`)
}

// Where the reference compilers of other projects are installed, they must accept every kernel.
func TestOtherCompilers(t *testing.T) {
	for compiler, output := range map[string]string{"tint": "--format=wgsl", "naga": ""} {
		path, err := exec.LookPath(compiler)
		if err != nil {
			t.Logf("NOT TESTED: %s is not installed", compiler)
			continue
		}
		for _, name := range Names() {
			args := []string{name + ".wgsl"}
			if output != "" {
				args = append([]string{output}, args...)
			} else {
				args = append(args, filepath.Join(t.TempDir(), "out.wgsl"))
			}
			text, err := exec.Command(path, args...).CombinedOutput()
			assert.NoError(t, err, "%s: %s: %s", compiler, name, text)
		}
	}
}

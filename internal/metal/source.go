//go:build linux

package metal

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/gogpu/naga/ir"
	"github.com/gogpu/naga/msl"
	"github.com/gogpu/wgpu/hal/metal/mslmap"
)

// A translation is a module as Metal gets it.
type translation struct {
	source  string
	entry   string // its function's name in the source
	sizes   []ir.ResourceBinding
	threads [3]uint32 // of a workgroup
}

// translate writes Metal source with the options of the binding's hal/metal (device.go, compileLibrary), for a layout of so many buffers.
func translate(module *ir.Module, entry string, buffers int) (*translation, error) {
	options := msl.DefaultOptions()
	sizes, err := mslmap.RuntimeArrayBindings(module)
	if err != nil {
		return nil, err
	}
	if len(sizes) > 0 {
		if options, err = mslmap.Options(module, buffers); err != nil {
			return nil, err
		}
	}
	source, info, err := msl.Compile(module, options)
	if err != nil {
		return nil, err
	}
	t := &translation{source: source, entry: info.EntryPointNames[entry], sizes: sizes}
	for _, e := range module.EntryPoints {
		if e.Name == entry && e.Stage == ir.StageCompute {
			t.threads = e.Workgroup
			return t, nil
		}
	}
	return nil, fmt.Errorf("there is no compute entry point %q", entry)
}

var (
	// workgroup memory is declared in the entry point.
	shared = regexp.MustCompile(`(?m)^(\s+)threadgroup (\w+(?:::\w+)?) (\w+);$`)
	// what naga writes around a store to an array: the store is skipped when the index is outside.
	checkedStore = regexp.MustCompile(`(?m)^(\s*if \(.*uint\(.*\) < (?:\d+|1 \+ \(_buffer_sizes.*))\) \{$`)
	constructed  = regexp.MustCompile(`: DefaultConstructible\(\)`)
	barrier      = "threadgroup_barrier("
)

// cpp returns the source as C++: workgroup memory is static, suppressed accesses are told, and gradus_run runs the kernel.
func (t *translation) cpp() (string, error) {
	var kept []string
	for _, m := range shared.FindAllStringSubmatch(t.source, -1) {
		kept = append(kept, "sizeof("+m[2]+")")
	}
	s := shared.ReplaceAllString(t.source, "${1}static threadgroup $2 $3;")
	s = checkedStore.ReplaceAllString(s, "$1 || gradus_out_of_range(__LINE__)) {")
	s = constructed.ReplaceAllString(s, ": DefaultConstructible(gradus_out_of_range(__LINE__))")
	s = strings.Replace(s, "struct DefaultConstructible {\n", "struct DefaultConstructible {\n    explicit DefaultConstructible(bool) {}\n", 1)
	glue, err := t.glue(len(kept) > 0 || strings.Contains(s, barrier))
	if err != nil {
		return "", err
	}
	if len(kept) > 0 {
		glue += fmt.Sprintf("static_assert(%s <= %d, \"too much workgroup memory\");\n", strings.Join(kept, " + "), workgroupBytes)
	}
	return s + glue, nil
}

// places are the parameters of a kernel that are not buffers, of a metal::Place.
var places = map[string]string{
	"thread_position_in_grid":        "at.grid()",
	"thread_position_in_threadgroup": "at.local",
	"thread_index_in_threadgroup":    "at.index()",
	"threadgroup_position_in_grid":   "at.group",
	"threadgroups_per_grid":          "at.groups",
	"threads_per_threadgroup":        "at.size",
}

var (
	signature = `(?s)kernel void %s\((.*?)\n\) \{`
	parameter = regexp.MustCompile(`^\s*(.+?)(&?) (\w+) \[\[(\w+)(?:\((\d+)\))?\]\]\s*$`)
)

// glue returns the functions that call the entry point with buffers and places.
func (t *translation) glue(barriers bool) (string, error) {
	m := regexp.MustCompile(fmt.Sprintf(signature, regexp.QuoteMeta(t.entry))).FindStringSubmatch(t.source)
	if m == nil {
		return "", fmt.Errorf("there is no kernel %s in the Metal source", t.entry)
	}
	var arguments []string
	for _, p := range strings.Split(m[1], "\n,") {
		a, err := argument(p)
		if err != nil {
			return "", err
		}
		arguments = append(arguments, a)
	}
	return fmt.Sprintf(`
static void gradus_invoke(const metal::Place& at, void* const* buffers) { %s(%s); }
extern "C" void gradus_run(const metal::Launch& l) { metal::launch<gradus_invoke, %v>(l, metal::uint3{%du, %du, %du}); }
`, t.entry, strings.Join(arguments, ", "), barriers, t.threads[0], t.threads[1], t.threads[2]), nil
}

func argument(text string) (string, error) {
	m := parameter.FindStringSubmatch(text)
	if m == nil {
		return "", fmt.Errorf("a parameter that is not understood: %s", strings.TrimSpace(text))
	}
	if place, ok := places[m[4]]; ok {
		return place, nil
	}
	if m[4] != "buffer" || m[2] != "&" {
		return "", fmt.Errorf("a parameter that is not provided: %s", strings.TrimSpace(text))
	}
	return fmt.Sprintf("*(%s*)buffers[%s]", m[1], m[5]), nil
}

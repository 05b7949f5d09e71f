// Package archtest holds the arrows of the drawing in README.md: who may import whom. It reads the source files itself.
package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/gradus-ml/gradus"

// allowed lists, for each package, what it may import of this module. A package that is not listed fails the test.
var allowed = map[string][]string{
	"engine":                     {"engine/backend", "engine/data", "engine/graph", "engine/loss", "engine/metric", "engine/nn", "engine/ops", "engine/optim", "engine/random", "engine/npy", "engine/safetensors", "internal/atomicfile", "internal/progress"},
	"engine/nn":                  {"engine/graph", "engine/ops", "engine/random"},
	"engine/loss":                {"engine/graph", "engine/ops"},
	"engine/metric":              {"engine/graph", "engine/ops"},
	"engine/optim":               {"engine/backend", "engine/ops"},
	"engine/graph":               {"engine/backend", "engine/ops", "engine/random"},
	"engine/ops":                 {"engine/backend"},
	"engine/backend":             {},
	"engine/backend/match":       {"engine/backend", "engine/ops"},
	"engine/backend/backendtest": {"engine/backend", "engine/ops", "engine/random"},
	"engine/backend/faulty":      {"engine/backend"},
	"engine/data":                {"engine/random"},
	"engine/data/idx":            {},
	"engine/data/arrays":         {"engine/data", "engine/npy"},
	"engine/data/images":         {"engine/data", "engine/random"},
	"engine/data/table":          {"engine/data"},
	"engine/data/fashion":        {"engine/data", "engine/data/idx"},
	"engine/npy":                 {},
	"engine/safetensors":         {},
	"internal/atomicfile":        {},
	"engine/monitor":             {"engine", "engine/data"},
	"engine/plot":                {"engine", "engine/data"},
	"engine/onnx":                {"engine", "engine/backend", "engine/graph", "engine/nn", "engine/ops", "internal/atomicfile", "internal/schema/onnx"},
	"engine/events":              {"engine", "engine/nn", "internal/schema/events"},
	"internal/schema/onnx":       {},
	"internal/schema/events":     {},
	"engine/random":              {},
	"cpu":                        {"engine/backend", "engine/backend/match", "engine/ops", "engine/random"},
	"cpu/sysblas":                {"cpu"},
	"kernels":                    {"engine/backend", "engine/backend/match", "engine/ops", "shaders"},
	"shaders":                    {},
	"bench":                      {},
	"internal/benchtable":        {},
	"internal/progress":          {},
	"internal/fashionsubset":     {"engine/data", "engine/data/idx", "engine/data/fashion"},
	"internal/archtest":          {},
	"internal/neon":              {},
	"internal/sgemmgen":          {"internal/neon"},
	"internal/vectorgen":         {"internal/neon"},
	"internal/devices":           {"cpu", "kernels", "engine/backend"},
	"internal/gotest":            {},
	"internal/mutants":           {},
	"internal/metal":             {},
	"examples/browser":           {"kernels", "engine", "engine/backend", "engine/data", "engine/data/fashion", "engine/loss", "engine/metric", "engine/nn", "engine/optim"},
	"examples/deep":              {"cpu", "kernels", "engine", "engine/backend", "engine/data", "engine/data/fashion", "engine/loss", "engine/metric", "engine/nn", "engine/optim", "engine/plot"},
	"examples/fashion":           {"cpu", "kernels", "engine", "engine/backend", "engine/data", "engine/data/fashion", "engine/loss", "engine/metric", "engine/nn", "engine/optim", "engine/plot"},
	"examples/transfer":          {"cpu", "kernels", "engine", "engine/backend", "engine/data", "engine/data/fashion", "engine/loss", "engine/metric", "engine/nn", "engine/optim"},
}

// onlyHere lists modules with the places that they are used in.
var onlyHere = map[string][]string{
	"github.com/gogpu/":              {"kernels", "internal/metal"},
	"gonum.org/v1/gonum":             {"cpu"},
	"gonum.org/v1/plot":              {"engine/plot"},
	"github.com/schollz/progressbar": {"internal/progress"},
	"github.com/go-webgpu/":          {"kernels", "cpu/sysblas"},
	"golang.org/x/image":             {"engine/data/images"},
	"google.golang.org/protobuf":     {"engine/onnx", "engine/events", "internal/schema/"},
	"github.com/stretchr/testify":    {"engine/backend/backendtest"}, // and tests
}

func TestImports(t *testing.T) {
	seen := map[string]bool{}
	for _, file := range sources(t) {
		dir := path.Dir(file)
		seen[dir] = true
		list, known := allowed[dir]
		require.True(t, known, "package %s is not in the drawing: add it to archtest and README.md", dir)
		for _, imported := range imports(t, file) {
			if inner, ok := strings.CutPrefix(imported, module+"/"); ok {
				assert.Contains(t, list, inner, "%s imports %s", file, inner)
			}
			for prefix, places := range onlyHere {
				if strings.HasPrefix(imported, prefix) {
					assert.True(t, slices.ContainsFunc(places, func(place string) bool { return strings.HasPrefix(dir, strings.TrimSuffix(place, "/")) }),
						"%s imports %s, which belongs in %v", file, imported, places)
				}
			}
		}
	}
	for dir := range allowed {
		if dir != "bench" && dir != "internal/archtest" { // these hold tests only
			assert.True(t, seen[dir], "package %s is in the drawing, but does not exist", dir)
		}
	}
}

// sources lists the module's Go files that are not tests, relative to its root.
func sources(t *testing.T) []string {
	var files []string
	root := os.DirFS(filepath.Join("..", ".."))
	require.NoError(t, fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			files = append(files, name)
		}
		return nil
	}))
	require.NotEmpty(t, files)
	return files
}

func imports(t *testing.T, file string) []string {
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", filepath.FromSlash(file)), nil, parser.ImportsOnly)
	require.NoError(t, err)
	var list []string
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		list = append(list, imported)
	}
	return list
}

package backendtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// The oracle keeps the contract too.
func TestOracleContract(t *testing.T) { Run(t, OpenOracle) }

// TestEveryOperationHasCases reads package ops: each operation needs a reference, a case, and its file in every place.
func TestEveryOperationHasCases(t *testing.T) {
	tested := map[string]bool{}
	for _, c := range allCases() {
		for _, op := range c.Blank(t) {
			tested[op.Name()] = true
		}
	}
	for name, file := range operations(t) {
		assert.Contains(t, references, name)
		assert.True(t, tested[name], "%s has no case", name)
		for _, place := range []string{"engine/backend/backendtest", "cpu", "kernels"} {
			assert.FileExists(t, filepath.Join("..", "..", "..", filepath.FromSlash(place), file), "the file of %s", name)
		}
	}
}

// operations maps the names of package ops' operations to the files that declare them.
func operations(t *testing.T) map[string]string {
	dir := filepath.Join("..", "..", "ops")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	found := map[string]string{}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, 0)
		require.NoError(t, err)
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == "Name" {
				literal := f.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.BasicLit)
				name, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				found[name] = e.Name()
			}
		}
	}
	require.NotEmpty(t, found)
	return found
}

// A wrong result must be noticed: each fault changes what a case computes on a second oracle.
func TestCompareNoticesFaults(t *testing.T) {
	c := biasCases()[10]
	for name, spoil := range map[string]func(y []float64){
		"an element":     func(y []float64) { y[3] += 1e-5 },
		"a NaN":          func(y []float64) { y[0] *= nan() },
		"nothing at all": func([]float64) {},
	} {
		dev, oracle := NewOracle(), NewOracle()
		got, want := c.run(NewInputs(t, dev, 1)), c.run(NewInputs(t, oracle, 1))
		spoil(dev.Float64s(got[0].(ops.Bias).Y))
		recorder := &failures{TB: t}
		c.compare(recorder, dev, got, want)
		assert.Equal(t, name != "nothing at all", recorder.count > 0, name)
	}
}

func nan() float64 { return decimal(float32(0)) / decimal(float32(0)) }

// failures counts errors instead of failing.
type failures struct {
	testing.TB
	count int
}

func (f *failures) Errorf(string, ...any) { f.count++ }

func TestDecimal(t *testing.T) {
	assert.Equal(t, 0.001, decimal(1e-3))
	assert.Equal(t, 0.99, decimal(0.99))
	assert.Equal(t, 0.0, decimal(0))
}

func TestOracleKeepsFloat64(t *testing.T) {
	o := NewOracle()
	b, err := o.Alloc(backend.F32, 2)
	require.NoError(t, err)
	o.SetFloat64s(backend.Whole(b), []float64{1.0 / 3, 1e300})
	assert.Equal(t, []float64{1.0 / 3, 1e300}, o.Float64s(backend.Whole(b)))
}

package table

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/data"
)

const flowers = `length,width,colour,species
5.1,3.5,red,setosa
7.0,3.2,blue,versicolor
4.9,,blue,setosa
6.4,3.2,"dark, ""deep""
red",versicolor
`

func ExampleRead() {
	set, schema, err := Read(strings.NewReader(flowers), Options{Target: []string{"species"}, Missing: FillMissing})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q\n", schema.Features())
	fmt.Println(set.Names, set.Labels)
	fmt.Println(set.Floats[10:15])
	// Output:
	// ["length" "width" "colour=blue" "colour=dark, \"deep\"\nred" "colour=red"]
	// [setosa versicolor] [0 1 0 1]
	// [4.9 3.3 1 0 0]
}

// A schema made of one file reads another, in parts too.
func ExampleSchema_StreamFile() {
	dir, err := os.MkdirTemp("", "table")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "rows.csv")
	if err := os.WriteFile(name, []byte("x,y\n1,10\n2,20\n3,30\n"), 0o600); err != nil {
		panic(err)
	}
	schema, err := InferFile(name, Options{Target: []string{"y"}})
	if err != nil {
		panic(err)
	}
	for part, err := range schema.StreamFile(name, 2).Parts(context.Background(), 0) {
		fmt.Println(part.Floats, part.Targets, err)
	}
	// Output:
	// [1 2] [10 20] <nil>
	// [3] [30] <nil>
}

func TestRead(t *testing.T) {
	for _, row := range []struct {
		name, text string
		o          Options
		want       data.Set
		features   []string
	}{
		{"numbers", "\ufeffa,b\n1, 2.5 \n-3e2,0x1p-1\n", Options{Target: []string{"b"}},
			data.Set{Shape: []int{1}, Floats: []float32{1, -300}, Targets: []float32{2.5, 0.5}, TargetShape: []int{1}}, []string{"a"}},
		{"several targets", "a,b,c\n1,2,3\n4,5,6\n", Options{Target: []string{"c", "a"}},
			data.Set{Shape: []int{1}, Floats: []float32{2, 5}, Targets: []float32{1, 3, 4, 6}, TargetShape: []int{2}}, []string{"b"}},
		{"no header, semicolons", "1;x\n2;y\n", Options{NoHeader: true, Comma: ';', Target: []string{"1"}},
			data.Set{Shape: []int{1}, Floats: []float32{1, 2}, Labels: []int{0, 1}, Names: []string{"x", "y"}}, []string{"0"}},
		{"numbers that are classes", "a,b\n1,7\n2,3\n3,7\n", Options{Target: []string{"b"}, Kinds: map[string]Kind{"b": Category}},
			data.Set{Shape: []int{1}, Floats: []float32{1, 2, 3}, Labels: []int{1, 0, 1}, Names: []string{"3", "7"}}, []string{"a"}},
		{"rows left out", "a,b\n1,x\n,y\n3,NA\n4,z\n", Options{Missing: DropRows},
			data.Set{Shape: []int{4}, Floats: []float32{1, 1, 0, 0, 4, 0, 0, 1}}, []string{"a", "b=x", "b=y", "b=z"}},
		{"filled", "a,b\n1,x\n?,y\n3,y\n4,\n", Options{Missing: FillMissing},
			data.Set{Shape: []int{3}, Floats: []float32{1, 1, 0, 8. / 3, 0, 1, 3, 0, 1, 4, 0, 1}}, []string{"a", "b=x", "b=y"}},
		{"a text is ignored", "name,a\nAnna,1\nBo,2\n", Options{MaxCategories: 1, Kinds: map[string]Kind{"name": Ignore}},
			data.Set{Shape: []int{1}, Floats: []float32{1, 2}}, []string{"a"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			set, schema, err := Read(strings.NewReader(row.text), row.o)
			require.NoError(t, err)
			assert.Equal(t, row.want, *set)
			assert.Equal(t, row.features, schema.Features())
		})
	}
}

func TestRefused(t *testing.T) {
	many := "a\n"
	for i := range 102 {
		many += fmt.Sprintf("text %d\n", i)
	}
	for _, row := range []struct {
		name, text string
		o          Options
		want       string
	}{
		{"empty", "", Options{}, "the file is empty"},
		{"a header alone", "a,b\n", Options{}, "no rows"},
		{"a short line", "a,b\n1,2\n3\n", Options{}, "line 3: another number of fields"},
		{"a quote within", "a,b\n1,2\"3\n", Options{}, `line 2, byte 4: bare "`},
		{"a quote that stays open", "a,b\n1,\"2\n3,4\n", Options{}, `line 3, byte 5: extraneous or missing "`},
		{"a long row", "a\n\"" + strings.Repeat("x", maxRecord+5000) + "\"\n", Options{}, "a row of more than 16777216 bytes"},
		{"a slip in a number", "a,b\n1,2\n2,3\n1,4x\n", Options{Kinds: map[string]Kind{"b": Number}}, `column "b": line 4: "4x" is not a number`},
		{"a text", many, Options{}, `column "a": line 2: "text 0" is not a number, and there are more than 100 different values`},
		{"missing", "a,b\n1,2\n,3\n", Options{}, `line 3: column "a": the value is missing ("")`},
		{"nothing but missing", "a,b\n1,\n2,NaN\n", Options{Missing: FillMissing}, `column "b": no value at all`},
		{"infinity", "a\n1\nInf\n", Options{Kinds: map[string]Kind{"a": Number}}, `"Inf" is beyond what a float32 holds`},
		{"too large", "a\n1\n1e39\n", Options{Kinds: map[string]Kind{"a": Number}}, `"1e39" is beyond`},
		{"the same name twice", "a,a\n1,2\n", Options{}, `two columns are called "a"`},
		{"no such target", "a,b\n1,2\n", Options{Target: []string{"c"}}, `no column "c"; there are ["a" "b"]`},
		{"no such kind", "a,b\n1,2\n", Options{Kinds: map[string]Kind{"b": 9}}, "unknown kind 9"},
		{"an ignored target", "a,b\n1,2\n", Options{Target: []string{"b"}, Kinds: map[string]Kind{"b": Ignore}}, "a target column is ignored"},
		{"two labels", "a,b,c\n1,x,y\n", Options{Target: []string{"b", "c"}}, "targets are 2 categories and 0 numbers"},
		{"no feature", "a\n1\n", Options{Target: []string{"a"}}, "no column is a feature"},
		{"a delimiter that is none", "a\n1\n", Options{Comma: '"'}, "invalid field or comment delimiter"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, _, err := Read(strings.NewReader(row.text), row.o)
			assert.ErrorContains(t, err, row.want)
			assert.ErrorContains(t, err, "table: input: ")
		})
	}
	_, _, err := ReadFile(filepath.Join(t.TempDir(), "none.csv"), Options{})
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestSchemaReadsOthers(t *testing.T) {
	write := func(text string) string {
		name := filepath.Join(t.TempDir(), "test.csv")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		return name
	}
	_, schema, err := Read(strings.NewReader("a,c,y\n1,red,p\n2,blue,q\n4,blue,q\n"), Options{Target: []string{"y"}, Missing: FillMissing})
	require.NoError(t, err)
	for _, row := range []struct{ text, want string }{
		{"a,c,y\n,,q\n", "[2.3333333 1 0] [1]"},
		{"y,c,a\np,red,9\n", "[9 0 1] [0]"},
		{"a,c\n5,blue\n", "[5 1 0] []"},
	} {
		set, err := schema.ReadFile(write(row.text))
		require.NoError(t, err)
		assert.Equal(t, row.want, fmt.Sprint(set.Floats, set.Labels))
	}
	for text, want := range map[string]string{
		"a,c,y\n1,green,p\n":        `line 2: column "c": "green" is none of the 2 categories ["blue" "red"]`,
		"a,c,y\n1,red,r\n":          `column "y": "r" is none of the 2 categories`,
		"a,y\n1,p\n":                `no column "c"`,
		"a,c,z\n1,red,3\n":          `a column "z", which the schema does not have`,
		"a,c,y\n":                   "no rows",
		"a,c,y\n1,red,p\nx,red,p\n": `line 3: column "a": "x" is not a number`,
	} {
		_, err := schema.ReadFile(write(text))
		assert.ErrorContains(t, err, want)
	}
}

// A stream gives what the file gives at once, in any parts.
func TestStreamIsTheFile(t *testing.T) {
	name, text := filepath.Join(t.TempDir(), "rows.csv"), "x,c,y\n"
	for i := range 53 {
		text += fmt.Sprintf("%d,%c,%d\n", i, 'a'+i%3, i*i)
	}
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	want, schema, err := ReadFile(name, Options{Target: []string{"y"}})
	require.NoError(t, err)
	for _, part := range []int{0, 1, 7, 53, 100} {
		got := &data.Set{}
		for p, err := range schema.StreamFile(name, part).Parts(context.Background(), 0) {
			require.NoError(t, err)
			got.Floats, got.Targets = append(got.Floats, p.Floats...), append(got.Targets, p.Targets...)
		}
		assert.Equal(t, want.Floats, got.Floats)
		assert.Equal(t, want.Targets, got.Targets)
	}
	require.NoError(t, os.WriteFile(name, []byte(text+"1,d,2\n"), 0o600))
	for _, err = range schema.StreamFile(name, 10).Parts(context.Background(), 0) {
	}
	assert.ErrorContains(t, err, `line 55: column "c": "d" is none`)
}

// Whatever the bytes, there is an error or a set that can be trained on.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{flowers, "a,b\n1,2\n", "a;b\n1;x\n", "\ufeff\"a\n\",b\n,\n", "a\n\"", "0\n0\n", "x,y\nNaN,Inf\n1e400,-\n", "\x00,\xff\n1,2\n", "a,a\n", ",\n,\n"} {
		for missing := range 3 {
			f.Add([]byte(seed), uint8(missing), seed == "0\n0\n")
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, missing uint8, noHeader bool) {
		set, schema, err := Read(strings.NewReader(string(text)), Options{Missing: Missing(missing % 3), NoHeader: noHeader})
		if err != nil {
			return
		}
		if err := set.CheckExamples(); err != nil {
			t.Errorf("%v", err)
		}
		if set.Features() != len(schema.Features()) {
			t.Errorf("%d features, want %d", set.Features(), len(schema.Features()))
		}
	})
}

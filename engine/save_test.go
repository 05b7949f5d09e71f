package engine

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/optim"
)

// typesWith lists the exported types of a package that have a method.
func typesWith(t *testing.T, dir, method string) map[string]bool {
	packages, err := parser.ParseDir(token.NewFileSet(), dir, func(f os.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0)
	require.NoError(t, err)
	found := map[string]bool{}
	for _, p := range packages {
		for _, file := range p.Files {
			for _, decl := range file.Decls {
				if d, ok := decl.(*ast.FuncDecl); ok && d.Recv != nil && d.Name.Name == method {
					if name, ok := d.Recv.List[0].Type.(*ast.Ident); ok && name.IsExported() {
						found[name.Name] = true
					}
				}
			}
		}
	}
	return found
}

// Every loss, metric, optimizer and schedule there is can be written: a new one that is not in the table fails here.
func TestEveryClassIsKnown(t *testing.T) {
	known, err := classesOf(Registry{})
	require.NoError(t, err)
	for _, row := range []struct {
		dir, method string
		role        reflect.Type
		least       int
		not         string // a function, which cannot be written
	}{
		{"loss", "Record", reflect.TypeFor[loss.Loss](), 16, ""},
		{"metric", "Record", reflect.TypeFor[metric.Metric](), 11, ""},
		{"optim", "Record", reflect.TypeFor[optim.Optimizer](), 13, ""},
		{"optim", "Rate", reflect.TypeFor[optim.Schedule](), 9, "ScheduleFunc"},
	} {
		types := typesWith(t, row.dir, row.method)
		require.GreaterOrEqual(t, len(types), row.least)
		for name := range types {
			if known[reflect.TypeFor[optim.Optimizer]()][name] != nil && row.method == "Rate" || name == row.not {
				continue
			}
			assert.Contains(t, known[row.role], name, "%s.%s is not in the table builtIn", row.dir, name)
		}
	}
}

// options fills every field of a class with a number of its own, and what is behind interfaces with the class after it, so deep.
func options(t *testing.T, known classes, v reflect.Value, next *int, depth int) {
	*next++
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString(fmt.Sprint("text ü ", *next))
	case reflect.Int:
		v.SetInt(int64(*next))
	case reflect.Uint64:
		v.SetUint(math.MaxUint64 - uint64(*next))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1 / (3 + float64(*next)))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		options(t, known, v.Index(0), next, depth)
		options(t, known, v.Index(1), next, depth)
	case reflect.Struct:
		for i := range v.NumField() {
			options(t, known, v.Field(i), next, depth)
		}
	case reflect.Interface:
		if depth == 0 {
			return
		}
		for _, class := range known[v.Type()] { // a random one
			value := reflect.New(class).Elem()
			options(t, known, value, next, depth-1)
			v.Set(value)
			return
		}
		t.Fatalf("no class for %v", v.Type())
	default:
		t.Fatalf("a field of type %v cannot be written", v.Type())
	}
}

// Each class with all its options is read as it was written.
func TestClassesAreReadAsWritten(t *testing.T) {
	known, err := classesOf(Registry{})
	require.NoError(t, err)
	for role, types := range known {
		for name, class := range types {
			t.Run(role.Name()+"/"+name, func(t *testing.T) {
				want, next := reflect.New(role).Elem(), 0
				value := reflect.New(class).Elem()
				options(t, known, value, &next, 3)
				want.Set(value)
				text, err := known.encode(want)
				if err == nil { // an interface within that is nil is left out; one that is embedded is missed
					got := reflect.New(role).Elem()
					err = known.decode(text, got, 0)
					if err == nil {
						assert.Equal(t, want.Interface(), got.Interface())
					}
				}
				if err != nil {
					assert.ErrorContains(t, err, "optimizer is missing")
				}
			})
		}
	}
	var training Training
	next := 0
	options(t, known, reflect.ValueOf(&training).Elem(), &next, 9)
	training.Optimizer = optim.Grouped{Optimizer: optim.Clipped{Optimizer: optim.EMA{Optimizer: optim.Lamb{Schedule: optim.Warmup{Steps: 3, Then: optim.OneCycle{Max: 1, Steps: 4}}},
		AverageMomentum: 0.9}, Except: []string{"a/*"}}, Groups: []optim.Group{optim.Undecayed(), {Match: []string{"b"}, Rate: 0.25}}}
	text, err := encodeTraining(training)
	require.NoError(t, err)
	got, err := decodeTraining(text, Registry{})
	require.NoError(t, err)
	assert.Equal(t, training, got)
}

// A model that was saved and loaded is trained on to the same bits, with every optimizer and schedule, on every device.
func TestLoadedModelsTrainOn(t *testing.T) {
	known, err := classesOf(Registry{})
	require.NoError(t, err)
	cycle := optim.OneCycle{Max: 0.05, Steps: 20}
	schedules := map[string]optim.Schedule{
		"ExponentialDecay": optim.ExponentialDecay{Initial: 0.1, Decay: 0.5, Steps: 3, Staircase: true}, "InverseTimeDecay": optim.InverseTimeDecay{Initial: 0.1, Decay: 1, Steps: 4},
		"PowerDecay": optim.PowerDecay{Initial: 0.1, Power: 2, Steps: 4}, "PiecewiseConstant": optim.PiecewiseConstant{Boundaries: []int{3, 5}, Values: []float64{0.1, 0.05, 0.01}},
		"PolynomialDecay": optim.PolynomialDecay{Initial: 0.1, End: 0.01, Steps: 9}, "CosineDecay": optim.CosineDecay{Initial: 0.1, Steps: 3, Restarts: true},
		"Warmup": optim.Warmup{Steps: 6, Then: optim.CosineDecay{Initial: 0.1, Steps: 9}}, "OneCycle": cycle, "OneCycleMomentum": nil,
	}
	optimizers := map[string]optim.Optimizer{
		"SGD": optim.SGD{Schedule: cycle, MomentumSchedule: cycle.Momentum(), Nesterov: true}, "Adam": optim.Adam{AMSGrad: true, WeightDecay: 0.01}, "Adamax": optim.Adamax{},
		"Nadam": optim.Nadam{}, "RMSprop": optim.RMSprop{Momentum: 0.9}, "Adagrad": optim.Adagrad{InitialAccumulator: 0.2}, "Adadelta": optim.Adadelta{}, "Lion": optim.Lion{},
		"Lamb": optim.Lamb{}, "Muon": optim.Muon{Except: []string{"dense_1/*"}}, "EMA": optim.EMA{Optimizer: optim.SGD{}},
		"Grouped": optim.Grouped{Optimizer: optim.SGD{WeightDecay: 0.1}, Groups: []optim.Group{optim.Undecayed()}}, "Clipped": optim.Clipped{Optimizer: optim.Adam{}, GlobalNorm: 0.1},
	}
	for name := range known[reflect.TypeFor[optim.Schedule]()] {
		require.Contains(t, schedules, name)
		if s := schedules[name]; s != nil {
			optimizers["SGD by "+name] = optim.SGD{Schedule: s}
		}
	}
	for name := range known[reflect.TypeFor[optim.Optimizer]()] {
		require.Contains(t, optimizers, name)
	}
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			for name, optimizer := range optimizers {
				if device.name == "gpu" && name != "EMA" {
					continue // what is to be compiled takes long
				}
				t.Run(name, func(t *testing.T) {
					training := smallTraining()
					training.Optimizer = optimizer
					m, err := Compile(dev, small(), training)
					require.NoError(t, err)
					defer m.Close()
					trainOn(t, m, LoadModel{})
				})
			}
		})
	}
}

// trainOn trains, saves, loads, and trains both on.
func trainOn(t *testing.T, m *Model, options LoadModel) *Model {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m.gradus")
	_, err := m.Fit(context.Background(), blobs(40), Fit{BatchSize: 7})
	require.NoError(t, err)
	require.NoError(t, m.SetLearningRate(m.LearningRate()*0.5))
	require.NoError(t, m.Save(path))
	loaded, err := Load(m.dev, path, options)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, loaded.Close()) })
	assert.Equal(t, m.Summary(), loaded.Summary())
	fit := Fit{BatchSize: 7, Validation: blobs(20)}
	assert.Equal(t, finish(t, m, &bytes.Buffer{}, fit), finish(t, loaded, &bytes.Buffer{}, fit))
	return loaded
}

// Frozen layers stay frozen, and what was fused can be saved.
func TestFrozenAndFusedModels(t *testing.T) {
	m := compileSmall(t, devices[1].open(t))
	require.NoError(t, m.Freeze("dense", "batch_normalization"))
	loaded := trainOn(t, m, LoadModel{})
	assert.Equal(t, []string{"batch_normalization", "dense"}, loaded.Network().Frozen())
	require.NoError(t, m.Unfreeze("dense", "batch_normalization"))
	fused, _, err := m.Fuse(context.Background(), blobs(9))
	require.NoError(t, err)
	defer fused.Close()
	trainOn(t, fused, LoadModel{})
}

// Checkpoint writes models that can be loaded, under the names asked for.
func TestCheckpointPaths(t *testing.T) {
	m, dir := compileSmall(t, devices[1].open(t)), t.TempDir()
	fit := func(c *Checkpoint) error {
		_, err := m.Fit(context.Background(), blobs(40), Fit{Epochs: 2, Validation: blobs(20), Callbacks: []Callback{scripted(0.5, 0.7), c}})
		return err
	}
	require.NoError(t, fit(&Checkpoint{Path: filepath.Join(dir, "{epoch:03d}-{val_loss:.1f}")}))
	require.NoError(t, fit(&Checkpoint{Path: filepath.Join(dir, "best-{epoch}.npz"), BestOnly: true, WeightsOnly: true}))
	assert.Equal(t, []string{"001-0.5", "002-0.7", "best-3.npz"}, files(t, dir))
	loaded, err := Load(m.dev, filepath.Join(dir, "002-0.7"), LoadModel{})
	require.NoError(t, err)
	require.NoError(t, loaded.Close())
	_, err = m.LoadWeights(filepath.Join(dir, "best-3.npz"), LoadOptions{})
	require.NoError(t, err)
	for path, text := range map[string]string{"{f1}": "{f1} in the path: epoch", "{epoch:s}": "{epoch:s} in the path: want {epoch:02d}", "{epoch:.2f}": "want {epoch:02d}",
		"{loss:02d}": "want {epoch:02d} or {loss:.2f}", "{loss:999999f}": "want"} {
		assert.ErrorContains(t, fit(&Checkpoint{Path: filepath.Join(dir, path)}), text)
	}
	assert.ErrorContains(t, fit(&Checkpoint{Path: "x", Save: func(*Model, Epoch) error { return nil }}), "want either Path or Save")
	assert.Len(t, files(t, dir), 3)
}

func TestModelsThatCannotBeSaved(t *testing.T) {
	dev, path := backendtest.NewOracle(), filepath.Join(t.TempDir(), "m")
	for text, change := range map[string]func(training *Training){
		"optim.SGD.Schedule: a optim.ScheduleFunc cannot be written: want a struct of exported fields (WithoutTraining": func(training *Training) {
			training.Optimizer = optim.SGD{Schedule: optim.ScheduleFunc(func(int) float64 { return 0.1 })}
		},
		"engine.hiddenLoss.mineLoss cannot be written: it is not exported": func(training *Training) { training.Loss = &hiddenLoss{} },
	} {
		training := smallTraining()
		change(&training)
		m, err := Compile(dev, small(), training)
		require.NoError(t, err)
		assert.ErrorContains(t, m.Save(path), text)
		assert.NoFileExists(t, path)
		require.NoError(t, m.Save(path, WithoutTraining))
		_, err = Load(dev, path, LoadModel{})
		assert.ErrorContains(t, err, "the file has no training: want LoadModel.Training")
		loaded, err := Load(dev, path, LoadModel{Training: &training})
		require.NoError(t, err)
		want, err := m.weights()
		require.NoError(t, err)
		got, err := loaded.weights()
		require.NoError(t, err)
		assert.Equal(t, want, got)
		require.NoError(t, m.Close())
		require.NoError(t, loaded.Close())
		require.NoError(t, os.Remove(path))
	}
}

// ExampleLoad saves a model and trains it on in what might be another program.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path, dev := filepath.Join(dir, "model.safetensors"), backendtest.NewOracle()
	model, err := Compile(dev, small(), smallTraining())
	if err != nil {
		panic(err)
	}
	if _, err := model.Fit(context.Background(), blobs(90), Fit{Epochs: 2}); err != nil {
		panic(err)
	}
	if err := model.Save(path); err != nil {
		panic(err)
	}
	model.Close()

	model, err = Load(dev, path, LoadModel{})
	if err != nil {
		panic(err)
	}
	defer model.Close()
	history, err := model.Fit(context.Background(), blobs(90), Fit{})
	fmt.Println(history.Last().Number, err)
	// Output: 3 <nil>
}

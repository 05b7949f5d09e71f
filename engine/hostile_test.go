package engine

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// remade writes a model's file again, with its metadata or tensors changed, and a check sum that is right.
func remade(t *testing.T, m *Model, path string, change func(c *content)) {
	c := newContent(modelKind)
	architecture, err := json.Marshal(m.net)
	require.NoError(t, err)
	training, err := encodeTraining(m.training)
	require.NoError(t, err)
	s, err := m.State()
	require.NoError(t, err)
	c.metadata[architectureKey], c.metadata[trainingKey] = string(architecture), string(training)
	require.NoError(t, c.state(s, m.store.Variables()))
	change(c)
	require.NoError(t, c.save(path))
}

// Files whose parts do not fit together are refused, and nothing is left on the device.
func TestHostileModels(t *testing.T) {
	m, path := compileSmall(t, backendtest.NewOracle()), filepath.Join(t.TempDir(), "m")
	remade(t, m, path, func(*content) {})
	loaded, err := Load(m.dev, path, LoadModel{})
	require.NoError(t, err)
	require.NoError(t, loaded.Close())
	replace := func(key, old, new string) func(c *content) {
		return func(c *content) {
			require.Contains(t, c.metadata[key], old)
			c.metadata[key] = strings.Replace(c.metadata[key], old, new, 1)
		}
	}
	for text, change := range map[string]func(c *content){
		`gradus.version is "2", want "1": a newer Gradus may read it`: func(c *content) { c.metadata[versionKey] = "2" },
		"not a file of Gradus":                                                     func(c *content) { delete(c.metadata, versionKey) },
		`gradus.kind is "weights", want one of ["model"]`:                          func(c *content) { c.metadata[kindKey] = "weights" },
		"gradus.architecture: nn: decode: EOF":                                     func(c *content) { delete(c.metadata, architectureKey) },
		"the file has no training":                                                 func(c *content) { delete(c.metadata, trainingKey) },
		"gradus.state is missing":                                                  func(c *content) { delete(c.metadata, stateKey) },
		`variable "dense/kernel": the file has F32 [4 8], want F32 [4 9]`:          replace(architectureKey, `"units":8`, `"units":9`),
		`variable "dense/kernel": the file has F32 [4 8], want F32 [4 1000000000]`: replace(architectureKey, `"units":8`, `"units":1000000000`),
		`class "Evil": unknown`:                                                    replace(architectureKey, `"Dense"`, `"Evil"`),
		`gradus.training: optimizer: class "Evil" is unknown`:                      replace(trainingKey, `"SGD"`, `"Evil"`),
		`unknown fields among "evil_rate", "momentum"`:                             replace(trainingKey, `"learning_rate"`, `"evil_rate"`),
		"cannot unmarshal string":                                                  replace(trainingKey, `:0.9`, `:"0.9"`),
		"momentum is 1.9, want 0 to 1 exclusive":                                   replace(trainingKey, `:0.9`, `:1.9`),
		"null, want a float64":                                                     replace(trainingKey, `:0.9`, `:null`),
		`gradus.state: json: unknown field "evil"`:                                 replace(stateKey, `"seed"`, `"evil"`),
		"-1 steps and 0 epochs":                                                    replace(stateKey, `"steps":0`, `"steps":-1`),
		"gradus.state: 65 slots":                                                   replace(stateKey, `"slots":1`, `"slots":65`),
		"the optimizer keeps 0 values for each parameter, want 1":                  replace(stateKey, `"slots":1`, `"slots":0`),
		`tensor "gradus.sums" is missing`:                                          replace(stateKey, `"rate_factor":1`, `"rate_factor":1,"run":{}`),
		`the values have "extra/kernel"`:                                           func(c *content) { c.float32s("extra/kernel", []int{1}, []float32{1}) },
		`the file has F32 [32], want F32 [4 8]`: func(c *content) {
			for i := range c.tensors {
				if c.tensors[i].Name == "dense/kernel" {
					c.tensors[i].Shape = []int{32}
				}
			}
		},
	} {
		t.Run(text, func(t *testing.T) {
			remade(t, m, path, change)
			_, err := Load(m.dev, path, LoadModel{})
			require.ErrorContains(t, err, text)
			assert.ErrorContains(t, err, path)
		})
	}
	_, err = Load(nil, path, LoadModel{})
	assert.ErrorContains(t, err, "no device")
	deep := strings.Repeat(`{"class_name":"EMA","config":{"optimizer":`, 40) + `{"class_name":"SGD","config":{}}` + strings.Repeat("}}", 40)
	remade(t, m, path, func(c *content) { c.metadata[trainingKey] = `{"optimizer":` + deep + `}` })
	_, err = Load(m.dev, path, LoadModel{})
	assert.ErrorContains(t, err, "values lie more than 32 deep")
	remade(t, m, path, func(c *content) {
		c.metadata[trainingKey] = `{"optimizer":{"class_name":"Grouped","config":{"groups":[{"rate":-1}]}}}`
	})
	_, err = Load(m.dev, path, LoadModel{})
	assert.ErrorContains(t, err, "Grouped: optimizer is missing")
}

func FuzzTraining(f *testing.F) {
	for _, training := range []Training{smallTraining(), {Loss: loss.Huber{}, Optimizer: optim.EMA{Optimizer: optim.Muon{Schedule: optim.Warmup{Steps: 3, Then: optim.OneCycle{}}}}},
		{Optimizer: optim.Grouped{Optimizer: optim.Adam{}, Groups: []optim.Group{optim.Undecayed()}}, Outputs: []Output{{Loss: loss.Poisson{}, Weight: 2}}}} {
		text, err := encodeTraining(training)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		training, err := decodeTraining(text, Registry{})
		if err != nil {
			return
		}
		if training.Optimizer != nil {
			_ = training.Optimizer.Check()
		}
		if _, err := encodeTraining(training); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
	})
}

// FuzzCompile compiles networks and trainings out of files, as Load does when the variables are there: nothing may panic, whatever they are.
func FuzzCompile(f *testing.F) {
	add := func(net *nn.Network, training Training) {
		architecture, err := json.Marshal(net)
		require.NoError(f, err)
		text, err := encodeTraining(training)
		require.NoError(f, err)
		f.Add(architecture, text)
	}
	add(small(), smallTraining())
	add(nn.Sequential(nn.Input(2, 3), nn.LayerNorm(), nn.Flatten(), nn.Dense(4, nn.PReLU(), nn.MaxNorm(2), nn.KernelRegularizer(nn.L1(0.1))), nn.Dropout(0.2), nn.Dense(1, nn.Sigmoid)),
		Training{Loss: loss.BinaryFocalCrossentropy{Gamma: 3}, Optimizer: optim.EMA{Optimizer: optim.Muon{Schedule: optim.OneCycle{Max: 0.1, Steps: 9}}},
			Metrics: []metric.Metric{metric.AUC{}, metric.F1{}, metric.R2{}}})
	a, b := nn.Input(3), nn.Input(3)
	shared := nn.Dense(3, nn.RReLU)
	add(nn.Functional([]*nn.Node{a, b}, nn.Merge(nn.Add(), a.To(shared), b.To(shared)), b.To(nn.BatchNorm())),
		Training{Outputs: []Output{{Loss: loss.Huber{Delta: 2}, Weight: 2}, {Loss: loss.CosineSimilarity{}, Metrics: []metric.Metric{metric.TopKCategoricalAccuracy{K: 2}}}},
			Optimizer: optim.Grouped{Optimizer: optim.Clipped{Optimizer: optim.Lamb{}, Adaptive: 0.1, VariableNorm: 1, GlobalNorm: 2, Value: 3}, Groups: []optim.Group{optim.Undecayed()}}})
	dev := backendtest.NewOracle()
	f.Fuzz(func(t *testing.T, architecture, text []byte) {
		net, err := nn.Decode(architecture, nn.Registry{})
		if err != nil || !tiny(net) {
			return
		}
		training, err := decodeTraining(text, Registry{})
		if err != nil {
			return
		}
		if m, err := Compile(dev, net, training); err == nil {
			m.Close()
		}
	})
}

// tiny reports whether the network is small enough for many to be tried.
func tiny(net *nn.Network) bool {
	n := 0
	for _, shape := range net.Inputs() {
		n += graph.Size(shape)
	}
	for _, l := range net.Layers() {
		n += l.Parameters() + graph.Size(l.Out)
	}
	return n < 2000 && len(net.Layers()) < 50
}

// Whatever number stands in the place of one in a file, a model is made or an error is told; nothing panics.
func TestOtherNumbersInModels(t *testing.T) {
	a, b := nn.Input(3, 2), nn.Input(3)
	shared := nn.Dense(3, nn.ELUAlpha(0.5), nn.HeNormal, nn.KernelRegularizer(nn.L2(0.5)), nn.MaxNorm(2))
	flat := a.To(nn.BatchNorm(nn.Axis(1)), nn.Flatten(), nn.Slice(1, 4), shared)
	net := nn.Functional([]*nn.Node{a, b}, nn.Merge(nn.Concatenate(), flat, b.To(shared, nn.Dropout(0.5), nn.Activation(nn.PReLU(nn.SharedAxes{1})))).To(nn.Dense(2, nn.Softmax)))
	training := Training{Loss: loss.CategoricalFocalCrossentropy{Alpha: 0.5, Gamma: 2.5, LabelSmoothing: 0.1}, Metrics: []metric.Metric{metric.TopKCategoricalAccuracy{K: 2}},
		Optimizer: optim.Clipped{Optimizer: optim.EMA{Optimizer: optim.Muon{Iterations: 2, Momentum: 0.5, Schedule: optim.Warmup{Steps: 3,
			Then: optim.CosineDecay{Initial: 0.1, Steps: 9, Restarts: true, Grow: 1.5}}}, AverageMomentum: 0.5}, Adaptive: 0.5}}
	architecture, err := json.Marshal(net)
	require.NoError(t, err)
	text, err := encodeTraining(training)
	require.NoError(t, err)
	dev, tried, made := backendtest.NewOracle(), 0, 0
	try := func(architecture, text []byte) {
		tried++
		net, err := nn.Decode(architecture, nn.Registry{})
		if err != nil || !tiny(net) {
			return
		}
		training, err := decodeTraining(text, Registry{})
		if err != nil {
			return
		}
		if m, err := Compile(dev, net, training); err == nil {
			made++
			require.NoError(t, m.Close())
		}
	}
	for _, number := range []string{"-1", "0", "1", "2", "5", "0.3", "-1e300", "1e300", "4611686018427387904", "18446744073709551615", "null", `""`, "[]", "{}"} {
		for _, at := range inJSON.FindAllIndex(architecture, -1) {
			try(slices.Concat(architecture[:at[0]+1], []byte(number), architecture[at[1]:]), text)
		}
		for _, at := range inJSON.FindAllIndex(text, -1) {
			try(architecture, slices.Concat(text[:at[0]+1], []byte(number), text[at[1]:]))
		}
	}
	assert.Greater(t, tried, 500)
	assert.Greater(t, made, 20)
}

// inJSON is a number, with what is before it.
var inJSON = regexp.MustCompile(`[:,\[]-?\d[0-9.e+-]*`)

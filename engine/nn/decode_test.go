package nn_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
)

// doubling is a layer of a user's own.
type doubling struct {
	nn.Name
	times float32
}

func (l *doubling) Build(_ *nn.Builder, in []int) ([]int, error) { return in, nil }
func (l *doubling) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	return graph.Affine(r, x, l.times, 0)
}
func (l *doubling) Describe() any { return doublingOptions{l.times} }

type doublingOptions struct{ Times float32 }

// undescribed is another, without Describe.
type undescribed struct{ doubling }

func (l *undescribed) Describe(int) {}

func ownClasses() nn.Registry {
	return nn.Registry{
		Layers: map[string]func(o nn.Options) (nn.Layer, error){"Doubling": func(o nn.Options) (nn.Layer, error) {
			var options doublingOptions
			err := o.Decode(&options)
			return &doubling{times: options.Times}, err
		}},
		Activations: []nn.ActivationFunc{square},
	}
}

var square = nn.NewActivation("square", func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor { return graph.Affine(r, x, 2, 1) })

func TestOwnClasses(t *testing.T) {
	net := nn.Sequential(nn.Input(3), &doubling{times: 2}, nn.Dense(2, square), &doubling{"again", 3})
	text, err := json.Marshal(net)
	require.NoError(t, err)
	got, err := nn.Decode(text, ownClasses())
	require.NoError(t, err)
	assert.Equal(t, net.Summary(), got.Summary())
	assert.Equal(t, numbersOf(t, net), numbersOf(t, got))

	_, err = nn.Decode(text, nn.Registry{})
	assert.ErrorContains(t, err, `call 0: layer "doubling" of class "Doubling": unknown, want one of this package, or of the registry`)
	_, err = nn.Decode(text, nn.Registry{Layers: ownClasses().Layers})
	assert.ErrorContains(t, err, `activation "square" is unknown`)
	_, err = json.Marshal(nn.Sequential(nn.Input(3), &undescribed{}))
	assert.ErrorContains(t, err, `nn: Undescribed "undescribed" cannot be written: it has no method Describe`)
	_, err = json.Marshal(nn.Sequential(nn.Input(3), nn.Activation(nn.NewActivation("relu", graph.Softmax))))
	assert.ErrorContains(t, err, `activation "relu" has the name of another one`)
	_, err = json.Marshal(nn.Sequential(nn.Input(3)))
	assert.ErrorContains(t, err, "no layers after nn.Input")
	wrong := ownClasses()
	wrong.Layers["Doubling"] = func(nn.Options) (nn.Layer, error) { return nn.Flatten(), nil }
	_, err = nn.Decode(text, wrong)
	assert.ErrorContains(t, err, "the registry made a Flatten")
	wrong.Layers["Dense"] = wrong.Layers["Doubling"]
	wrong.Layers["Doubling"] = ownClasses().Layers["Doubling"]
	_, err = nn.Decode(text, wrong)
	assert.ErrorContains(t, err, "the registry has a class of this package")
}

func TestHostileNetworks(t *testing.T) {
	const flat = `{"class_name":"Flatten","name":"f","config":{}}`
	network := func(inputs, layers, calls, outputs string) string {
		return `{"class_name":"sequential","inputs":` + inputs + `,"layers":` + layers + `,"calls":` + calls + `,"outputs":` + outputs + `}`
	}
	one := func(class, config string) string {
		return network(`[[3]]`, `[{"class_name":"`+class+`","name":"f","config":`+config+`}]`, `[{"layer":0,"from":[-1]}]`, `[0]`)
	}
	doublings := `{"layer":0,"from":[-1,-1]}`
	layers := `{"class_name":"Concatenate","name":"c0","config":{}}`
	for i := range 70 {
		doublings += fmt.Sprintf(`,{"layer":%d,"from":[%d,%d]}`, i+1, i, i)
		layers += fmt.Sprintf(`,{"class_name":"Concatenate","name":"c%d","config":{}}`, i+1)
	}
	for text, row := range map[string]string{
		"EOF":                                                 ``,
		"cannot unmarshal array":                              `[]`,
		`class is ""`:                                         `{}`,
		"more behind the options":                             `{} {}`,
		`unknown field "lambda"`:                              `{"lambda":1}`,
		"0 inputs and 0 outputs":                              `{"class_name":"functional"}`,
		"input 0: nn: Input: no axes":                         network(`[[]]`, `[]`, `[]`, `[]`),
		"input 0: nn: Input: shape is [0]":                    network(`[[0]]`, `[]`, `[]`, `[]`),
		"input 0: shape [4611686018427387904 4]":              network(`[[4611686018427387904,4]]`, `[]`, `[]`, `[]`),
		"input 0 of [3] leads to no output":                   network(`[[3]]`, `[]`, `[]`, `[0]`)[:0] + network(`[[3],[3]]`, `[`+flat+`]`, `[{"layer":0,"from":[-2]}]`, `[0]`),
		"call 0: takes value -2, want -1 to -1":               network(`[[3]]`, `[`+flat+`]`, `[{"layer":0,"from":[-2]}]`, `[0]`),
		"call 0: takes value 0":                               network(`[[3]]`, `[`+flat+`]`, `[{"layer":0,"from":[0]}]`, `[0]`),
		"call 0: takes value -9223372036854775808":            network(`[[3]]`, `[`+flat+`]`, `[{"layer":0,"from":[-9223372036854775808]}]`, `[0]`),
		"call 0: layer is 1, want 0 to 0":                     network(`[[3]]`, `[`+flat+`]`, `[{"layer":1,"from":[-1]}]`, `[0]`),
		"call 0: layer is -1":                                 network(`[[3]]`, `[`+flat+`]`, `[{"layer":-1,"from":[-1]}]`, `[0]`),
		`Flatten "f": no inputs`:                              network(`[[3]]`, `[`+flat+`]`, `[{"layer":0,"from":[]}]`, `[0]`),
		`Flatten "f": 2 inputs, want 1`:                       network(`[[3]]`, `[`+flat+`]`, `[{"layer":0,"from":[-1,-1]}]`, `[0]`),
		"2 layers, of which 1 are called":                     network(`[[3]]`, `[`+flat+`,`+flat+`]`, `[{"layer":0,"from":[-1]}]`, `[0]`),
		"output is value 1, want 0 to 0":                      network(`[[3]]`, `[`+flat+`]`, `[{"layer":0,"from":[-1]}]`, `[1]`),
		"output is value -1":                                  network(`[[3]]`, `[`+flat+`]`, `[{"layer":0,"from":[-1]}]`, `[-1]`),
		`the layer's name is "f", want one that no other has`: network(`[[3]]`, `[`+flat+`,`+flat+`]`, `[{"layer":0,"from":[-1]},{"layer":1,"from":[0]}]`, `[1]`),
		`class "Lambda": unknown`:                             one("Lambda", `{}`),
		`json: unknown field "code"`:                          one("Flatten", `{"code":"import os"}`),
		`class "Dense": json: cannot unmarshal string`:        one("Dense", `{"units":"3"}`),
		`class "Dense": EOF`:                                  network(`[[3]]`, `[{"class_name":"Dense","name":"f"}]`, `[{"layer":0,"from":[-1]}]`, `[0]`),
		`activation "" is unknown`:                            one("Dense", `{"units":3}`),
		`initializer "evil" is unknown`:                       one("Dense", `{"units":3,"activation":{"name":"relu"},"kernel_initializer":{"name":"evil"}}`),
		"has options that it has not":                         one("Dense", `{"units":3,"activation":{"name":"relu"},"kernel_initializer":{"name":"zeros","gain":2}}`),
		`activation "tanh" has 1 options, want 0`:             one("Activation", `{"activation":{"name":"tanh","options":[1]}}`),
		`activation "elu" has 2 options, want 1`:              one("Activation", `{"activation":{"name":"elu","options":[1,2]}}`),
		`elu: alpha is -1, want 0 or more`:                    one("Activation", `{"activation":{"name":"elu","options":[-1]}}`),
		`want an alpha_initializer`:                           one("Activation", `{"activation":{"name":"prelu"}}`),
		`has options of PReLU`:                                one("Activation", `{"activation":{"name":"relu","shared_axes":[1]}}`),
		`constraint "evil" with limit 0 is unknown`:           one("Dense", `{"units":3,"activation":{"name":"relu"},"kernel_initializer":{"name":"zeros"},"bias_initializer":{"name":"zeros"},"kernel_constraint":{"name":"evil"}}`),
		`units is -3, want at least 1`:                        one("Dense", `{"units":-3,"activation":{"name":"relu"},"kernel_initializer":{"name":"zeros"},"bias_initializer":{"name":"zeros"}}`),
		`output [4611686018427387904] is larger`:              one("Dense", `{"units":4611686018427387904,"activation":{"name":"relu"},"kernel_initializer":{"name":"zeros"},"bias_initializer":{"name":"zeros"}}`),
		`rate is 1, want 0 to 1 exclusive`:                    one("Dropout", `{"rate":1}`),
		`tied_to is out of place`:                             one("Tied", `{}`)[:0] + network(`[[3]]`, `[{"class_name":"Flatten","name":"f","tied_to":0,"config":{}}]`, `[{"layer":0,"from":[-1]}]`, `[0]`),
		`layer "c28": output [1610612736] is larger than an operation can index`: network(`[[3]]`, `[`+layers+`]`, `[`+doublings+`]`, `[70]`),
	} {
		t.Run(text, func(t *testing.T) {
			_, err := nn.Decode([]byte(row), nn.Registry{})
			require.ErrorContains(t, err, text)
			assert.ErrorContains(t, err, "nn: decode: ")
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, make := range described() {
		text, err := json.Marshal(make())
		require.NoError(f, err)
		f.Add(text)
	}
	text, err := json.Marshal(branching())
	require.NoError(f, err)
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		net, err := nn.Decode(text, ownClasses())
		if err != nil {
			return
		}
		net.Summary()
		again, err := json.Marshal(net)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if _, err := nn.Decode(again, ownClasses()); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}

// ExampleDecode reads a network that has a layer and an activation of a user's own.
func ExampleDecode() {
	net := nn.Sequential(nn.Input(3), &doubling{times: 2}, nn.Dense(2, square))
	text, err := json.Marshal(net)
	if err != nil {
		panic(err)
	}
	got, err := nn.Decode(text, nn.Registry{
		Layers: map[string]func(o nn.Options) (nn.Layer, error){"Doubling": func(o nn.Options) (nn.Layer, error) {
			var options doublingOptions
			err := o.Decode(&options)
			return &doubling{times: options.Times}, err
		}},
		Activations: []nn.ActivationFunc{square},
	})
	if err != nil {
		panic(err)
	}
	for _, layer := range got.Layers() {
		fmt.Println(layer.Name, layer.Out)
	}
	// Output:
	// doubling [3]
	// dense [2]
}

package nn_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/nn"
)

func standardised() nn.Layer { return nn.Normalization([]float64{0, 0}, []float64{1, 1}) }

func TestLint(t *testing.T) {
	for name, row := range map[string]struct {
		layers   []nn.Layer
		warnings []string // a part of each
	}{
		"as it should be": {[]nn.Layer{standardised(), nn.Dense(4, nn.SELU, nn.LeCunNormal), nn.AlphaDropout(0.1), nn.Dense(2, nn.Softmax)}, nil},
		"no SELU":         {[]nn.Layer{nn.Dense(4, nn.ReLU), nn.Dropout(0.5), nn.LayerNorm()}, nil},
		"another initialiser": {[]nn.Layer{standardised(), nn.Dense(4, nn.SELU)},
			[]string{`Dense "dense": its kernel begins as glorot_uniform`}},
		"as a layer": {[]nn.Layer{standardised(), nn.Dense(4, nn.HeNormal), nn.Activation(nn.SELU)},
			[]string{`Dense "dense": its kernel begins as he_normal`}},
		"plain dropout": {[]nn.Layer{standardised(), nn.Dense(4, nn.SELU, nn.LeCunNormal), nn.Dropout(0.1)},
			[]string{`Dropout "dropout": it changes the mean`}},
		"raw inputs": {[]nn.Layer{nn.Flatten(), nn.Dense(4, nn.SELU, nn.LeCunNormal)},
			[]string{`Dense "dense": SELU needs inputs of mean 0`}},
		"other layers": {[]nn.Layer{standardised(), nn.Dense(4, nn.SELU, nn.LeCunNormal), nn.LayerNorm()},
			[]string{`LayerNormalization "layer_normalization": SELU normalises itself only`}},
		"all at once": {[]nn.Layer{nn.Dense(4, nn.SELU), nn.GaussianDropout(0.1)},
			[]string{"glorot_uniform", "needs inputs", "GaussianDropout"}},
	} {
		t.Run(name, func(t *testing.T) {
			net := nn.Sequential(append([]nn.Layer{nn.Input(2)}, row.layers...)...)
			require.NoError(t, net.Err())
			warnings := net.Lint()
			require.Len(t, warnings, len(row.warnings), "%v", warnings)
			for i, text := range row.warnings {
				assert.Contains(t, warnings[i], text)
			}
		})
	}
}

func ExampleNetwork_Lint() {
	net := nn.Sequential(nn.Input(2), nn.BatchNorm(), nn.Dense(100, nn.SELU, nn.HeNormal), nn.Dense(10, nn.Softmax))
	for _, warning := range net.Lint() {
		fmt.Println(warning)
	}
	// Output: Dense "dense": its kernel begins as he_normal, but SELU keeps mean 0 and variance 1 only from lecun_normal (nn.LeCunNormal)
}

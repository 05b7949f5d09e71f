package kernels

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
)

// openUnfused opens a device that launches a kernel for each operation.
func openUnfused(t testing.TB) *device {
	b, err := OpenWith(Options{Software: true, Unfused: true})
	if err != nil {
		missing(t, err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b.(*device)
}

// TestSequences runs lists that are fused, and lists that must not be, against the float64 oracle; small ones also in grids of several short
// rows, and one operation at a time.
func TestSequences(t *testing.T) {
	backendtest.RunSequences(t, math.MaxInt, openTest(t))
	short := openTest(t)
	short.inRow, short.emulated = 2, !short.emulated
	backendtest.RunSequences(t, 20_000, short, openUnfused(t))
}

// namesOf lists the tasks of a list of operations.
func namesOf(tasks []task) string {
	var names []string
	for _, t := range tasks {
		names = append(names, t.name)
	}
	return strings.Join(names, ", ")
}

// TestTasks holds which lists are fused, without a device.
func TestTasks(t *testing.T) {
	want := map[string]string{
		"matmul, bias, activation 3x5x7 true false":             "matmul_bias_activation",
		"matmul, bias, gelu 9x12x16":                            "matmul_bias_activation",
		"matmul, bias 36x36x20 false true":                      "matmul_bias_activation",
		"matmul, bias, activation: the product kept":            "matmul, bias_activation",
		"matmul, bias, activation: the product read later":      "matmul, bias_activation, accumulate",
		"matmul, bias, activation: between read later":          "matmul_bias_activation, accumulate",
		"matmul, bias, activation: a factor changed in between": "matmul, accumulate, bias_activation",
		"matmul, bias, activation: back to a factor":            "matmul_bias_activation, activation",
		"matmul, bias, activation: a bias that repeats":         "matmul, bias_activation",
		"matmul, bias, activation: NaN":                         "matmul_bias_activation",

		"bias, activation 9x33":                             "bias_activation",
		"bias, mish":                                        "bias_activation",
		"bias, activation: between kept":                    "bias_activation",
		"bias, activation: between read later":              "bias_activation, accumulate",
		"bias, activation: between read by two activations": "bias_activation, activation",
		"bias, activation: between changed before":          "bias, accumulate, activation",
		"bias, activation: back to where it began":          "bias, activation",
		"bias, activation: bias changed in between":         "bias, accumulate, activation",
		"bias, activation: a stranger in between":           "accumulate, bias_activation",

		"bias, activation, batchnorm 9x33":                             "bias_activation_batchnorm",
		"bias, activation, batchnorm: parameters apart":                "bias_activation, batchnorm",
		"bias, activation, batchnorm: in another order":                "bias_activation_batchnorm",
		"bias, activation, batchnorm: gamma changed in between":        "accumulate, bias_activation_batchnorm",
		"batchnorm, activation, bias: gradients 9x33":                  "batchnorm_activation_bias_grad",
		"batchnorm, activation, bias: gradients, the first kept":       "batchnorm_grad, activation_bias_grad",
		"batchnorm, activation, bias: gradients, the first read later": "batchnorm_grad, activation_bias_grad, accumulate",
		"batchnorm, activation, bias: gradients apart":                 "batchnorm_grad, activation_bias_grad",

		"batchnorm, activation and gradients 9x33":              "batchnorm_activation, activation_batchnorm_grad",
		"batchnorm, activation and gradients without a bias":    "batchnorm_activation, activation_batchnorm_grad",
		"batchnorm, activation and gradients: a bias elsewhere": "batchnorm_activation, activation_batchnorm_grad, bias_grad",
		"batchnorm, activation and gradients: kept in between":  "batchnorm_activation, activation_grad, batchnorm_grad, bias_grad",
		"activation, bias: gradients 9x33":                      "activation_bias_grad",

		"gather, labels 344 bytes true clock 1": "gather and gather_labels",
		"gather, labels 85 bytes true clock 1":  "gather, gather_labels",
		"gather, labels 85 bytes false clock 1": "gather and gather_labels",
		"gather, labels: of other examples":     "gather, gather_labels",
		"gather, labels: of another step":       "gather, advance, gather_labels",

		"loss, accuracy, gradient 32x10, k 1":                         "crossentropy_accuracy_grad",
		"loss, accuracy, gradient 4x10, k 65537":                      "crossentropy, accuracy, crossentropy_grad",
		"loss, gradient, accuracy":                                    "crossentropy_accuracy_grad",
		"loss, accuracy, gradient, bias 32x10":                        "crossentropy_accuracy_bias_grad",
		"loss, accuracy, gradient, bias 64x16":                        "crossentropy_accuracy_bias_grad",
		"loss, accuracy, gradient, bias 65x16":                        "crossentropy_accuracy_grad, bias_grad",
		"loss, accuracy, gradient, bias 9x33":                         "crossentropy_accuracy_grad, bias_grad",
		"loss, gradient, bias, accuracy":                              "crossentropy, crossentropy_grad, bias_grad, accuracy",
		"loss, gradient, bias, accuracy: scores changed in between":   "crossentropy, crossentropy_grad, bias_grad, accumulate, accuracy",
		"loss, accuracy, gradient, bias: gradient changed in between": "crossentropy_accuracy_grad, accumulate, bias_grad",
		"loss, accuracy, gradient: scores changed in between":         "crossentropy, accumulate, accuracy, crossentropy_grad",
		"loss, accuracy, gradient of other labels":                    "crossentropy, accuracy, crossentropy_grad",

		"tallies, advance 257, 2 times":     "tally and advance",
		"tally, advance":                    "tally and advance",
		"tallies of other lengths, advance": "tally, tally and advance",
		"tallies, advance of another clock": "tally, tally, advance",

		"clip by norm, sgd 257":                      "clip and sgd",
		"clip by value, momentum 1028":               "clip and sgd",
		"clip by within the norm, adam 257":          "clip and adaptive",
		"clip by value, nadam 257":                   "clip and adaptive",
		"clip by value, amsgrad 257":                 "clip and adaptive",
		"clip by norm, amsgrad 257":                  "clip, adaptive",
		"clip by norm, lamb 1028":                    "clip, adaptive",
		"clip, update: a stranger in between":        "accumulate, clip and sgd",
		"clip, update: the step's end in between":    "advance, clip and sgd",
		"clip, update: gradients read in between":    "clip, accumulate, sgd",
		"clip, update: gradients changed in between": "clip, accumulate, sgd",
		"clip, update: squares changed in between":   "clip, accumulate, sgd",
		"clip, update: clipped by value before":      "clip, penalty, clip and sgd",
		"clip, update: two updates":                  "clip and sgd, sgd",
		"clip, update: squares among the velocity":   "penalty, clip, sgd",
		"clip, update: other gradients":              "clip, sgd",
		"clip, update: some of the gradients":        "clip, sgd",

		"unfolding 64x17x31":                               "batchnorm, matmul, bias_grad, matmul, matmul, batchnorm_grad",
		"unfolding 7x33x16":                                "batchnorm_normal, matmul, bias_grad, matmul, unfold",
		"unfolding: gradient of the input kept":            "batchnorm, matmul, bias_grad, matmul, matmul, batchnorm_grad",
		"unfolding: gradient of the input read":            "batchnorm, matmul, bias_grad, matmul, matmul, batchnorm_grad, accumulate",
		"unfolding: bias gradient changed":                 "batchnorm, matmul, bias_grad, accumulate, matmul, matmul, batchnorm_grad",
		"gather, labels, unfolding 64x68x8 bytes true":     "gather and batchnorm_normal, matmul, bias_grad, matmul, unfold",
		"gather, labels, unfolding 65x36x4 bytes true":     "gather and batchnorm_normal, matmul, bias_grad, matmul, unfold",
		"gather, labels, unfolding 256x72x8 bytes false":   "gather and batchnorm_normal, matmul, bias_grad, matmul, unfold",
		"gather, labels, unfolding 257x36x4 bytes false":   "gather and gather_labels, batchnorm_normal, matmul, bias_grad, matmul, unfold",
		"gather, labels, unfolding 31x33x8 bytes false":    "gather and gather_labels, batchnorm_normal, matmul, bias_grad, matmul, unfold",
		"gather, labels, unfolding: the input kept":        "gather and gather_labels, batchnorm_normal, matmul, bias_grad, matmul, unfold",
		"gather, labels, unfolding: the input read later":  "gather and gather_labels, batchnorm_normal, matmul, bias_grad, matmul, unfold, accumulate",
		"gather, labels, unfolding: of another step":       "gather and gather_labels, advance, batchnorm_normal, matmul, bias_grad, matmul, unfold",
		"gather, labels, unfolding: order and clock apart": "gather and gather_labels, batchnorm_normal, matmul, bias_grad, matmul, unfold",

		"unfolding: gamma changed": "batchnorm, accumulate, matmul, bias_grad, matmul, matmul, batchnorm_grad",
	}
	for _, c := range backendtest.Sequences() {
		expected, listed := want[c.Name]
		if !listed {
			continue
		}
		delete(want, c.Name)
		list := c.Blank(t)
		assert.Equal(t, expected, namesOf(fused(list, 1<<30, false)), c.Name)
		assert.Len(t, tasksOf(list), len(list), c.Name)
	}
	require.Empty(t, want, "no such sequences")
}

// TestEmulatedTasks holds what is fused otherwise where a GPU is emulated.
func TestEmulatedTasks(t *testing.T) {
	want := map[string]string{
		"loss, accuracy, gradient, bias 128x10":           "crossentropy_accuracy_bias_grad",
		"loss, accuracy, gradient, bias 129x10":           "crossentropy_accuracy_grad, bias_grad",
		"gather, labels, unfolding 32x784x300 bytes true": "gather and batchnorm_normal, matmul, bias_grad, matmul and unfold",
		"gather, labels, unfolding 33x36x8 bytes true":    "gather and gather_labels, batchnorm_normal, matmul, bias_grad, matmul and unfold",
		"unfolding 7x33x16":                               "batchnorm, matmul, bias_grad, matmul, matmul, batchnorm_grad",
		"unfolding 33x20x24":                              "batchnorm_normal, matmul, bias_grad, matmul and unfold",
		"unfolding 16x12x2560":                            "batchnorm_normal, matmul, bias_grad, matmul and unfold",
		"unfolding 16x4x2564":                             "batchnorm_normal, matmul, bias_grad, matmul, unfold",
		"unfolding 300x65x8":                              "batchnorm_normal, matmul, bias_grad, matmul, unfold",
		"bias, activation, batchnorm 9x33":                "bias_activation, batchnorm",
	}
	for _, c := range backendtest.Sequences() {
		if expected, listed := want[c.Name]; listed {
			delete(want, c.Name)
			assert.Equal(t, expected, namesOf(fused(c.Blank(t), 1<<30, true)), c.Name)
		}
	}
	require.Empty(t, want, "no such sequences")
}

//go:build !js

package kernels

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogpu/gputypes"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/shaders"
)

// needed ends a test that lacks a tool: it is skipped, loudly, or fails where GRADUS_REQUIRE_GPU is 1.
func needed(t *testing.T, tested, reason string) {
	t.Helper()
	if os.Getenv("GRADUS_REQUIRE_GPU") == "1" {
		t.Fatalf("GRADUS_REQUIRE_GPU=1, but it cannot be tested that %s: %s", tested, reason)
	}
	t.Skipf("*** NOT TESTED HERE: that %s: %s (make tools)", tested, reason)
}

// A checked is a shader as scripts/tint.mjs takes it.
type checked struct {
	Name     string   `json:"name"`
	Source   string   `json:"source"`
	Bindings []string `json:"bindings"`
}

// bindingTypes are the names of WebGPU.
var bindingTypes = map[gputypes.BufferBindingType]string{gputypes.BufferBindingTypeUniform: "uniform",
	gputypes.BufferBindingTypeStorage: "storage", gputypes.BufferBindingTypeReadOnlyStorage: "read-only-storage"}

func checkedOf(t *testing.T, name string, l launch) checked {
	source, err := shaders.Source(l.shader, l.constants...)
	require.NoError(t, err)
	c := checked{Name: name, Source: source}
	for _, e := range layoutOf(shaders.Bindings(source)) {
		c.Bindings = append(c.Bindings, bindingTypes[e.Buffer.Type])
	}
	return c
}

// tint returns what Tint says of shaders, and whether it takes them.
func tint(t *testing.T, list []checked) (said string, ok bool) {
	const tested = "the shaders are valid WGSL and fit their layouts"
	folder, err := filepath.Abs("../.tools/node_modules/webgpu")
	require.NoError(t, err)
	if _, err := os.Stat(folder); err != nil {
		needed(t, tested, "there is no npm package webgpu in .tools")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		needed(t, tested, "there is no node")
	}
	input, err := json.Marshal(list)
	require.NoError(t, err)
	cmd := exec.Command(node, "../scripts/tint.mjs", folder)
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// TestTint has the WGSL compiler of Chrome check every shader with every set of constants, and make a pipeline of it with the layout that kernels uses.
func TestTint(t *testing.T) {
	launches := everyLaunch(t)
	var list []checked
	for _, name := range slices.Sorted(maps.Keys(launches)) {
		list = append(list, checkedOf(t, name, launches[name]))
	}
	said, ok := tint(t, list)
	assert.True(t, ok, "%s", said)
}

// TestTintRefuses has it see what naga lets through: a wrong type, a store to a read-only buffer, a barrier that not all reach, another layout.
func TestTintRefuses(t *testing.T) {
	good := checkedOf(t, "softmax", launch{shader: "softmax"})
	const begin = "let at = "
	for want, fault := range map[string]string{
		"cannot assign": "y[0] = 1u;",
		"cannot store":  "x[0] = 1.0;",
		"must only be called from uniform control flow": "if (local.x == 0u) { workgroupBarrier(); }",
	} {
		bad := good
		bad.Source = strings.Replace(good.Source, begin, fault+"\n"+begin, 1)
		said, ok := tint(t, []checked{good, bad})
		assert.False(t, ok, fault)
		assert.Contains(t, said, want)
	}
	bad := good
	bad.Source = strings.Replace(good.Source, "<storage, read> x", "<storage, read_write> x", 1)
	said, ok := tint(t, []checked{bad})
	assert.False(t, ok)
	assert.Contains(t, said, "is not compatible with")
}

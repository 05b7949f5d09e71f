//go:build linux

package kernels

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gogpu/wgpu"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data/fashion"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
	"github.com/gradus-ml/gradus/shaders"
)

// inChild names what a process that a test of this file starts is to do: a process has one Vulkan loader, with the drivers and layers of its
// environment.
const inChild = "GRADUS_TEST_CHILD"

// child runs one test of this file in a process with more in its environment, and returns what it prints.
func child(t *testing.T, test string, environment ...string) (string, error) {
	cmd := exec.Command(os.Args[0], "-test.run", "^"+test+"$", "-test.v", "-test.timeout", "60m")
	cmd.Env = append(append(os.Environ(), environment...), inChild+"="+test)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// swiftShader is the driver's manifest in Debian's chromium.
const swiftShader = "/usr/lib/chromium/vk_swiftshader_icd.json"

// TestSwiftShader runs the cases of every operation on a second Vulkan driver, which shares nothing with Mesa's: those of less than
// 100,000 elements, or all and the rest of the suite under GRADUS_PROVE=1.
func TestSwiftShader(t *testing.T) {
	if _, err := os.Stat(swiftShader); err != nil {
		needed(t, "the kernels run on SwiftShader", "there is no "+swiftShader+", of Debian's chromium")
	}
	test := "TestOperationsInChild"
	if os.Getenv("GRADUS_PROVE") == "1" {
		test = "TestConformance"
	}
	out, err := child(t, test, "VK_DRIVER_FILES="+swiftShader, "VK_ICD_FILENAMES="+swiftShader)
	assert.Contains(t, out, "SwiftShader Device")
	require.NoError(t, err, "%s", failures(out))
}

// failures returns what a child's failing tests said.
func failures(out string) string {
	lines := slices.DeleteFunc(strings.Split(out, "\n"), func(line string) bool {
		return regexp.MustCompile(`^\s*(=== |--- PASS)`).MatchString(line)
	})
	return strings.Join(lines[:min(len(lines), 60)], "\n")
}

func TestOperationsInChild(t *testing.T) {
	if os.Getenv(inChild) != t.Name() {
		return // its parent runs it in a process of its own
	}
	dev := openTest(t)
	t.Log(dev.Info())
	backendtest.RunOperations(t, 100_000, dev)
}

// validated runs a test in a process of its own under Khronos's validation layer, which checks the order of memory accesses too, and returns
// the names of the layer's messages, without the one that it is there, and their text.
func validated(t *testing.T, test string) (names []string, text string) {
	const manifest, active = "VkLayer_khronos_validation.json", "UNASSIGNED-khronos-validation-createinstance-status-message"
	if !slices.ContainsFunc([]string{"/usr/share", "/usr/local/share", "/etc"}, func(folder string) bool {
		_, err := os.Stat(filepath.Join(folder, "vulkan/explicit_layer.d", manifest))
		return err == nil
	}) {
		needed(t, "Vulkan is called as it may be", "there is no "+manifest+", of Debian's vulkan-validationlayers")
	}
	require.NoError(t, openTest(t).Close())
	folder := t.TempDir()
	log, settings := filepath.Join(folder, "log"), filepath.Join(folder, "vk_layer_settings.txt")
	require.NoError(t, os.WriteFile(settings, []byte("khronos_validation.debug_action = VK_DBG_LAYER_ACTION_LOG_MSG\n"+
		"khronos_validation.enables = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT\n"+
		"khronos_validation.report_flags = error,warn,info\nkhronos_validation.log_filename = "+log+"\n"), 0o600))
	out, err := child(t, test, "VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation", "VK_LAYER_SETTINGS_PATH="+settings)
	require.NoError(t, err, "%s", out)
	said, err := os.ReadFile(log)
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`(?m)^(\S+)\((?:ERROR|WARN|INFO) / `).FindAllStringSubmatch(string(said), -1) {
		names = append(names, m[1])
	}
	require.Contains(t, names, active, "the layer was not there")
	return slices.DeleteFunc(names, func(name string) bool { return name == active }), string(said)
}

// TestValidationLayer has every call of Vulkan checked that training, validating and predicting make.
func TestValidationLayer(t *testing.T) {
	names, text := validated(t, "TestTrainingInChild")
	assert.Empty(t, names, "%s", text)
	names, _ = validated(t, "TestFaultInChild")
	assert.NotEmpty(t, names, "the fault is not seen")
}

// TestFaultInChild gives the driver SPIR-V of a version that it does not take.
func TestFaultInChild(t *testing.T) {
	if os.Getenv(inChild) != t.Name() {
		return // its parent runs it in a process of its own
	}
	dev := openTest(t)
	source, err := shaders.Source("fill")
	require.NoError(t, err)
	code, err := compileSPIRV(source)
	require.NoError(t, err)
	code[1] = 0x10600 // 1.6
	require.NoError(t, dev.owner.do(func() error {
		m, err := dev.gpu.device.CreateShaderModule(&wgpu.ShaderModuleDescriptor{SPIRV: code})
		if err == nil {
			m.Release()
		}
		return err
	}))
}

func TestTrainingInChild(t *testing.T) {
	if os.Getenv(inChild) != t.Name() {
		return // its parent runs it in a process of its own
	}
	_, test, err := fashion.Load("")
	require.NoError(t, err)
	train, err := test.Slice(0, 128)
	require.NoError(t, err)
	net := nn.Sequential(nn.Input(28, 28), nn.Flatten(), nn.BatchNorm(), nn.Dense(100, nn.ELU, nn.HeNormal), nn.Dropout(0.1), nn.BatchNorm(), nn.Dense(10, nn.Softmax))
	model, err := engine.Compile(openTest(t), net, engine.Training{Loss: loss.SparseCategoricalCrossentropy{},
		Optimizer: optim.Clipped{Optimizer: optim.SGD{LearningRate: 0.01, Momentum: 0.9}, GlobalNorm: 1}, Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 42})
	require.NoError(t, err)
	_, err = model.Fit(context.Background(), train, engine.Fit{Epochs: 2, BatchSize: 32, Validation: train})
	require.NoError(t, err)
	model.Close()
}

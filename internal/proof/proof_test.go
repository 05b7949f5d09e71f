//go:build linux

// Package proof compares the executions of the kernels that a machine without a GPU has, operation by operation, with the float64 oracle.
package proof

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/internal/metal"
	"github.com/gradus-ml/gradus/kernels"
)

// An execution is a way to compute the operations. Each has a process of its own, since a process has one Vulkan loader and one Metal.
type execution struct {
	name   string
	driver string // a pattern of the manifest of its Vulkan driver
	open   backend.Opener
	quick  bool // it is part of make test; the others are tested elsewhere, or in make prove
}

var executions = []execution{
	{name: "lavapipe", driver: "/usr/share/vulkan/icd.d/lvp_icd*.json", open: kernels.OpenAny},
	{name: "SwiftShader", driver: "/usr/lib/chromium/vk_swiftshader_icd.json", open: kernels.OpenAny},
	{name: "Metal source", open: func() (backend.Backend, error) { return openMetal(metal.Options{}) }, quick: true},
	{name: "Metal source, fast math", open: func() (backend.Backend, error) { return openMetal(metal.Options{FastMath: true}) }},
	{name: "cpu", open: cpu.Open, quick: true},
}

func openMetal(o metal.Options) (backend.Backend, error) {
	if err := metal.Install(o); err != nil {
		return nil, err
	}
	return kernels.Open()
}

// measured is what an execution's process tells.
type measured struct {
	Device string
	Errors map[string]float64 // by operation; −1 stands for infinity
}

const (
	childVariable = "GRADUS_EXECUTION"
	fileVariable  = "GRADUS_EXECUTION_FILE"
	mostVariable  = "GRADUS_EXECUTION_MOST"
)

// TestExecution is what each process does.
func TestExecution(t *testing.T) {
	i := slices.IndexFunc(executions, func(e execution) bool { return e.name == os.Getenv(childVariable) })
	if i < 0 {
		return // it is TestProof that runs it
	}
	dev, err := executions[i].open()
	require.NoError(t, err)
	most, err := strconv.Atoi(os.Getenv(mostVariable))
	require.NoError(t, err)
	m := measured{dev.Info().String(), backendtest.Errors(t, most, dev)}
	require.NoError(t, dev.Close())
	for op, e := range m.Errors {
		if math.IsInf(e, 0) {
			m.Errors[op] = -1
		}
	}
	text, err := json.Marshal(m)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(os.Getenv(fileVariable), text, 0o600))
}

// measure runs an execution's process.
func (e execution) measure(t *testing.T, most int) (m measured) {
	file := filepath.Join(t.TempDir(), "errors.json")
	cmd := exec.Command(os.Args[0], "-test.run", "^TestExecution$", "-test.timeout", "90m")
	cmd.Env = append(os.Environ(), childVariable+"="+e.name, fileVariable+"="+file, mostVariable+"="+strconv.Itoa(most))
	if e.driver != "" {
		found, err := filepath.Glob(e.driver)
		require.NoError(t, err)
		require.NotEmpty(t, found, "there is no %s", e.driver)
		cmd.Env = append(cmd.Env, "VK_DRIVER_FILES="+found[0], "VK_ICD_FILENAMES="+found[0])
	}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &m))
	for op, e := range m.Errors {
		if e < 0 {
			m.Errors[op] = math.Inf(1)
		}
	}
	return m
}

// TestProof holds every operation to its tolerance and makes the table: of the small cases on two executions, or, where GRADUS_PROOF names the file to
// write (make prove), of all.
func TestProof(t *testing.T) {
	file, most := os.Getenv("GRADUS_PROOF"), 1000
	if file != "" {
		most = math.MaxInt
		if text := os.Getenv("GRADUS_PROOF_MOST"); text != "" { // elements of a case
			var err error
			most, err = strconv.Atoi(text)
			require.NoError(t, err)
		}
	}
	results := make([]*measured, len(executions))
	for i, e := range executions {
		t.Run(e.name, func(t *testing.T) {
			if file == "" && !e.quick {
				return
			}
			if err := missing(e); err != "" {
				absent(t, err)
			}
			m := e.measure(t, most)
			results[i] = &m
			assert.Greater(t, len(m.Errors), 50)
			for op, worst := range m.Errors {
				assert.LessOrEqual(t, worst, 1.0, "%s: %s is off by %.3g tolerances", e.name, op, worst)
			}
		})
	}
	text := table(results, most)
	t.Log("\n" + text)
	if file != "" {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
}

// missing says what an execution lacks on this machine.
func missing(e execution) string {
	if found, _ := filepath.Glob(e.driver); e.driver != "" && len(found) == 0 { // the pattern is right
		return "there is no " + e.driver
	}
	if _, err := exec.LookPath("clang++"); err != nil && strings.HasPrefix(e.name, "Metal") {
		return "there is no clang++"
	}
	return ""
}

func absent(t *testing.T, why string) {
	if os.Getenv("GRADUS_REQUIRE_GPU") == "1" {
		t.Fatalf("GRADUS_REQUIRE_GPU=1, but the kernels cannot be run by %s: %s", t.Name(), why)
	}
	t.Skipf("*** NOT TESTED HERE: the kernels, by %s: %s (make tools)", t.Name(), why)
}

// table returns the results of the cases of at most so many elements as Markdown.
func table(results []*measured, most int) string {
	commit, _ := exec.Command("git", "rev-parse", "--short", "HEAD").Output() // or nothing is known of it
	s := &strings.Builder{}
	fmt.Fprintf(s, "# The largest error of every operation, on every execution\n\n`make prove` wrote this on %s, at commit %s. ", time.Now().Format(time.DateOnly), strings.TrimSpace(string(commit)))
	cases := "all cases"
	if most < math.MaxInt {
		cases = fmt.Sprintf("the cases of at most %d elements", most)
	}
	s.WriteString("Errors are differences from the float64 oracle over " + cases + " of\n`engine/backend/backendtest`, in units of the case's tolerance, " +
		"4·ε·√n·(1+|want|), n being the longest chain of additions: above 1 is wrong. 0 is the same number once rounded.\n" +
		"Fast math is clang's (`-ffast-math`, with fused multiply-adds), which is like Metal's but not the same.\n\n")
	header, line := "| operation |", "|---|"
	names := map[string]bool{}
	for i, m := range results {
		if m == nil {
			continue
		}
		fmt.Fprintf(s, "- %s: %s\n", executions[i].name, m.Device)
		header, line = header+" "+executions[i].name+" |", line+"---:|"
		for op := range m.Errors {
			names[op] = true
		}
	}
	fmt.Fprintf(s, "\n%s\n%s\n", header, line)
	for _, op := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(s, "| %s |", op)
		for _, m := range results {
			if m != nil {
				fmt.Fprintf(s, " %.2g |", m.Errors[op])
			}
		}
		s.WriteString("\n")
	}
	return s.String()
}

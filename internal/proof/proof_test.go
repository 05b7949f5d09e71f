//go:build linux

// Package proof compares the executions of the kernels that a machine without a GPU has, operation by operation, with the float64 oracle.
package proof

import (
	"context"
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
	most   int  // elements of the largest case that it is given; 0: all
}

var executions = []execution{
	{name: "lavapipe", driver: "/usr/share/vulkan/icd.d/lvp_icd*.json", open: kernels.OpenAny},
	{name: "SwiftShader", driver: "/usr/lib/chromium/vk_swiftshader_icd.json", open: kernels.OpenAny, most: 1_000_000}, // two million workgroups take it too long
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
	Most   int                // elements of the cases; math.MaxInt: all
	Errors map[string]float64 // by operation; −1 stands for infinity
	Failed string             `json:"-"` // why there is no more
}

const (
	childVariable = "GRADUS_EXECUTION"
	fileVariable  = "GRADUS_EXECUTION_FILE"
	mostVariable  = "GRADUS_EXECUTION_MOST"
)

// TestExecution is what each process does: the small cases, then the larger ones too, and after each of these stages the file is written anew, so that
// something is known of an execution that does not come to its end.
func TestExecution(t *testing.T) {
	i := slices.IndexFunc(executions, func(e execution) bool { return e.name == os.Getenv(childVariable) })
	if i < 0 {
		return // it is TestProof that runs it
	}
	dev, err := executions[i].open()
	require.NoError(t, err)
	most, err := strconv.Atoi(os.Getenv(mostVariable))
	require.NoError(t, err)
	for _, stage := range stages(most) {
		m := measured{Device: dev.Info().String(), Most: stage, Errors: backendtest.Errors(t, stage, dev)}
		require.False(t, t.Failed())
		m.write(t, os.Getenv(fileVariable))
	}
	require.NoError(t, dev.Close())
}

// stages are the limits of the cases' elements up to the last.
func stages(most int) (list []int) {
	for _, n := range []int{1000, 100_000, 1_000_000} {
		if n < most {
			list = append(list, n)
		}
	}
	return append(list, most)
}

// write writes the file in one go: the process may be killed at any moment.
func (m measured) write(t *testing.T, file string) {
	for op, e := range m.Errors {
		if math.IsInf(e, 0) {
			m.Errors[op] = -1
		}
	}
	text, err := json.Marshal(m)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file+".new", text, 0o600))
	require.NoError(t, os.Rename(file+".new", file))
}

func read(file string) (m measured, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return m, err
	}
	err = json.Unmarshal(text, &m)
	for op, e := range m.Errors {
		if e < 0 {
			m.Errors[op] = math.Inf(1)
		}
	}
	return m, err
}

// measure runs an execution's process, for so long at most, and returns what it had found by its end.
func (e execution) measure(t *testing.T, most int, limit time.Duration) measured {
	file := filepath.Join(t.TempDir(), "errors.json")
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run", "^TestExecution$", "-test.timeout", "0")
	cmd.WaitDelay = 10 * time.Second
	cmd.Env = append(os.Environ(), childVariable+"="+e.name, fileVariable+"="+file, mostVariable+"="+strconv.Itoa(most))
	if found, _ := filepath.Glob(e.driver); e.driver != "" && len(found) > 0 { // the pattern is right
		cmd.Env = append(cmd.Env, "VK_DRIVER_FILES="+found[0], "VK_ICD_FILENAMES="+found[0])
	}
	out, failed := cmd.CombinedOutput()
	m, err := read(file)
	switch {
	case ctx.Err() != nil:
		m.Failed = fmt.Sprintf("**did not finish** %s within %s", cases(most), limit)
	case failed != nil:
		m.Failed = fmt.Sprintf("**failed** (%v) in %s", failed, cases(most))
	case err != nil:
		m.Failed = fmt.Sprintf("**failed**: %v", err)
	}
	if m.Failed != "" {
		t.Errorf("%s\n%s", m.Failed, out)
	}
	return m
}

// TestProof holds every operation to its tolerance and makes the table: of the small cases on two executions, or, where GRADUS_PROOF names the file to
// write (make prove), of the cases of at most GRADUS_PROOF_MOST elements (all) on all of them, each for at most GRADUS_PROOF_TIME (10m), two at a time
// on two cores. The table is written whatever fails, and says what did.
func TestProof(t *testing.T) {
	file, most, limit := os.Getenv("GRADUS_PROOF"), 1000, 5*time.Minute
	if file != "" {
		most, limit = number(t, "GRADUS_PROOF_MOST", math.MaxInt, strconv.Atoi), number(t, "GRADUS_PROOF_TIME", 10*time.Minute, time.ParseDuration)
	}
	results := make([]measured, len(executions))
	t.Run("executions", func(t *testing.T) {
		for i, e := range executions {
			if file != "" || e.quick {
				t.Run(e.name, func(t *testing.T) {
					t.Parallel()
					e.prove(t, &results[i], most, limit)
				})
			}
		}
	})
	text := table(results)
	t.Log("\n" + text)
	if file != "" {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
}

// number returns what a variable of the environment says, or what holds without it.
func number[T any](t *testing.T, variable string, otherwise T, parse func(string) (T, error)) T {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	v, err := parse(text)
	require.NoError(t, err, variable)
	return v
}

// prove measures an execution, if this machine has it, and holds it to the tolerances.
func (e execution) prove(t *testing.T, m *measured, most int, limit time.Duration) {
	if err := missing(e); err != "" {
		m.Failed = "**missing**: " + err
		absent(t, err)
	}
	if e.most > 0 {
		most = min(most, e.most)
	}
	*m = e.measure(t, most, limit)
	assert.Greater(t, len(m.Errors), 50)
	for op, worst := range m.Errors {
		assert.LessOrEqual(t, worst, 1.0, "%s: %s is off by %.3g tolerances", e.name, op, worst)
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

// cases says which cases have at most so many elements.
func cases(most int) string {
	if most == math.MaxInt {
		return "all cases"
	}
	return fmt.Sprintf("the cases of at most %d elements", most)
}

// table returns the results as Markdown. An execution that was not asked for has no column; one that is missing or failed has one, and says so.
func table(results []measured) string {
	commit, _ := exec.Command("git", "rev-parse", "--short", "HEAD").Output() // or nothing is known of it
	s := &strings.Builder{}
	fmt.Fprintf(s, "# The largest error of every operation, on every execution\n\n`make prove` wrote this on %s, at commit %s. ", time.Now().Format(time.DateOnly), strings.TrimSpace(string(commit)))
	s.WriteString("Errors are differences from the float64 oracle over the cases of\n`engine/backend/backendtest`, in units of the case's tolerance, " +
		"4·ε·√n·(1+|want|), n being the longest chain of additions: above 1 is wrong. 0 is the same number once rounded; – was not measured.\n" +
		"Fast math is clang's (`-ffast-math`, with fused multiply-adds), which is like Metal's but not the same.\n\n")
	header, line := "| operation |", "|---|"
	names := map[string]bool{}
	for i, m := range results {
		if !m.asked() {
			continue
		}
		fmt.Fprintf(s, "- %s: %s\n", executions[i].name, m)
		header, line = header+" "+executions[i].name+" |", line+"---:|"
		for op := range m.Errors {
			names[op] = true
		}
	}
	fmt.Fprintf(s, "\n%s\n%s\n", header, line)
	for _, op := range slices.Sorted(maps.Keys(names)) {
		row(s, op, results)
	}
	return s.String()
}

func (m measured) asked() bool { return m.Device != "" || m.Failed != "" }

// String says what ran, which cases, and what did not.
func (m measured) String() string {
	switch {
	case m.Device == "":
		return m.Failed
	case m.Failed == "":
		return m.Device + ", " + cases(m.Most)
	}
	return m.Device + ", " + cases(m.Most) + "; it " + m.Failed
}

func row(s *strings.Builder, op string, results []measured) {
	fmt.Fprintf(s, "| %s |", op)
	for _, m := range results {
		if e, ok := m.Errors[op]; ok {
			fmt.Fprintf(s, " %.2g |", e)
		} else if m.asked() {
			s.WriteString(" – |")
		}
	}
	s.WriteString("\n")
}

// Command mutants applies small faults to the kernels, one at a time, in a copy of the module, runs the tests that should see each, and prints which
// were found (killed) and which survived: those are gaps of the tests, unless the fault changes nothing.
//
//	go run ./internal/mutants [-only REGEXP]                       the faults of list.go
//	go run ./internal/mutants -sites 2 [-only REGEXP] shaders cpu   besides, operators replaced, so many in each file
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

func main() {
	sites := flag.Int("sites", 0, "operators to replace in each file of the folders, spread over it")
	only := flag.String("only", "", "`regexp` of the files to take")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	survivors, err := run(ctx, *sites, *only, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
	if survivors > 0 {
		os.Exit(2)
	}
}

func run(ctx context.Context, sites int, only string, folders []string) (survivors int, err error) {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return 0, fmt.Errorf("-only: %w", err)
	}
	if sites < 0 || (sites == 0) != (len(folders) == 0) {
		return 0, fmt.Errorf("-sites is %d and the folders are %v, want both or neither: shaders, cpu", sites, folders)
	}
	copied, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(copied)
	files, err := copyModule(ctx, copied)
	if err != nil {
		return 0, err
	}
	c := campaign{module: copied, counts: map[verdict]int{}, sound: map[tests]string{}}
	defer c.total() // of what has been tried, whatever ends it
	faults, err := listed(copied, files)
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		if !pattern.MatchString(file) {
			continue
		}
		if within(file, folders) {
			sampled, err := c.sample(file, sites)
			if err != nil {
				return 0, err
			}
			faults[file] = append(faults[file], sampled...)
		}
		if err := c.mutate(ctx, file, faults[file]); err != nil {
			return 0, err
		}
	}
	if n := c.counts[untried]; n > 0 {
		return 0, fmt.Errorf("%d faults were not tried: their tests do not pass on the code as it is", n)
	}
	return c.counts[alive], nil
}

func (c campaign) total() {
	fmt.Printf("%d killed, %d survived, %d barriers that these drivers do not miss, %d do not build, %d not tried\n",
		c.counts[dead], c.counts[alive], c.counts[lockstep], c.counts[absurd], c.counts[untried])
}

// copyModule copies what git tracks, and lists it.
func copyModule(ctx context.Context, to string) ([]string, error) {
	out, err := exec.CommandContext(ctx, "git", "ls-files").Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	files := strings.Fields(string(out))
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(to, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// within reports whether the file is source of one of the folders, and not written by a generator.
func within(file string, folders []string) bool {
	for _, folder := range folders {
		if filepath.Dir(file) == folder && !strings.HasSuffix(file, "_test.go") && (strings.HasSuffix(file, ".go") || strings.HasSuffix(file, ".wgsl")) {
			return true
		}
	}
	return false
}

// campaign is what has become of the faults so far.
type campaign struct {
	module string
	counts map[verdict]int
	sound  map[tests]string // what fails of the tests on the code as it is; "": nothing
}

// sample returns faults that replace operators of a file.
func (c campaign) sample(file string, sites int) ([]fault, error) {
	source, err := os.ReadFile(filepath.Join(c.module, file))
	return spread(faults(string(source)), sites), err
}

// mutate tries faults of a file, if its tests pass without them. Faults of shaders that lavapipe does not miss are tried as Metal source too: its threads
// are the CPU's own, and one more compiler is between.
func (c campaign) mutate(ctx context.Context, file string, list []fault) error {
	path := filepath.Join(c.module, file)
	original, err := os.ReadFile(path)
	if err != nil || len(list) == 0 {
		return err
	}
	asked := []tests{testsOf(file)}
	if filepath.Dir(file) == "shaders" {
		asked = append(asked, onMetal)
	}
	for i, by := range c.baseline(ctx, asked) {
		if by != "" {
			c.counts[untried] += len(list)
			fmt.Printf("%-14s %s: %s of %s fails without a fault\n", untried, file, by, asked[i].pkg)
			return ctx.Err()
		}
	}
	defer os.WriteFile(path, original, 0o644)
	for _, f := range list {
		if err := os.WriteFile(path, []byte(f.apply(string(original))), 0o644); err != nil {
			return err
		}
		start := time.Now()
		v, by := c.try(ctx, asked)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if v == alive && f.what == barrier {
			v = lockstep
		}
		c.counts[v]++
		fmt.Printf("%-14s %-44s %-36s %3.0fs  %s\n", v, fmt.Sprintf("%s:%d", file, f.line), f.what, time.Since(start).Seconds(), by)
	}
	return nil
}

// baseline runs each tests once on the code as it is, and returns what fails.
func (c campaign) baseline(ctx context.Context, asked []tests) (failing []string) {
	for _, t := range asked {
		if _, known := c.sound[t]; !known {
			v, by := tested(ctx, c.module, t)
			if v != alive && by == "" {
				by = string(v)
			}
			c.sound[t] = by
		}
		failing = append(failing, c.sound[t])
	}
	return failing
}

// try runs one tests after the other, until one fails.
func (c campaign) try(ctx context.Context, asked []tests) (v verdict, by string) {
	for _, t := range asked {
		if v, by = tested(ctx, c.module, t); v != alive {
			break
		}
	}
	return v, by
}

// verdict is what became of a fault.
type verdict string

const (
	dead   verdict = "killed"
	alive  verdict = "survived"
	absurd verdict = "does not build" // counts for nothing

	lockstep verdict = "not missed" // a barrier: nor does this
	untried  verdict = "not tried"  // the tests fail without it
)

// tested runs tests, but for those of speed, and returns the first that failed. A fault that makes them run on and on is killed too.
func tested(ctx context.Context, module string, t tests) (v verdict, by string) {
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-vet=off", "-ldflags=-s -w", "-timeout", "8m", t.pkg, "-run", t.pattern, "-skip", "Fast|Pace|Stall")
	cmd.Dir = module
	raw, failed := cmd.CombinedOutput()
	out := string(raw)
	switch {
	case strings.Contains(out, "no tests to run"):
		return untried, "no test matches " + t.pattern
	case strings.Contains(out, "build failed"):
		return absurd, ""
	case failed != nil:
		return dead, firstFailure(out)
	}
	return alive, ""
}

// firstFailure returns the name of the first test that failed, the innermost, or the panic that ended them.
func firstFailure(out string) (name string) {
	for line := range strings.Lines(out) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "--- FAIL: ")
		failed, _, _ := strings.Cut(rest, " ")
		switch {
		case ok && (name == "" || strings.HasPrefix(failed, name+"/")):
			name = failed
		case !ok && name == "" && (strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "SIG") || strings.HasPrefix(line, "fatal error")):
			return strings.TrimSpace(line)
		}
	}
	return name
}

// Command mutants applies small faults to the kernels, one at a time, in a copy of the module, runs the tests that should see each, and says
// which faults were found (killed) and which survived: those are gaps of the tests, unless the fault changes nothing.
//
//	go run ./internal/mutants [-sites 2] [-only REGEXP] shaders cpu
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
	sites := flag.Int("sites", 2, "faults of each file, spread over it")
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
	if sites < 1 || len(folders) == 0 {
		return 0, fmt.Errorf("-sites is %d and the folders are %v, want at least one of each: shaders, cpu", sites, folders)
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
	killed := 0
	for _, file := range files {
		if !pattern.MatchString(file) || !within(file, folders) {
			continue
		}
		k, s, err := mutate(ctx, copied, file, sites)
		if err != nil {
			return 0, err
		}
		killed, survivors = killed+k, survivors+s
	}
	fmt.Printf("%d killed, %d survived\n", killed, survivors)
	return survivors, nil
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

// mutate tries the faults of a file.
func mutate(ctx context.Context, module, file string, sites int) (killed, survived int, err error) {
	path := filepath.Join(module, file)
	original, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, err
	}
	defer os.WriteFile(path, original, 0o644)
	for _, f := range spread(faults(string(original)), sites) {
		if err := os.WriteFile(path, []byte(f.apply(string(original))), 0o644); err != nil {
			return 0, 0, err
		}
		start := time.Now()
		v, err := tested(ctx, module, file)
		if err != nil {
			return 0, 0, fmt.Errorf("%s:%d: %w", file, f.line, err)
		}
		switch v {
		case dead:
			killed++
		case alive:
			survived++
		}
		fmt.Printf("%-14s %-44s %-24s %.0fs\n", v, fmt.Sprintf("%s:%d", file, f.line), f.what, time.Since(start).Seconds())
	}
	return killed, survived, nil
}

// verdict is what became of a fault.
type verdict string

const (
	dead   verdict = "killed"
	alive  verdict = "survived"
	absurd verdict = "does not build" // counts for nothing
)

// tested runs the tests that should see a fault in the file. One that makes them run on and on is killed too.
func tested(ctx context.Context, module, file string) (verdict, error) {
	pkg, pattern := testsOf(file)
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-timeout", "2m", pkg, "-run", pattern)
	cmd.Dir = module
	out, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case strings.Contains(string(out), "no tests to run"):
		return "", fmt.Errorf("no test matches %s in %s", pattern, pkg)
	case strings.Contains(string(out), "build failed"):
		return absurd, nil
	case err != nil:
		return dead, nil
	}
	return alive, nil
}

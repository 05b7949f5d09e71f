//go:build linux

package metal

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
)

//go:embed shim
var shim embed.FS

const compiler = "clang++"

// kernelFlags: literals are float32 as in Metal, what is not initialised is garbage, and arithmetic is as it is written.
var kernelFlags = []string{"-std=c++14", "-O1", "-fPIC", "-shared", "-nostdinc", "-Xclang", "-cl-single-precision-constant", "-ffp-contract=off",
	"-ftrivial-auto-var-init=pattern", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-w"}

var fastMathFlags = []string{"-O2", "-ffast-math", "-ffp-contract=fast"}

// fusedFlags have multiplications and additions fused, where that is not the rule.
var fusedFlags = map[string][]string{"amd64": {"-mfma"}}

var runnerFlags = []string{"-std=c++14", "-O2", "-rdynamic"}

// toolchain knows the compiler and where what it makes is kept. Both are found once.
var toolchain = sync.OnceValues(func() (t struct{ version, folder string }, err error) {
	out, err := exec.Command(compiler, "--version").Output()
	if err != nil {
		return t, fmt.Errorf("metal: no %s: %w", compiler, err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	t.version, t.folder = string(out), filepath.Join(cache, "gradus", "metal")
	return t, os.MkdirAll(t.folder, 0o755)
})

// compileKernel returns the shared object of a translation.
func compileKernel(source string, o Options) (string, error) {
	flags := kernelFlags
	if o.FastMath {
		flags = append(append(flags[:len(flags):len(flags)], fastMathFlags...), fusedFlags[runtime.GOARCH]...)
	}
	return compiled(".so", []byte(source), flags)
}

// compileRunner returns the runner's program.
func compileRunner() (string, error) {
	source, err := shim.ReadFile("shim/runner.cc")
	if err != nil {
		return "", err
	}
	return compiled(".run", source, runnerFlags, "-ldl", "-lm")
}

// compiled returns what the compiler makes of a source, from the cache if it is there.
func compiled(suffix string, source []byte, flags []string, libraries ...string) (string, error) {
	tools, err := toolchain()
	if err != nil {
		return "", err
	}
	headers, err := header()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(bytes.Join([][]byte{source, headers, []byte(fmt.Sprint(flags, libraries, tools.version))}, []byte{0}))
	path := filepath.Join(tools.folder, fmt.Sprintf("%x%s", sum[:12], suffix))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return path, build(path, source, flags, libraries)
}

func header() ([]byte, error) { return shim.ReadFile("shim/metal_stdlib") }

// build compiles to a folder of its own and moves the result to its path, since others may be doing the same.
func build(path string, source []byte, flags, libraries []string) error {
	folder, err := os.MkdirTemp(filepath.Dir(path), "build")
	if err != nil {
		return fmt.Errorf("metal: %w", err)
	}
	defer os.RemoveAll(folder)
	if err := os.CopyFS(folder, shim); err != nil {
		return fmt.Errorf("metal: %w", err)
	}
	result, file := filepath.Join(folder, "result"), filepath.Join(folder, "source.cc")
	if err := os.WriteFile(file, source, 0o644); err != nil {
		return fmt.Errorf("metal: %w", err)
	}
	arguments := append(flags[:len(flags):len(flags)], "-I", filepath.Join(folder, "shim"), file, "-o", result)
	if out, err := exec.Command(compiler, append(arguments, libraries...)...).CombinedOutput(); err != nil {
		return fmt.Errorf("metal: %s: %w\n%s", compiler, err, out)
	}
	return os.Rename(result, path)
}

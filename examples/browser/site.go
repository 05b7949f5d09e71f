//go:build !js

package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed page.html
var page []byte

// build compiles the page's program and returns a handler that serves it with the page and the Go toolchain's glue.
func build(ctx context.Context) (http.Handler, error) {
	dir, err := os.MkdirTemp("", "gradus-browser")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "train.wasm")
	compile := exec.CommandContext(ctx, "go", "build", "-ldflags", "-s -w", "-o", file, "github.com/gradus-ml/gradus/examples/browser")
	compile.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if text, err := compile.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the page's program: %w\n%s", err, text)
	}
	program, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("looking for the Go toolchain: %w", err)
	}
	glue, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return nil, err
	}
	return siteOf(map[string][]byte{"/index.html": page, "/train.wasm": program, "/wasm_exec.js": glue}), nil
}

// siteOf serves files by their paths.
func siteOf(files map[string][]byte) http.Handler {
	made := time.Now()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path
		if name == "/" {
			name = "/index.html"
		}
		content, ok := files[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, name, made, bytes.NewReader(content))
	})
}

//go:build !js

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/data/fashion"
)

// message is what the page's program reports.
type message struct {
	Device, Scores, Test, Error string
	Losses                      []float64
}

// listening is a script that has the page post what it is told, one message after the other.
const listening = `<script>
	let sent = Promise.resolve();
	addEventListener("gradus", e => sent = sent.then(() => fetch("report", {method: "POST", body: JSON.stringify(e.detail)})));
</script>`

// The network learns in a headless Chromium, whose WebGPU is Dawn on a software driver, as it does on the CPU.
func TestBrowser(t *testing.T) {
	browser := chromium()
	if browser == "" {
		t.Skip("NOT TESTED: training in a browser: there is no chromium on this machine's PATH")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	site, err := build(ctx)
	require.NoError(t, err)
	told := make(chan message, 1000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			w.Write(bytes.Replace(page, []byte(`<script src`), []byte(listening+`<script src`), 1))
		case "/report":
			var m message
			assert.NoError(t, json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&m))
			told <- m
		default:
			site.ServeHTTP(w, r)
		}
	}))
	defer server.Close()
	visit(t, ctx, browser, server.URL+"/?epochs=1&examples=384")
	losses, last := listen(t, ctx, told)
	require.Empty(t, last.Error)
	assert.Contains(t, last.Test, "test accuracy 0.")
	assert.InDeltaSlice(t, onCPU(t, 384), losses, 1e-3)
}

// onCPU returns the losses of an epoch of so many examples, natively.
func onCPU(t *testing.T, examples int) []float64 {
	dev, err := cpu.Open()
	require.NoError(t, err)
	defer dev.Close()
	train, _, err := fashion.Load("")
	require.NoError(t, err)
	train, err = train.Slice(0, examples)
	require.NoError(t, err)
	m, err := compile(dev)
	require.NoError(t, err)
	defer m.Close()
	history, err := m.Fit(context.Background(), train, engine.Fit{})
	require.NoError(t, err)
	return history.Last().StepLosses
}

// listen collects losses until the end of the training.
func listen(t *testing.T, ctx context.Context, told <-chan message) (losses []float64, last message) {
	began := time.Now()
	for {
		select {
		case m := <-told:
			losses = append(losses, m.Losses...)
			if len(m.Losses) == 0 {
				t.Logf("after %.1f s: %+v", time.Since(began).Seconds(), m)
			}
			if m.Test != "" || m.Error != "" {
				return losses, m
			}
		case <-ctx.Done():
			t.Fatalf("the page told %d losses and no end in time", len(losses))
		}
	}
}

// visit opens a page in a browser of its own, until the test ends.
func visit(t *testing.T, ctx context.Context, browser, url string) {
	profile, err := os.MkdirTemp("", "profile") // not TempDir: the browser may write to it while it ends
	require.NoError(t, err)
	cmd := exec.CommandContext(ctx, browser, "--headless=new", "--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--disable-quic", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--user-data-dir="+profile, url)
	var said bytes.Buffer
	cmd.Stderr = &said
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		os.RemoveAll(profile)
		if t.Failed() {
			t.Log(said.String())
		}
	})
}

func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if file, err := exec.LookPath(name); err == nil {
			return file
		}
	}
	return ""
}

func TestSite(t *testing.T) {
	site := siteOf(map[string][]byte{"/index.html": page, "/train.wasm": []byte("x")})
	for path, want := range map[string]string{"/": "text/html", "/train.wasm": "application/wasm", "/none": "404"} {
		r := httptest.NewRecorder()
		site.ServeHTTP(r, httptest.NewRequest("GET", path, nil))
		assert.True(t, strings.Contains(r.Header().Get("Content-Type"), want) || want == "404" && r.Code == 404, path)
	}
}

package monitor

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine"
)

// browser opens a tab of a headless Chromium with a profile of its own, or skips the test loudly.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("NOT TESTED: the live page: no chromium on the PATH")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(profile(t)), chromedp.WindowSize(1280, 1000))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	tab, closeTab := chromedp.NewContext(ctx, chromedp.WithErrorf(t.Logf))
	t.Cleanup(closeTab)
	tab, timeout := context.WithTimeout(tab, 40*time.Second)
	t.Cleanup(timeout)
	require.NoError(t, chromedp.Run(tab), "chromium did not start")
	return tab
}

// profile is a folder that goes when the browser has gone, parts of which may write to it for a moment longer than the process that was started.
func profile(t *testing.T) string {
	dir := t.TempDir()
	t.Cleanup(func() {
		require.Eventually(t, func() bool { return os.RemoveAll(dir) == nil }, 10*time.Second, 50*time.Millisecond)
	})
	return dir
}

// screenshot writes what the tab shows to the folder of GRADUS_SCREENSHOTS, if that is set.
func screenshot(t *testing.T, tab context.Context, name string) {
	dir := os.Getenv("GRADUS_SCREENSHOTS")
	if dir == "" {
		return
	}
	var picture []byte
	require.NoError(t, chromedp.Run(tab, chromedp.FullScreenshot(&picture, 100)))
	require.NoError(t, os.WriteFile(dir+"/"+name+".png", picture, 0o600))
}

// awaits waits until an expression of the page holds, and fails with what the page shows if it never does.
func awaits(t *testing.T, tab context.Context, what, expression string) {
	t.Helper()
	var ok bool
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		require.NoError(t, chromedp.Run(tab, chromedp.Evaluate("Boolean("+expression+")", &ok)))
		if ok {
			return
		}
	}
	var shown string
	require.NoError(t, chromedp.Run(tab, chromedp.Evaluate("document.body.innerText", &shown)))
	t.Fatalf("%s: %s never holds; the page shows:\n%s", what, expression, shown)
}

// slowly trains until it is stopped, some steps a second, and returns what Fit said.
func slowly(t *testing.T, p *Page) <-chan error {
	ended, m := make(chan error, 1), model(t)
	pause := engine.StepFunc(func(*engine.Model, engine.Steps) error {
		time.Sleep(5 * time.Millisecond)
		return nil
	})
	go func() {
		_, err := m.Fit(context.Background(), points(300), engine.Fit{Epochs: 100_000, BatchSize: 100, Validation: points(30), Callbacks: []engine.Callback{pause, p}})
		ended <- err
	}()
	return ended
}

// The page in a browser: curves, figures, hostile names, the checkpoint, a server that goes away and comes back, and the stop. No request goes elsewhere
// and nothing is logged as an error but lost connections.
func TestBrowser(t *testing.T) {
	tab := browser(t)
	var faults []string
	elsewhere := make(chan string, 100)
	chromedp.ListenTarget(tab, func(e any) {
		switch e := e.(type) {
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, "http://127.0.0.1:") {
				elsewhere <- e.Request.URL
			}
		case *cdpruntime.EventExceptionThrown:
			elsewhere <- e.ExceptionDetails.Error()
		case *cdplog.EventEntryAdded:
			if e.Entry.Source == cdplog.SourceSecurity {
				elsewhere <- e.Entry.Text
			}
		}
	})
	saved := make(chan bool, 10)
	o := Options{Title: "<i>Été</i> & co", Sample: points(100), Checkpoint: func(*engine.Model) error { saved <- true; return nil }}
	first := serve(t, o)
	ended := slowly(t, first)
	require.NoError(t, chromedp.Run(tab, network.Enable(), chromedp.Navigate(first.URL())))
	awaits(t, tab, "running", "document.querySelector('#status.running')?.textContent === 'Running'")
	awaits(t, tab, "curves", "[...document.querySelectorAll('svg path')].filter((p) => p.getAttribute('d').length > 50).length >= 5")
	awaits(t, tab, "figures", "document.querySelectorAll('.tile').length >= 10 && document.querySelector('#tiles').innerText.includes('val_accuracy')")
	awaits(t, tab, "the title as text", "document.querySelector('h1').textContent === '<i>Été</i> & co' && !document.querySelector('h1 i')")
	awaits(t, tab, "names as text", "document.querySelector('td.name').textContent === "+quoted(hostile)+" && !document.querySelector('img') && document.title !== 'pwned'")
	awaits(t, tab, "epochs pass", "Number(document.querySelector('.tile b').textContent.split(' ')[0]) > 3")
	screenshot(t, tab, "running")

	require.NoError(t, chromedp.Run(tab, chromedp.Click("#checkpoint")))
	select {
	case <-saved:
	case <-time.After(10 * time.Second):
		t.Fatal("no checkpoint")
	}
	awaits(t, tab, "the checkpoint", "document.querySelector('#note').textContent.startsWith('Checkpoint made after')")

	o.Address = strings.TrimSuffix(strings.TrimPrefix(first.URL(), "http://"), "/")
	first.stop.Store(true)
	require.NoError(t, <-ended)
	awaits(t, tab, "stopped by the program", "document.querySelector('#status').textContent === 'Stopped'")
	require.NoError(t, first.Close())
	second := serve(t, o)
	ended = slowly(t, second)
	awaits(t, tab, "connected to the server that was started again", "document.querySelector('#status').textContent === 'Running' && Number(document.querySelector('.tile b').textContent.split(' ')[0]) >= 1")

	require.NoError(t, chromedp.Run(tab, chromedp.Click("#stop")))
	awaits(t, tab, "asked again", "document.querySelector('#stop').textContent === 'Really stop?'")
	require.NoError(t, chromedp.Run(tab, chromedp.Click("#stop")))
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("the training does not stop")
	}
	awaits(t, tab, "stopped", "document.querySelector('#status').textContent === 'Stopped' && document.querySelector('#stop').disabled")
	close(elsewhere)
	for text := range elsewhere {
		faults = append(faults, text)
	}
	require.Empty(t, faults)
}

// A connection that breaks in mid-run is taken up again, where it broke off: no point of the curve is missing, and none is there twice.
func TestBrowserReconnects(t *testing.T) {
	tab := browser(t)
	p := serve(t, Options{})
	ended := slowly(t, p)
	require.NoError(t, chromedp.Run(tab, network.Enable(), chromedp.Navigate(p.URL())))
	awaits(t, tab, "running", "state && state.points.length > 20")
	require.NoError(t, chromedp.Run(tab, network.EmulateNetworkConditions(true, 0, 0, 0), chromedp.Evaluate("source.close(); connected = false; soon(); setTimeout(connect, 500)", nil)))
	awaits(t, tab, "lost", "document.querySelector('#status').textContent.startsWith('Connection lost')")
	require.NoError(t, chromedp.Run(tab, network.EmulateNetworkConditions(false, 0, -1, -1)))
	awaits(t, tab, "back", "document.querySelector('#status').textContent === 'Running' && state.points.length > 60")
	awaits(t, tab, "whole", "state.points.every((p, i) => i === 0 || p.step - p.n === state.points[i - 1].step)")
	p.stop.Store(true)
	require.NoError(t, <-ended)
}

func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

package monitor

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

const hostile = `Größe "日本" </script><img src=x onerror=document.title='pwned'>`

// model is small, and draws random numbers in its steps.
func model(t testing.TB) *engine.Model {
	t.Helper()
	dev, err := cpu.Open()
	require.NoError(t, err)
	net := nn.Sequential(nn.Input(2), nn.Dense(8, nn.ReLU, nn.HeNormal, nn.Name(hostile)), nn.Dropout(0.3), nn.Dense(2, nn.Softmax))
	m, err := engine.Compile(dev, net, engine.Training{Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: optim.SGD{LearningRate: 0.1},
		Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 1})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, errors.Join(m.Close(), dev.Close())) })
	return m
}

// points are two classes to either side of a line.
func points(n int) *data.Set {
	s := &data.Set{Shape: []int{2}}
	for i := range n {
		x, y := float32(i%17)/17, float32(i%23)/23
		s.Floats, s.Labels = append(s.Floats, x, y), append(s.Labels, i*0)
		if x > y {
			s.Labels[i] = 1
		}
	}
	return s
}

func serve(t testing.TB, o Options) *Page {
	t.Helper()
	p, err := Serve(context.Background(), o)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, p.Close()) })
	return p
}

// message is an event as a browser gets it.
type message struct {
	id   string
	data map[string]any
}

// listen reads the events after the one with the id, until it has so many or the page ends.
func listen(t *testing.T, p *Page, id string, n int) (list []message) {
	t.Helper()
	r, err := http.NewRequest("GET", p.URL()+"events", nil)
	require.NoError(t, err)
	r.Header.Set("Last-Event-ID", id)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	assert.Equal(t, "text/event-stream", answer.Header.Get("Content-Type"))
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<22)
	for len(list) < n && lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			id = text
		}
		if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			m := message{id: id}
			require.NoError(t, json.Unmarshal([]byte(text), &m.data), text)
			list = append(list, m)
		}
	}
	return list
}

// The training tells everything, a page that opens late gets it all at once, and one that comes back gets the rest.
func TestEvents(t *testing.T) {
	p := serve(t, Options{Sample: points(50)})
	_, err := model(t).Fit(context.Background(), points(100), engine.Fit{Epochs: 3, BatchSize: 10, Validation: points(20), Callbacks: []engine.Callback{p}})
	require.NoError(t, err)
	late := listen(t, p, "", 1)[0]
	assert.Equal(t, "snapshot", late.data["type"])
	assert.Equal(t, "finished", late.data["status"])
	assert.Len(t, late.data["points"], 30)
	assert.Len(t, late.data["epochs"], 3)
	epoch := late.data["epochs"].([]any)[2].(map[string]any)
	assert.Equal(t, 3.0, epoch["number"])
	assert.Equal(t, 30.0, epoch["step"])
	assert.Contains(t, epoch["validation"], "accuracy")
	flow := late.data["flow"].(map[string]any)
	assert.Equal(t, 3.0, flow["epoch"])
	assert.Equal(t, hostile, flow["layers"].([]any)[0].(map[string]any)["name"])
	assert.Greater(t, flow["layers"].([]any)[0].(map[string]any)["weight"], 0.0)
	now := late.data["now"].(map[string]any)
	assert.Equal(t, []any{3.0, 3.0, 10.0, 10.0}, []any{now["epoch"], now["last"], now["step"], now["of"]})
	assert.Greater(t, now["speed"], 0.0)
	name, _, _ := strings.Cut(late.id, "-")
	all := listen(t, p, name+"--1", len(p.log.events))
	for i, m := range all {
		assert.Equal(t, fmt.Sprintf("%s-%d", name, i), m.id)
	}
	types := map[any]int{}
	for _, m := range all {
		types[m.data["type"]]++
	}
	assert.Equal(t, 3, types["epoch"])
	assert.Equal(t, 4, types["flow"])
	assert.Equal(t, all[4:], listen(t, p, all[3].id, len(all)-4))
	for _, id := range []string{"other-3", name + "-9999", name, name + "-x", "-", strings.Repeat("9", 5000)} {
		assert.Equal(t, "snapshot", listen(t, p, id, 1)[0].data["type"], id)
	}
}

// What is seen is not changed: the same bits as without a page, with gradient flow measured between epochs and dropout in the network.
func TestMonitorChangesNothing(t *testing.T) {
	weights := func(callbacks ...engine.Callback) map[string][]float32 {
		m := model(t)
		_, err := m.Fit(context.Background(), points(100), engine.Fit{Epochs: 3, BatchSize: 10, Callbacks: callbacks})
		require.NoError(t, err)
		values := map[string][]float32{}
		for _, v := range m.Variables() {
			values[v.Name], err = m.Value(v.Name)
			require.NoError(t, err)
		}
		return values
	}
	assert.Equal(t, weights(), weights(serve(t, Options{Sample: points(40)})))
}

// post presses a button, with changes.
func post(t *testing.T, p *Page, what string, change func(r *http.Request)) int {
	r, err := http.NewRequest("POST", strings.Split(p.URL(), "?")[0]+what, nil)
	require.NoError(t, err)
	r.Header.Set(tokenHeader, p.token)
	change(r)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	return answer.StatusCode
}

func TestStop(t *testing.T) {
	p, steps := serve(t, Options{}), 0
	press := engine.StepFunc(func(_ *engine.Model, s engine.Steps) error {
		if steps += len(s.Losses); s.First == 0 {
			assert.Equal(t, http.StatusAccepted, post(t, p, "stop", func(*http.Request) {}))
		}
		return nil
	})
	h, err := model(t).Fit(context.Background(), points(1000), engine.Fit{Epochs: 3, BatchSize: 1, Callbacks: []engine.Callback{press, p}})
	require.NoError(t, err)
	assert.Len(t, h.Epochs, 1)
	assert.Less(t, steps, 1000)
	assert.Equal(t, "stopped", listen(t, p, "", 1)[0].data["status"])
	h, err = model(t).Fit(context.Background(), points(100), engine.Fit{Callbacks: []engine.Callback{p}})
	require.NoError(t, err, "a wish of the run before is none of the next")
	assert.True(t, h.Last().Complete)
	assert.Equal(t, 2.0, listen(t, p, "", 1)[0].data["run"])
}

func TestCheckpoint(t *testing.T) {
	calls := 0
	p := serve(t, Options{Checkpoint: func(m *engine.Model) error {
		_, err := m.State()
		if calls++; calls == 2 {
			err = errors.New("the disk is full")
		}
		return err
	}})
	press := engine.EpochFunc(func(*engine.Model, engine.Epoch) error {
		assert.Equal(t, http.StatusAccepted, post(t, p, "checkpoint", func(*http.Request) {}))
		return nil
	})
	h, err := model(t).Fit(context.Background(), points(100), engine.Fit{Epochs: 2, Callbacks: []engine.Callback{press, p}})
	require.NoError(t, err)
	assert.Len(t, h.Epochs, 2)
	assert.Equal(t, 2, calls)
	notes := ""
	for _, m := range listen(t, p, p.log.name+"--1", len(p.log.events)) {
		notes += fmt.Sprint(m.data["note"], "\n")
	}
	assert.Contains(t, notes, "Checkpoint made after step 4 of epoch 1")
	assert.Contains(t, notes, "The checkpoint failed: the disk is full")
}

// Only the page itself may press its buttons, and only under a name of this machine is anything told.
func TestRequestsRefused(t *testing.T) {
	p := serve(t, Options{Checkpoint: func(*engine.Model) error { return nil }})
	get := func(path string, change func(r *http.Request)) (int, string) {
		r, err := http.NewRequest("GET", strings.Split(p.URL(), "?")[0]+path, nil)
		require.NoError(t, err)
		change(r)
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return answer.StatusCode, string(text)
	}
	plain := func(*http.Request) {}
	for _, row := range []struct {
		name   string
		change func(r *http.Request)
		want   int
	}{
		{"as the page does", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") }, http.StatusAccepted},
		{"no token", func(r *http.Request) { r.Header.Del(tokenHeader) }, http.StatusForbidden},
		{"another token", func(r *http.Request) { r.Header.Set(tokenHeader, "x") }, http.StatusForbidden},
		{"another site", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		{"another origin", func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, http.StatusForbidden},
		{"another name", func(r *http.Request) { r.Host = "evil.example:80" }, http.StatusForbidden},
	} {
		for _, button := range []string{"stop", "checkpoint"} {
			assert.Equal(t, row.want, post(t, p, button, row.change), "%s: %s", row.name, button)
		}
	}
	code, text := get("", plain)
	assert.Equal(t, http.StatusOK, code)
	assert.NotContains(t, text, "http://www.example")
	for _, host := range []string{"evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[::2]:80", "localhost.evil"} {
		code, text = get("", func(r *http.Request) { r.Host = host })
		assert.Equal(t, http.StatusForbidden, code, host)
		assert.NotContains(t, text, p.token)
	}
	for _, host := range []string{"localhost", "localhost:99", "127.0.0.1", "[::1]:8", "127.9.9.9:1"} {
		code, _ = get("", func(r *http.Request) { r.Host = host })
		assert.Equal(t, http.StatusOK, code, host)
	}
	for path, want := range map[string]int{"stop": http.StatusMethodNotAllowed, "nothing": http.StatusNotFound, "../page.html": http.StatusNotFound} {
		code, _ = get(path, plain)
		assert.Equal(t, want, code, path)
	}
	bare := serve(t, Options{})
	assert.Equal(t, http.StatusNotFound, post(t, bare, "checkpoint", plain), "there is no such button")
}

// Where others can reach it, all of the page needs the token.
func TestOpenToOthers(t *testing.T) {
	p := serve(t, Options{Address: "0.0.0.0:0"})
	assert.Contains(t, p.URL(), "?token=")
	at := fmt.Sprintf("http://127.0.0.1:%s/", p.URL()[strings.LastIndex(strings.Split(p.URL(), "/?")[0], ":")+1:strings.Index(p.URL(), "/?")])
	for url, want := range map[string]int{at: 403, at + "?token=x": 403, at + "events": 403, at + "?token=" + p.token: 200} {
		answer, err := http.Get(url)
		require.NoError(t, err)
		answer.Body.Close()
		assert.Equal(t, want, answer.StatusCode, url)
	}
}

// After Close, or the end of the context, nothing is left, though browsers are connected; and training goes on without.
func TestClose(t *testing.T) {
	m := model(t)
	http.DefaultClient.CloseIdleConnections()
	before := runtime.NumGoroutine()
	for _, how := range []string{"close", "context"} {
		ctx, cancel := context.WithCancel(context.Background())
		p, err := Serve(ctx, Options{Sample: points(10)})
		require.NoError(t, err)
		require.NoError(t, p.RunBegin(m, engine.Fit{}))
		ended := make(chan int)
		go func() { ended <- len(listen(t, p, "", math.MaxInt)) }()
		time.Sleep(50 * time.Millisecond)
		if how == "context" {
			cancel()
		}
		require.NoError(t, p.Close())
		require.NoError(t, p.Close())
		cancel()
		assert.Positive(t, <-ended)
		_, err = m.Fit(context.Background(), points(50), engine.Fit{Callbacks: []engine.Callback{p}})
		assert.NoError(t, err)
		_, err = http.Get(p.URL())
		assert.Error(t, err)
		http.DefaultClient.CloseIdleConnections()
		for i := 0; i < 2000 && runtime.NumGoroutine() > before; i++ {
			time.Sleep(time.Millisecond)
		}
		assert.LessOrEqual(t, runtime.NumGoroutine(), before, how)
	}
	_, err := Serve(context.Background(), Options{Address: "256.0.0.1:0"})
	assert.ErrorContains(t, err, "monitor: ")
}

// A curve of any length is kept in 2,000 points, whose mean is that of the steps.
func TestSeries(t *testing.T) {
	for _, n := range []int{1, 1999, 2000, 2001, 4001, 100_003} {
		var s series
		for i := range n {
			s.add(point{Step: i + 1, N: 1, Loss: number(i % 7), Rate: 1, Speed: 2})
		}
		steps, sum := 0, 0.0
		for _, p := range s.points {
			steps, sum = steps+p.N, sum+float64(p.Loss)*float64(p.N)
		}
		want := 0.0
		for i := range n {
			want += float64(i % 7)
		}
		assert.LessOrEqual(t, len(s.points), most)
		assert.Equal(t, n, steps)
		assert.Equal(t, n, s.points[len(s.points)-1].Step)
		assert.InDelta(t, want, sum, 1e-6*want+1e-9)
	}
}

func TestNumbers(t *testing.T) {
	text, err := json.Marshal([]number{0, 1.5, number(math.NaN()), number(math.Inf(1)), number(math.Inf(-1)), 1e-20, 123456.789})
	require.NoError(t, err)
	assert.Equal(t, `[0,1.5,"NaN","+Inf","-Inf",1e-20,123457]`, string(text))
}

// The log keeps a bounded number of events; who missed more gets a snapshot.
func TestLogIsBounded(t *testing.T) {
	l := newLog()
	for i := range 5000 {
		l.add(i, "all")
	}
	assert.LessOrEqual(t, len(l.events), kept)
	events, _, _ := l.since(l.name + "-4998")
	assert.Equal(t, "4999", string(events[0].text))
	events, _, _ = l.since(l.name + "-10")
	assert.Equal(t, `"all"`, string(events[0].text))
}

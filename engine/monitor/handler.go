package monitor

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

//go:embed page.html
var page string

var pageTemplate = template.Must(template.New("page").Parse(page))

// beat is how often a silent connection is used, so that a dead one is noticed.
const beat = 15 * time.Second

// handler serves the page, its events and its buttons.
func (p *Page) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.servePage)
	mux.HandleFunc("GET /events", p.serveEvents)
	mux.HandleFunc("POST /stop", p.button(func() { p.stop.Store(true) }))
	if p.options.Checkpoint != nil {
		mux.HandleFunc("POST /checkpoint", p.button(func() { p.save.Store(true) }))
	}
	return http.NewCrossOriginProtection().Handler(p.guarded(mux))
}

// guarded refuses requests under another name, which a page of another site could have made ours, and, where others reach the page, without the token.
func (p *Page) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		switch {
		case p.local() && !loopback(r.Host):
			http.Error(w, "monitor: this page is for this machine alone", http.StatusForbidden)
		case !p.local() && !p.knows(r.URL.Query().Get("token")) && !p.knows(r.Header.Get(tokenHeader)):
			http.Error(w, "monitor: the address lacks the token that the program tells", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// loopback reports whether a host, with or without a port, is this machine's name for itself.
func loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && address.IsLoopback()
}

const tokenHeader = "X-Gradus-Token"

func (p *Page) knows(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(p.token)) == 1
}

// servePage sends the page; its script and style carry a number that only they know, and nothing else may run or be fetched.
func (p *Page) servePage(w http.ResponseWriter, _ *http.Request) {
	nonce := rand.Text()
	w.Header().Set("Content-Security-Policy", fmt.Sprintf(
		"default-src 'none'; script-src 'nonce-%[1]s'; style-src 'nonce-%[1]s'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", nonce))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	var text bytes.Buffer
	err := pageTemplate.Execute(&text, map[string]any{"Nonce": nonce, "Title": p.options.Title, "Token": p.token, "Local": p.local(), "Saves": p.options.Checkpoint != nil})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(text.Bytes()) // a browser that is gone hears nothing
}

// button notes a wish, which the callback fulfils between two steps.
func (p *Page) button(wish func()) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !p.knows(r.Header.Get(tokenHeader)) {
			http.Error(w, "monitor: the token is another's: load the page again", http.StatusForbidden)
			return
		}
		wish()
		w.WriteHeader(http.StatusAccepted)
	}
}

// serveEvents sends what happens, from after the event that the browser had last.
func (p *Page) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	out, id := &sender{w, http.NewResponseController(w)}, r.Header.Get("Last-Event-ID")
	if id == "" {
		id = r.URL.Query().Get("last")
	}
	if out.send("retry: 1000\n\n") != nil {
		return
	}
	for {
		events, more, open := p.log.since(id)
		for _, e := range events {
			if id = p.log.id(e); out.send("id: %s\ndata: %s\n\n", id, e.text) != nil {
				return
			}
		}
		if !open {
			return
		}
		select {
		case <-more:
		case <-r.Context().Done():
			return
		case <-time.After(beat):
			if out.send(": still here\n\n") != nil {
				return
			}
		}
	}
}

// sender writes to a browser, which has some seconds to take it.
type sender struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (s *sender) send(format string, args ...any) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(s.w, format, args...); err != nil {
		return err
	}
	return s.control.Flush()
}

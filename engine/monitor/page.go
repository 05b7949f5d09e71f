// Package monitor shows a training as it goes, in a page of the browser: curves, learning rate, gradient flow by layer, speed, device, memory and the time left. The page
// can ask for a checkpoint or a stop.
//
//	page, err := monitor.Serve(ctx, monitor.Options{})
//	defer page.Close()
//	fmt.Println("see", page.URL())
//	model.Fit(ctx, train, engine.Fit{Callbacks: []engine.Callback{page}})
package monitor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/data"
)

// Options say where a page is and what it shows. The zero value is a free port of this machine alone.
type Options struct {
	// Address is where to listen, "127.0.0.1:0" if empty. Any other than a loopback address is open to others who reach it and know the token of the URL.
	Address string
	// Title is shown at the top; "Training" if empty.
	Title string
	// Checkpoint is called between two steps, by the goroutine of Fit, when the page asks for one; an error is shown and does not end the training.
	// Without it there is no such button.
	Checkpoint func(m *engine.Model) error
	// Sample is what gradient flow is measured on, before the first epoch and after each, by Model.Diagnose: some hundred examples do. Nil measures none.
	Sample *data.Set
}

// A Page is a callback of Fit that serves what it hears, one run after the other. It is closed by Close, or with its context.
type Page struct {
	options  Options
	token    string
	listener net.Listener
	server   *http.Server
	log      *log
	ctx      context.Context
	end      context.CancelFunc
	group    sync.WaitGroup
	failed   atomic.Pointer[error] // of the server
	stop     atomic.Bool           // asked for
	save     atomic.Bool           // a checkpoint, asked for
	run      run
}

// Serve begins to serve a page.
func Serve(ctx context.Context, o Options) (*Page, error) {
	if o.Address == "" {
		o.Address = "127.0.0.1:0"
	}
	if o.Title == "" {
		o.Title = "Training"
	}
	listener, err := net.Listen("tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("monitor: %w", err)
	}
	p := &Page{options: o, token: rand.Text(), listener: listener, log: newLog()}
	p.ctx, p.end = context.WithCancel(ctx)
	p.server = &http.Server{Handler: p.handler(), ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 1 << 16,
		BaseContext: func(net.Listener) context.Context { return p.ctx }}
	p.group.Go(func() {
		if err := p.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			p.failed.Store(&err)
		}
	})
	p.group.Go(func() {
		<-p.ctx.Done()
		p.log.close()
		p.shutdown()
	})
	return p, nil
}

// grace is how long browsers have to take what is left.
const grace = 2 * time.Second

// shutdown lets requests end by themselves for a while; those for events end with the log.
func (p *Page) shutdown() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), grace)
	defer cancel()
	if p.server.Shutdown(ctx) != nil {
		_ = p.server.Close() // nothing more can be done
	}
}

// URL returns where the page is, with the token if others can reach it.
func (p *Page) URL() string {
	u := url.URL{Scheme: "http", Host: p.listener.Addr().String(), Path: "/"}
	if !p.local() {
		u.RawQuery = url.Values{"token": {p.token}}.Encode()
	}
	return u.String()
}

// local reports whether only this machine can reach the page.
func (p *Page) local() bool {
	address, ok := p.listener.Addr().(*net.TCPAddr)
	return ok && address.IP.IsLoopback()
}

// Close ends the page and waits until nothing of it is left. It returns why the server failed, if it did. It may be called twice.
func (p *Page) Close() error {
	p.end()
	p.group.Wait()
	if err := p.failed.Load(); err != nil {
		return fmt.Errorf("monitor: %w", *err)
	}
	return nil
}

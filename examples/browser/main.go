//go:build !js

// Command browser trains a network on Fashion-MNIST in a web page, on the GPU that the browser reaches through WebGPU: the same library, compiled to
// WebAssembly. It builds the page's program, which takes the Go toolchain, and serves it; images and kernels are inside, nothing else is fetched.
//
//	go run ./examples/browser
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "`address` to serve the page at")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *listen); err != nil {
		fmt.Fprintln(os.Stderr, "browser:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, address string) error {
	site, err := build(ctx)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Printf("open http://%s in a browser with WebGPU (Chrome, Edge, Safari 26, Firefox); Ctrl-C ends\n", l.Addr())
	return serve(ctx, l, site)
}

// serve answers until the context ends.
func serve(ctx context.Context, l net.Listener, site http.Handler) error {
	server := &http.Server{Handler: site, ReadHeaderTimeout: 10 * time.Second}
	stopped := context.AfterFunc(ctx, func() { server.Close() })
	defer stopped()
	if err := server.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

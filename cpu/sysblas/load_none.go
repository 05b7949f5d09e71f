//go:build !((linux || darwin || freebsd || windows) && (amd64 || arm64))

package sysblas

import (
	"errors"
	"runtime"
)

// Candidates lists what Open looks for: nothing here.
func Candidates() []string { return nil }

// caller calls nothing.
type caller struct{}

func (caller) sgemm([3]int32, [6]int32, [2]float32, [3]*float32) {}

func load(string, Options) (caller, string, error) {
	return caller{}, "", errors.New("libraries cannot be loaded on " + runtime.GOOS + "/" + runtime.GOARCH)
}

// Command devices says what this machine offers to train on, and says loudly when the kernels cannot be tested on it.
package main

import (
	"fmt"
	"os"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/kernels"
)

func main() {
	if err := report("cpu", cpu.Open); err != nil {
		fmt.Fprintln(os.Stderr, "gradus:", err)
		os.Exit(1)
	}
	if err := report("gpu", kernels.OpenAny); err != nil {
		fmt.Fprintf(os.Stderr, "gradus: *** NOT TESTED HERE: the WGSL kernels. There is no WebGPU device: %v\n", err)
		if os.Getenv("GRADUS_REQUIRE_GPU") == "1" {
			os.Exit(1)
		}
	}
}

// report opens a device and prints what it is.
func report(name string, open backend.Opener) error {
	dev, err := open()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	fmt.Println("gradus: testing on", dev.Info())
	return dev.Close()
}

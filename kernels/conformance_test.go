package kernels

import (
	"os"
	"testing"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
)

// available ends a test that needs a device where there is none: a failure if GRADUS_REQUIRE_GPU says so.
func available(t testing.TB) {
	t.Helper()
	dev, err := OpenAny()
	switch {
	case err == nil:
		if err := dev.Close(); err != nil {
			t.Fatal(err)
		}
	case os.Getenv("GRADUS_REQUIRE_GPU") == "1":
		t.Fatalf("GRADUS_REQUIRE_GPU is set, but there is no device: %v", err)
	default:
		t.Skipf("NOT TESTED: the kernels: %v", err)
	}
}

func TestConformance(t *testing.T) {
	available(t)
	backendtest.Run(t, OpenAny)
}

// openTest opens a device for the length of a test.
func openTest(t testing.TB) backend.Backend {
	t.Helper()
	available(t)
	dev, err := OpenAny()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := dev.Close(); err != nil {
			t.Error(err)
		}
	})
	return dev
}

package engine

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/kernels"
)

// opened is a backend that the tests of this package run on.
type opened struct {
	name   string
	opener backend.Opener
}

var devices = []opened{
	{"oracle", backendtest.OpenOracle},
	{"cpu", cpu.Open},
	{"gpu", kernels.OpenAny},
}

// real are the devices that people train on.
var real = devices[1:]

// open opens the device for the length of a test. A GPU that is not there ends the test: a failure if GRADUS_REQUIRE_GPU says so.
func (o opened) open(t testing.TB) backend.Backend {
	t.Helper()
	dev, err := o.opener()
	if err != nil && o.name == "gpu" && os.Getenv("GRADUS_REQUIRE_GPU") != "1" {
		t.Skipf("NOT TESTED: %s on a GPU: %v", t.Name(), err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, dev.Close()) })
	return dev
}

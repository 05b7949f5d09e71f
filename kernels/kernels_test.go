package kernels

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/gogpu/gputypes"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func ExampleOpen() {
	dev, err := Open()
	if err != nil {
		fmt.Println("no GPU here:", err) // go on with cpu.Open
		return
	}
	defer dev.Close()
	fmt.Println(dev.Info())
}

func TestAcceptable(t *testing.T) {
	for _, row := range []struct {
		name     string
		info     gputypes.AdapterInfo
		software bool
		text     string // of the refusal; empty for none
	}{
		{"a graphics card", gputypes.AdapterInfo{Backend: gputypes.BackendVulkan, DeviceType: gputypes.DeviceTypeDiscreteGPU}, false, ""},
		{"Apple silicon", gputypes.AdapterInfo{Backend: gputypes.BackendMetal, DeviceType: gputypes.DeviceTypeIntegratedGPU}, false, ""},
		{"a browser", gputypes.AdapterInfo{Backend: gputypes.BackendBrowserWebGPU}, false, ""},
		{"lavapipe", gputypes.AdapterInfo{Name: "llvmpipe", Backend: gputypes.BackendVulkan, DeviceType: gputypes.DeviceTypeCPU}, false, "a software driver: the cpu backend is faster"},
		{"lavapipe, wanted", gputypes.AdapterInfo{Backend: gputypes.BackendVulkan, DeviceType: gputypes.DeviceTypeCPU}, true, ""},
		{"the emulation", gputypes.AdapterInfo{Name: "Software", Backend: gputypes.BackendEmpty}, true, "computes wrong results"},
		{"OpenGL", gputypes.AdapterInfo{Name: "Mesa", Backend: gputypes.BackendGL}, true, "want Vulkan, Metal"},
		{"DirectX", gputypes.AdapterInfo{Name: "WARP", Backend: gputypes.BackendDX12}, true, "want Vulkan, Metal"},
	} {
		err := acceptable(row.info, row.software)
		if row.text == "" {
			assert.NoError(t, err, row.name)
		} else {
			assert.ErrorContains(t, err, row.text, row.name)
		}
	}
}

func TestPace(t *testing.T) {
	p := pace{next: 1}
	for range 20 {
		p.took(p.next, time.Duration(p.next)*time.Millisecond)
	}
	assert.Equal(t, 50, p.next, "steps of a millisecond")
	p.took(p.next, time.Second)
	assert.Less(t, p.next, 5, "when steps become slow")
	for range 20 {
		p.took(p.next, 0)
	}
	assert.Equal(t, maxSubmissionSteps, p.next, "steps of no time")
	p.took(1, time.Hour)
	assert.Equal(t, 1, p.next)
}

func TestSizeClass(t *testing.T) {
	const limit = 1 << 30
	classes := map[uint64]bool{}
	for bytes := uint64(1); bytes < limit; bytes += bytes/7 + 1 {
		size := sizeClass(bytes, limit)
		assert.GreaterOrEqual(t, size, bytes)
		assert.LessOrEqual(t, size, bytes+max(memoryStep, bytes/4), "%d bytes", bytes)
		assert.Zero(t, size%memoryStep)
		classes[size] = true
	}
	assert.Less(t, len(classes), 150)
	assert.Equal(t, uint64(1000), sizeClass(1000, 1000), "up to the limit")
	assert.Greater(t, sizeClass(1001, 1000), uint64(1000), "past the limit: refused by whoever allocates")
}

func TestWithoutWorkgroupZeros(t *testing.T) {
	word := func(op, length uint32) uint32 { return length<<16 | op }
	header := []uint32{0x07230203, 0x00010300, 0, 20, 0}
	null := []uint32{word(opConstantNull, 3), 1, 7}
	variable := []uint32{word(opVariable, 4), 2, 8, storageWorkgroup}
	function := []uint32{word(opVariable, 4), 2, 9, 7}
	zero, other, elsewhere := []uint32{word(opStore, 3), 8, 7}, []uint32{word(opStore, 3), 8, 6}, []uint32{word(opStore, 3), 9, 7}
	join := func(parts ...[]uint32) (all []uint32) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	assert.Equal(t, join(header, null, variable, function, other, elsewhere),
		withoutWorkgroupZeros(join(header, null, variable, function, zero, other, elsewhere)))
	broken := join(header, []uint32{word(opStore, 30), 8})
	assert.Equal(t, broken, withoutWorkgroupZeros(broken))
	assert.Equal(t, header[:3], withoutWorkgroupZeros(header[:3]))
}

// What Vulkan is given must be valid SPIR-V, where Khronos's validator is installed.
func TestSPIRVIsValid(t *testing.T) {
	validator, err := exec.LookPath("spirv-val")
	if err != nil {
		t.Skip("NOT TESTED: that the kernels are valid SPIR-V: spirv-val (Debian's spirv-tools) is not installed")
	}
	for _, name := range shaders.Names() {
		source, err := shaders.Source(name)
		require.NoError(t, err)
		descriptor, err := module(name, source)
		require.NoError(t, err)
		var raw []byte
		for _, w := range descriptor.SPIRV {
			raw = append(raw, byte(w), byte(w>>8), byte(w>>16), byte(w>>24))
		}
		file := filepath.Join(t.TempDir(), name+".spv")
		require.NoError(t, os.WriteFile(file, raw, 0o600))
		text, err := exec.Command(validator, "--target-env", "vulkan1.1", file).CombinedOutput()
		assert.NoError(t, err, "%s: %s", name, text)
	}
}

// Running makes no buffers and no bind groups, and what is released is used again.
func TestNothingGrows(t *testing.T) {
	dev := openTest(t)
	counts := func() [2]int {
		b := dev.(*Backend)
		return [2]int{len(b.gpu.buffers), len(b.gpu.groups)}
	}
	var after [2]int
	for round := range 4 {
		in := backendtest.NewInputs(t, dev, 1)
		x, y := in.Normal(1000, 0, 1), in.Normal(1000, 0, 1)
		p, err := dev.Compile([]backend.Op{ops.Accumulate{X: x, Y: y, N: 1000}})
		require.NoError(t, err)
		require.NoError(t, dev.Sync())
		before := counts()
		require.NoError(t, p.Run(500))
		require.NoError(t, dev.Sync())
		assert.Equal(t, before, counts(), "running")
		p.Release()
		x.Buffer.Release()
		y.Buffer.Release()
		if round == 0 {
			after = counts()
		}
		assert.Equal(t, after, counts(), "round %d", round)
	}
}

func TestTooLarge(t *testing.T) {
	dev := openTest(t)
	limits := dev.Info().Limits
	require.Positive(t, limits.BufferBytes)
	require.Positive(t, limits.BindingBytes)
	_, err := dev.Alloc(backend.F32, int(limits.BufferBytes/4)+1)
	assert.ErrorContains(t, err, "the device holds at most")
	_, err = dev.Alloc(backend.F32, 8)
	assert.NoError(t, err, "the device is still usable")
}

// A submission that the device did not finish must be noticed.
func TestLostSubmission(t *testing.T) {
	available(t)
	dev, err := OpenAny()
	require.NoError(t, err)
	in := backendtest.NewInputs(t, dev, 1)
	x := in.Of(1)
	b := dev.(*Backend)
	require.NoError(t, b.do(func() error { b.submitted++; return nil })) // as if one had been swallowed
	assert.ErrorContains(t, dev.Read(make([]byte, 4), x), "the rest was lost")
	assert.ErrorContains(t, dev.Sync(), "the rest was lost", "the failure sticks")
	_, err = dev.Alloc(backend.F32, 1)
	assert.ErrorContains(t, err, "the rest was lost")
	assert.ErrorContains(t, dev.Close(), "the rest was lost")
}

func TestReleasedBuffer(t *testing.T) {
	dev := openTest(t)
	in := backendtest.NewInputs(t, dev, 1)
	x, y := in.Of(1), in.Of(2)
	x.Buffer.Release()
	x.Buffer.Release()
	assert.ErrorIs(t, dev.Write(x, make([]byte, 4)), errReleased)
	assert.ErrorIs(t, dev.Read(make([]byte, 4), x), errReleased)
	_, err := dev.Compile([]backend.Op{ops.Accumulate{X: x, Y: y, N: 1}})
	assert.ErrorContains(t, err, "x: the buffer has been released")
}

// A fault inside the binding becomes an error.
func TestFaultsAreErrors(t *testing.T) {
	b := newBackend()
	defer b.stop()
	err := b.do(func() error { panic("boom") })
	assert.ErrorContains(t, err, "internal fault: boom")
	assert.ErrorContains(t, b.do(func() error { return nil }), "internal fault: boom", "the failure sticks")
}

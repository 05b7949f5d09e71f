package kernels

import (
	"testing"

	"github.com/gogpu/gputypes"
	"github.com/stretchr/testify/assert"
)

func TestRefuse(t *testing.T) {
	for name, row := range map[string]struct {
		info             gputypes.AdapterInfo
		native, software bool
		want             string // in the error; none if empty
	}{
		"a GPU":                          {gputypes.AdapterInfo{Backend: gputypes.BackendVulkan, DeviceType: gputypes.DeviceTypeDiscreteGPU}, true, false, ""},
		"Metal":                          {gputypes.AdapterInfo{Backend: gputypes.BackendMetal, DeviceType: gputypes.DeviceTypeIntegratedGPU}, true, false, ""},
		"a virtual GPU":                  {gputypes.AdapterInfo{Backend: gputypes.BackendVulkan, DeviceType: gputypes.DeviceTypeVirtualGPU}, true, false, ""},
		"lavapipe":                       {gputypes.AdapterInfo{Name: "llvmpipe", Backend: gputypes.BackendVulkan, DeviceType: gputypes.DeviceTypeCPU}, true, false, `"llvmpipe" emulates one on the CPU`},
		"lavapipe, by OpenAny":           {gputypes.AdapterInfo{Backend: gputypes.BackendVulkan, DeviceType: gputypes.DeviceTypeCPU}, true, true, ""},
		"the binding's own, by OpenAny":  {gputypes.AdapterInfo{Name: "Software", DeviceType: gputypes.DeviceTypeCPU}, true, true, "computes wrong results"},
		"OpenGL, by OpenAny":             {gputypes.AdapterInfo{Backend: gputypes.BackendGL}, true, true, "through OpenGL"},
		"a browser, which tells nothing": {gputypes.AdapterInfo{}, false, false, ""},
	} {
		err := refuse(row.info, row.native, row.software)
		if row.want == "" {
			assert.NoError(t, err, name)
		} else {
			assert.ErrorContains(t, err, row.want, name)
			assert.ErrorContains(t, err, "kernels: no GPU", name)
		}
	}
}

func TestRaise(t *testing.T) {
	card := gputypes.Limits{MaxBufferSize: 256 << 20, MaxStorageBufferBindingSize: 2 << 30, MaxBindGroups: 4}
	vulkan := gputypes.AdapterInfo{Backend: gputypes.BackendVulkan, DeviceType: gputypes.DeviceTypeDiscreteGPU}
	raised := raise(card, vulkan)
	assert.EqualValues(t, vulkanBuffer, raised.MaxBufferSize)
	assert.EqualValues(t, 2<<30, raised.MaxStorageBufferBindingSize, "a card's own limit stays")
	assert.EqualValues(t, 4, raised.MaxBindGroups)
	card.MaxStorageBufferBindingSize, vulkan.DeviceType = 128<<20, gputypes.DeviceTypeCPU
	assert.EqualValues(t, emulatedBinding, raise(card, vulkan).MaxStorageBufferBindingSize)
	assert.Equal(t, card, raise(card, gputypes.AdapterInfo{Backend: gputypes.BackendMetal}))
}

// TestOpen holds that Open never takes a driver that emulates a GPU, and says why.
func TestOpen(t *testing.T) {
	b, err := Open()
	if err != nil {
		assert.ErrorContains(t, err, "kernels: no GPU")
		return
	}
	assert.False(t, b.Info().Software)
	assert.NoError(t, b.Close())
}

// TestOpenTwice has two devices alive at once, and one after the other.
func TestOpenTwice(t *testing.T) {
	for range 3 {
		first, second := openTest(t), openTest(t)
		assert.Error(t, addOne(t, first, second), "a buffer of the other device")
		assert.NoError(t, addOne(t, first, first))
		assert.NoError(t, first.Close())
		assert.NoError(t, addOne(t, second, second))
		assert.NoError(t, second.Close())
	}
}

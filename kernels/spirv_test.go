//go:build !js

package kernels

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/shaders"
)

const (
	opSRem = 138
	opSMod = 139
)

// TestWithoutZeroStores removes the store of a null to a workgroup variable, and nothing else.
func TestWithoutZeroStores(t *testing.T) {
	header := []uint32{0x07230203, 0x10300, 0, 99, 0}
	null, shared, private := []uint32{3<<16 | 46, 1, 10}, []uint32{4<<16 | 59, 2, 20, 4}, []uint32{4<<16 | 59, 2, 21, 7}
	store := func(pointer, value uint32) []uint32 { return []uint32{3<<16 | 62, pointer, value} }
	join := func(parts ...[]uint32) (all []uint32) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	got, err := withoutZeroStores(join(header, null, shared, private, store(20, 10), store(21, 10), store(20, 11)))
	require.NoError(t, err)
	assert.Equal(t, join(header, null, shared, private, store(21, 10), store(20, 11)), got)
	for name, code := range map[string][]uint32{"cut off": join(header, null[:2]), "of no length": join(header, []uint32{46})} {
		_, err := withoutZeroStores(code)
		assert.ErrorContains(t, err, "malformed SPIR-V", name)
	}
}

// instructions calls see with each instruction of a module.
func instructions(code []uint32, see func(op uint32)) {
	for at := spirvHeader; at < len(code); at += max(1, int(code[at]>>16)) {
		see(code[at] & 0xffff)
	}
}

// TestSPIRV compiles every kernel as it is launched and has Khronos's validator check it, where that is installed. A remainder of signed
// numbers, which Vulkan leaves undefined where one is negative, it does not find: WGSL's % becomes one.
func TestSPIRV(t *testing.T) {
	validator, missing := exec.LookPath("spirv-val")
	for name, l := range everyLaunch(t) {
		source, err := shaders.Source(l.shader, l.constants...)
		require.NoError(t, err, name)
		code, err := compileSPIRV(source)
		require.NoError(t, err, name)
		instructions(code, func(op uint32) { assert.NotContains(t, []uint32{opSRem, opSMod}, op, "%s: %% of i32", name) })
		if missing != nil {
			continue
		}
		file := filepath.Join(t.TempDir(), "kernel.spv")
		raw := make([]byte, 0, 4*len(code))
		for _, w := range code {
			raw = binary.LittleEndian.AppendUint32(raw, w)
		}
		require.NoError(t, os.WriteFile(file, raw, 0o600))
		out, err := exec.Command(validator, "--target-env", "vulkan1.1", file).CombinedOutput()
		assert.NoError(t, err, "%s: %s", name, out)
	}
	if missing != nil {
		needed(t, "the SPIR-V is valid", "there is no spirv-val on this machine's PATH")
	}
}

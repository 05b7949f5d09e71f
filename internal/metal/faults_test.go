//go:build linux

package metal

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/gogpu/gputypes"
	"github.com/gogpu/wgpu/hal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// execute runs a WGSL program with one buffer of floats, which it may read and write, on so many workgroups.
func execute(t *testing.T, wgsl string, groups uint32, values ...float32) ([]float32, error) {
	t.Helper()
	if _, err := toolchain(); err != nil {
		t.Skipf("*** NOT TESTED HERE: the Metal checker, by %s: %v (make tools)", t.Name(), err)
	}
	d, err := newDevice(Options{})
	require.NoError(t, err)
	t.Cleanup(d.Destroy)
	size := uint64(4 * len(values))
	b, err := d.CreateBuffer(&hal.BufferDescriptor{Size: size})
	require.NoError(t, err)
	memory, err := d.bytes(b, 0, size)
	require.NoError(t, err)
	for i, v := range values {
		binary.LittleEndian.PutUint32(memory[4*i:], math.Float32bits(v))
	}
	err = dispatch(t, d, wgsl, groups, gputypes.BufferBinding{Buffer: b.NativeHandle(), Size: size})
	got := make([]float32, len(values))
	for i := range got {
		got[i] = math.Float32frombits(binary.LittleEndian.Uint32(memory[4*i:]))
	}
	return got, err
}

func dispatch(t *testing.T, d *device, wgsl string, groups uint32, binding gputypes.BufferBinding) error {
	t.Helper()
	m, err := d.CreateShaderModule(&hal.ShaderModuleDescriptor{Label: "test", Source: hal.ShaderSource{WGSL: wgsl}})
	require.NoError(t, err)
	compute := hal.ComputeState{Module: m, EntryPoint: "main"}
	p, err := d.CreateComputePipeline(&hal.ComputePipelineDescriptor{Label: "test", Layout: &layout{buffers: 1}, Compute: compute})
	require.NoError(t, err)
	g, err := d.CreateBindGroup(&hal.BindGroupDescriptor{Entries: []gputypes.BindGroupEntry{{Resource: binding}}})
	require.NoError(t, err)
	e, err := d.CreateCommandEncoder(nil)
	require.NoError(t, err)
	pass := e.BeginComputePass(nil)
	pass.SetPipeline(p)
	pass.SetBindGroup(0, g, nil)
	pass.Dispatch(groups, 1, 1)
	pass.End()
	c, err := e.EndEncoding()
	require.NoError(t, err)
	_, err = (&queue{device: d}).Submit([]hal.CommandBuffer{c})
	return err
}

// program is a WGSL program of four threads that do something to x[i].
func program(body string) string {
	return `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
var<workgroup> part: array<f32, 4>;
@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let i = id.x;
` + body + "\n}\n"
}

// What the shader compiler gets wrong on Metal must come out wrong here; the same, written in the dialect that shaders keep to, right.
func TestSeededFaults(t *testing.T) {
	for _, row := range []struct {
		name, wrong, right string
		want               [4]float32 // of 1, 2, 3, 4
	}{
		{
			"select within an expression becomes an unparenthesised ?:",
			"x[i] = (x[i] - select(0.0, 1.0, i < 2u)) * 10.0;",
			"let one = select(0.0, 1.0, i < 2u); x[i] = (x[i] - one) * 10.0;",
			[4]float32{0, 10, 30, 40},
		},
		{
			"an index into a value within an expression becomes an unparenthesised ?:",
			"let v = array<f32, 4>(1.0, 2.0, 3.0, 4.0); let q = (x[i] + 1.0) * v[i]; x[i] = q + 1.0;",
			"let v = array<f32, 4>(1.0, 2.0, 3.0, 4.0); let own = v[i]; let q = (x[i] + 1.0) * own; x[i] = q + 1.0;",
			[4]float32{3, 7, 13, 21},
		},
		{
			"a variable in a loop is not set to zero in each round",
			"var sum = 0.0; for (var k = 0u; k < 3u; k = k + 1u) { var one: f32; one = one + x[i]; sum = sum + one; } x[i] = sum;",
			"var sum = 0.0; for (var k = 0u; k < 3u; k = k + 1u) { var one = 0.0; one = one + x[i]; sum = sum + one; } x[i] = sum;",
			[4]float32{3, 6, 9, 12},
		},
		{
			"no barrier between writing and reading",
			"part[i] = x[i]; x[i] = part[3u - i];",
			"part[i] = x[i]; workgroupBarrier(); x[i] = part[3u - i];",
			[4]float32{4, 3, 2, 1},
		},
		{
			"no barrier between reading and writing again",
			"part[i] = x[i]; workgroupBarrier(); let other = part[3u - i]; part[i] = 0.0; x[i] = other;",
			"part[i] = x[i]; workgroupBarrier(); let other = part[3u - i]; workgroupBarrier(); part[i] = 0.0; x[i] = other;",
			[4]float32{4, 3, 2, 1},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := execute(t, program(row.right), 1, 1, 2, 3, 4)
			require.NoError(t, err)
			assert.Equal(t, row.want[:], got)
			got, err = execute(t, program(row.wrong), 1, 1, 2, 3, 4)
			assert.True(t, err != nil || !slices.Equal(row.want[:], got), "the fault is not seen")
		})
	}
}

// What Metal would pass over in silence, or hang on, is an error.
func TestErrors(t *testing.T) {
	for _, row := range []struct{ name, body, want string }{
		{"a barrier that not all reach", "if (i < 2u) { workgroupBarrier(); } x[i] = 0.0;", "4 invocations 2 have ended, 2 wait at line"},
		{"two barriers at once", "if (i < 3u) { workgroupBarrier(); } else { x[i] = 5.0; workgroupBarrier(); } x[i] = 0.0;", "3 wait at line"},
		{"a load outside", "x[i] = x[i + 1u];", "an index outside its array, at line"},
		{"a store outside", "x[i + 1u] = 1.0;", "an index outside its array, at line"},
		{"a store outside workgroup memory", "part[i + 1u] = x[i];", "an index outside its array, at line"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := execute(t, program(row.body), 1, 1, 2, 3, 4)
			require.Error(t, err)
			assert.ErrorContains(t, err, "test, workgroup 0,0,0: ")
			assert.ErrorContains(t, err, row.want)
		})
	}
}

// A binding larger than its buffer leaves the shader's own checks without effect: the page after the buffer is not to be touched.
func TestGuardPage(t *testing.T) {
	if _, err := toolchain(); err != nil {
		t.Skipf("*** NOT TESTED HERE: the Metal checker, by %s: %v (make tools)", t.Name(), err)
	}
	d, err := newDevice(Options{})
	require.NoError(t, err)
	defer d.Destroy()
	b, err := d.CreateBuffer(&hal.BufferDescriptor{Size: 256})
	require.NoError(t, err)
	err = dispatch(t, d, program("x[i + 64u] = 1.0;"), 1, gputypes.BufferBinding{Buffer: b.NativeHandle(), Size: 1024})
	assert.ErrorContains(t, err, "test, workgroup 0,0,0: signal 11, an access outside its memory")
}

// Every way in which an invocation is told where it stands.
func TestPlaces(t *testing.T) {
	got, err := execute(t, `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(2, 2)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(local_invocation_index) index: u32,
        @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(global_invocation_id) id: vec3<u32>) {
    let at = group.x * 4u + index;
    x[at] = f32(10000u * groups.x + 1000u * id.x + 100u * id.y + 10u * local.x + local.y);
}`, 2, make([]float32, 8)...)
	require.NoError(t, err)
	assert.Equal(t, []float32{20000, 21010, 20101, 21111, 22000, 23010, 22101, 23111}, got)
}

// y[i] ← y[i] + x[i]
//
// A thread adds one element, a workgroup 64; rows of workgroups hold width threads.

struct Params { n: u32, width: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;       // [n]
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [n]
@group(0) @binding(2) var<uniform> p: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * p.width + id.x;
    if (i < p.n) {
        y[i] = y[i] + x[i];
    }
}

// y[r,c] = x[r,c] + bias[c]
//
// A thread computes one element, a workgroup 64; rows of workgroups hold width threads.

struct Params { n: u32, width: u32, cols: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;       // [rows×cols], n elements
@group(0) @binding(1) var<storage, read> bias: array<f32>;    // [cols]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [rows×cols]
@group(0) @binding(3) var<uniform> p: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * p.width + id.x;
    if (i < p.n) {
        y[i] = x[i] + bias[i % p.cols];
    }
}

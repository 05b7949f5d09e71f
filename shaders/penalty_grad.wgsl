// dx[i] = dsum·(l1·sign x[i] + 2·l2·x[i])
//
// Each thread does one element; the grid is folded into rows of params.width threads.

struct Params {
    n: u32,     // elements
    width: u32, // threads in a row of the grid
    l1: f32,
    l2: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [n]
@group(0) @binding(1) var<storage, read> dsum: array<f32>;     // [1]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>; // [n]
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) {
        dx[i] = dsum[0] * (params.l1 * sign(x[i]) + 2.0 * params.l2 * x[i]);
    }
}

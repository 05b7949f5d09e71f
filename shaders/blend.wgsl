// y ← alpha·x + beta·y
//
// Each thread does one element; the grid is folded into rows of params.width threads.

struct Params {
    n: u32,     // elements
    width: u32, // threads in a row of the grid
    alpha: f32,
    beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;       // [n]
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [n]
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) {
        y[i] = params.alpha * x[i] + params.beta * y[i];
    }
}

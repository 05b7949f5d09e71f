// y[r,c] = 1 where labels[r] is first + c, else 0
//
// Each thread does one element; the grid is folded into rows of params.width threads.

struct Params {
    n: u32,     // rows × cols
    width: u32, // threads in a row of the grid
    cols: u32,
    first: u32,
}

@group(0) @binding(0) var<storage, read> labels: array<u32>;  // [rows]
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [rows×cols]
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) {
        y[i] = f32(labels[i / params.cols] == params.first + i % params.cols);
    }
}

// y[b,c,r] = x[b,r,c]
//
// Each thread does one element of y; the grid is folded into rows of params.width threads.

struct Params {
    n: u32,     // batch × rows × cols
    width: u32, // threads in a row of the grid
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;       // [batch×rows×cols]
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [batch×cols×rows]
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i >= params.n) { return; }
    let r = i % params.rows;
    let c = i / params.rows % params.cols;
    let first = i - r - c * params.rows; // of the matrix
    y[i] = x[first + r * params.cols + c];
}

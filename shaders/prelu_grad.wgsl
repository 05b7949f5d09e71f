// dx[r,c,i] = dy[r,c,i] for x > 0, else alpha[c]·dy[r,c,i]; where x is NaN, so is dx
//
// Each thread does one element; the grid is folded into rows of params.width threads.

struct Params {
    n: u32,     // rows × cols × inner
    width: u32, // threads in a row of the grid
    cols: u32,
    inner: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [rows×cols×inner]
@group(0) @binding(1) var<storage, read> dy: array<f32>;       // [rows×cols×inner]
@group(0) @binding(2) var<storage, read> alpha: array<f32>;    // [cols]
@group(0) @binding(3) var<storage, read_write> dx: array<f32>; // [rows×cols×inner]
@group(0) @binding(4) var<uniform> params: Params;

fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i >= params.n) { return; }
    let v = x[i];
    var d = dy[i];
    if (v <= 0.0) { d = d * alpha[i / params.inner % params.cols]; }
    if (is_nan(v)) { d = v; }
    dx[i] = d;
}

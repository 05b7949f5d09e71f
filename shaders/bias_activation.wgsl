// pre[r,c] = x[r,c] + bias[c],   y[r,c] = f(pre[r,c]);   NaN stays NaN
//
// Each thread does one element; the grid is folded into rows of params.width threads.

const KEEP: bool = true; // whether pre is wanted

struct Params {
    n: u32,     // rows × cols
    width: u32, // threads in a row of the grid
    cols: u32,
    alpha: f32, // the options of the function
    beta: f32,
    gamma: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;       // [rows×cols]
@group(0) @binding(1) var<storage, read> bias: array<f32>;    // [cols]
@group(0) @binding(2) var<storage, read_write> pre: array<f32>; // [rows×cols]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [rows×cols]
@group(0) @binding(4) var<uniform> params: Params;

fn activated(v: f32) -> f32 { return v; } // activation.wgsl's

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i >= params.n) { return; }
    let v = x[i] + bias[i % params.cols];
    if (KEEP) { pre[i] = v; }
    y[i] = activated(v);
}

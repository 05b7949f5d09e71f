// pre[i,j] = Σ_k a′[i,k]·b′[k,j] + bias[j],   y[i,j] = f(pre[i,j]);   NaN stays NaN
//
// The product of matmul, with a bias and an activation at its end.

const KEEP: bool = true; // whether pre is wanted

struct Params {
    m: u32,
    n: u32,
    k: u32,
    tiles: u32, // in a row of C
    width: u32, // workgroups in a row of the grid
    alpha: f32, // the options of the function
    beta: f32,
    gamma: f32,
}

@group(0) @binding(0) var<storage, read> a: array<f32>; // [m×k], transposed [k×m]
@group(0) @binding(1) var<storage, read> b: array<f32>; // [k×n], transposed [n×k]
@group(0) @binding(2) var<storage, read> bias: array<f32>; // [n]
@group(0) @binding(3) var<storage, read_write> pre: array<f32>; // [m×n]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [m×n]
@group(0) @binding(5) var<uniform> params: Params;

fn activated(v: f32) -> f32 { return v; } // activation.wgsl's

// Ends an element, if it is inside.
fn put(i: u32, j: u32, v: f32) {
    if (i >= params.m || j >= params.n) { return; }
    let z = v + bias[j];
    if (KEEP) { pre[i * params.n + j] = z; }
    y[i * params.n + j] = activated(z);
}

// Ends four elements of a row.
fn store(i: u32, j: u32, v: vec4<f32>) {
    put(i, j, v.x);
    put(i, j + 1u, v.y);
    put(i, j + 2u, v.z);
    put(i, j + 3u, v.w);
}

@compute @workgroup_size(1)
fn main() {} // matmul.wgsl's

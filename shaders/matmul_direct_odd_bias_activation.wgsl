// pre[i,j] = Σ_k a′[i,k]·b′[k,j] + bias[j],   y[i,j] = f(pre[i,j]);   NaN stays NaN
//
// The product of matmul_direct_odd, with a bias and an activation at its end, as matmul_direct_bias_activation has them.

const ACTIVATED: bool = true; // whether pre is wanted too; else y is what pre would be
const HIGH: u32 = 8u; // rows of a tile
const BROAD: u32 = 8u; // and columns

struct Params {
    m: u32,
    n: u32,
    k: u32,
    tiles: u32, // in a row of C
    width: u32, // threads in a row of the grid
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

// Adds the bias to an element and stores it, if it is inside.
fn store(i: u32, j: u32, v: f32) {
    if (i >= params.m || j >= params.n) { return; }
    let at = i * params.n + j;
    if (ACTIVATED) { pre[at] = v + bias[j]; }
    if (!ACTIVATED) { y[at] = v + bias[j]; }
}

// Activates a tile that is stored.
fn finish(i0: u32, j0: u32) {
    if (!ACTIVATED) { return; }
    for (var i = i0; i < min(i0 + HIGH, params.m); i = i + 1u) {
        for (var j = j0; j < min(j0 + BROAD, params.n); j = j + 1u) {
            y[i * params.n + j] = activated(pre[i * params.n + j]);
        }
    }
}

@compute @workgroup_size(1)
fn main() {} // matmul_direct_odd.wgsl's

// pre[i,j] = Σ_k a′[i,k]·b′[k,j] + bias[j],   y[i,j] = f(pre[i,j]);   NaN stays NaN
//
// The product of matmul_large, with a bias and an activation at its end.

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

fn store(i: u32, j: u32, v: vec4<f32>) { y[i * params.n + j] = v.x; } // matmul_bias_activation.wgsl's

@compute @workgroup_size(1)
fn main() {} // matmul_large.wgsl's

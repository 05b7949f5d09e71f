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

// Ends four elements of a row, as far as they are inside.
fn store(i: u32, j: u32, four: vec4<f32>) {
    var part = four;
    for (var f = 0u; f < 4u; f = f + 1u) { // unrolled
        if (i < params.m && j + f < params.n) {
            let at = i * params.n + j + f;
            let z = part[f] + bias[j + f];
            if (KEEP) { pre[at] = z; }
            y[at] = activated(z);
        }
    }
}

@compute @workgroup_size(1)
fn main() {} // matmul.wgsl's

// pre[i,j] = Σ_k a′[i,k]·b′[k,j] + bias[j],   y[i,j] = f(pre[i,j]);   NaN stays NaN
//
// The product of matmul_direct, with a bias and an activation at its end: when the tile is stored, in a loop, since
// written out for each of its elements the function would be many copies to compile.

const ACTIVATED: bool = true; // whether pre is wanted too; else y is what pre would be
const HIGH: u32 = 8u; // rows of a tile
const BROAD: u32 = 16u; // and columns
const WIDE: u32 = BROAD / 4u;

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

@group(0) @binding(0) var<storage, read> a: array<vec4<f32>>; // [m×k], transposed [k×m]
@group(0) @binding(1) var<storage, read> b: array<vec4<f32>>; // [k×n], transposed [n×k]
@group(0) @binding(2) var<storage, read> bias: array<vec4<f32>>; // [n]
@group(0) @binding(3) var<storage, read_write> pre: array<vec4<f32>>; // [m×n]
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>; // [m×n]
@group(0) @binding(5) var<uniform> params: Params;

fn activated(v: f32) -> f32 { return v; } // activation.wgsl's

fn put(i: u32, j: u32, v: vec4<f32>) {
    if (i >= params.m || j >= params.n) { return; }
    if (ACTIVATED) { pre[(i * params.n + j) / 4u] = v; }
    if (!ACTIVATED) { y[(i * params.n + j) / 4u] = v; }
}

// Adds the bias to four rows of four elements and stores them, as far as they are inside.
fn store(i: u32, j: u32, p: vec4<f32>, q: vec4<f32>, r: vec4<f32>, s: vec4<f32>) {
    let shift = bias[min(j, params.n - 4u) / 4u];
    put(i, j, p + shift);
    put(i + 1u, j, q + shift);
    put(i + 2u, j, r + shift);
    put(i + 3u, j, s + shift);
}

fn spread(i0: u32, j0: u32, tile: array<vec4<f32>, HIGH * WIDE>) {} // matmul_direct.wgsl's

// Stores a tile, and activates what was stored.
fn keep(i0: u32, j0: u32, tile: array<vec4<f32>, HIGH * WIDE>) {
    spread(i0, j0, tile);
    if (!ACTIVATED) { return; }
    for (var i = i0; i < min(i0 + HIGH, params.m); i = i + 1u) {
        for (var j = j0; j < min(j0 + BROAD, params.n); j = j + 4u) {
            let z = pre[(i * params.n + j) / 4u];
            y[(i * params.n + j) / 4u] = vec4<f32>(activated(z.x), activated(z.y), activated(z.z), activated(z.w));
        }
    }
}

@compute @workgroup_size(1)
fn main() {} // matmul_direct.wgsl's

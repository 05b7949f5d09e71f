// c[i,j] = Σ_k a′[i,k]·b′[k,j], where a′ is a or its transpose, and b′ is b or its transpose
//
// For products too thin for tiles: each thread computes one element; the grid is folded into rows of params.width threads.

const TRANSPOSE_A: bool = false;
const TRANSPOSE_B: bool = false;

struct Params {
    m: u32,
    n: u32,
    k: u32,
    tiles: u32, // in a row of C: n
    width: u32, // threads in a row of the grid
}

@group(0) @binding(0) var<storage, read> a: array<f32>;       // [m×k], transposed [k×m]
@group(0) @binding(1) var<storage, read> b: array<f32>;       // [k×n], transposed [n×k]
@group(0) @binding(2) var<storage, read_write> c: array<f32>; // [m×n]
@group(0) @binding(3) var<uniform> params: Params;

// Returns a′[i,k].
fn a_at(i: u32, k: u32) -> f32 {
    if (TRANSPOSE_A) { return a[k * params.m + i]; }
    return a[i * params.k + k];
}

// Returns b′[k,j].
fn b_at(k: u32, j: u32) -> f32 {
    if (TRANSPOSE_B) { return b[j * params.k + k]; }
    return b[k * params.n + j];
}

fn store(i: u32, j: u32, v: f32) { c[i * params.n + j] = v; }

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let at = id.y * params.width + id.x;
    if (at >= params.m * params.n) {
        return;
    }
    let i = at / params.tiles;
    let j = at % params.tiles;
    var sum = 0.0;
    for (var k = 0u; k < params.k; k = k + 1u) {
        sum = sum + a_at(i, k) * b_at(k, j);
    }
    store(i, j, sum);
}

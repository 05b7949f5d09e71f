// C = A'·B', A' [m×k] and B' [k×n]; A' is A or its transpose, B' likewise. For shapes too thin for tiles.
//
// A thread computes one element of C, a workgroup 64 in row-major order. The products are added in order of k.

const TRANSPOSE_A: bool = false; // A is stored [k×m]
const TRANSPOSE_B: bool = false; // B is stored [n×k]

struct Params { m: u32, n: u32, k: u32, width: u32 }

@group(0) @binding(0) var<storage, read> a: array<f32>;       // [m×k], or [k×m]
@group(0) @binding(1) var<storage, read> b: array<f32>;       // [k×n], or [n×k]
@group(0) @binding(2) var<storage, read_write> c: array<f32>; // [m×n]
@group(0) @binding(3) var<uniform> p: Params;

fn left(row: u32, depth: u32) -> f32 {
    if (TRANSPOSE_A) {
        return a[depth * p.m + row];
    }
    return a[row * p.k + depth];
}

fn right(depth: u32, col: u32) -> f32 {
    if (TRANSPOSE_B) {
        return b[col * p.k + depth];
    }
    return b[depth * p.n + col];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * p.width + id.x;
    if (i >= p.m * p.n) {
        return;
    }
    let row = i / p.n;
    let col = i % p.n;
    var sum = 0.0;
    for (var depth = 0u; depth < p.k; depth = depth + 1u) {
        sum = sum + left(row, depth) * right(depth, col);
    }
    c[i] = sum;
}

// c[i,j] = Σ_k a′[i,k]·b′[k,j], where a′ is a or its transpose, and b′ is b or its transpose
//
// As matmul_direct, for matrices whose rows are not whole vectors: each thread computes a tile of HIGH×BROAD elements straight from the
// factors, one step of k at a time; the grid is folded into rows of params.width threads. Rows and columns past the edge repeat
// the last ones, and are not stored.

const TRANSPOSE_A: bool = false;
const TRANSPOSE_B: bool = false;
const HIGH: u32 = 8u;  // rows of a tile
const BROAD: u32 = 8u; // columns of a tile
const THREADS: u32 = 8u;

struct Params {
    m: u32,
    n: u32,
    k: u32,
    tiles: u32, // in a row of C
    width: u32, // threads in a row of the grid
}

@group(0) @binding(0) var<storage, read> a: array<f32>;       // [m×k], transposed [k×m]
@group(0) @binding(1) var<storage, read> b: array<f32>;       // [k×n], transposed [n×k]
@group(0) @binding(2) var<storage, read_write> c: array<f32>; // [m×n]
@group(0) @binding(3) var<uniform> params: Params;

// Returns a′[i,k], or of the last row.
fn left(i: u32, k: u32) -> f32 {
    let row = min(i, params.m - 1u);
    if (TRANSPOSE_A) { return a[k * params.m + row]; }
    return a[row * params.k + k];
}

// Returns b′[k,j], or of the last column.
fn right(k: u32, j: u32) -> f32 {
    let col = min(j, params.n - 1u);
    if (TRANSPOSE_B) { return b[col * params.k + k]; }
    return b[k * params.n + col];
}

// Stores an element, if it is inside.
fn store(i: u32, j: u32, v: f32) {
    if (i < params.m && j < params.n) { c[i * params.n + j] = v; }
}

// What is done with a tile that is stored: nothing.
fn finish(i0: u32, j0: u32) {}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let tile = id.y * params.width + id.x;
    let i0 = tile / params.tiles * HIGH;
    let j0 = tile % params.tiles * BROAD;
    if (i0 >= params.m) { return; }
    var sum = array<f32, HIGH * BROAD>();
    for (var k = 0u; k < params.k; k = k + 1u) {
        var below = array<f32, BROAD>();
        for (var s = 0u; s < BROAD; s = s + 1u) { // unrolled
            below[s] = right(k, j0 + s);
        }
        for (var r = 0u; r < HIGH; r = r + 1u) { // unrolled
            let v = left(i0 + r, k);
            for (var s = 0u; s < BROAD; s = s + 1u) { // unrolled
                sum[r * BROAD + s] = sum[r * BROAD + s] + v * below[s];
            }
        }
    }
    for (var r = 0u; r < HIGH; r = r + 1u) { // unrolled
        for (var s = 0u; s < BROAD; s = s + 1u) { // unrolled
            store(i0 + r, j0 + s, sum[r * BROAD + s]);
        }
    }
    finish(i0, j0);
}

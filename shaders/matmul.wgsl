// C = A'·B', A' [m×k] and B' [k×n]; A' is A or its transpose, B' likewise.
//
// A workgroup of 8×8 threads computes a tile of 32×32 of C, a thread 4×4 of it. It walks along k in slices of 16: the slices of A' and B'
// are loaded into workgroup memory, both with k as the slow axis, then each thread adds 16 outer products of 4 and 4 numbers.
// The products of one element are added in order of k.

const TRANSPOSE_A: bool = false; // A is stored [k×m]
const TRANSPOSE_B: bool = false; // B is stored [n×k]

const TILE: u32 = 32u;    // rows and columns of C in a workgroup
const DEPTH: u32 = 16u;   // slice of k
const SLICE: u32 = 512u;  // TILE·DEPTH
const THREADS: u32 = 64u;

struct Params { m: u32, n: u32, k: u32 }

@group(0) @binding(0) var<storage, read> a: array<f32>;       // [m×k], or [k×m]
@group(0) @binding(1) var<storage, read> b: array<f32>;       // [k×n], or [n×k]
@group(0) @binding(2) var<storage, read_write> c: array<f32>; // [m×n]
@group(0) @binding(3) var<uniform> p: Params;

var<workgroup> a_slice: array<f32, 512>; // [DEPTH×TILE]
var<workgroup> b_slice: array<f32, 512>; // [DEPTH×TILE]

fn a_at(row: u32, depth: u32) -> f32 {
    if (row >= p.m || depth >= p.k) {
        return 0.0;
    }
    if (TRANSPOSE_A) {
        return a[depth * p.m + row];
    }
    return a[row * p.k + depth];
}

fn b_at(depth: u32, col: u32) -> f32 {
    if (col >= p.n || depth >= p.k) {
        return 0.0;
    }
    if (TRANSPOSE_B) {
        return b[col * p.k + depth];
    }
    return b[depth * p.n + col];
}

// load fills both slices; neighbouring threads read neighbouring elements of memory, whichever way a matrix lies.
fn load(first_row: u32, first_col: u32, first_depth: u32, thread: u32) {
    for (var i = thread; i < SLICE; i = i + THREADS) {
        let along_k = i % DEPTH;
        let across_k = i / DEPTH;
        let along_tile = i % TILE;
        let across_tile = i / TILE;
        if (TRANSPOSE_A) {
            a_slice[i] = a_at(first_row + along_tile, first_depth + across_tile);
        } else {
            a_slice[along_k * TILE + across_k] = a_at(first_row + across_k, first_depth + along_k);
        }
        if (TRANSPOSE_B) {
            b_slice[along_k * TILE + across_k] = b_at(first_depth + along_k, first_col + across_k);
        } else {
            b_slice[i] = b_at(first_depth + across_tile, first_col + along_tile);
        }
    }
}

fn store(row: u32, col: u32, v: vec4<f32>) {
    if (row >= p.m) {
        return;
    }
    let at = row * p.n + col;
    if (col < p.n) { c[at] = v.x; }
    if (col + 1u < p.n) { c[at + 1u] = v.y; }
    if (col + 2u < p.n) { c[at + 2u] = v.z; }
    if (col + 3u < p.n) { c[at + 3u] = v.w; }
}

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let first_row = group.y * TILE;
    let first_col = group.x * TILE;
    let row = local.y * 4u;
    let col = local.x * 4u;
    let thread = local.y * 8u + local.x;
    var sum0 = vec4<f32>(0.0, 0.0, 0.0, 0.0);
    var sum1 = vec4<f32>(0.0, 0.0, 0.0, 0.0);
    var sum2 = vec4<f32>(0.0, 0.0, 0.0, 0.0);
    var sum3 = vec4<f32>(0.0, 0.0, 0.0, 0.0);
    for (var depth = 0u; depth < p.k; depth = depth + DEPTH) {
        load(first_row, first_col, depth, thread);
        workgroupBarrier();
        for (var i = 0u; i < SLICE; i = i + TILE) {
            let y = i + row;
            let x = i + col;
            let v = vec4<f32>(b_slice[x], b_slice[x + 1u], b_slice[x + 2u], b_slice[x + 3u]);
            sum0 = sum0 + a_slice[y] * v;
            sum1 = sum1 + a_slice[y + 1u] * v;
            sum2 = sum2 + a_slice[y + 2u] * v;
            sum3 = sum3 + a_slice[y + 3u] * v;
        }
        workgroupBarrier();
    }
    store(first_row + row, first_col + col, sum0);
    store(first_row + row + 1u, first_col + col, sum1);
    store(first_row + row + 2u, first_col + col, sum2);
    store(first_row + row + 3u, first_col + col, sum3);
}

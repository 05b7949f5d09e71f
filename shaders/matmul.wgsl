// c[i,j] = Σ_k a′[i,k]·b′[k,j], where a′ is a or its transpose, and b′ is b or its transpose
//
// A workgroup computes a TILE×TILE tile of C and walks along k in steps of DEPTH; a thread computes 4×4 elements. The
// tiles of a′ and b′ lie in workgroup memory, depth by depth, in vectors of four rows and of four columns. PITCH is odd
// to spread them over the memory banks.

const TILE: u32 = 32u; // rows and columns of the tile, a multiple of 4 up to 64
const TRANSPOSE_A: bool = false;
const TRANSPOSE_B: bool = false;
const DEPTH: u32 = 16u;
const SIDE: u32 = TILE / 4u;
const PITCH: u32 = SIDE + 1u;

struct Params {
    m: u32,
    n: u32,
    k: u32,
    tiles: u32, // in a row of C
    width: u32, // workgroups in a row of the grid
}

@group(0) @binding(0) var<storage, read> a: array<f32>;       // [m×k], transposed [k×m]
@group(0) @binding(1) var<storage, read> b: array<f32>;       // [k×n], transposed [n×k]
@group(0) @binding(2) var<storage, read_write> c: array<f32>; // [m×n]
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> a_tile: array<vec4<f32>, DEPTH * PITCH>;
var<workgroup> b_tile: array<vec4<f32>, DEPTH * PITCH>;

// Returns a′[i,k], 0 outside.
fn a_at(i: u32, k: u32) -> f32 {
    if (i >= params.m || k >= params.k) { return 0.0; }
    if (TRANSPOSE_A) { return a[k * params.m + i]; }
    return a[i * params.k + k];
}

// Returns b′[k,j], 0 outside.
fn b_at(k: u32, j: u32) -> f32 {
    if (j >= params.n || k >= params.k) { return 0.0; }
    if (TRANSPOSE_B) { return b[j * params.k + k]; }
    return b[k * params.n + j];
}

// Loads both tiles at depth k0; neighbouring threads read neighbouring elements.
fn load(thread: u32, i0: u32, j0: u32, k0: u32) {
    for (var s = thread; s < DEPTH * SIDE; s = s + SIDE * SIDE) {
        var part = vec2<u32>(s / DEPTH, s % DEPTH); // which four rows, at which depth
        if (TRANSPOSE_A) { part = vec2<u32>(s % SIDE, s / SIDE); }
        let i = i0 + 4u * part.x;
        let k = k0 + part.y;
        a_tile[part.y * PITCH + part.x] = vec4<f32>(a_at(i, k), a_at(i + 1u, k), a_at(i + 2u, k), a_at(i + 3u, k));
        part = vec2<u32>(s % SIDE, s / SIDE); // which four columns, at which depth
        if (TRANSPOSE_B) { part = vec2<u32>(s / DEPTH, s % DEPTH); }
        let j = j0 + 4u * part.x;
        let l = k0 + part.y;
        b_tile[part.y * PITCH + part.x] = vec4<f32>(b_at(l, j), b_at(l, j + 1u), b_at(l, j + 2u), b_at(l, j + 3u));
    }
}

// Stores c[i, j..j+3] as far as it is inside.
fn store(i: u32, j: u32, v: vec4<f32>) {
    if (i >= params.m) { return; }
    let at = i * params.n + j;
    if (j < params.n) { c[at] = v.x; }
    if (j + 1u < params.n) { c[at + 1u] = v.y; }
    if (j + 2u < params.n) { c[at + 2u] = v.z; }
    if (j + 3u < params.n) { c[at + 3u] = v.w; }
}

@compute @workgroup_size(SIDE, SIDE)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let tile = group.y * params.width + group.x;
    let i0 = tile / params.tiles * TILE;
    let j0 = tile % params.tiles * TILE;
    var row0 = vec4<f32>();
    var row1 = vec4<f32>();
    var row2 = vec4<f32>();
    var row3 = vec4<f32>();
    for (var k0 = 0u; k0 < params.k; k0 = k0 + DEPTH) {
        load(local.y * SIDE + local.x, i0, j0, k0);
        workgroupBarrier();
        for (var k = 0u; k < DEPTH; k = k + 1u) {
            let left = a_tile[k * PITCH + local.y];
            let right = b_tile[k * PITCH + local.x];
            row0 = row0 + left.x * right;
            row1 = row1 + left.y * right;
            row2 = row2 + left.z * right;
            row3 = row3 + left.w * right;
        }
        workgroupBarrier();
    }
    let i = i0 + 4u * local.y;
    let j = j0 + 4u * local.x;
    store(i, j, row0);
    store(i + 1u, j, row1);
    store(i + 2u, j, row2);
    store(i + 3u, j, row3);
}

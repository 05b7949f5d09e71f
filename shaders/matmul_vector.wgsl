// c[i,j] = Σ_k a′[i,k]·b′[k,j], where a′ is a or its transpose, and b′ is b or its transpose
//
// For matrices whose rows are whole vectors. A workgroup computes a tile of C of 4·ACROSS·PER rows and columns, DEPTH steps of k at a time, each of ACROSS² threads
// PER×PER blocks of 4×4 elements. The tiles of a′ and b′ lie in workgroup memory, depth by depth, in vectors of four rows and of four columns; every thread brings
// a block of 4×4 of one of them, and holds the next while it multiplies. With several slices, each of as many times ACROSS² threads takes every SLICES-th part of k.

const TRANSPOSE_A: bool = false;
const TRANSPOSE_B: bool = false;
const ACROSS: u32 = 8u;
const PER: u32 = 2u;
const SLICES: u32 = 1u;
const DEPTH: u32 = 2u * ACROSS / PER; // so that every thread brings one block
const SIDE: u32 = ACROSS * PER; // vectors across a tile
const SLAB: u32 = DEPTH * SIDE; // vectors of a tile
const SQUARE: u32 = ACROSS * ACROSS; // threads of a slice
const THREADS: u32 = SQUARE * SLICES;
const MIX: u32 = 2u / (PER + 1u) * 32u / DEPTH; // 0 where it would take registers from the sums
const MASK: u32 = 4u * THREADS - 1u; // a power of two less one: compilers see that an index is inside

struct Params {
    m: u32,
    n: u32,
    k: u32,
    tiles: u32, // in a row of C
    width: u32, // workgroups in a row of the grid
}

@group(0) @binding(0) var<storage, read> a: array<vec4<f32>>;       // [m×k], transposed [k×m]
@group(0) @binding(1) var<storage, read> b: array<vec4<f32>>;       // [k×n], transposed [n×k]
@group(0) @binding(2) var<storage, read_write> c: array<vec4<f32>>; // [m×n]
@group(0) @binding(3) var<uniform> params: Params;
var<workgroup> vectors: array<vec4<f32>, 4u * THREADS>;

// Returns a′[i..i+3, k..k+3], or b′[k..k+3, i..i+3], as it lies; 0 beyond the last k, the last row or column again beyond that.
fn load(left: bool, i: u32, k: u32) -> array<vec4<f32>, 4> {
    var block = array<vec4<f32>, 4>();
    for (var e = 0u; e < 4u; e = e + 1u) { // unrolled
        if (left) {
            if (TRANSPOSE_A && k + e < params.k) { block[e] = a[((k + e) * params.m + min(i, params.m - 4u)) / 4u]; }
            if (!TRANSPOSE_A && k < params.k) { block[e] = a[(min(i + e, params.m - 1u) * params.k + k) / 4u]; }
        } else {
            if (TRANSPOSE_B && k < params.k) { block[e] = b[((min(i, params.n - 4u) + e) * params.k + k) / 4u]; }
            if (!TRANSPOSE_B && k + e < params.k) { block[e] = b[((k + e) * params.n + min(i, params.n - 4u)) / 4u]; }
        }
    }
    return block;
}

// Where the vectors of four depths lie: mixed up, so that neighbours who bring different depths write to different banks of memory.
fn mixed(x: u32, depths: u32) -> u32 { return x ^ (depths * MIX % SIDE); }

// Puts a block into a tile, depth by depth from a place on.
fn put(given: array<vec4<f32>, 4>, turned: bool, at: u32) {
    var block = given;
    for (var e = 0u; e < 4u; e = e + 1u) { // unrolled
        var depth = block[e];
        if (turned) { depth = vec4<f32>(block[0][e], block[1][e], block[2][e], block[3][e]); }
        vectors[(at + e * SIDE) & MASK] = depth;
    }
}

fn store(i: u32, j: u32, v: vec4<f32>) { if (i < params.m && j < params.n) { c[(i * params.n + j) / 4u] = v; } }

// Adds the slices' sums of 4·ACROSS rows and columns from i, j on, in ascending order, and stores them.
fn add_up(thread: u32, i: u32, j: u32) {
    workgroupBarrier();
    for (var s = thread; s < 4u * SQUARE; s = s + THREADS) {
        var total = vectors[s & MASK];
        for (var slice = 1u; slice < SLICES; slice = slice + 1u) { total = total + vectors[(4u * slice * SQUARE + s) & MASK]; }
        store(i + s / ACROSS, j + s % ACROSS * 4u, total);
    }
    workgroupBarrier();
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3<u32>) {
    let tile = group.y * params.width + group.x; let i0 = tile / params.tiles * SIDE * 4u; let j0 = tile % params.tiles * SIDE * 4u;
    let slice = thread / SQUARE; let base = slice * 2u * SLAB; // of this slice's tiles
    let across = thread % ACROSS; let down = thread % SQUARE / ACROSS;
    let left = thread % SQUARE < SQUARE / 2u; let own = thread % (SQUARE / 2u); let turned = (left && !TRANSPOSE_A) || (!left && TRANSPOSE_B);
    var place = vec2<u32>(own % SIDE, own / SIDE); if (turned) { place = vec2<u32>(own / (DEPTH / 4u), own % (DEPTH / 4u)); } // neighbours read neighbours
    var first = vec2<u32>(i0, base); if (!left) { first = vec2<u32>(j0, base + SLAB); }
    let i1 = first.x + 4u * place.x; let k1 = slice * DEPTH + 4u * place.y;
    let at1 = first.y + 4u * place.y * SIDE + mixed(place.x, place.y);
    var sum = array<vec4<f32>, 4u * PER * PER>(); var next = load(left, i1, k1);
    for (var start = 0u; start < params.k; start = start + DEPTH * SLICES) {
        put(next, turned, at1);
        workgroupBarrier();
        next = load(left, i1, start + DEPTH * SLICES + k1);
        for (var d = 0u; d < DEPTH; d = d + 4u) {
            let column = mixed(across, d / 4u); let row = mixed(down, d / 4u);
            for (var e = 0u; e < 4u; e = e + 1u) { // unrolled
                let at = base + (d + e) * SIDE;
                var cols = array<vec4<f32>, PER>();
                for (var v = 0u; v < PER; v = v + 1u) { // unrolled
                    cols[v] = vectors[(at + SLAB + column + ACROSS * v) & MASK];
                }
                for (var u = 0u; u < PER; u = u + 1u) { // unrolled
                    var rows = vectors[(at + row + ACROSS * u) & MASK];
                    for (var r = 0u; r < 4u; r = r + 1u) { // unrolled
                        for (var v = 0u; v < PER; v = v + 1u) { // unrolled
                            sum[(4u * u + r) * PER + v] = sum[(4u * u + r) * PER + v] + rows[r] * cols[v];
                        }
                    }
                }
            }
        }
        workgroupBarrier();
    }
    for (var u = 0u; u < PER; u = u + 1u) { // unrolled
        for (var v = 0u; v < PER; v = v + 1u) { // unrolled
            let i = i0 + 4u * ACROSS * u; let j = j0 + 4u * ACROSS * v;
            for (var r = 0u; r < 4u; r = r + 1u) { // unrolled
                if (SLICES == 1u) { store(i + 4u * down + r, j + 4u * across, sum[(4u * u + r) * PER + v]); }
                if (SLICES > 1u) { vectors[(4u * slice * SQUARE + (4u * down + r) * ACROSS + across) & MASK] = sum[(4u * u + r) * PER + v]; }
            }
            if (SLICES > 1u) { add_up(thread, i, j); }
        }
    }
}

// c[i,j] = Σ_k a′[i,k]·b′[k,j], where a′ is a or its transpose, and b′ is b or its transpose
//
// For devices that pay for workgroup memory and barriers, as those that emulate a GPU do, and matrices whose rows are whole vectors. Each
// thread computes a tile of HIGH×BROAD elements straight from the factors, four steps of k at a time; the grid is folded into rows of
// params.width threads. Rows and columns past the edge repeat the last ones, and are not stored.

const TRANSPOSE_A: bool = false;
const TRANSPOSE_B: bool = false;
const HIGH: u32 = 8u;   // rows of a tile, a multiple of 4
const BROAD: u32 = 16u; // columns of a tile, a multiple of 4
const WIDE: u32 = BROAD / 4u;
const THREADS: u32 = 8u;

struct Params {
    m: u32,
    n: u32,
    k: u32,
    tiles: u32, // in a row of C
    width: u32, // threads in a row of the grid
}

@group(0) @binding(0) var<storage, read> a: array<vec4<f32>>;       // [m×k], transposed [k×m]
@group(0) @binding(1) var<storage, read> b: array<vec4<f32>>;       // [k×n], transposed [n×k]
@group(0) @binding(2) var<storage, read_write> c: array<vec4<f32>>; // [m×n]
@group(0) @binding(3) var<uniform> params: Params;

// Returns four rows of four elements transposed.
fn transposed(p: vec4<f32>, q: vec4<f32>, r: vec4<f32>, s: vec4<f32>) -> array<vec4<f32>, 4> {
    return array<vec4<f32>, 4>(vec4<f32>(p.x, q.x, r.x, s.x), vec4<f32>(p.y, q.y, r.y, s.y),
        vec4<f32>(p.z, q.z, r.z, s.z), vec4<f32>(p.w, q.w, r.w, s.w));
}

// Returns a′[i..i+3, k..k+3] by rows.
fn left(i: u32, k: u32) -> array<vec4<f32>, 4> {
    if (TRANSPOSE_A) {
        let at = (k * params.m + min(i, params.m - 4u)) / 4u;
        let step = params.m / 4u;
        return transposed(a[at], a[at + step], a[at + 2u * step], a[at + 3u * step]);
    }
    let last = params.m - 1u; let step = params.k / 4u; let at = k / 4u;
    return array<vec4<f32>, 4>(a[min(i, last) * step + at], a[min(i + 1u, last) * step + at],
        a[min(i + 2u, last) * step + at], a[min(i + 3u, last) * step + at]);
}

// Returns b′[k..k+3, j..j+3] by rows.
fn right(k: u32, j: u32) -> array<vec4<f32>, 4> {
    if (TRANSPOSE_B) {
        let at = (min(j, params.n - 4u) * params.k + k) / 4u; let step = params.k / 4u;
        return transposed(b[at], b[at + step], b[at + 2u * step], b[at + 3u * step]);
    }
    let at = (k * params.n + min(j, params.n - 4u)) / 4u; let step = params.n / 4u;
    return array<vec4<f32>, 4>(b[at], b[at + step], b[at + 2u * step], b[at + 3u * step]);
}

// Stores four elements, if they are inside.
fn put(i: u32, j: u32, v: vec4<f32>) { if (i < params.m && j < params.n) { c[(i * params.n + j) / 4u] = v; } }

// Stores four rows of four elements, as far as they are inside.
fn store(i: u32, j: u32, p: vec4<f32>, q: vec4<f32>, r: vec4<f32>, s: vec4<f32>) {
    put(i, j, p);
    put(i + 1u, j, q);
    put(i + 2u, j, r);
    put(i + 3u, j, s);
}

// Stores a tile.
fn spread(i0: u32, j0: u32, tile: array<vec4<f32>, HIGH * WIDE>) {
    var sum = tile;
    for (var r = 0u; r < HIGH / 4u; r = r + 1u) { // unrolled
        for (var s = 0u; s < WIDE; s = s + 1u) { // unrolled
            store(i0 + 4u * r, j0 + 4u * s, sum[4u * r * WIDE + s], sum[(4u * r + 1u) * WIDE + s], sum[(4u * r + 2u) * WIDE + s], sum[(4u * r + 3u) * WIDE + s]);
        }
    }
}

// What is done with a tile: it is stored.
fn keep(i0: u32, j0: u32, tile: array<vec4<f32>, HIGH * WIDE>) { spread(i0, j0, tile); }

// Computes the tile from row i0 and column j0 on.
fn compute(i0: u32, j0: u32) {
    var sum = array<vec4<f32>, HIGH * WIDE>();
    let whole = params.k / 4u * 4u;
    for (var k = 0u; k < whole; k = k + 4u) {
        var below = array<vec4<f32>, BROAD>(); var beside = array<vec4<f32>, HIGH>(); // all first: products between loads would wait in memory
        for (var s = 0u; s < WIDE; s = s + 1u) { // unrolled
            var block = right(k, j0 + 4u * s);
            below[4u * s] = block[0]; below[4u * s + 1u] = block[1]; below[4u * s + 2u] = block[2]; below[4u * s + 3u] = block[3];
        }
        for (var r = 0u; r < HIGH / 4u; r = r + 1u) { // unrolled
            var block = left(i0 + 4u * r, k);
            beside[4u * r] = block[0]; beside[4u * r + 1u] = block[1]; beside[4u * r + 2u] = block[2]; beside[4u * r + 3u] = block[3];
        }
        for (var s = 0u; s < WIDE; s = s + 1u) { // unrolled
            for (var r = 0u; r < HIGH; r = r + 1u) { // unrolled
                let v = beside[r];
                sum[r * WIDE + s] = sum[r * WIDE + s] + v.x * below[4u * s]
                    + v.y * below[4u * s + 1u] + v.z * below[4u * s + 2u] + v.w * below[4u * s + 3u];
            }
        }
    }
    for (var k = whole; k < params.k; k = k + 1u) { // of a transposed left factor: others have whole vectors
        for (var r = 0u; r < HIGH / 4u; r = r + 1u) { // unrolled
            var column = a[(k * params.m + min(i0 + 4u * r, params.m - 4u)) / 4u];
            for (var s = 0u; s < WIDE; s = s + 1u) { // unrolled
                let row = b[(k * params.n + min(j0 + 4u * s, params.n - 4u)) / 4u];
                for (var e = 0u; e < 4u; e = e + 1u) { // unrolled
                    sum[(4u * r + e) * WIDE + s] = sum[(4u * r + e) * WIDE + s] + column[e] * row;
                }
            }
        }
    }
    keep(i0, j0, sum);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let tile = id.y * params.width + id.x;
    let i0 = tile / params.tiles * HIGH;
    if (i0 < params.m) { compute(i0, tile % params.tiles * BROAD); }
}

// c[i,j] = Σ_k a′[i,k]·b′[k,j], where a′ is a or its transpose, and b′ is b or its transpose
//
// For matrices whose rows are not whole vectors: matmul_vector, reading and writing one element at a time.

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

// Returns a′[i..i+3, k..k+3], or b′[k..k+3, i..i+3], as it lies; 0 beyond the last k, the last row or column again beyond that.
fn load(left: bool, i: u32, k: u32) -> array<vec4<f32>, 4> {
    var block = array<vec4<f32>, 4>();
    for (var e = 0u; e < 4u; e = e + 1u) { // unrolled
        for (var f = 0u; f < 4u; f = f + 1u) { // unrolled
            if (left) {
                if (TRANSPOSE_A && k + e < params.k) { block[e][f] = a[(k + e) * params.m + min(i + f, params.m - 1u)]; }
                if (!TRANSPOSE_A && k + f < params.k) { block[e][f] = a[min(i + e, params.m - 1u) * params.k + k + f]; }
            } else {
                if (TRANSPOSE_B && k + f < params.k) { block[e][f] = b[min(i + e, params.n - 1u) * params.k + k + f]; }
                if (!TRANSPOSE_B && k + e < params.k) { block[e][f] = b[(k + e) * params.n + min(i + f, params.n - 1u)]; }
            }
        }
    }
    return block;
}

fn store(i: u32, j: u32, four: vec4<f32>) {
    var part = four;
    for (var f = 0u; f < 4u; f = f + 1u) { // unrolled
        if (i < params.m && j + f < params.n) { c[i * params.n + j + f] = part[f]; }
    }
}

@compute @workgroup_size(1)
fn main() {} // matmul_vector.wgsl's

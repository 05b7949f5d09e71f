// The gradients of y = x̂·gamma + beta and z = y·W, as unfold.wgsl's, of p = x̂ᵀ·dz, which is not kept, and of the sums s[j] = Σ_r dz[r,j]:
// dgamma[c] = Σ_j w[c,j]·p[c,j],   dbeta[c] = Σ_j w[c,j]·s[j],   dw[c,j] = gamma[c]·p[c,j] + beta[c]·s[j]
//
// The product of matmul_direct with another end. A workgroup has all tiles of HIGH rows, a thread each: it adds up what its own columns give to the
// sums of the rows, and the workgroup adds that up, always in the same order.

const TRANSPOSE_A: bool = true;
const HIGH: u32 = 16u;   // rows of a tile, a multiple of 4
const BROAD: u32 = 20u;  // columns of a tile, a multiple of 4
const WIDE: u32 = BROAD / 4u;
const THREADS: u32 = 8u; // as many as there are tiles in a row of dW, or more; at most 128, for 16 KiB of workgroup memory

struct Params {
    m: u32,
    n: u32,
    k: u32,
    width: u32, // workgroups in a row of the grid
    gamma_at: u32, // where each begins in scale
    beta_at: u32,
}

@group(0) @binding(0) var<storage, read> a: array<vec4<f32>>;         // [k×m]: x̂
@group(0) @binding(1) var<storage, read> b: array<vec4<f32>>;         // [k×n]: dz
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;         // [m×n]
@group(0) @binding(3) var<storage, read> scale: array<f32>;           // [m] from each of gamma_at and beta_at on
@group(0) @binding(4) var<storage, read_write> sums: array<vec4<f32>>; // [n]: s, in a buffer that others write
@group(0) @binding(5) var<storage, read_write> dw: array<vec4<f32>>;  // [m×n]
@group(0) @binding(6) var<storage, read_write> dgamma: array<f32>;    // [m]
@group(0) @binding(7) var<storage, read_write> dbeta: array<f32>;     // [m]
@group(0) @binding(8) var<uniform> params: Params;

var<workgroup> parts: array<vec2<f32>, HIGH * THREADS>;

// Adds up what the threads give to the sums of rows, and stores the sums.
fn add_up(i0: u32, thread: u32) {
    workgroupBarrier();
    for (var row = thread; row < min(HIGH, params.m - i0); row = row + THREADS) {
        var total = parts[row * THREADS];
        for (var t = 1u; t < THREADS; t = t + 1u) {
            total = total + parts[row * THREADS + t];
        }
        dgamma[i0 + row] = total.x;
        dbeta[i0 + row] = total.y;
    }
}

// Makes dW of a tile of p, and its part of the rows' sums.
fn keep(i0: u32, j0: u32, tile: array<vec4<f32>, HIGH * WIDE>) {
    var p = tile;
    var scales = array<vec2<f32>, HIGH>();
    var own = array<vec2<f32>, HIGH>();
    for (var r = 0u; r < HIGH; r = r + 1u) { // unrolled
        let i = min(i0 + r, params.m - 1u);
        scales[r] = vec2<f32>(scale[params.gamma_at + i], scale[params.beta_at + i]);
    }
    for (var s = 0u; s < WIDE; s = s + 1u) { // unrolled
        let j = min(j0 + 4u * s, params.n - 4u);
        let inside = j == j0 + 4u * s;
        let four = sums[j / 4u];
        for (var r = 0u; r < HIGH; r = r + 1u) { // unrolled
            if (inside && i0 + r < params.m) {
                let at = ((i0 + r) * params.n + j) / 4u;
                let weights = w[at];
                let v = p[r * WIDE + s];
                let factors = scales[r];
                own[r] = own[r] + vec2<f32>(dot(weights, v), dot(weights, four));
                dw[at] = factors.x * v + factors.y * four;
            }
        }
    }
    for (var r = 0u; r < HIGH; r = r + 1u) { // unrolled
        parts[r * THREADS + j0 / BROAD] = own[r];
    }
    add_up(i0, j0 / BROAD);
}

fn compute(i0: u32, j0: u32) {} // matmul_direct.wgsl's

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3<u32>) {
    let i0 = (group.y * params.width + group.x) * HIGH;
    if (i0 < params.m) { compute(i0, thread * BROAD); }
}

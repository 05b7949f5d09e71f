// The gradients of y = x̂·gamma + beta and z = y·W, of p = x̂ᵀ·dz, which dw holds before, and of the sums s[j] = Σ_r dz[r,j]:
// dgamma[c] = Σ_j w[c,j]·p[c,j],   dbeta[c] = Σ_j w[c,j]·s[j],   dw[c,j] = gamma[c]·p[c,j] + beta[c]·s[j]
//
// A workgroup does ROWS rows of W with LANES threads each: they pass over their row once, four columns at a time.
// The threads of a row add up in a tree, always in the same order.

const LANES: u32 = 32u; // threads of a row, a power of two
const ROWS: u32 = 8u;   // rows of a workgroup; LANES × ROWS is at most 256

struct Params {
    rows: u32,
    cols: u32,  // in vectors of four
    width: u32, // workgroups in a row of the grid
}

@group(0) @binding(0) var<storage, read> w: array<vec4<f32>>;         // [rows×cols]
@group(0) @binding(1) var<storage, read> gamma: array<f32>;           // [rows]
@group(0) @binding(2) var<storage, read> beta: array<f32>;            // [rows]
@group(0) @binding(3) var<storage, read_write> dw: array<vec4<f32>>;  // [rows×cols]: p before
@group(0) @binding(4) var<storage, read_write> sum: array<vec4<f32>>; // [cols], in a buffer that others write
@group(0) @binding(5) var<storage, read_write> dgamma: array<f32>;    // [rows]
@group(0) @binding(6) var<storage, read_write> dbeta: array<f32>;     // [rows]
@group(0) @binding(7) var<uniform> params: Params;

var<workgroup> part: array<vec2<f32>, 256>;

// Returns the sums of the values of a row's threads; at is row·LANES + lane.
fn sum_lanes(at: u32, values: vec2<f32>) -> vec2<f32> {
    if (LANES == 1u) { return values; }
    part[at] = values;
    workgroupBarrier();
    for (var step = LANES / 2u; step > 0u; step = step / 2u) {
        if (at % LANES < step) {
            part[at] = part[at] + part[at + step];
        }
        workgroupBarrier();
    }
    return part[at - at % LANES];
}

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let row = (group.y * params.width + group.x) * ROWS + local.y;
    let inside = row < params.rows;
    let r = min(row, params.rows - 1u);
    let scale = gamma[r];
    let shift = beta[r];
    var own = vec2<f32>(0.0, 0.0);
    for (var j = local.x; j < params.cols && inside; j = j + LANES) {
        let at = r * params.cols + j;
        let weights = w[at];
        let p = dw[at];
        let s = sum[j];
        dw[at] = scale * p + shift * s;
        own = own + vec2<f32>(dot(weights, p), dot(weights, s));
    }
    let sums = sum_lanes(local.y * LANES + local.x, own);
    if (inside && local.x == 0u) {
        dgamma[row] = sums.x;
        dbeta[row] = sums.y;
    }
}

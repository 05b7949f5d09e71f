// The gradients of y = x̂·gamma + beta and z = y·W, of p = x̂ᵀ·dz, which dw holds before, and of the sums s[j] = Σ_r dz[r,j]:
// dgamma[c] = Σ_j w[c,j]·p[c,j],   dbeta[c] = Σ_j w[c,j]·s[j],   dw[c,j] = gamma[c]·p[c,j] + beta[c]·s[j]
//
// A workgroup does ROWS rows of W with LANES threads each: they pass over their row once.
// The threads of a row add up in a tree, always in the same order.

const LANES: u32 = 32u; // threads of a row, a power of two
const ROWS: u32 = 8u;   // rows of a workgroup; LANES × ROWS is 256

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
    w_at: u32, // where each begins in weights
    gamma_at: u32,
    beta_at: u32,
    dw_at: u32, // and in grads
    dgamma_at: u32,
    dbeta_at: u32,
    sums_at: u32,
}

@group(0) @binding(0) var<storage, read> weights: array<f32>;     // [rows×cols] from w_at on, [rows] from gamma_at and beta_at on
@group(0) @binding(1) var<storage, read_write> grads: array<f32>; // [rows×cols] from dw_at on, [rows] from dgamma_at and dbeta_at, [cols] from sums_at
@group(0) @binding(2) var<uniform> params: Params;

var<workgroup> part: array<vec2<f32>, 256>;

// Returns the sums of the values of a row's threads; at is row·LANES + lane.
fn sum_lanes(at: u32, values: vec2<f32>) -> vec2<f32> {
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
    let first = min(row, params.rows - 1u) * params.cols;
    let gamma = weights[params.gamma_at + min(row, params.rows - 1u)];
    let beta = weights[params.beta_at + min(row, params.rows - 1u)];
    var own = vec2<f32>(0.0, 0.0);
    for (var j = local.x; j < params.cols && inside; j = j + LANES) {
        let w = weights[params.w_at + first + j];
        let p = grads[params.dw_at + first + j];
        let s = grads[params.sums_at + j];
        grads[params.dw_at + first + j] = gamma * p + beta * s;
        own = own + w * vec2<f32>(p, s);
    }
    let sums = sum_lanes(local.y * LANES + local.x, own);
    if (inside && local.x == 0u) {
        grads[params.dgamma_at + row] = sums.x;
        grads[params.dbeta_at + row] = sums.y;
    }
}

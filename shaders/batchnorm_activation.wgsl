// μ[c] = Σ_r x[r,c] / rows,   σ²[c] = Σ_r (x[r,c] − μ[c])² / rows,   inv_std[c] = 1 / √(σ²[c] + epsilon)
// y[r,c] = (x[r,c] − μ[c])·inv_std[c]·gamma[c] + beta[c],   a[r,c] = f(y[r,c]);   NaN stays NaN
// moving ← momentum·moving + (1 − momentum)·(μ, σ²)
//
// A workgroup normalises COLS columns with LANES threads each: they pass over their rows three times, for μ, for σ² and for y and a.
// The threads of a column add up in a tree, always in the same order.

const COLS: u32 = 32u; // columns of a workgroup; COLS × LANES is at most 256
const LANES: u32 = 8u; // threads of a column, a power of two

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
    gamma_at: u32, // where each begins in weights
    beta_at: u32,
    mean_at: u32, // and in moving
    variance_at: u32,
    momentum: f32,
    epsilon: f32,
    alpha: f32, // the options of the function
    beta: f32,
    gamma: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;             // [rows×cols]
@group(0) @binding(1) var<storage, read> weights: array<f32>;       // [cols] from each of gamma_at and beta_at on
@group(0) @binding(2) var<storage, read_write> moving: array<f32>;  // [cols] from each of mean_at and variance_at on
@group(0) @binding(3) var<storage, read_write> y: array<f32>;       // [rows×cols]
@group(0) @binding(4) var<storage, read_write> a: array<f32>;       // [rows×cols]
@group(0) @binding(5) var<storage, read_write> mean: array<f32>;    // [cols]
@group(0) @binding(6) var<storage, read_write> inv_std: array<f32>; // [cols]
@group(0) @binding(7) var<uniform> params: Params;

var<workgroup> part: array<f32, 256>;

fn activated(v: f32) -> f32 { return v; } // activation.wgsl's

// Returns the sum of the values of a column's threads; at is lane·COLS + column.
fn sum_lanes(at: u32, value: f32) -> f32 {
    if (LANES == 1u) { return value; }
    part[at] = value;
    workgroupBarrier();
    for (var step = LANES / 2u; step > 0u; step = step / 2u) {
        if (at < step * COLS) {
            part[at] = part[at] + part[at + step * COLS];
        }
        workgroupBarrier();
    }
    let sum = part[at % COLS];
    workgroupBarrier();
    return sum;
}

// Keeps the statistics of a column.
fn keep(c: u32, mu: f32, variance: f32, scale: f32) {
    let take = 1.0 - params.momentum;
    mean[c] = mu;
    inv_std[c] = scale;
    moving[params.mean_at + c] = params.momentum * moving[params.mean_at + c] + take * mu;
    moving[params.variance_at + c] = params.momentum * moving[params.variance_at + c] + take * variance;
}

@compute @workgroup_size(COLS, LANES)
fn main(@builtin(local_invocation_index) at: u32, @builtin(workgroup_id) group: vec3<u32>) {
    let lane = at / COLS; // not the identifier: with LANES = 1 that is 0 for all, and Mesa 22 compiled the kernel anew at every dispatch of up to 32 rows
    let column = (group.y * params.width + group.x) * COLS + at % COLS;
    let c = min(column, params.cols - 1u);
    var own = 0.0;
    for (var r = lane; r < params.rows; r = r + LANES) {
        own = own + x[r * params.cols + c];
    }
    let mu = sum_lanes(at, own) / f32(params.rows);
    own = 0.0;
    for (var r = lane; r < params.rows; r = r + LANES) {
        let d = x[r * params.cols + c] - mu;
        own = own + d * d;
    }
    let variance = sum_lanes(at, own) / f32(params.rows);
    if (column >= params.cols) {
        return;
    }
    let scale = 1.0 / sqrt(variance + params.epsilon);
    if (lane == 0u) {
        keep(c, mu, variance, scale);
    }
    let factor = scale * weights[params.gamma_at + c];
    let shift = weights[params.beta_at + c];
    for (var r = lane; r < params.rows; r = r + LANES) {
        let v = (x[r * params.cols + c] - mu) * factor + shift;
        y[r * params.cols + c] = v;
        a[r * params.cols + c] = activated(v);
    }
}

// The gradient of a = f(y), y = BatchNorm(x), from a to x and, where BIASED, to a bias before it. With x̂ = (x − mean)·inv_std:
// dy[r,c] = da[r,c]·f′(y[r,c]);   where y is NaN, so is dy
// dbeta[c] = Σ_r dy[r,c],   dgamma[c] = Σ_r dy[r,c]·x̂[r,c]
// dx[r,c] = gamma[c]·inv_std[c]·(dy[r,c] − dbeta[c]/rows − x̂[r,c]·dgamma[c]/rows),   dbias[c] = Σ_r dx[r,c]
//
// A workgroup does COLS columns with LANES threads each: they pass over their rows twice, for dy, which they keep in dx, and the
// sums, and for dx. The threads of a column add up in a tree, always in the same order.

const BIASED: bool = false;
const COLS: u32 = 32u; // columns of a workgroup; COLS × LANES is at most 256
const LANES: u32 = 8u; // threads of a column, a power of two

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
    dgamma: u32, // where each begins in grads
    dbeta: u32,
    dbias: u32,
    alpha: f32, // the options of the function
    beta: f32,
    gamma: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;           // [rows×cols]
@group(0) @binding(1) var<storage, read> y: array<f32>;           // [rows×cols]
@group(0) @binding(2) var<storage, read> da: array<f32>;          // [rows×cols]
@group(0) @binding(3) var<storage, read> gamma: array<f32>;       // [cols]
@group(0) @binding(4) var<storage, read> mean: array<f32>;        // [cols]
@group(0) @binding(5) var<storage, read> inv_std: array<f32>;     // [cols]
@group(0) @binding(6) var<storage, read_write> dx: array<f32>;    // [rows×cols]
@group(0) @binding(7) var<storage, read_write> grads: array<f32>; // [cols] from each of dgamma, dbeta and dbias on
@group(0) @binding(8) var<uniform> params: Params;

var<workgroup> part: array<vec2<f32>, 256>;

fn slope(v: f32) -> f32 { return 1.0; } // activation_grad.wgsl's

fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }

// Returns the sums of the values of a column's threads; at is lane·COLS + column.
fn sum_lanes(at: u32, values: vec2<f32>) -> vec2<f32> {
    if (LANES == 1u) { return values; }
    part[at] = values;
    workgroupBarrier();
    for (var step = LANES / 2u; step > 0u; step = step / 2u) {
        if (at < step * COLS) {
            part[at] = part[at] + part[at + step * COLS];
        }
        workgroupBarrier();
    }
    let sums = part[at % COLS];
    workgroupBarrier();
    return sums;
}

@compute @workgroup_size(COLS, LANES)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let at = local.y * COLS + local.x;
    let column = (group.y * params.width + group.x) * COLS + local.x;
    let inside = column < params.cols;
    let c = min(column, params.cols - 1u);
    let mu = mean[c];
    let scale = inv_std[c];
    var own = vec2<f32>(0.0, 0.0); // of dy and of dy·x̂
    for (var r = local.y; r < params.rows && inside; r = r + LANES) {
        let i = r * params.cols + c;
        let v = y[i];
        var g = v;
        if (!is_nan(v)) { g = da[i] * slope(v); }
        dx[i] = g;
        own = own + vec2<f32>(g, g * (x[i] - mu) * scale);
    }
    let sums = sum_lanes(at, own);
    let average = sums / f32(params.rows);
    let weight = gamma[c];
    let factor = weight * scale;
    var bias = 0.0;
    for (var r = local.y; r < params.rows && inside; r = r + LANES) {
        let i = r * params.cols + c;
        let d = factor * (dx[i] - average.x - (x[i] - mu) * scale * average.y);
        dx[i] = d;
        bias = bias + d;
    }
    if (BIASED) { bias = sum_lanes(at, vec2<f32>(bias, 0.0)).x; }
    if (inside && local.y == 0u) {
        grads[params.dbeta + c] = sums.x;
        grads[params.dgamma + c] = sums.y;
        if (BIASED) { grads[params.dbias + c] = bias; }
    }
}

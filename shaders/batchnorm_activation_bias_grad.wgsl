// The gradient of a layer y = BatchNorm(f(pre)), pre = x·W + bias, from y to pre and its bias. With a = f(pre), â = (a − mean)·inv_std:
// dbeta[c] = Σ_r dy[r,c],   dgamma[c] = Σ_r dy[r,c]·â[r,c]
// dpre[r,c] = gamma[c]·inv_std[c]·(dy[r,c] − dbeta[c]/rows − â[r,c]·dgamma[c]/rows)·f′(pre[r,c]);   where pre is NaN, so is dpre
// dbias[c] = Σ_r dpre[r,c]
//
// A workgroup does COLS columns with LANES threads each: they pass over their rows twice, for the first sums and for dpre.
// The threads of a column add up in a tree, always in the same order.

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

@group(0) @binding(0) var<storage, read> a: array<f32>;           // [rows×cols]
@group(0) @binding(1) var<storage, read> dy: array<f32>;          // [rows×cols]
@group(0) @binding(2) var<storage, read> gamma: array<f32>;       // [cols]
@group(0) @binding(3) var<storage, read> mean: array<f32>;        // [cols]
@group(0) @binding(4) var<storage, read> inv_std: array<f32>;     // [cols]
@group(0) @binding(5) var<storage, read> pre: array<f32>;           // [rows×cols]
@group(0) @binding(6) var<storage, read_write> dpre: array<f32>;    // [rows×cols]
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
    let c = min(column, params.cols - 1u);
    let mu = mean[c];
    let scale = inv_std[c];
    var own = vec2<f32>(0.0, 0.0); // of dy and of dy·â
    for (var r = local.y; r < params.rows; r = r + LANES) {
        let g = dy[r * params.cols + c];
        own = own + vec2<f32>(g, g * (a[r * params.cols + c] - mu) * scale);
    }
    let sums = sum_lanes(at, own);
    let average = sums / f32(params.rows);
    let weight = gamma[c];
    let factor = weight * scale;
    var bias = 0.0;
    for (var r = local.y; r < params.rows; r = r + LANES) {
        let i = r * params.cols + c;
        let v = pre[i];
        var d = v;
        if (!is_nan(v)) { d = factor * (dy[i] - average.x - (a[i] - mu) * scale * average.y) * slope(v); }
        if (column < params.cols) { dpre[i] = d; }
        bias = bias + d;
    }
    let biases = sum_lanes(at, vec2<f32>(bias, 0.0));
    if (column < params.cols && local.y == 0u) {
        grads[params.dbeta + c] = sums.x;
        grads[params.dgamma + c] = sums.y;
        grads[params.dbias + c] = biases.x;
    }
}

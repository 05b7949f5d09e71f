// Batch normalisation while training, per column c over the rows r:
//
//   mean = Σ_r x/rows,  variance = Σ_r (x − mean)²/rows,  inv_std = 1/√(variance + epsilon)
//   y = (x − mean)·inv_std·gamma + beta
//   moving_mean ← momentum·moving_mean + (1 − momentum)·mean, moving_variance likewise
//
// A workgroup of 16 columns × 16 lanes handles 16 columns: each lane every 16th row, sums over the lanes as a tree.

const COLS: u32 = 16u;
const LANES: u32 = 16u;

struct Params { rows: u32, cols: u32, width: u32, momentum: f32, rest: f32, epsilon: f32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;                     // [rows×cols]
@group(0) @binding(1) var<storage, read> gamma: array<f32>;                 // [cols]
@group(0) @binding(2) var<storage, read> beta: array<f32>;                  // [cols]
@group(0) @binding(3) var<storage, read_write> moving_mean: array<f32>;     // [cols]
@group(0) @binding(4) var<storage, read_write> moving_variance: array<f32>; // [cols]
@group(0) @binding(5) var<storage, read_write> y: array<f32>;               // [rows×cols]
@group(0) @binding(6) var<storage, read_write> mean: array<f32>;            // [cols]
@group(0) @binding(7) var<storage, read_write> inv_std: array<f32>;         // [cols]
@group(0) @binding(8) var<uniform> p: Params;                               // rest = 1 − momentum

var<workgroup> part: array<f32, 256>; // [LANES×COLS]

// column_sum adds up what the 16 lanes of a column hold, as a tree: always in the same order.
fn column_sum(col: u32, lane: u32, value: f32) -> f32 {
    workgroupBarrier();
    part[lane * COLS + col] = value;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half = half / 2u) {
        if (lane < half) {
            part[lane * COLS + col] = part[lane * COLS + col] + part[(lane + half) * COLS + col];
        }
        workgroupBarrier();
    }
    return part[col];
}

// sum_of adds (x − center) or its square over this lane's rows.
fn sum_of(c: u32, lane: u32, center: f32, squared: bool) -> f32 {
    var sum = 0.0;
    if (c < p.cols) {
        for (var r = lane; r < p.rows; r = r + LANES) {
            let d = x[r * p.cols + c] - center;
            if (squared) {
                sum = sum + d * d;
            } else {
                sum = sum + d;
            }
        }
    }
    return sum;
}

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let c = (group.y * p.width + group.x) * COLS + local.x;
    let rows = f32(p.rows);
    let average = column_sum(local.x, local.y, sum_of(c, local.y, 0.0, false)) / rows;
    let variance = column_sum(local.x, local.y, sum_of(c, local.y, average, true)) / rows;
    if (c >= p.cols) {
        return;
    }
    let scale = 1.0 / sqrt(variance + p.epsilon);
    for (var r = local.y; r < p.rows; r = r + LANES) {
        let i = r * p.cols + c;
        y[i] = (x[i] - average) * scale * gamma[c] + beta[c];
    }
    if (local.y == 0u) {
        mean[c] = average;
        inv_std[c] = scale;
        moving_mean[c] = p.momentum * moving_mean[c] + p.rest * average;
        moving_variance[c] = p.momentum * moving_variance[c] + p.rest * variance;
    }
}

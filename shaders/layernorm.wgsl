// mean[r] = Σ_c x[r,c]/cols, or 0 with RMS
// inv_std[r] = 1/√(Σ_c (x[r,c] − mean[r])²/cols + epsilon)
// y[r,c] = (x[r,c] − mean[r])·inv_std[r]·gamma[c]
//
// A workgroup does ROWS rows with LANES threads each: they pass over their row three times, for the mean, the variance and y.
// The threads of a row add up in a tree, always in the same order.

const RMS: bool = false;
const LANES: u32 = 32u; // threads of a row, a power of two
const ROWS: u32 = 8u;   // rows of a workgroup; LANES × ROWS is at most 256

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
    epsilon: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;             // [rows×cols]
@group(0) @binding(1) var<storage, read> gamma: array<f32>;         // [cols]
@group(0) @binding(2) var<storage, read_write> y: array<f32>;       // [rows×cols]
@group(0) @binding(3) var<storage, read_write> mean: array<f32>;    // [rows]
@group(0) @binding(4) var<storage, read_write> inv_std: array<f32>; // [rows]
@group(0) @binding(5) var<uniform> params: Params;

var<workgroup> part: array<f32, 256>;

// Returns the sum of the values of a row's threads; at is row·LANES + lane.
fn sum_lanes(at: u32, value: f32) -> f32 {
    if (LANES == 1u) { return value; }
    part[at] = value;
    workgroupBarrier();
    for (var step = LANES / 2u; step > 0u; step = step / 2u) {
        if (at % LANES < step) {
            part[at] = part[at] + part[at + step];
        }
        workgroupBarrier();
    }
    let sum = part[at - at % LANES];
    workgroupBarrier();
    return sum;
}

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let at = local.y * LANES + local.x;
    let row = (group.y * params.width + group.x) * ROWS + local.y;
    let first = min(row, params.rows - 1u) * params.cols;
    let cols = f32(params.cols);
    var own = 0.0;
    for (var c = local.x; c < params.cols; c = c + LANES) {
        own = own + x[first + c];
    }
    var center = sum_lanes(at, own) / cols;
    if (RMS) {
        center = 0.0;
    }
    own = 0.0;
    for (var c = local.x; c < params.cols; c = c + LANES) {
        let d = x[first + c] - center;
        own = own + d * d;
    }
    let scale = 1.0 / sqrt(sum_lanes(at, own) / cols + params.epsilon);
    if (row >= params.rows) {
        return;
    }
    for (var c = local.x; c < params.cols; c = c + LANES) {
        y[first + c] = (x[first + c] - center) * scale * gamma[c];
    }
    if (local.x == 0u) {
        mean[row] = center;
        inv_std[row] = scale;
    }
}

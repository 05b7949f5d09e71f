// losses[r] = log Σ_j exp(x[r,j] − m[r]) + m[r] − x[r, labels[r]],   m[r] = max_j x[r,j];   NaN where labels[r] ≥ cols
//
// A workgroup does ROWS rows with LANES threads each: they pass over their row twice, for m and for the sum.
// The threads of a row add up in a tree, always in the same order.

const LANES: u32 = 32u; // threads of a row, a power of two
const ROWS: u32 = 8u;   // rows of a workgroup; LANES × ROWS is at most 256

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
    nan: u32,   // the bits of NaN, for which WGSL has no constant
}

@group(0) @binding(0) var<storage, read> x: array<f32>;            // [rows×cols]
@group(0) @binding(1) var<storage, read> labels: array<u32>;       // [rows]
@group(0) @binding(2) var<storage, read_write> losses: array<f32>; // [rows]
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> part: array<f32, 256>;

// Returns the largest of the values of a row's threads; at is row·LANES + lane.
fn max_lanes(at: u32, value: f32) -> f32 {
    if (LANES == 1u) { return value; }
    part[at] = value;
    workgroupBarrier();
    for (var step = LANES / 2u; step > 0u; step = step / 2u) {
        if (at % LANES < step) {
            part[at] = max(part[at], part[at + step]);
        }
        workgroupBarrier();
    }
    let highest = part[at - at % LANES];
    workgroupBarrier();
    return highest;
}

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
    return part[at - at % LANES];
}

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let at = local.y * LANES + local.x;
    let row = (group.y * params.width + group.x) * ROWS + local.y;
    let first = min(row, params.rows - 1u) * params.cols;
    var own = x[first + min(local.x, params.cols - 1u)];
    for (var c = local.x; c < params.cols; c = c + LANES) {
        own = max(own, x[first + c]);
    }
    let highest = max_lanes(at, own);
    own = 0.0;
    for (var c = local.x; c < params.cols; c = c + LANES) {
        own = own + exp(x[first + c] - highest);
    }
    let sum = sum_lanes(at, own);
    if (row >= params.rows || local.x > 0u) {
        return;
    }
    let label = labels[row];
    if (label < params.cols) {
        let gap = highest - x[first + label];
        let kept = select(gap, 0.0, gap < 0.0); // it never is, but without this fast math may add log(sum) and highest first
        losses[row] = log(sum) + kept;
    } else {
        losses[row] = bitcast<f32>(params.nan);
    }
}

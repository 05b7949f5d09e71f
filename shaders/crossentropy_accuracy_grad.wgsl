// losses[r] = log Σ_j exp(x[r,j] − m[r]) + m[r] − x[r, labels[r]],   m[r] = max_j x[r,j];   NaN where labels[r] ≥ cols
// correct[r] = 1 where fewer than k of x[r,·] are better than the one in column labels[r], else 0; 0 where a score is NaN. A score is
// better if it is larger, or as large and before it.
// dx[r,c] = (exp(x[r,c] − m[r]) / Σ_j exp(x[r,j] − m[r]) − [c = labels[r]])·dlosses[r]
//
// A workgroup does ROWS rows with LANES threads each: they pass over their row three times, for m and the better scores, for the sum and for
// dx. The threads of a row add up in a tree, always in the same order.

const LANES: u32 = 32u; // threads of a row, a power of two
const ROWS: u32 = 8u;   // rows of a workgroup; LANES × ROWS is at most 256

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
    k: u32,     // at most 65,536, so that sums of counts are exact in f32
    nan: u32,   // the bits of NaN, for which WGSL has no constant
}

@group(0) @binding(0) var<storage, read> x: array<f32>;             // [rows×cols]
@group(0) @binding(1) var<storage, read> labels: array<u32>;        // [rows]
@group(0) @binding(2) var<storage, read> dlosses: array<f32>;       // [rows]
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;  // [rows]
@group(0) @binding(4) var<storage, read_write> correct: array<f32>; // [rows]
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;      // [rows×cols]
@group(0) @binding(6) var<uniform> params: Params;

var<workgroup> part: array<f32, 256>;

fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }

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
    let sum = part[at - at % LANES];
    workgroupBarrier();
    return sum;
}

// Returns how many of every LANES-th score are better than the label's, at most k; a NaN among them counts k.
fn better(first: u32, lane: u32, label: u32) -> u32 {
    let own = x[first + min(label, params.cols - 1u)];
    var count = 0u;
    if (label >= params.cols) { count = params.k; }
    for (var c = lane; c < params.cols; c = c + LANES) {
        let v = x[first + c];
        if (is_nan(v)) {
            count = params.k;
        } else if (v > own || (v == own && c < label)) {
            count = min(count + 1u, params.k);
        }
    }
    return count;
}

// Stores an element of dx.
fn put(at: u32, v: f32) { dx[at] = v; }

// Does a row, if it is inside, with its LANES threads; at is row·LANES + lane within the workgroup, all of whose threads must come.
fn score(row: u32, at: u32) {
    let lane = at % LANES;
    let first = min(row, params.rows - 1u) * params.cols;
    let label = labels[min(row, params.rows - 1u)];
    var own = x[first + min(lane, params.cols - 1u)];
    for (var c = lane; c < params.cols; c = c + LANES) {
        own = max(own, x[first + c]);
    }
    let highest = max_lanes(at, own);
    let count = sum_lanes(at, f32(better(first, lane, label)));
    own = 0.0;
    for (var c = lane; c < params.cols; c = c + LANES) {
        own = own + exp(x[first + c] - highest);
    }
    let sum = sum_lanes(at, own);
    if (row < params.rows && lane == 0u) {
        correct[row] = f32(count < f32(params.k));
        let gap = highest - x[first + min(label, params.cols - 1u)];
        let kept = select(gap, 0.0, gap < 0.0); // see crossentropy.wgsl
        losses[row] = log(sum) + kept;
        if (label >= params.cols) { losses[row] = bitcast<f32>(params.nan); }
    }
    for (var c = lane; c < params.cols && row < params.rows; c = c + LANES) {
        put(first + c, (exp(x[first + c] - highest) / sum - f32(c == label)) * dlosses[row]);
    }
}

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    score((group.y * params.width + group.x) * ROWS + local.y, local.y * LANES + local.x);
}

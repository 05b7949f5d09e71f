// With n[c] = √Σ_r w[r,c]²: w[r,c] ← w[r,c]·min(1, limit/n[c]), or w[r,c]/(n[c] + 1e-7), or max(w[r,c], 0); KIND says which
//
// A workgroup does COLS columns with LANES threads each: they pass over their rows twice, for the norm and for the weights.
// The threads of a column add up in a tree, always in the same order.

const KIND: u32 = 0u; // one of these, numbered as in package ops:
const MAX_NORM: u32 = 0u;
const UNIT_NORM: u32 = 1u;
const COLS: u32 = 32u; // columns of a workgroup; COLS × LANES is at most 256
const LANES: u32 = 8u; // threads of a column, a power of two

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
    limit: f32,
}

@group(0) @binding(0) var<storage, read_write> w: array<f32>; // [rows×cols]
@group(0) @binding(1) var<uniform> params: Params;

var<workgroup> part: array<f32, 256>;

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
    return part[at % COLS];
}

// Returns what a weight becomes in a column of the norm.
fn bounded(v: f32, norm: f32) -> f32 {
    if (KIND == UNIT_NORM) { return v / (norm + 1e-7); }
    if (KIND == MAX_NORM) {
        if (norm > params.limit) { return v * (params.limit / norm); }
        return v;
    }
    return max(v, 0.0);
}

@compute @workgroup_size(COLS, LANES)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let column = (group.y * params.width + group.x) * COLS + local.x;
    let c = min(column, params.cols - 1u);
    var own = 0.0;
    for (var r = local.y; r < params.rows; r = r + LANES) {
        own = own + w[r * params.cols + c] * w[r * params.cols + c];
    }
    let norm = sqrt(sum_lanes(local.y * COLS + local.x, own));
    if (column >= params.cols) {
        return;
    }
    for (var r = local.y; r < params.rows; r = r + LANES) {
        w[r * params.cols + c] = bounded(w[r * params.cols + c], norm);
    }
}

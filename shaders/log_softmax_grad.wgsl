// dx[r,c] = dy[r,c] − exp(y[r,c])·Σ_j dy[r,j]
//
// A workgroup does ROWS rows with LANES threads each: they pass over their row twice, for the sum and for dx.
// The threads of a row add up in a tree, always in the same order.

const LANES: u32 = 32u; // threads of a row, a power of two
const ROWS: u32 = 8u;   // rows of a workgroup; LANES × ROWS is at most 256

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
}

@group(0) @binding(0) var<storage, read> y: array<f32>;        // [rows×cols]
@group(0) @binding(1) var<storage, read> dy: array<f32>;       // [rows×cols]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>; // [rows×cols]
@group(0) @binding(3) var<uniform> params: Params;

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
    return part[at - at % LANES];
}

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let row = (group.y * params.width + group.x) * ROWS + local.y;
    let first = min(row, params.rows - 1u) * params.cols;
    var own = 0.0;
    for (var c = local.x; c < params.cols; c = c + LANES) {
        own = own + dy[first + c];
    }
    let sum = sum_lanes(local.y * LANES + local.x, own);
    if (row >= params.rows) {
        return;
    }
    for (var c = local.x; c < params.cols; c = c + LANES) {
        dx[first + c] = dy[first + c] - exp(min(y[first + c], 0.0)) * sum;
    }
}

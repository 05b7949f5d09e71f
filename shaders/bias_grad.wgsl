// dbias[c] = Σ_r dy[r,c]
//
// A workgroup sums COLS columns with LANES threads each: a thread adds every LANES-th row, then the threads of a column
// add up in a tree, always in the same order.

const COLS: u32 = 32u; // columns of a workgroup; COLS × LANES is at most 256
const LANES: u32 = 8u; // threads of a column, a power of two

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;          // [rows×cols]
@group(0) @binding(1) var<storage, read_write> dbias: array<f32>; // [cols]
@group(0) @binding(2) var<uniform> params: Params;

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

@compute @workgroup_size(COLS, LANES)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let column = (group.y * params.width + group.x) * COLS + local.x;
    let c = min(column, params.cols - 1u);
    var own = 0.0;
    for (var r = local.y; r < params.rows; r = r + LANES) {
        own = own + dy[r * params.cols + c];
    }
    let sum = sum_lanes(local.y * COLS + local.x, own);
    if (column < params.cols && local.y == 0u) {
        dbias[c] = sum;
    }
}

// dalpha[c] = Σ_r,i dy[r,c,i]·x[r,c,i] over x ≤ 0
//
// A workgroup sums COLS columns with LANES threads each: a thread adds every LANES-th element, then the threads of a column
// add up in a tree, always in the same order.

const COLS: u32 = 32u; // columns of a workgroup; COLS × LANES is at most 256
const LANES: u32 = 8u; // threads of a column, a power of two

struct Params {
    rows: u32, // rows × inner: elements of a column
    cols: u32,
    width: u32, // workgroups in a row of the grid
    inner: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;            // [rows×cols×inner]
@group(0) @binding(1) var<storage, read> dy: array<f32>;           // [rows×cols×inner]
@group(0) @binding(2) var<storage, read_write> dalpha: array<f32>; // [cols]
@group(0) @binding(3) var<uniform> params: Params;

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

fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }

@compute @workgroup_size(COLS, LANES)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let column = (group.y * params.width + group.x) * COLS + local.x;
    let c = min(column, params.cols - 1u);
    var own = 0.0;
    for (var r = local.y; r < params.rows; r = r + LANES) {
        let i = (r / params.inner * params.cols + c) * params.inner + r % params.inner;
        let v = x[i];
        if (v <= 0.0 || is_nan(v)) { own = own + dy[i] * v; }
    }
    let sum = sum_lanes(local.y * COLS + local.x, own);
    if (column < params.cols && local.y == 0u) {
        dalpha[c] = sum;
    }
}

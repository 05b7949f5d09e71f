// correct[r] = 1 where fewer than k of x[r,·] are better than the one in column labels[r], else 0; 0 where a score is NaN. A score is
// better if it is larger, or as large and before it.
//
// A workgroup does ROWS rows with LANES threads each: a thread counts among every LANES-th score, then the threads of a row
// add up in a tree.

const LANES: u32 = 32u; // threads of a row, a power of two
const ROWS: u32 = 8u;   // rows of a workgroup; LANES × ROWS is at most 256

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
    k: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;             // [rows×cols]
@group(0) @binding(1) var<storage, read> labels: array<u32>;        // [rows]
@group(0) @binding(2) var<storage, read_write> correct: array<f32>; // [rows]
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> counted: array<u32, 256>;

fn is_nan(v: f32) -> bool {
    return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u;
}

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let at = local.y * LANES + local.x;
    let row = (group.y * params.width + group.x) * ROWS + local.y;
    let own_row = min(row, params.rows - 1u);
    let label = labels[own_row];
    let own = x[own_row * params.cols + min(label, params.cols - 1u)];
    var better = 0u;
    if (label >= params.cols) {
        better = params.k;
    }
    for (var c = local.x; c < params.cols; c = c + LANES) {
        let v = x[own_row * params.cols + c];
        if (is_nan(v)) {
            better = better + params.k;
        } else if (v > own || (v == own && c < label)) {
            better = better + 1u;
        }
    }
    counted[at] = min(better, params.k);
    workgroupBarrier();
    for (var step = LANES / 2u; step > 0u; step = step / 2u) {
        if (local.x < step) {
            counted[at] = min(counted[at] + counted[at + step], params.k);
        }
        workgroupBarrier();
    }
    if (row < params.rows && local.x == 0u) {
        correct[row] = f32(counted[at] < params.k);
    }
}

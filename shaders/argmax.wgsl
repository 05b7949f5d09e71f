// labels[r] = the column of the largest of x[r,·], the first of equals; cols where a score is NaN
//
// A workgroup does ROWS rows with LANES threads each: a thread finds the best of every LANES-th score, then the threads of
// a row compare in a tree.

const LANES: u32 = 32u; // threads of a row, a power of two
const ROWS: u32 = 8u;   // rows of a workgroup; LANES × ROWS is at most 256

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
}

@group(0) @binding(0) var<storage, read> x: array<f32>;            // [rows×cols]
@group(0) @binding(1) var<storage, read_write> labels: array<u32>; // [rows]
@group(0) @binding(2) var<uniform> params: Params;

var<workgroup> score: array<f32, 256>;
var<workgroup> column: array<u32, 256>;
var<workgroup> nans: array<u32, 256>;

fn is_nan(v: f32) -> bool {
    return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u;
}

// Keeps the better of two threads' scores at the first one's place: the larger, the first of equals.
fn merge(to: u32, other: u32) {
    nans[to] = nans[to] + nans[other];
    let earlier = score[other] == score[to] && column[other] < column[to];
    if (score[other] > score[to] || earlier) {
        score[to] = score[other];
        column[to] = column[other];
    }
}

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let at = local.y * LANES + local.x;
    let row = (group.y * params.width + group.x) * ROWS + local.y;
    let first = min(row, params.rows - 1u) * params.cols;
    var best = min(local.x, params.cols - 1u);
    var found = 0u;
    for (var c = best; c < params.cols; c = c + LANES) {
        found = found + u32(is_nan(x[first + c]));
        if (x[first + c] > x[first + best]) {
            best = c;
        }
    }
    score[at] = x[first + best];
    column[at] = best;
    nans[at] = found;
    workgroupBarrier();
    for (var step = LANES / 2u; step > 0u; step = step / 2u) {
        if (local.x < step) {
            merge(at, at + step);
        }
        workgroupBarrier();
    }
    if (row < params.rows && local.x == 0u) {
        if (nans[at] == 0u) {
            labels[row] = column[at];
        } else {
            labels[row] = params.cols;
        }
    }
}

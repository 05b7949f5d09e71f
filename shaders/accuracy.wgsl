// correct[r] = 1 where the first of the largest scores of row r stands in column labels[r] and no score is NaN, else 0
//
// A workgroup of 64 threads computes one row; rows of workgroups hold width of them. A thread finds the best of every 64th
// column; then the threads' candidates are compared as a tree, the smaller column winning between equals.

const THREADS: u32 = 64u;
const NONE: u32 = 0xffffffffu; // the column of a candidate that is NaN

struct Params { rows: u32, cols: u32, width: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;             // [rows×cols]
@group(0) @binding(1) var<storage, read> labels: array<u32>;        // [rows]
@group(0) @binding(2) var<storage, read_write> correct: array<f32>; // [rows]
@group(0) @binding(3) var<uniform> p: Params;

var<workgroup> score: array<f32, 64>; // one a thread
var<workgroup> column: array<u32, 64>;

fn is_nan(v: f32) -> bool {
    return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u;
}

// merge keeps the better candidate of two threads in the first; NONE wins over all.
fn merge(thread: u32, other: u32) {
    if (column[thread] == NONE) {
        return;
    }
    let better = score[other] > score[thread];
    let earlier = score[other] == score[thread] && column[other] < column[thread];
    if (column[other] == NONE || better || earlier) {
        score[thread] = score[other];
        column[thread] = column[other];
    }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let row = min(group.y * p.width + group.x, p.rows - 1u);
    let first = row * p.cols;
    var best = x[first];
    var found = 0u;
    var spoiled = is_nan(best);
    for (var c = local.x; c < p.cols; c = c + THREADS) {
        let v = x[first + c];
        spoiled = spoiled || is_nan(v);
        if (v > best) {
            best = v;
            found = c;
        }
    }
    if (spoiled) {
        found = NONE;
    }
    score[local.x] = best;
    column[local.x] = found;
    workgroupBarrier();
    for (var half = THREADS / 2u; half > 0u; half = half / 2u) {
        if (local.x < half) {
            merge(local.x, local.x + half);
        }
        workgroupBarrier();
    }
    if (local.x == 0u && group.y * p.width + group.x < p.rows) {
        correct[row] = f32(column[0] == labels[row]);
    }
}

// losses[r] = max(0, 1 + max_c((1 − t[r,c])·p[r,c]) − Σ_c t[r,c]·p[r,c])
//
// A workgroup does ROWS rows with LANES threads each, which compare and add up in a tree, always in the same order.

const LANES: u32 = 32u; // threads of a row, a power of two
const ROWS: u32 = 8u;   // rows of a workgroup; LANES × ROWS is at most 256

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
}

@group(0) @binding(0) var<storage, read> p: array<f32>;            // [rows×cols]
@group(0) @binding(1) var<storage, read> t: array<f32>;            // [rows×cols]
@group(0) @binding(2) var<storage, read_write> losses: array<f32>; // [rows]
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> right: array<f32, 256>;
var<workgroup> wrong: array<f32, 256>;
var<workgroup> column: array<u32, 256>;

// Puts the right score of a row, its largest wrong one and that one's column at the place of its first thread.
fn compare(at: u32, lane: u32, first: u32) {
    var best = min(lane, params.cols - 1u);
    var most = (1.0 - t[first + best]) * p[first + best];
    var sum = 0.0;
    for (var c = lane; c < params.cols; c = c + LANES) {
        let score = (1.0 - t[first + c]) * p[first + c];
        sum = sum + t[first + c] * p[first + c];
        if (score > most) {
            most = score;
            best = c;
        }
    }
    right[at] = sum;
    wrong[at] = most;
    column[at] = best;
    workgroupBarrier();
    for (var step = LANES / 2u; step > 0u; step = step / 2u) {
        if (lane < step) {
            let other = at + step;
            let earlier = wrong[other] == wrong[at] && column[other] < column[at];
            right[at] = right[at] + right[other];
            if (wrong[other] > wrong[at] || earlier) {
                wrong[at] = wrong[other];
                column[at] = column[other];
            }
        }
        workgroupBarrier();
    }
}

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let at = local.y * LANES + local.x;
    let row = (group.y * params.width + group.x) * ROWS + local.y;
    let first = min(row, params.rows - 1u) * params.cols;
    compare(at, local.x, first);
    if (row < params.rows && local.x == 0u) {
        losses[row] = max(0.0, 1.0 + wrong[at] - right[at]);
    }
}

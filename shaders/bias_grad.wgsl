// dbias[c] = Σ_r dy[r,c]
//
// A workgroup of 16 columns × 16 lanes sums 16 columns: each lane every 16th row, then the lanes as a tree.

const COLS: u32 = 16u;
const LANES: u32 = 16u;

struct Params { rows: u32, cols: u32, width: u32 }

@group(0) @binding(0) var<storage, read> dy: array<f32>;          // [rows×cols]
@group(0) @binding(1) var<storage, read_write> dbias: array<f32>; // [cols]
@group(0) @binding(2) var<uniform> p: Params;

var<workgroup> part: array<f32, 256>; // [LANES×COLS]

// column_sum adds up what the 16 lanes of a column hold, as a tree: always in the same order.
fn column_sum(col: u32, lane: u32, value: f32) -> f32 {
    workgroupBarrier();
    part[lane * COLS + col] = value;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half = half / 2u) {
        if (lane < half) {
            part[lane * COLS + col] = part[lane * COLS + col] + part[(lane + half) * COLS + col];
        }
        workgroupBarrier();
    }
    return part[col];
}

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let c = (group.y * p.width + group.x) * COLS + local.x;
    var sum = 0.0;
    if (c < p.cols) {
        for (var r = local.y; r < p.rows; r = r + LANES) {
            sum = sum + dy[r * p.cols + c];
        }
    }
    let total = column_sum(local.x, local.y, sum);
    if (c < p.cols && local.y == 0u) {
        dbias[c] = total;
    }
}

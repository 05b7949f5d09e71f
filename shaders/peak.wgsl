// peak[c] ← max(peak[c], max_r |x[r,c]|);   one NaN makes it NaN for good
//
// A workgroup takes COLS columns with LANES threads each: a thread looks at every LANES-th row, then the threads of a column compare in a tree.
// Magnitudes are compared by their bits, which order as the numbers do, with NaN above infinity.

const COLS: u32 = 32u; // columns of a workgroup; COLS × LANES is at most 256
const LANES: u32 = 8u; // threads of a column, a power of two

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
}

@group(0) @binding(0) var<storage, read> x: array<f32>;          // [rows×cols]
@group(0) @binding(1) var<storage, read_write> peak: array<f32>; // [cols]
@group(0) @binding(2) var<uniform> params: Params;

var<workgroup> part: array<u32, 256>;

@compute @workgroup_size(COLS, LANES)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let column = (group.y * params.width + group.x) * COLS + local.x;
    let c = min(column, params.cols - 1u);
    let at = local.y * COLS + local.x;
    var own = 0u;
    for (var r = local.y; r < params.rows; r = r + LANES) {
        own = max(own, bitcast<u32>(x[r * params.cols + c]) & 0x7fffffffu);
    }
    part[at] = own;
    workgroupBarrier();
    for (var step = LANES / 2u; step > 0u; step = step / 2u) {
        if (at < step * COLS) {
            part[at] = max(part[at], part[at + step * COLS]);
        }
        workgroupBarrier();
    }
    if (column < params.cols && local.y == 0u) {
        peak[c] = bitcast<f32>(max(part[local.x], bitcast<u32>(peak[c])));
    }
}

// With x̂ = (x − mean)·inv_std:
// dbeta[c] = Σ_r dy[r,c],   dgamma[c] = Σ_r dy[r,c]·x̂[r,c]
// dx[r,c] = gamma[c]·inv_std[c]·(dy[r,c] − dbeta[c]/rows − x̂[r,c]·dgamma[c]/rows)
//
// A workgroup does COLS columns with LANES threads each: they pass over their rows twice, for the sums and for dx.
// The threads of a column add up in a tree, always in the same order.

const COLS: u32 = 32u; // columns of a workgroup; COLS × LANES is at most 256
const LANES: u32 = 8u; // threads of a column, a power of two

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
}

@group(0) @binding(0) var<storage, read> x: array<f32>;            // [rows×cols]
@group(0) @binding(1) var<storage, read> dy: array<f32>;           // [rows×cols]
@group(0) @binding(2) var<storage, read> gamma: array<f32>;        // [cols]
@group(0) @binding(3) var<storage, read> mean: array<f32>;         // [cols]
@group(0) @binding(4) var<storage, read> inv_std: array<f32>;      // [cols]
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;     // [rows×cols]
@group(0) @binding(6) var<storage, read_write> dgamma: array<f32>; // [cols]
@group(0) @binding(7) var<storage, read_write> dbeta: array<f32>;  // [cols]
@group(0) @binding(8) var<uniform> params: Params;

var<workgroup> part: array<vec2<f32>, 256>;

// Returns the sums of the values of a column's threads; at is lane·COLS + column.
fn sum_lanes(at: u32, values: vec2<f32>) -> vec2<f32> {
    if (LANES == 1u) { return values; }
    part[at] = values;
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
    let mu = mean[c];
    let scale = inv_std[c];
    var own = vec2<f32>(0.0, 0.0); // of dy and of dy·x̂
    for (var r = local.y; r < params.rows; r = r + LANES) {
        let g = dy[r * params.cols + c];
        own = own + vec2<f32>(g, g * (x[r * params.cols + c] - mu) * scale);
    }
    let sums = sum_lanes(local.y * COLS + local.x, own);
    if (column >= params.cols) {
        return;
    }
    if (local.y == 0u) {
        dbeta[c] = sums.x;
        dgamma[c] = sums.y;
    }
    let average = sums / f32(params.rows);
    let factor = gamma[c] * scale;
    for (var r = local.y; r < params.rows; r = r + LANES) {
        let normal = (x[r * params.cols + c] - mu) * scale;
        dx[r * params.cols + c] = factor * (dy[r * params.cols + c] - average.x - normal * average.y);
    }
}

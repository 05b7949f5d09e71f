// With x̂ = (x − mean)·inv_std and h = dy·gamma:
// dx[r,c] = inv_std[r]·(h[r,c] − Σ_j h[r,j]/cols − x̂[r,c]·Σ_j h[r,j]·x̂[r,j]/cols), with RMS without the first sum
//
// A workgroup does ROWS rows with LANES threads each: they pass over their row twice, for the sums and for dx.
// The threads of a row add up in a tree, always in the same order.

const RMS: bool = false;
const LANES: u32 = 32u; // threads of a row, a power of two
const ROWS: u32 = 8u;   // rows of a workgroup; LANES × ROWS is at most 256

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [rows×cols]
@group(0) @binding(1) var<storage, read> dy: array<f32>;       // [rows×cols]
@group(0) @binding(2) var<storage, read> gamma: array<f32>;    // [cols]
@group(0) @binding(3) var<storage, read> mean: array<f32>;     // [rows]
@group(0) @binding(4) var<storage, read> inv_std: array<f32>;  // [rows]
@group(0) @binding(5) var<storage, read_write> dx: array<f32>; // [rows×cols]
@group(0) @binding(6) var<uniform> params: Params;

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
    let sum = part[at - at % LANES];
    workgroupBarrier();
    return sum;
}

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let at = local.y * LANES + local.x;
    let row = (group.y * params.width + group.x) * ROWS + local.y;
    let r = min(row, params.rows - 1u);
    let first = r * params.cols;
    let cols = f32(params.cols);
    let center = mean[r];
    let scale = inv_std[r];
    var own_sum = 0.0;
    var own_product = 0.0;
    for (var c = local.x; c < params.cols; c = c + LANES) {
        let h = dy[first + c] * gamma[c];
        own_sum = own_sum + h;
        own_product = own_product + h * (x[first + c] - center) * scale;
    }
    var average = sum_lanes(at, own_sum) / cols;
    if (RMS) {
        average = 0.0;
    }
    let product = sum_lanes(at, own_product) / cols;
    if (row >= params.rows) {
        return;
    }
    for (var c = local.x; c < params.cols; c = c + LANES) {
        let normal = (x[first + c] - center) * scale;
        dx[first + c] = scale * (dy[first + c] * gamma[c] - average - normal * product);
    }
}

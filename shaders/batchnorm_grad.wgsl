// The gradient of batchnorm, per column c over the rows r, with x̂ = (x − mean)·inv_std:
//
//   dbeta = Σ_r dy,  dgamma = Σ_r dy·x̂,  dx = gamma·inv_std·(dy − dbeta/rows − x̂·dgamma/rows)
//
// A workgroup of 16 columns × 16 lanes handles 16 columns: each lane every 16th row, sums over the lanes as a tree.

const COLS: u32 = 16u;
const LANES: u32 = 16u;

struct Params { rows: u32, cols: u32, width: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;            // [rows×cols]
@group(0) @binding(1) var<storage, read> dy: array<f32>;           // [rows×cols]
@group(0) @binding(2) var<storage, read> gamma: array<f32>;        // [cols]
@group(0) @binding(3) var<storage, read> mean: array<f32>;         // [cols]
@group(0) @binding(4) var<storage, read> inv_std: array<f32>;      // [cols]
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;     // [rows×cols]
@group(0) @binding(6) var<storage, read_write> dgamma: array<f32>; // [cols]
@group(0) @binding(7) var<storage, read_write> dbeta: array<f32>;  // [cols]
@group(0) @binding(8) var<uniform> p: Params;

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
    let inside = c < p.cols;
    var average = 0.0;
    var scale = 0.0;
    var sum = 0.0;
    var product = 0.0;
    if (inside) {
        average = mean[c];
        scale = inv_std[c];
        for (var r = local.y; r < p.rows; r = r + LANES) {
            let i = r * p.cols + c;
            sum = sum + dy[i];
            product = product + dy[i] * (x[i] - average) * scale;
        }
    }
    let sums = column_sum(local.x, local.y, sum);
    let products = column_sum(local.x, local.y, product);
    if (!inside) {
        return;
    }
    let rows = f32(p.rows);
    for (var r = local.y; r < p.rows; r = r + LANES) {
        let i = r * p.cols + c;
        let normal = (x[i] - average) * scale;
        dx[i] = gamma[c] * scale * (dy[i] - sums / rows - normal * products / rows);
    }
    if (local.y == 0u) {
        dgamma[c] = products;
        dbeta[c] = sums;
    }
}

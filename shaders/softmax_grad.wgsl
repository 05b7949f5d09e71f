// dx[r,c] = y[r,c]·(dy[r,c] − Σ_j dy[r,j]·y[r,j])
//
// A workgroup of 64 threads computes one row; rows of workgroups hold width of them.

const THREADS: u32 = 64u;

struct Params { rows: u32, cols: u32, width: u32 }

@group(0) @binding(0) var<storage, read> y: array<f32>;        // [rows×cols]
@group(0) @binding(1) var<storage, read> dy: array<f32>;       // [rows×cols]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>; // [rows×cols]
@group(0) @binding(3) var<uniform> p: Params;

var<workgroup> part: array<f32, 64>; // one a thread

// reduce_sum adds up what the threads hold, as a tree: always in the same order.
fn reduce_sum(thread: u32, value: f32) -> f32 {
    workgroupBarrier();
    part[thread] = value;
    workgroupBarrier();
    for (var half = THREADS / 2u; half > 0u; half = half / 2u) {
        if (thread < half) {
            part[thread] = part[thread] + part[thread + half];
        }
        workgroupBarrier();
    }
    return part[0];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let row = group.y * p.width + group.x;
    let first = min(row, p.rows - 1u) * p.cols;
    var sum = 0.0;
    for (var c = local.x; c < p.cols; c = c + THREADS) {
        sum = sum + dy[first + c] * y[first + c];
    }
    let dot_product = reduce_sum(local.x, sum);
    if (row >= p.rows) {
        return;
    }
    for (var c = local.x; c < p.cols; c = c + THREADS) {
        dx[first + c] = y[first + c] * (dy[first + c] - dot_product);
    }
}

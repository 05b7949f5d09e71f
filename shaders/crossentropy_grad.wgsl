// dx[r,c] = (softmax(x)[r,c] − [c = labels[r]])·dlosses[r]
//
// A workgroup of 64 threads computes one row; rows of workgroups hold width of them.

const THREADS: u32 = 64u;

struct Params { rows: u32, cols: u32, width: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [rows×cols]
@group(0) @binding(1) var<storage, read> labels: array<u32>;   // [rows]
@group(0) @binding(2) var<storage, read> dlosses: array<f32>;  // [rows]
@group(0) @binding(3) var<storage, read_write> dx: array<f32>; // [rows×cols]
@group(0) @binding(4) var<uniform> p: Params;

var<workgroup> part: array<f32, 64>; // one a thread

fn is_nan(v: f32) -> bool {
    return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u;
}

// exp_below is eᵛ for v ≤ 0; NaN stays NaN.
fn exp_below(v: f32) -> f32 {
    if (is_nan(v)) {
        return v;
    }
    return exp(max(v, -87.0));
}

// row_max is the largest score of the row that begins at first.
fn row_max(first: u32, thread: u32) -> f32 {
    var highest = x[first];
    for (var c = thread; c < p.cols; c = c + THREADS) {
        highest = max(highest, x[first + c]);
    }
    workgroupBarrier();
    part[thread] = highest;
    workgroupBarrier();
    for (var half = THREADS / 2u; half > 0u; half = half / 2u) {
        if (thread < half) {
            part[thread] = max(part[thread], part[thread + half]);
        }
        workgroupBarrier();
    }
    return part[0];
}

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

// sum_exp is Σ_c exp(x − highest) over this thread's columns.
fn sum_exp(first: u32, thread: u32, highest: f32) -> f32 {
    var sum = 0.0;
    for (var c = thread; c < p.cols; c = c + THREADS) {
        sum = sum + exp_below(x[first + c] - highest);
    }
    return sum;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let row = min(group.y * p.width + group.x, p.rows - 1u);
    let first = row * p.cols;
    let highest = row_max(first, local.x);
    let total = reduce_sum(local.x, sum_exp(first, local.x, highest));
    if (group.y * p.width + group.x >= p.rows) {
        return;
    }
    let weight = dlosses[row];
    for (var c = local.x; c < p.cols; c = c + THREADS) {
        let target_here = f32(c == labels[row]);
        dx[first + c] = (exp_below(x[first + c] - highest) / total - target_here) * weight;
    }
}

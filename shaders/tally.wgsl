// ledger[clock·columns + column] = Σ_i x[i]; a clock past the last row writes nothing
//
// One workgroup of 64 threads: each adds every 64th value, then the threads as a tree.

const THREADS: u32 = 64u;

struct Params { n: u32, steps: u32, columns: u32, column: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;            // [n]
@group(0) @binding(1) var<storage, read> clock: array<u32>;        // [1]
@group(0) @binding(2) var<storage, read_write> ledger: array<f32>; // [steps×columns]
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
fn main(@builtin(local_invocation_id) local: vec3<u32>) {
    var sum = 0.0;
    for (var i = local.x; i < p.n; i = i + THREADS) {
        sum = sum + x[i];
    }
    let total = reduce_sum(local.x, sum);
    if (local.x == 0u && clock[0] < p.steps) {
        ledger[clock[0] * p.columns + p.column] = total;
    }
}

// ledger[clock, column_x] = Σ_i x[i],   ledger[clock, column_y] = Σ_i y[i];   a clock past the last row writes to none
// clock ← clock + 1, afterwards
//
// One workgroup adds up both: a thread every THREADS-th element, then the threads in a tree, always in the same order.

const THREADS: u32 = 256u; // a power of two

struct Params {
    n: u32,        // elements of each
    steps: u32,    // rows of the ledger
    columns: u32,  // of the ledger
    column_x: u32,
    column_y: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;            // [n]
@group(0) @binding(1) var<storage, read> y: array<f32>;            // [n]
@group(0) @binding(2) var<storage, read_write> ledger: array<f32>; // [steps×columns]
@group(0) @binding(3) var<storage, read_write> clock: array<u32>;  // [1]
@group(0) @binding(4) var<uniform> params: Params;

var<workgroup> part: array<vec2<f32>, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_id) local: vec3<u32>) {
    var own = vec2<f32>(0.0, 0.0);
    for (var i = local.x; i < params.n; i = i + THREADS) {
        own = own + vec2<f32>(x[i], y[i]);
    }
    part[local.x] = own;
    workgroupBarrier();
    for (var step = THREADS / 2u; step > 0u; step = step / 2u) {
        if (local.x < step) {
            part[local.x] = part[local.x] + part[local.x + step];
        }
        workgroupBarrier();
    }
    if (local.x > 0u) {
        return;
    }
    let now = clock[0];
    if (now < params.steps) {
        let sums = part[0];
        ledger[now * params.columns + params.column_x] = sums.x;
        ledger[now * params.columns + params.column_y] = sums.y;
    }
    clock[0] = now + 1u;
}

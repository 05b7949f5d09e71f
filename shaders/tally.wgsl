// ledger[clock·columns + column] = Σ_i x[i];   a clock past the last row writes to none
//
// One workgroup adds up: a thread every THREADS-th element, then the threads in a tree, always in the same order.

const THREADS: u32 = 256u; // a power of two

struct Params {
    n: u32,       // elements
    steps: u32,   // rows of the ledger
    columns: u32, // of the ledger
    column: u32,  // that is written
}

@group(0) @binding(0) var<storage, read> x: array<f32>;            // [n]
@group(0) @binding(1) var<storage, read> clock: array<u32>;        // [1]
@group(0) @binding(2) var<storage, read_write> ledger: array<f32>; // [steps×columns]
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> part: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_id) local: vec3<u32>) {
    var own = 0.0;
    for (var i = local.x; i < params.n; i = i + THREADS) {
        own = own + x[i];
    }
    part[local.x] = own;
    workgroupBarrier();
    for (var step = THREADS / 2u; step > 0u; step = step / 2u) {
        if (local.x < step) {
            part[local.x] = part[local.x] + part[local.x + step];
        }
        workgroupBarrier();
    }
    if (local.x == 0u && clock[0] < params.steps) {
        ledger[clock[0] * params.columns + params.column] = part[0];
    }
}

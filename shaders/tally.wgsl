// ledger[clock, column + j] = Σ_i x[i,j];   a clock past the last row writes to none
//
// A workgroup adds up one column j of x: a thread every THREADS-th element, then the threads in a tree, always in the same order.

const THREADS: u32 = 256u; // a power of two

struct Params {
    n: u32,       // rows of x
    steps: u32,   // rows of the ledger
    columns: u32, // of the ledger
    column: u32,  // the first that is written
    width: u32,   // columns of x
    row: u32,     // workgroups in a row of the grid
}

@group(0) @binding(0) var<storage, read> x: array<f32>;            // [n×width]
@group(0) @binding(1) var<storage, read> clock: array<u32>;        // [1]
@group(0) @binding(2) var<storage, read_write> ledger: array<f32>; // [steps×columns]
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> part: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let j = group.y * params.row + group.x;
    let source = min(j, params.width - 1u);
    var own = 0.0;
    for (var i = local.x; i < params.n; i = i + THREADS) {
        own = own + x[i * params.width + source];
    }
    part[local.x] = own;
    workgroupBarrier();
    for (var step = THREADS / 2u; step > 0u; step = step / 2u) {
        if (local.x < step) {
            part[local.x] = part[local.x] + part[local.x + step];
        }
        workgroupBarrier();
    }
    if (local.x == 0u && j < params.width && clock[0] < params.steps) {
        ledger[clock[0] * params.columns + params.column + j] = part[0];
    }
}

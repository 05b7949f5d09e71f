// sum = l1·Σ_i |x[i]| + l2·Σ_i x[i]²
//
// One workgroup of 256 threads: each adds every 256th value, an element or, where the host says so, four, then the threads add up in a tree, always in the
// same order.

alias Value = f32; // or vec4<f32>
const THREADS: u32 = 256u;

struct Params {
    n: u32, // values
    l1: f32,
    l2: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Value>;       // [n]
@group(0) @binding(1) var<storage, read_write> sum: array<f32>; // [1]
@group(0) @binding(2) var<uniform> params: Params;

var<workgroup> part: array<f32, 256>;

fn total(v: Value) -> f32 { return v; }

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_id) local: vec3<u32>) {
    var own = Value();
    for (var i = local.x; i < params.n; i = i + THREADS) {
        own = own + (params.l1 * abs(x[i]) + params.l2 * x[i] * x[i]);
    }
    part[local.x] = total(own);
    workgroupBarrier();
    for (var step = THREADS / 2u; step > 0u; step = step / 2u) {
        if (local.x < step) {
            part[local.x] = part[local.x] + part[local.x + step];
        }
        workgroupBarrier();
    }
    if (local.x == 0u) {
        sum[0] = part[0];
    }
}

// clock ← clock + step
//
// One thread does it.

struct Params {
    step: u32, // 1
}

@group(0) @binding(0) var<storage, read_write> clock: array<u32>; // [1]
@group(0) @binding(1) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main() {
    clock[0] = clock[0] + params.step;
}

// w ← w − η·g,   η = rates[min(clock, steps − 1)]
//
// Each thread updates one parameter; the grid is folded into rows of params.width threads.

struct Params {
    n: u32,         // parameters
    width: u32,     // threads in a row of the grid
    last_step: u32, // of rates
}

@group(0) @binding(0) var<storage, read_write> weights: array<f32>; // [n]
@group(0) @binding(1) var<storage, read> grads: array<f32>;         // [n]
@group(0) @binding(2) var<storage, read> rates: array<f32>;         // [steps]
@group(0) @binding(3) var<storage, read> clock: array<u32>;         // [1]
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) {
        let rate = rates[min(clock[0], params.last_step)];
        weights[i] = weights[i] - rate * grads[i];
    }
}

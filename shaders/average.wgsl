// y ← y + α·(x − y)
//
// Each thread does one element; the grid is folded into rows of params.width threads.

struct Params {
    n: u32,         // elements
    width: u32,     // threads in a row of the grid
    last_step: u32, // of rates
    columns: u32,   // of rates
    first: u32,     // column
}

@group(0) @binding(0) var<storage, read> x: array<f32>;       // [n]
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [n]
@group(0) @binding(2) var<storage, read> rates: array<f32>;   // [steps×columns]: in first α
@group(0) @binding(3) var<storage, read> clock: array<u32>;   // [1]
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) {
        let alpha = rates[params.columns * min(clock[0], params.last_step) + params.first];
        y[i] = y[i] + alpha * (x[i] - y[i]);
    }
}

// y[i] = value
//
// Each thread sets one element; the grid is folded into rows of params.width threads.

struct Params {
    n: u32,     // elements
    width: u32, // threads in a row of the grid
    value: u32, // the bits that every element gets
}

@group(0) @binding(0) var<storage, read_write> y: array<u32>; // [n]
@group(0) @binding(1) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) {
        y[i] = params.value;
    }
}

// y[r] = labels[order[clock·stride + first + r]];   positions past the last mean the last, and so do examples
//
// Each thread copies one label; the grid is folded into rows of params.width threads.

struct Params {
    n: u32,     // rows
    width: u32, // threads in a row of the grid
    stride: u32,        // positions of a step
    first: u32,         // of them, that is taken
    last_clock: u32,    // every later step lies past the last position
    last_position: u32, // of order
    last_example: u32,  // of labels
}

@group(0) @binding(0) var<storage, read> labels: array<u32>;  // [examples]
@group(0) @binding(1) var<storage, read> order: array<u32>;   // [positions]
@group(0) @binding(2) var<storage, read> clock: array<u32>;   // [1]
@group(0) @binding(3) var<storage, read_write> y: array<u32>; // [rows]
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) {
        let step = min(clock[0], params.last_clock);
        let position = min(step * params.stride + params.first + i, params.last_position);
        y[i] = labels[min(order[position], params.last_example)];
    }
}

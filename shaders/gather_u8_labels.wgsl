// y[r,c] = data[e,c]·scale,   label[r] = labels[e],   with e = order[clock·stride + first + r];   positions past the last mean the last, and
// so do examples
//
// Each thread copies four elements, a word of data, and that of the first column the label; the grid is folded into rows of params.width threads.

struct Params {
    n: u32,     // rows × cols, in words
    width: u32, // threads in a row of the grid
    cols: u32,  // in words
    stride: u32,        // positions of a step
    first: u32,         // of them, that is taken
    last_clock: u32,    // every later step lies past the last position
    last_position: u32, // of order
    last_example: u32,  // of data
    scale: f32,
}

@group(0) @binding(0) var<storage, read> data: array<u32>;          // [examples×cols], four bytes to a word, the first lowest
@group(0) @binding(1) var<storage, read> labels: array<u32>;        // [examples]
@group(0) @binding(2) var<storage, read> order: array<u32>;         // [positions]
@group(0) @binding(3) var<storage, read> clock: array<u32>;         // [1]
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>; // [rows×cols]
@group(0) @binding(5) var<storage, read_write> label: array<u32>;   // [rows]
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) {
        let step = min(clock[0], params.last_clock);
        let row = i / params.cols;
        let position = min(step * params.stride + params.first + row, params.last_position);
        let example = min(order[position], params.last_example);
        let word = data[example * params.cols + i % params.cols];
        let pixels = vec4<f32>(f32(word & 0xffu), f32((word >> 8u) & 0xffu), f32((word >> 16u) & 0xffu), f32(word >> 24u));
        y[i] = pixels * params.scale;
        if (i == row * params.cols) { label[row] = labels[example]; }
    }
}

// y[r,c] = data[order[clock·stride + r], c]·scale, for a data set of bytes, four to a word, the first in the lowest bits
//
// A thread copies one element, a workgroup 64; rows of workgroups hold width threads. Positions and examples past the last mean the last.

struct Params { n: u32, width: u32, cols: u32, stride: u32, positions: u32, examples: u32, scale: f32 }

@group(0) @binding(0) var<storage, read> data: array<u32>;    // [examples×cols] bytes
@group(0) @binding(1) var<storage, read> order: array<u32>;   // [positions]
@group(0) @binding(2) var<storage, read> clock: array<u32>;   // [1]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [rows×cols], n elements
@group(0) @binding(4) var<uniform> p: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * p.width + id.x;
    if (i >= p.n) {
        return;
    }
    let position = min(clock[0] * p.stride + i / p.cols, p.positions - 1u);
    let example = min(order[position], p.examples - 1u);
    let at = example * p.cols + i % p.cols;
    let word = data[at / 4u];
    y[i] = f32((word >> ((at % 4u) * 8u)) & 255u) * p.scale;
}

// dx[r,c] = dy[r,c]·gamma[c] / √(moving_variance[c] + epsilon)
//
// Each thread does one element; the grid is folded into rows of params.width threads.

struct Params {
    n: u32,     // rows × cols
    width: u32, // threads in a row of the grid
    cols: u32,
    epsilon: f32,
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;              // [rows×cols]
@group(0) @binding(1) var<storage, read> gamma: array<f32>;           // [cols]
@group(0) @binding(2) var<storage, read> moving_variance: array<f32>; // [cols]
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;        // [rows×cols]
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) {
        let c = i % params.cols;
        dx[i] = dy[i] * (gamma[c] / sqrt(moving_variance[c] + params.epsilon));
    }
}

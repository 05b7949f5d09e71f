// g[i] ← g[i]·min(1, limit/√squares); NaN where squares is NaN
//
// Each thread does one element; the grid is folded into rows of params.width threads.

struct Params {
    n: u32,     // elements
    width: u32, // threads in a row of the grid
    limit: f32,
}

@group(0) @binding(0) var<storage, read_write> grads: array<f32>; // [n]
@group(0) @binding(1) var<storage, read> squares: array<f32>;     // [1]
@group(0) @binding(2) var<uniform> params: Params;

fn is_nan(v: f32) -> bool {
    return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i >= params.n) {
        return;
    }
    let total = squares[0];
    if (is_nan(total)) {
        grads[i] = total;
    } else if (sqrt(total) > params.limit) {
        grads[i] = grads[i] * (params.limit / sqrt(total));
    }
}

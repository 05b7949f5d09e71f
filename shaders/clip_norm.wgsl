// g[i] ← g[i]·min(1, limit/√squares); NaN where squares is NaN
//
// Each thread does one value, an element or, where the host says so, four; the grid is folded into rows of params.width threads.

alias Value = f32; // or vec4<f32>

struct Params {
    n: u32,     // values
    width: u32, // threads in a row of the grid
    limit: f32,
}

@group(0) @binding(0) var<storage, read_write> grads: array<Value>; // [n]
@group(0) @binding(1) var<storage, read> squares: array<f32>;       // [1]
@group(0) @binding(2) var<uniform> params: Params;

fn is_nan(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

// Clips gradient i, and returns it.
fn scaled(i: u32) -> Value {
    let total = squares[0];
    var g = grads[i];
    if (is_nan(total)) {
        g = Value(total);
        grads[i] = g;
    } else if (sqrt(total) > params.limit) {
        g = g * (params.limit / sqrt(total));
        grads[i] = g;
    }
    return g;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) {
        scaled(i);
    }
}

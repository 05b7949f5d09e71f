// dx[i] = dy[i]·f′(x[i]), with the function f that FUNCTION names; where x is NaN, so is dx
//
// Each thread does one element; the grid is folded into rows of params.width threads.

const FUNCTION: u32 = 0u; // one of these, numbered as in package ops:
const LINEAR: u32 = 0u;
const RELU: u32 = 1u;
const ELU: u32 = 2u;
const SIGMOID: u32 = 3u;
const TANH: u32 = 4u;

struct Params {
    n: u32,     // elements
    width: u32, // threads in a row of the grid
    alpha: f32, // the option of the function
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [n]
@group(0) @binding(1) var<storage, read> dy: array<f32>;       // [n]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>; // [n]
@group(0) @binding(3) var<uniform> params: Params;

// Returns s·(1 − s) for s = 1 / (1 + e⁻ᵛ), which is e⁻ᵛ / (1 + e⁻ᵛ)² and even in v.
fn sigmoid_slope(v: f32) -> f32 {
    let e = exp(-abs(v));
    return e / ((1.0 + e) * (1.0 + e));
}

fn slope(v: f32) -> f32 {
    if (FUNCTION == RELU) { return f32(v > 0.0); }
    if (FUNCTION == ELU && v <= 0.0) { return params.alpha * exp(min(v, 0.0)); }
    if (FUNCTION == SIGMOID) { return sigmoid_slope(v); }
    if (FUNCTION == TANH) { return 4.0 * sigmoid_slope(2.0 * v); } // 1 − tanh² v
    return 1.0;
}

fn is_nan(v: f32) -> bool {
    return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i >= params.n) {
        return;
    }
    let v = x[i];
    if (is_nan(v)) {
        dx[i] = v;
    } else {
        dx[i] = dy[i] * slope(v);
    }
}

// y[i] = f(x[i]), with the function f that FUNCTION names; NaN stays NaN
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

@group(0) @binding(0) var<storage, read> x: array<f32>;       // [n]
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [n]
@group(0) @binding(2) var<uniform> params: Params;

// Returns eᵛ − 1 for v ≤ 0; near zero by its series, where the difference would cancel.
fn expm1(v: f32) -> f32 {
    if (v > -0.125) {
        return v * (1.0 + v * (0.5 + v * (0.16666667 + v * (0.041666668 + v * 0.008333334))));
    }
    return exp(min(v, 0.0)) - 1.0;
}

// Returns 1 / (1 + e⁻ᵛ) without overflow.
fn sigmoid(v: f32) -> f32 {
    let e = exp(-abs(v));
    if (v < 0.0) {
        return e / (1.0 + e);
    }
    return 1.0 / (1.0 + e);
}

fn f(v: f32) -> f32 {
    if (FUNCTION == RELU) { return max(v, 0.0); }
    if (FUNCTION == ELU && v < 0.0) { return params.alpha * expm1(v); }
    if (FUNCTION == SIGMOID) { return sigmoid(v); }
    if (FUNCTION == TANH) { return tanh(clamp(v, -15.0, 15.0)); }
    return v;
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
        y[i] = v;
    } else {
        y[i] = f(v);
    }
}

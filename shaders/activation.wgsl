// y[i] = f(x[i]), with the function f that FUNCTION names; NaN stays NaN
//
// Each thread does one element; the grid is folded into rows of params.width threads.

const FUNCTION: u32 = 0u; // one of these, numbered as in package ops:
const LINEAR: u32 = 0u;
const RELU: u32 = 1u;
const ELU: u32 = 2u;
const SIGMOID: u32 = 3u;
const TANH: u32 = 4u;
const SELU: u32 = 5u;
const CELU: u32 = 6u;
const GELU: u32 = 7u;
const GELU_TANH: u32 = 8u;
const SILU: u32 = 9u;
const MISH: u32 = 10u;
const SOFTPLUS: u32 = 11u;
const SOFTSIGN: u32 = 12u;
const HARD_SIGMOID: u32 = 13u;
const HARD_SILU: u32 = 14u;
const HARD_TANH: u32 = 15u;
const EXPONENTIAL: u32 = 16u;

struct Params {
    n: u32,     // elements
    width: u32, // threads in a row of the grid
    alpha: f32, // the options of the function
    beta: f32,
    gamma: f32,
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

// Returns eᵛ, at most e⁸⁰, as 2ᵏ·eʳ: where |v| is large, exp alone would be a few roundings of v off.
fn exponential(v: f32) -> f32 {
    let w = clamp(v, -87.0, 80.0);
    let k = floor(w * 1.442695 + 0.5);
    let r = (w - k * 0.693359375) + k * 0.00021219444; // k·ln 2 in two parts
    return exp(clamp(r, -1.0, 1.0)) * bitcast<f32>(u32(i32(k) + 127) << 23u);
}

// Returns 1 / (1 + e⁻ᵛ) without overflow.
fn sigmoid(v: f32) -> f32 {
    let e = exp(-abs(v));
    if (v < 0.0) { return e / (1.0 + e); }
    return 1.0 / (1.0 + e);
}

// Returns ln(1 + eᵛ) as max(v, 0) + 2·artanh s with s = e/(2 + e) and e = exp(−|v|).
fn softplus(v: f32) -> f32 {
    let e = exp(-abs(v));
    let s = e / (2.0 + e);
    let q = s * s;
    let series = 1.0 + q * (0.33333334 + q * (0.2 + q * (0.14285715 + q * (0.11111111 + q * (0.09090909 + q * 0.07692308)))));
    return max(v, 0.0) + 2.0 * s * series;
}

// Returns 1 − erf z for z ≥ 0 to 1.2e-7 of itself (Press et al., Numerical Recipes in C, 1992, section 6.2: a Chebyshev fit).
fn erfc(z: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.5 * z);
    let high = 0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)));
    let p = -1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806 + t * high))));
    return t * exp(min(p - z * z, 0.0));
}

// Returns tanh(ln(1 + eᵛ)), which is (1 + 2e)/(1 + 2e + 2e²) with e = e⁻ᵛ.
fn mish_gate(v: f32) -> f32 {
    let e = exp(-abs(v));
    if (v < 0.0) { return e * (e + 2.0) / (e * (e + 2.0) + 2.0); }
    return (1.0 + 2.0 * e) / (1.0 + 2.0 * e * (1.0 + e));
}

fn hard_sigmoid(v: f32) -> f32 { return clamp((v + 3.0) / 6.0, 0.0, 1.0); }

fn f(v: f32) -> f32 {
    if (FUNCTION == RELU && params.beta > 0.0 && v >= params.beta) { return params.beta; }
    if (FUNCTION == RELU && v <= params.gamma) { return params.alpha * (v - params.gamma); }
    if (FUNCTION == ELU && v < 0.0) { return params.alpha * expm1(v); }
    if (FUNCTION == SIGMOID) { return sigmoid(v); }
    if (FUNCTION == TANH) { return tanh(clamp(v, -15.0, 15.0)); }
    if (FUNCTION == SELU) { return 1.050701 * (max(v, 0.0) + 1.6732632 * expm1(min(v, 0.0))); }
    if (FUNCTION == CELU && v < 0.0) { return params.alpha * expm1(v / params.alpha); }
    if (FUNCTION == GELU) { return max(v, 0.0) - 0.5 * abs(v) * erfc(0.70710678 * abs(v)); }
    if (FUNCTION == GELU_TANH) { return v * sigmoid(1.5957692 * v * (1.0 + 0.044715 * v * v)); }
    if (FUNCTION == SILU) { return v * sigmoid(params.alpha * v); }
    if (FUNCTION == MISH) { return v * mish_gate(v); }
    if (FUNCTION == SOFTPLUS) { return softplus(v); }
    if (FUNCTION == SOFTSIGN) { return v / (1.0 + abs(v)); }
    if (FUNCTION == HARD_SIGMOID) { return hard_sigmoid(v); }
    if (FUNCTION == HARD_SILU) { return v * hard_sigmoid(v); }
    if (FUNCTION == HARD_TANH) { return clamp(v, -1.0, 1.0); }
    if (FUNCTION == EXPONENTIAL) { return exponential(v); }
    return v;
}

fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }

fn activated(v: f32) -> f32 {
    if (is_nan(v)) { return v; }
    return f(v);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) { y[i] = activated(x[i]); }
}

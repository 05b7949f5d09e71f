// dx[i] = dy[i]·f′(x[i]), with the function f that FUNCTION names; where x is NaN, so is dx
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

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [n]
@group(0) @binding(1) var<storage, read> dy: array<f32>;       // [n]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>; // [n]
@group(0) @binding(3) var<uniform> params: Params;

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

// Returns s·(1 − s) for s = 1 / (1 + e⁻ᵛ), which is e⁻ᵛ / (1 + e⁻ᵛ)² and even in v.
fn sigmoid_slope(v: f32) -> f32 {
    let e = exp(-abs(v));
    return e / ((1.0 + e) * (1.0 + e));
}

// Returns 1 − erf z for z ≥ 0 to 1.2e-7 of itself (Press et al., Numerical Recipes in C, 1992, section 6.2: a Chebyshev fit).
fn erfc(z: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.5 * z);
    let high = 0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)));
    let p = -1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806 + t * high))));
    return t * exp(min(p - z * z, 0.0));
}

// With Φ the normal distribution: Φ(v) + v·Φ′(v).
fn gelu_slope(v: f32) -> f32 {
    let tail = 0.5 * erfc(0.70710678 * abs(v));
    let bump = v * 0.3989423 * exp(min(-0.5 * v * v, 0.0));
    if (v < 0.0) { return tail + bump; }
    return 1.0 - tail + bump;
}

fn gelu_tanh_slope(w: f32) -> f32 {
    let u = 1.5957692 * w * (1.0 + 0.044715 * w * w);
    return sigmoid(u) + 1.5957692 * w * (1.0 + 0.134145 * w * w) * sigmoid_slope(u);
}

// With w = tanh(ln(1 + eᵛ)): w + v·(1 − w²)/(1 + e⁻ᵛ).
fn mish_slope(v: f32) -> f32 {
    let e = exp(-abs(v));
    var gap = 2.0 * e * e / (1.0 + 2.0 * e * (1.0 + e)); // 1 − w
    if (v < 0.0) { gap = 2.0 / (e * (e + 2.0) + 2.0); }
    return 1.0 - gap + v * gap * (2.0 - gap) * sigmoid(v);
}

fn slope(v: f32) -> f32 {
    let u = clamp(params.alpha * v, -100.0, 100.0); // beyond which the slope of SILU is 0 or 1
    if (FUNCTION == RELU && params.beta > 0.0 && v >= params.beta) { return 0.0; }
    if (FUNCTION == RELU && v <= params.gamma) { return params.alpha; }
    if (FUNCTION == ELU && v <= 0.0) { return params.alpha * exp(min(v, 0.0)); }
    if (FUNCTION == SIGMOID) { return sigmoid_slope(v); }
    if (FUNCTION == TANH) { return 4.0 * sigmoid_slope(2.0 * v); } // 1 − tanh² v
    if (FUNCTION == SELU) { return 1.050701 * (f32(v > 0.0) + f32(v <= 0.0) * 1.6732632 * exp(min(v, 0.0))); }
    if (FUNCTION == CELU) { return exp(min(v / params.alpha, 0.0)); }
    if (FUNCTION == GELU) { return gelu_slope(v); }
    if (FUNCTION == GELU_TANH) { return gelu_tanh_slope(clamp(v, -16.0, 16.0)); } // beyond, it is 0 or 1
    if (FUNCTION == SILU) { return sigmoid(u) + u * sigmoid_slope(u); }
    if (FUNCTION == MISH) { return mish_slope(v); }
    if (FUNCTION == SOFTPLUS) { return sigmoid(v); }
    if (FUNCTION == SOFTSIGN) { return 1.0 / ((1.0 + abs(v)) * (1.0 + abs(v))); }
    if (FUNCTION == HARD_SIGMOID) { return f32(abs(v) < 3.0) / 6.0; }
    if (FUNCTION == HARD_SILU && abs(v) < 3.0) { return (2.0 * v + 3.0) / 6.0; }
    if (FUNCTION == HARD_SILU) { return f32(v > 0.0); }
    if (FUNCTION == HARD_TANH) { return f32(abs(v) < 1.0); }
    if (FUNCTION == EXPONENTIAL) { return exponential(v); }
    return 1.0;
}

fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i >= params.n) { return; }
    let v = x[i];
    var d = v;
    if (!is_nan(v)) { d = dy[i] * slope(v); }
    dx[i] = d;
}

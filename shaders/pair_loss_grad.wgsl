// dp[r,c] = dlosses[r]·∂f/∂p·share, with the function f that FUNCTION names; see ops.PairFunction for the formulas
//
// Each thread does one element; the grid is folded into rows of params.width threads.

const FUNCTION: u32 = 0u; // one of these, numbered as in package ops:
const SQUARED_ERROR: u32 = 0u;
const ABSOLUTE_ERROR: u32 = 1u;
const ABSOLUTE_PERCENTAGE_ERROR: u32 = 2u;
const SQUARED_LOGARITHMIC_ERROR: u32 = 3u;
const HUBER: u32 = 4u;
const LOG_COSH: u32 = 5u;
const POISSON: u32 = 6u;
const BINARY_CROSSENTROPY: u32 = 7u;
const BINARY_CROSSENTROPY_OF_LOGITS: u32 = 8u;
const BINARY_FOCAL: u32 = 9u;
const CROSSENTROPY: u32 = 10u;
const CATEGORICAL_FOCAL: u32 = 11u;
const KL_DIVERGENCE: u32 = 12u;
const NEGATIVE_PRODUCT: u32 = 13u;
const HINGE: u32 = 14u;
const SQUARED_HINGE: u32 = 15u;
const LEAST: f32 = 1e-7; // how near to 0, and to 1, what a logarithm is taken of may come

struct Params {
    n: u32,     // rows × cols
    width: u32, // threads in a row of the grid
    cols: u32,
    alpha: f32,
    gamma: f32,
    share: f32, // 1/cols, or 1
}

@group(0) @binding(0) var<storage, read> p: array<f32>;        // [rows×cols]
@group(0) @binding(1) var<storage, read> t: array<f32>;        // [rows×cols]
@group(0) @binding(2) var<storage, read> dlosses: array<f32>;  // [rows]
@group(0) @binding(3) var<storage, read_write> dp: array<f32>; // [rows×cols]
@group(0) @binding(4) var<uniform> params: Params;

// Returns 1/(1 + e⁻ᶻ) without overflow.
fn sigmoid(z: f32) -> f32 {
    let e = exp(-abs(z));
    if (z < 0.0) { return e / (1.0 + e); }
    return 1.0 / (1.0 + e);
}

// Returns x to the power of gamma and the slope of that.
fn power_slope(x: f32) -> vec2<f32> {
    if (params.gamma == 0.0) { return vec2<f32>(1.0, 0.0); }
    if (x <= 0.0) { return vec2<f32>(0.0, 0.0); }
    return vec2<f32>(pow(x, params.gamma), params.gamma * pow(x, params.gamma - 1.0));
}

fn logarithmic(q: f32, u: f32) -> f32 {
    if (q <= LEAST) { return 0.0; }
    return 2.0 * (log(1.0 + q) - log(1.0 + max(u, LEAST))) / (1.0 + q);
}

fn binary_slope(q: f32, u: f32) -> f32 {
    if (q < LEAST || 1.0 - q < LEAST) { return 0.0; }
    return (q - u) / (q * (1.0 - q));
}

fn binary_focal_slope(q: f32, u: f32) -> f32 {
    let value = -u * log(clamp(q, LEAST, 1.0)) - (1.0 - u) * log(clamp(1.0 - q, LEAST, 1.0));
    let factor = power_slope(1.0 - u * q - (1.0 - u) * (1.0 - q));
    let b = factor.y * (1.0 - 2.0 * u) * value + factor.x * binary_slope(q, u);
    if (params.alpha > 0.0) { return b * (params.alpha * u + (1.0 - params.alpha) * (1.0 - u)); }
    return b;
}

fn categorical_focal_slope(q: f32, u: f32) -> f32 {
    if (q < LEAST || 1.0 - q < LEAST) { return 0.0; }
    let factor = power_slope(1.0 - q);
    return -params.alpha * u * (factor.x / q - factor.y * log(q));
}

// Returns the slope of the function of prediction q and target u.
fn slope(q: f32, u: f32) -> f32 {
    let d = q - u;
    let margin = max(1.0 - u * q, 0.0);
    let inside = f32(q >= LEAST && 1.0 - q >= LEAST);
    if (FUNCTION == SQUARED_ERROR) { return 2.0 * d; }
    if (FUNCTION == ABSOLUTE_ERROR) { return sign(d); }
    if (FUNCTION == ABSOLUTE_PERCENTAGE_ERROR) { return 100.0 * sign(d) / max(abs(u), LEAST); }
    if (FUNCTION == SQUARED_LOGARITHMIC_ERROR) { return logarithmic(q, u); }
    if (FUNCTION == HUBER) { return clamp(d, -params.alpha, params.alpha); }
    if (FUNCTION == LOG_COSH) { return tanh(clamp(d, -15.0, 15.0)); }
    if (FUNCTION == POISSON) { return 1.0 - u / (q + LEAST); }
    if (FUNCTION == BINARY_CROSSENTROPY) { return binary_slope(q, u); }
    if (FUNCTION == BINARY_CROSSENTROPY_OF_LOGITS) { return sigmoid(q) - u; }
    if (FUNCTION == BINARY_FOCAL) { return binary_focal_slope(q, u); }
    if (FUNCTION == CROSSENTROPY) { return -inside * u / max(q, LEAST); }
    if (FUNCTION == CATEGORICAL_FOCAL) { return categorical_focal_slope(q, u); }
    if (FUNCTION == KL_DIVERGENCE) { return -f32(q >= LEAST && q <= 1.0) * clamp(u, LEAST, 1.0) / max(q, LEAST); }
    if (FUNCTION == NEGATIVE_PRODUCT) { return -u; }
    if (FUNCTION == HINGE) { return -u * f32(margin > 0.0); }
    if (FUNCTION == SQUARED_HINGE) { return -2.0 * u * margin; }
    return 0.0; // binary accuracy
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) {
        dp[i] = dlosses[i / params.cols] * params.share * slope(p[i], t[i]);
    }
}

// losses[r] = Σ_c f(p[r,c], t[r,c])·share, with the function f that FUNCTION names; see ops.PairFunction for the formulas
//
// A workgroup does ROWS rows with LANES threads each. The threads of a row add up in a tree, always in the same order.

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
const LANES: u32 = 32u;  // threads of a row, a power of two
const ROWS: u32 = 8u;    // rows of a workgroup; LANES × ROWS is at most 256

struct Params {
    rows: u32,
    cols: u32,
    width: u32, // workgroups in a row of the grid
    alpha: f32,
    gamma: f32,
    share: f32, // 1/cols, or 1
}

@group(0) @binding(0) var<storage, read> p: array<f32>;            // [rows×cols]
@group(0) @binding(1) var<storage, read> t: array<f32>;            // [rows×cols]
@group(0) @binding(2) var<storage, read_write> losses: array<f32>; // [rows]
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> part: array<f32, 256>;

// Returns the sum of the values of a row's threads; at is row·LANES + lane.
fn sum_lanes(at: u32, value: f32) -> f32 {
    if (LANES == 1u) { return value; }
    part[at] = value;
    workgroupBarrier();
    for (var step = LANES / 2u; step > 0u; step = step / 2u) {
        if (at % LANES < step) {
            part[at] = part[at] + part[at + step];
        }
        workgroupBarrier();
    }
    return part[at - at % LANES];
}

// Returns log(1 + e⁻ᵃ) for a ≥ 0.
fn log1p_exp(a: f32) -> f32 { return log(1.0 + exp(-abs(a))); }

// Returns x to the power of gamma.
fn power(x: f32) -> f32 {
    if (params.gamma == 0.0) { return 1.0; }
    if (x <= 0.0) { return 0.0; }
    return pow(x, params.gamma);
}

fn binary(q: f32, u: f32) -> f32 {
    let yes = clamp(q, LEAST, 1.0);
    let no = clamp(1.0 - q, LEAST, 1.0);
    return -u * log(yes) - (1.0 - u) * log(no);
}

fn binary_focal(q: f32, u: f32) -> f32 {
    let b = binary(q, u) * power(1.0 - u * q - (1.0 - u) * (1.0 - q));
    if (params.alpha > 0.0) { return b * (params.alpha * u + (1.0 - params.alpha) * (1.0 - u)); }
    return b;
}

// Returns the function of prediction q and target u.
fn f(q: f32, u: f32) -> f32 {
    let d = q - u;
    let r = clamp(q, LEAST, 1.0);
    let margin = max(1.0 - u * q, 0.0);
    if (FUNCTION == SQUARED_ERROR) { return d * d; }
    if (FUNCTION == ABSOLUTE_ERROR) { return abs(d); }
    if (FUNCTION == ABSOLUTE_PERCENTAGE_ERROR) { return 100.0 * abs(d) / max(abs(u), LEAST); }
    if (FUNCTION == SQUARED_LOGARITHMIC_ERROR) {
        let e = log(1.0 + max(q, LEAST)) - log(1.0 + max(u, LEAST));
        return e * e;
    }
    if (FUNCTION == HUBER && abs(d) > params.alpha) { return params.alpha * (abs(d) - 0.5 * params.alpha); }
    if (FUNCTION == HUBER) { return 0.5 * d * d; }
    if (FUNCTION == LOG_COSH) { return abs(d) + log1p_exp(2.0 * abs(d)) - 0.6931472; }
    if (FUNCTION == POISSON) { return q - u * log(q + LEAST); }
    if (FUNCTION == BINARY_CROSSENTROPY) { return binary(q, u); }
    if (FUNCTION == BINARY_CROSSENTROPY_OF_LOGITS) { return max(q, 0.0) - q * u + log1p_exp(abs(q)); }
    if (FUNCTION == BINARY_FOCAL) { return binary_focal(q, u); }
    if (FUNCTION == CROSSENTROPY) { return -u * log(r); }
    if (FUNCTION == CATEGORICAL_FOCAL) { return -params.alpha * power(1.0 - r) * u * log(r); }
    if (FUNCTION == KL_DIVERGENCE) { return clamp(u, LEAST, 1.0) * (log(clamp(u, LEAST, 1.0)) - log(r)); }
    if (FUNCTION == NEGATIVE_PRODUCT) { return -u * q; }
    if (FUNCTION == HINGE) { return margin; }
    if (FUNCTION == SQUARED_HINGE) { return margin * margin; }
    return f32((q > params.alpha && u == 1.0) || (q <= params.alpha && u == 0.0)); // binary accuracy
}

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let at = local.y * LANES + local.x;
    let row = (group.y * params.width + group.x) * ROWS + local.y;
    let first = min(row, params.rows - 1u) * params.cols;
    var own = 0.0;
    for (var c = local.x; c < params.cols; c = c + LANES) {
        own = own + f(p[first + c], t[first + c]);
    }
    let sum = sum_lanes(at, own);
    if (row < params.rows && local.x == 0u) {
        losses[row] = sum * params.share;
    }
}

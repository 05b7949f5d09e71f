// w ← w − ψ·δ·w − step, m and v changed before, in the way of the KIND: see ops.Adaptive for the formulas
//
// Each thread updates EACH values one after the other, a value being a parameter or, where the host says so, four; the grid is folded into rows of
// params.width threads.

alias Value = f32;      // or vec4<f32>
const BLOCK: u32 = 64u; // values that share factors: 64 parameters
const EACH: u32 = 1u;   // values of a thread; they share factors
const KIND: u32 = 0u; // one of these, numbered as in package ops:
const ADAM: u32 = 0u;
const ADAMAX: u32 = 2u;
const NADAM: u32 = 3u;
const RMSPROP: u32 = 4u;
const ADAGRAD: u32 = 5u;
const LION: u32 = 7u;

struct Params {
    n: u32,         // values
    width: u32,     // threads in a row of the grid
    last_step: u32, // of rates
    columns: u32,   // of rates
    first: u32,     // column
    beta2: f32,
    rest2: f32,     // 1 − beta2
    epsilon: f32,
}

@group(0) @binding(0) var<storage, read_write> w: array<Value>; // [n]
@group(0) @binding(1) var<storage, read> grads: array<Value>;   // [n]
@group(0) @binding(2) var<storage, read> rates: array<f32>;     // [steps×columns]: from first on a, b, c, δ and 1 − β₁
@group(0) @binding(3) var<storage, read> clock: array<u32>;     // [1]
@group(0) @binding(4) var<storage, read> factors: array<f32>;   // [⌈n/BLOCK⌉×2]: φ and ψ
@group(0) @binding(5) var<storage, read_write> m: array<Value>; // [n]
@group(0) @binding(6) var<storage, read_write> v: array<Value>; // [n]
@group(0) @binding(7) var<uniform> params: Params;

// The coefficients of the step for a parameter, a and b multiplied by φ, the decay by ψ.
struct Row {
    a: f32,
    b: f32,
    c: f32,
    decay: f32,
    rest1: f32, // 1 − β₁
}

// Moves m[i] towards the gradient.
fn move_m(i: u32, g: Value, rest1: f32) -> Value {
    let next = m[i] + rest1 * (g - m[i]);
    m[i] = next;
    return next;
}

// Moves v[i] towards the square of the gradient.
fn move_v(i: u32, g: Value) -> Value {
    let next = v[i] + params.rest2 * (g * g - v[i]);
    v[i] = next;
    return next;
}

// Returns what is taken off parameter i, less the decay.
fn step_of(i: u32, g: Value, r: Row) -> Value {
    if (KIND == ADAM) { return r.a * move_m(i, g, r.rest1) / (sqrt(move_v(i, g)) + params.epsilon); }
    if (KIND == NADAM) { return (r.b * move_m(i, g, r.rest1) + r.a * g) / (sqrt(r.c * move_v(i, g)) + params.epsilon); }
    if (KIND == ADAMAX) {
        v[i] = max(params.beta2 * v[i], abs(g));
        return r.a * move_m(i, g, r.rest1) / (v[i] + params.epsilon);
    }
    if (KIND == ADAGRAD) {
        v[i] = v[i] + g * g;
        return r.a * g / sqrt(v[i] + params.epsilon);
    }
    if (KIND == LION) {
        let direction = sign((1.0 - r.rest1) * m[i] + r.rest1 * g);
        m[i] = params.beta2 * m[i] + params.rest2 * g;
        return r.a * direction;
    }
    v[i] = params.beta2 * v[i] + params.rest2 * g * g;
    if (KIND == RMSPROP) {
        m[i] = (1.0 - r.rest1) * m[i] + r.a * g / sqrt(v[i] + params.epsilon);
        return m[i];
    }
    let d = g * sqrt(m[i] + params.epsilon) / sqrt(v[i] + params.epsilon); // Adadelta
    m[i] = params.beta2 * m[i] + params.rest2 * d * d;
    return r.a * d;
}

// Returns the coefficients for value i.
fn rates_of(i: u32) -> Row {
    let row = params.columns * min(clock[0], params.last_step) + params.first;
    let block = i / BLOCK * 2u;
    let factor = factors[block];
    return Row(factor * rates[row], factor * rates[row + 1u], rates[row + 2u], factors[block + 1u] * rates[row + 3u], rates[row + 4u]);
}

// Updates value i, of gradient g.
fn adapt(i: u32, g: Value, r: Row) {
    let step = step_of(i, g, r);
    w[i] = w[i] - (r.decay * w[i] + step);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let first = (id.y * params.width + id.x) * EACH;
    let r = rates_of(min(first, params.n - 1u));
    for (var i = first; i < min(first + EACH, params.n); i = i + 1u) {
        adapt(i, grads[i], r);
    }
}

// w ← w − step, m and v changed before, in the way of the KIND: see ops.Adaptive for the formulas
//
// Each thread updates one parameter; the grid is folded into rows of params.width threads.

const KIND: u32 = 0u; // one of these, numbered as in package ops:
const ADAM: u32 = 0u;
const ADAMAX: u32 = 2u;
const NADAM: u32 = 3u;
const RMSPROP: u32 = 4u;
const ADAGRAD: u32 = 5u;
const LION: u32 = 7u;

struct Params {
    n: u32,     // parameters
    width: u32, // threads in a row of the grid
    steps: u32,
    beta1: f32,
    rest1: f32, // 1 − beta1
    beta2: f32,
    rest2: f32, // 1 − beta2
    epsilon: f32,
}

@group(0) @binding(0) var<storage, read_write> w: array<f32>; // [n]
@group(0) @binding(1) var<storage, read> grads: array<f32>;   // [n]
@group(0) @binding(2) var<storage, read> rates: array<f32>;   // [steps×3]: a, b and c
@group(0) @binding(3) var<storage, read> clock: array<u32>;   // [1]
@group(0) @binding(4) var<storage, read_write> m: array<f32>; // [n]
@group(0) @binding(5) var<storage, read_write> v: array<f32>; // [n]
@group(0) @binding(6) var<uniform> params: Params;

// Moves m[i] towards the gradient.
fn move_m(i: u32, g: f32) -> f32 {
    let next = m[i] + params.rest1 * (g - m[i]);
    m[i] = next;
    return next;
}

// Moves v[i] towards the square of the gradient.
fn move_v(i: u32, g: f32) -> f32 {
    let next = v[i] + params.rest2 * (g * g - v[i]);
    v[i] = next;
    return next;
}

// Returns what is taken off parameter i.
fn step_of(i: u32, g: f32, a: f32, b: f32, c: f32) -> f32 {
    if (KIND == ADAM) { return b * w[i] + a * move_m(i, g) / (sqrt(move_v(i, g)) + params.epsilon); }
    if (KIND == NADAM) { return (b * move_m(i, g) + a * g) / (sqrt(c * move_v(i, g)) + params.epsilon); }
    if (KIND == ADAMAX) {
        v[i] = max(params.beta2 * v[i], abs(g));
        return a * move_m(i, g) / (v[i] + params.epsilon);
    }
    if (KIND == ADAGRAD) {
        v[i] = v[i] + g * g;
        return a * g / sqrt(v[i] + params.epsilon);
    }
    if (KIND == LION) {
        let direction = sign(params.beta1 * m[i] + params.rest1 * g);
        m[i] = params.beta2 * m[i] + params.rest2 * g;
        return b * w[i] + a * direction;
    }
    v[i] = params.beta2 * v[i] + params.rest2 * g * g;
    if (KIND == RMSPROP) {
        m[i] = params.beta1 * m[i] + a * g / sqrt(v[i] + params.epsilon);
        return m[i];
    }
    let d = g * sqrt(m[i] + params.epsilon) / sqrt(v[i] + params.epsilon); // Adadelta
    m[i] = params.beta2 * m[i] + params.rest2 * d * d;
    return a * d;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) {
        let row = 3u * min(clock[0], params.steps - 1u);
        let step = step_of(i, grads[i], rates[row], rates[row + 1u], rates[row + 2u]);
        w[i] = w[i] - step;
    }
}

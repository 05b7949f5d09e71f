// m ← m + (1−β₁)(g−m), v ← v + (1−β₂)(g²−v), and AMSGrad: u ← max(u, v), w ← w − ψ·δ·w − φ·a·m/(√u + ε)
// or Lamb: u ← b·m/(√(c·v) + ε), w ← w − ψ·δ·w
//
// Each thread updates EACH values one after the other, a value being a parameter or, where the host says so, four; the grid is folded into rows of
// params.width threads.

alias Value = f32;      // or vec4<f32>
const BLOCK: u32 = 64u; // values that share factors: 64 parameters
const EACH: u32 = 1u;   // values of a thread; they share factors
const LAMB: bool = false;

struct Params {
    n: u32,         // values
    width: u32,     // threads in a row of the grid
    last_step: u32, // of rates
    columns: u32,   // of rates
    first: u32,     // column
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
@group(0) @binding(7) var<storage, read_write> u: array<Value>; // [n]
@group(0) @binding(8) var<uniform> params: Params;

// The coefficients of the step for a parameter, a multiplied by φ, the decay by ψ; in the order of adaptive.wgsl's.
struct Row {
    a: f32,
    b: f32,
    c: f32,
    decay: f32,
    rest1: f32, // 1 − β₁
}

// Returns the coefficients for value i.
fn rates_of(i: u32) -> Row {
    let row = params.columns * min(clock[0], params.last_step) + params.first;
    let block = i / BLOCK * 2u;
    return Row(factors[block] * rates[row], rates[row + 1u], rates[row + 2u], factors[block + 1u] * rates[row + 3u], rates[row + 4u]);
}

// Updates value i, of gradient g.
fn adapt_third(i: u32, g: Value, r: Row) {
    m[i] = m[i] + r.rest1 * (g - m[i]);
    v[i] = v[i] + params.rest2 * (g * g - v[i]);
    let decay = r.decay * w[i];
    if (LAMB) {
        u[i] = r.b * m[i] / (sqrt(r.c * v[i]) + params.epsilon);
        w[i] = w[i] - decay;
        return;
    }
    u[i] = max(u[i], v[i]);
    w[i] = w[i] - (decay + r.a * m[i] / (sqrt(u[i]) + params.epsilon));
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let first = (id.y * params.width + id.x) * EACH;
    let r = rates_of(min(first, params.n - 1u));
    for (var i = first; i < min(first + EACH, params.n); i = i + 1u) {
        adapt_third(i, grads[i], r);
    }
}

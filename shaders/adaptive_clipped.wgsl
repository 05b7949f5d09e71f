// g ← g clipped, by value or by the norm, and m, v and w as in adaptive.wgsl
//
// Each thread updates EACH values one after the other, a value being a parameter or, where the host says so, four; the grid is folded into rows of
// params.width threads.

alias Value = f32;           // or vec4<f32>
alias Bits = u32;            // or vec4<u32>
const BLOCK: u32 = 64u;      // values that share factors: 64 parameters
const EACH: u32 = 1u;        // values of a thread; they share factors
const BY_NORM: bool = false; // clip by the norm, else by value
const KIND: u32 = 0u;        // numbered as in package ops

struct Params {
    n: u32,         // values
    width: u32,     // threads in a row of the grid
    last_step: u32, // of rates
    columns: u32,   // of rates
    first: u32,     // column
    beta2: f32,
    rest2: f32,     // 1 − beta2
    epsilon: f32,
    limit: f32,     // of clipping
}

@group(0) @binding(0) var<storage, read_write> w: array<Value>;     // [n]
@group(0) @binding(1) var<storage, read_write> grads: array<Value>; // [n]
@group(0) @binding(2) var<storage, read> rates: array<f32>;         // [steps×columns]: from first on a, b, c, δ and 1 − β₁
@group(0) @binding(3) var<storage, read> clock: array<u32>;         // [1]
@group(0) @binding(4) var<storage, read> factors: array<f32>;       // [⌈n/BLOCK⌉×2]: φ and ψ
@group(0) @binding(5) var<storage, read_write> m: array<Value>;     // [n]
@group(0) @binding(6) var<storage, read_write> v: array<Value>;     // [n]
@group(0) @binding(7) var<storage, read> squares: array<f32>;       // [1]; not used by value
@group(0) @binding(8) var<uniform> params: Params;

// The coefficients of the step for a parameter, a and b multiplied by φ, the decay by ψ; in the order of adaptive.wgsl's.
struct Row {
    a: f32,
    b: f32,
    c: f32,
    decay: f32,
    rest1: f32, // 1 − β₁
}

fn held(i: u32) -> Value { return grads[i]; } // clip_value.wgsl's
fn scaled(i: u32) -> Value { return grads[i] * squares[0]; } // clip_norm.wgsl's
fn rates_of(i: u32) -> Row { return Row(rates[clock[0]], factors[i / BLOCK], 0.0, 0.0, 0.0); } // adaptive.wgsl's
fn adapt(i: u32, g: Value, r: Row) { w[i] = r.a * g + m[i] + v[i]; } // adaptive.wgsl's

fn clipped(i: u32) -> Value {
    if (BY_NORM) { return scaled(i); }
    return held(i);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let first = (id.y * params.width + id.x) * EACH;
    let r = rates_of(min(first, params.n - 1u));
    for (var i = first; i < min(first + EACH, params.n); i = i + 1u) {
        adapt(i, clipped(i), r);
    }
}

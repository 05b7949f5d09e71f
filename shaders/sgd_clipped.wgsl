// g ← g clipped, by value or by the norm, and w ← w − ψ·δ·w − φ·η·g
//
// Each thread updates EACH values one after the other, a value being a parameter or, where the host says so, four; the grid is folded into rows of
// params.width threads.

alias Value = f32;           // or vec4<f32>
alias Bits = u32;            // or vec4<u32>
const BLOCK: u32 = 64u;      // values that share factors: 64 parameters
const EACH: u32 = 1u;        // values of a thread; they share factors
const BY_NORM: bool = false; // clip by the norm, else by value

struct Params {
    n: u32,         // values
    width: u32,     // threads in a row of the grid
    last_step: u32, // of rates
    columns: u32,   // of rates
    first: u32,     // column
    limit: f32,     // of clipping
}

@group(0) @binding(0) var<storage, read_write> weights: array<Value>; // [n]
@group(0) @binding(1) var<storage, read_write> grads: array<Value>;   // [n]
@group(0) @binding(2) var<storage, read> rates: array<f32>;           // [steps×columns]: from first on η, the momentum and δ
@group(0) @binding(3) var<storage, read> clock: array<u32>;           // [1]
@group(0) @binding(4) var<storage, read> factors: array<f32>;         // [⌈n/BLOCK⌉×2]: φ and ψ
@group(0) @binding(5) var<storage, read> squares: array<f32>;         // [1]; not used by value
@group(0) @binding(6) var<uniform> params: Params;

fn held(i: u32) -> Value { return grads[i]; } // clip_value.wgsl's
fn scaled(i: u32) -> Value { return grads[i] * squares[0]; } // clip_norm.wgsl's
fn rates_of(i: u32) -> vec2<f32> { return vec2<f32>(rates[clock[0]], factors[i / BLOCK]); } // sgd.wgsl's
fn descend(i: u32, g: Value, r: vec2<f32>) { weights[i] = r.x * g; } // sgd.wgsl's

fn clipped(i: u32) -> Value {
    if (BY_NORM) { return scaled(i); }
    return held(i);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let first = (id.y * params.width + id.x) * EACH;
    let r = rates_of(min(first, params.n - 1u));
    for (var i = first; i < min(first + EACH, params.n); i = i + 1u) {
        descend(i, clipped(i), r);
    }
}

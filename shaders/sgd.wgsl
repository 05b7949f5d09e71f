// w ← w − ψ·δ·w − φ·η·g
//
// Each thread updates EACH values one after the other, a value being a parameter or, where the host says so, four; the grid is folded into rows of
// params.width threads.

alias Value = f32;      // or vec4<f32>
const BLOCK: u32 = 64u; // values that share factors: 64 parameters
const EACH: u32 = 1u;   // values of a thread; they share factors

struct Params {
    n: u32,         // values
    width: u32,     // threads in a row of the grid
    last_step: u32, // of rates
    columns: u32,   // of rates
    first: u32,     // column
}

@group(0) @binding(0) var<storage, read_write> weights: array<Value>; // [n]
@group(0) @binding(1) var<storage, read> grads: array<Value>;         // [n]
@group(0) @binding(2) var<storage, read> rates: array<f32>;           // [steps×columns]: from first on η, the momentum and δ
@group(0) @binding(3) var<storage, read> clock: array<u32>;           // [1]
@group(0) @binding(4) var<storage, read> factors: array<f32>;         // [⌈n/BLOCK⌉×2]: φ and ψ
@group(0) @binding(5) var<uniform> params: Params;

// Returns φ·η and ψ·δ of value i.
fn rates_of(i: u32) -> vec2<f32> {
    let row = params.columns * min(clock[0], params.last_step) + params.first;
    let block = i / BLOCK * 2u;
    return vec2<f32>(factors[block] * rates[row], factors[block + 1u] * rates[row + 2u]);
}

// Updates value i, of gradient g.
fn descend(i: u32, g: Value, r: vec2<f32>) {
    let w = weights[i];
    weights[i] = w - (r.y * w + r.x * g);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let first = (id.y * params.width + id.x) * EACH;
    let r = rates_of(min(first, params.n - 1u));
    for (var i = first; i < min(first + EACH, params.n); i = i + 1u) {
        descend(i, grads[i], r);
    }
}

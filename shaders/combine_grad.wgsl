// dx[i] = dy[i]·∂f/∂a, or ∂f/∂b where SECOND is set, with the function f(a[i], b[i]) that COMBINATION names
//
// Each thread does one element; the grid is folded into rows of params.width threads.

const SECOND: bool = false;
const COMBINATION: u32 = 0u; // one of these, numbered as in package ops:
const SUM: u32 = 0u;         // weight_a·a + weight_b·b
const PRODUCT: u32 = 1u;     // a·b
const MAXIMUM: u32 = 2u;     // the larger; its gradient goes to a where they are equal
const MINIMUM: u32 = 3u;     // the smaller, likewise

struct Params {
    n: u32,     // elements
    width: u32, // threads in a row of the grid
    weight: f32, // of what is differentiated, in a sum
}

@group(0) @binding(0) var<storage, read> a: array<f32>;        // [n]
@group(0) @binding(1) var<storage, read> b: array<f32>;        // [n]
@group(0) @binding(2) var<storage, read> dy: array<f32>;       // [n]
@group(0) @binding(3) var<storage, read_write> dx: array<f32>; // [n]
@group(0) @binding(4) var<uniform> params: Params;

// Returns the share of the gradient that goes to a.
fn first_slope(u: f32, v: f32) -> f32 {
    if (COMBINATION == PRODUCT) { return v; }
    if (COMBINATION == MAXIMUM) { return f32(u >= v); }
    if (COMBINATION == MINIMUM) { return f32(u <= v); }
    return params.weight;
}

// Returns the share of the gradient that goes to b.
fn second_slope(u: f32, v: f32) -> f32 {
    if (COMBINATION == PRODUCT) { return u; }
    if (COMBINATION == MAXIMUM || COMBINATION == MINIMUM) { return 1.0 - first_slope(u, v); }
    return first_slope(u, v);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i >= params.n) { return; }
    if (SECOND) {
        dx[i] = dy[i] * second_slope(a[i], b[i]);
    } else {
        dx[i] = dy[i] * first_slope(a[i], b[i]);
    }
}

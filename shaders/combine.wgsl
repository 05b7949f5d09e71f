// y[i] = f(a[i], b[i]), with the function f that COMBINATION names; NaN in either gives NaN
//
// Each thread does one element; the grid is folded into rows of params.width threads.

const COMBINATION: u32 = 0u; // one of these, numbered as in package ops:
const SUM: u32 = 0u;         // weight_a·a + weight_b·b
const PRODUCT: u32 = 1u;     // a·b
const MAXIMUM: u32 = 2u;     // the larger
const MINIMUM: u32 = 3u;     // the smaller

struct Params {
    n: u32,     // elements
    width: u32, // threads in a row of the grid
    weight_a: f32,
    weight_b: f32,
}

@group(0) @binding(0) var<storage, read> a: array<f32>;       // [n]
@group(0) @binding(1) var<storage, read> b: array<f32>;       // [n]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [n]
@group(0) @binding(3) var<uniform> params: Params;

fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }

fn f(u: f32, v: f32) -> f32 {
    if (COMBINATION == SUM) { return params.weight_a * u + params.weight_b * v; }
    if (COMBINATION == PRODUCT) { return u * v; }
    if (is_nan(u)) { return u; }
    if (is_nan(v)) { return v; }
    if (COMBINATION == MAXIMUM) { return max(u, v); }
    return min(u, v);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) {
        y[i] = f(a[i], b[i]);
    }
}

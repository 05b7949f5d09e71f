// m ← m + (1−β₁)(g−m), v ← v + (1−β₂)(g²−v), u ← max(u, v), w ← w − b·w − a·m/(√u + ε)
//
// Each thread updates one parameter; the grid is folded into rows of params.width threads.

struct Params {
    n: u32,     // parameters
    width: u32, // threads in a row of the grid
    steps: u32,
    rest1: f32, // 1 − beta1
    rest2: f32, // 1 − beta2
    epsilon: f32,
}

@group(0) @binding(0) var<storage, read_write> w: array<f32>; // [n]
@group(0) @binding(1) var<storage, read> grads: array<f32>;   // [n]
@group(0) @binding(2) var<storage, read> rates: array<f32>;   // [steps×3]: a, b and c
@group(0) @binding(3) var<storage, read> clock: array<u32>;   // [1]
@group(0) @binding(4) var<storage, read_write> m: array<f32>; // [n]
@group(0) @binding(5) var<storage, read_write> v: array<f32>; // [n]
@group(0) @binding(6) var<storage, read_write> u: array<f32>; // [n]
@group(0) @binding(7) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i >= params.n) {
        return;
    }
    let row = 3u * min(clock[0], params.steps - 1u);
    let g = grads[i];
    m[i] = m[i] + params.rest1 * (g - m[i]);
    v[i] = v[i] + params.rest2 * (g * g - v[i]);
    u[i] = max(u[i], v[i]);
    w[i] = w[i] - (rates[row + 1u] * w[i] + rates[row] * m[i] / (sqrt(u[i]) + params.epsilon));
}

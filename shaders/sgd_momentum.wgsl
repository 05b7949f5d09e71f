// v ← momentum·v − rate·g, then w ← w + v, or with NESTEROV w ← w + momentum·v − rate·g; rate = rates[min(clock, steps − 1)]
//
// A thread updates one parameter, a workgroup 64; rows of workgroups hold width threads.

const NESTEROV: bool = false;

struct Params { n: u32, width: u32, steps: u32, momentum: f32 }

@group(0) @binding(0) var<storage, read_write> w: array<f32>; // [n]
@group(0) @binding(1) var<storage, read> g: array<f32>;       // [n]
@group(0) @binding(2) var<storage, read> rates: array<f32>;   // [steps]
@group(0) @binding(3) var<storage, read> clock: array<u32>;   // [1]
@group(0) @binding(4) var<storage, read_write> v: array<f32>; // [n]
@group(0) @binding(5) var<uniform> p: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * p.width + id.x;
    if (i >= p.n) {
        return;
    }
    let pull = rates[min(clock[0], p.steps - 1u)] * g[i];
    let speed = p.momentum * v[i] - pull;
    v[i] = speed;
    if (NESTEROV) {
        w[i] = w[i] + (p.momentum * speed - pull);
    } else {
        w[i] = w[i] + speed;
    }
}

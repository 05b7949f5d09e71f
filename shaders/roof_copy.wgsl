// y[i] = x[i]
//
// What a device copies at most by a kernel. Each thread copies EACH vectors one after the other; the grid is folded into rows of params.width threads.

const EACH: u32 = 1u;

struct Params {
    n: u32,     // vectors
    width: u32, // threads in a row of the grid
}

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;       // [n]
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>; // [n]
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let first = (id.y * params.width + id.x) * EACH;
    for (var i = first; i < min(first + EACH, params.n); i = i + 1u) {
        y[i] = x[i];
    }
}

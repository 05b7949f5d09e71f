// y[i] ← x after STEPS rounds of x ← x·a + b, in eight chains
//
// What a device computes at most between registers: 128 flops a round. Each thread does its own; the grid is folded into rows of
// params.width threads.

const STEPS: u32 = 256u;

struct Params {
    n: u32,     // threads, and elements of y
    width: u32, // threads in a row of the grid
    a: f32,
    b: f32,
}

@group(0) @binding(0) var<storage, read_write> y: array<f32>; // [n]
@group(0) @binding(1) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) {
        let a = vec4<f32>(params.a);
        let b = vec4<f32>(params.b);
        var p = vec4<f32>(f32(i));
        var q = vec4<f32>(f32(i + 1u));
        for (var k = 0u; k < STEPS; k = k + 1u) {
            p = p * a + b;
            q = q * a + b;
            p = p * a + b;
            q = q * a + b;
            p = p * a + b;
            q = q * a + b;
            p = p * a + b;
            q = q * a + b;
            p = p * a + b;
            q = q * a + b;
            p = p * a + b;
            q = q * a + b;
            p = p * a + b;
            q = q * a + b;
            p = p * a + b;
            q = q * a + b;
        }
        let sum = p + q;
        y[i] = sum.x + sum.y + sum.z + sum.w;
    }
}

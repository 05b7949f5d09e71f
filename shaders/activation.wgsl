// y = f(x), element by element; FUNCTION says which f. NaN stays NaN.
//
// A thread computes one element, a workgroup 64; rows of workgroups hold width threads.

const FUNCTION: u32 = 0u; // the constants of ops.Function

struct Params { n: u32, width: u32, alpha: f32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;       // [n]
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [n]
@group(0) @binding(2) var<uniform> p: Params;

fn is_nan(v: f32) -> bool {
    return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u;
}

fn f(v: f32) -> f32 {
    if (FUNCTION == 1u) { return max(v, 0.0); } // relu
    if (FUNCTION == 2u) { return max(v, 0.0) + p.alpha * (exp(clamp(v, -87.0, 0.0)) - 1.0); } // elu
    if (FUNCTION == 3u) { return 1.0 / (1.0 + exp(clamp(-v, -87.0, 87.0))); } // sigmoid
    if (FUNCTION == 4u) { return tanh(clamp(v, -15.0, 15.0)); } // tanh
    return v;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * p.width + id.x;
    if (i >= p.n) {
        return;
    }
    let v = x[i];
    if (is_nan(v)) {
        y[i] = v;
    } else {
        y[i] = f(v);
    }
}

// dx = dy·f′(x), element by element; FUNCTION says which f.
//
// A thread computes one element, a workgroup 64; rows of workgroups hold width threads.

const FUNCTION: u32 = 0u; // the constants of ops.Function

struct Params { n: u32, width: u32, alpha: f32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [n]
@group(0) @binding(1) var<storage, read> dy: array<f32>;       // [n]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>; // [n]
@group(0) @binding(3) var<uniform> p: Params;

// sigmoid_slope is s(v)·s(−v), both computed from e^−|v|, which never overflows.
fn sigmoid_slope(v: f32) -> f32 {
    let e = exp(max(-abs(v), -87.0));
    return e / ((1.0 + e) * (1.0 + e));
}

fn slope(v: f32) -> f32 {
    if (FUNCTION == 1u) { return f32(v > 0.0); } // relu
    if (FUNCTION == 2u) { // elu
        if (v > 0.0) { return 1.0; }
        return p.alpha * exp(max(v, -87.0));
    }
    if (FUNCTION == 3u) { return sigmoid_slope(v); } // sigmoid
    if (FUNCTION == 4u) { return 4.0 * sigmoid_slope(2.0 * v); } // tanh
    return 1.0;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * p.width + id.x;
    if (i < p.n) {
        dx[i] = dy[i] * slope(x[i]);
    }
}

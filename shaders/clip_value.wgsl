// g[i] ← min(max(g[i], −limit), limit); NaN stays NaN
//
// Each thread does one value, an element or, where the host says so, four; the grid is folded into rows of params.width threads.

alias Value = f32; // or vec4<f32>
alias Bits = u32;  // or vec4<u32>

struct Params {
    n: u32,     // values
    width: u32, // threads in a row of the grid
    limit: f32,
}

@group(0) @binding(0) var<storage, read_write> grads: array<Value>; // [n]
@group(0) @binding(1) var<uniform> params: Params;

fn bits(g: Value) -> Bits { return bitcast<u32>(g); }

// Clips gradient i, and returns it.
fn held(i: u32) -> Value {
    let g = grads[i];
    let within = clamp(g, Value(-params.limit), Value(params.limit));
    let nan = (bits(g) & Bits(0x7fffffffu)) > Bits(0x7f800000u);
    let result = select(within, g, nan);
    grads[i] = result;
    return result;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i < params.n) {
        held(i);
    }
}

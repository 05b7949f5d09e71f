// counts[r,2b+u] = how many of p[r,·] exceed exactly the first b thresholds and have a target of more than ½ (u = 1) or not (u = 0)
//
// Each thread counts for one b and u of a row; the grid is folded into rows of params.width threads.

struct Params {
    n: u32,     // rows × 2·(edges + 1)
    width: u32, // threads in a row of the grid
    cols: u32,
    edges: u32, // thresholds
}

@group(0) @binding(0) var<storage, read> p: array<f32>;            // [rows×cols]
@group(0) @binding(1) var<storage, read> t: array<f32>;            // [rows×cols]
@group(0) @binding(2) var<storage, read> thresholds: array<f32>;   // [edges]
@group(0) @binding(3) var<storage, read_write> counts: array<f32>; // [rows×2·(edges+1)]
@group(0) @binding(4) var<uniform> params: Params;

fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }

// Returns whether a score exceeds threshold number b: NaN does not.
fn exceeds(v: f32, b: u32) -> bool { return !is_nan(v) && v > thresholds[b]; }

// Returns whether a score exceeds the thresholds below number b and none from there on.
fn within(v: f32, b: u32) -> bool {
    var above = true;
    var below = true;
    if (b > 0u) { above = exceeds(v, b - 1u); }
    if (b < params.edges) { below = !exceeds(v, b); }
    return above && below;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i >= params.n) { return; }
    let columns = 2u * (params.edges + 1u);
    let b = i % columns / 2u;
    let yes = i % 2u == 1u;
    let first = i / columns * params.cols;
    var count = 0.0;
    for (var c = first; c < first + params.cols; c = c + 1u) {
        if ((t[c] > 0.5) == yes && within(p[c], b)) {
            count = count + 1.0;
        }
    }
    counts[i] = count;
}

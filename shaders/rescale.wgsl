// x[i] ← s·x[i] for the elements i of each unit, where the norms of its x and of its reference give s in the way of the KIND:
// see ops.Rescale for the formulas
//
// A workgroup does UNITS units with LANES threads each: they pass over the unit twice, for the norms and for x. The threads of
// a unit add up in a tree, always in the same order.

const KIND: u32 = 0u; // one of these, numbered as in package ops; any other is match_norms
const CLIP_NORM: u32 = 0u;
const CLIP_RATIO: u32 = 1u;
const NORMALISE: u32 = 2u;
const UNITS: u32 = 32u; // units of a workgroup; UNITS × LANES is 256
const LANES: u32 = 8u;  // threads of a unit, a power of two

struct Params {
    count: u32, // units
    width: u32, // workgroups in a row of the grid
    limit: f32,
    epsilon: f32,
}

@group(0) @binding(0) var<storage, read_write> x: array<f32>;   // [n]
@group(0) @binding(1) var<storage, read> reference: array<f32>; // [n]
@group(0) @binding(2) var<storage, read> units: array<u32>;     // [count×3]: first element, stride, elements
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> part: array<vec2<f32>, 256>;

// Returns the sums of a unit's threads; at is lane·UNITS + unit.
fn sum_lanes(at: u32, value: vec2<f32>) -> vec2<f32> {
    if (LANES == 1u) { return value; }
    part[at] = value;
    workgroupBarrier();
    for (var step = LANES / 2u; step > 0u; step = step / 2u) {
        if (at < step * UNITS) {
            part[at] = part[at] + part[at + step * UNITS];
        }
        workgroupBarrier();
    }
    return part[at % UNITS];
}

fn is_nan(v: f32) -> bool {
    return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u;
}

// Returns what an element becomes where the norms of its unit are given.
fn scaled(v: f32, norm: f32, other: f32) -> f32 {
    if (is_nan(norm)) { return norm; }
    if (KIND == NORMALISE) { return v / (norm + params.epsilon); }
    if (KIND == CLIP_NORM || KIND == CLIP_RATIO) {
        var limit = params.limit;
        if (KIND == CLIP_RATIO) { limit = params.limit * max(other, params.epsilon); }
        if (norm > limit) { return v * (limit / norm); }
        return v;
    }
    if (norm == 0.0 || other == 0.0) { return v; }
    return v * (other / norm);
}

@compute @workgroup_size(UNITS, LANES)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let unit = (group.y * params.width + group.x) * UNITS + local.x;
    let row = 3u * min(unit, params.count - 1u);
    let first = units[row];
    let stride = units[row + 1u];
    let n = units[row + 2u];
    var own = vec2<f32>();
    for (var k = local.y; k < n; k = k + LANES) {
        let i = first + k * stride;
        own = own + vec2<f32>(x[i] * x[i], reference[i] * reference[i]);
    }
    let sums = sum_lanes(local.y * UNITS + local.x, own);
    if (unit >= params.count) {
        return;
    }
    for (var k = local.y; k < n; k = k + LANES) {
        let i = first + k * stride;
        x[i] = scaled(x[i], sqrt(sums.x), sqrt(sums.y));
    }
}

// x[r,c] = data[e,c]·scale, not kept,   label[r] = labels[e],   with e = order[clock·stride + first + r];   positions past the last mean the last, and
// so do examples;   normal, y and moving of x as batchnorm_normal.wgsl's
//
// A workgroup takes COLS vectors of four columns, a word of data each, with LANES threads: a thread reads its HELD rows once, and keeps them. The threads
// of a column add up in a tree, always in the same order; those of the first fetch the labels.

const COLS: u32 = 8u;  // vectors of columns of a workgroup; COLS × LANES is at most 256
const LANES: u32 = 8u; // threads of a column, a power of two
const HELD: u32 = 4u;  // rows of a thread: LANES × HELD is not less than there are rows

struct Params {
    rows: u32,
    cols: u32,  // in vectors
    width: u32, // workgroups in a row of the grid
    stride: u32,        // positions of a step
    first: u32,         // of them, that is taken
    last_clock: u32,    // every later step lies past the last position
    last_position: u32, // of the order
    last_example: u32,  // of data
    scale: f32,
    order_at: u32, // where each begins in steps
    clock_at: u32,
    gamma_at: u32, // in weights, counted in vectors
    beta_at: u32,
    mean_at: u32, // and in moving
    variance_at: u32,
    momentum: f32,
    epsilon: f32,
}

@group(0) @binding(0) var<storage, read> data: array<u32>;               // [examples×cols], four bytes to a word, the first lowest
@group(0) @binding(1) var<storage, read> labels: array<u32>;             // [examples]
@group(0) @binding(2) var<storage, read> steps: array<u32>;              // [positions] from order_at on, [1] from clock_at on
@group(0) @binding(3) var<storage, read> weights: array<vec4<f32>>;      // [cols] from each of gamma_at and beta_at on
@group(0) @binding(4) var<storage, read_write> moving: array<vec4<f32>>; // [cols] from each of mean_at and variance_at on
@group(0) @binding(5) var<storage, read_write> y: array<vec4<f32>>;      // [rows×cols]
@group(0) @binding(6) var<storage, read_write> normal: array<vec4<f32>>; // [rows×cols]
@group(0) @binding(7) var<storage, read_write> label: array<u32>;        // [rows]
@group(0) @binding(8) var<uniform> params: Params;

var<workgroup> part: array<vec4<f32>, 256>;

// Returns a vector of data.
fn fetch(at: u32) -> vec4<f32> {
    let word = data[at];
    return vec4<f32>(f32(word & 0xffu), f32((word >> 8u) & 0xffu), f32((word >> 16u) & 0xffu), f32(word >> 24u));
}

// Returns the sum of the values of a column's threads; at is lane·COLS + column.
fn sum_lanes(at: u32, value: vec4<f32>) -> vec4<f32> {
    if (LANES == 1u) { return value; }
    part[at] = value;
    workgroupBarrier();
    for (var step = LANES / 2u; step > 0u; step = step / 2u) {
        if (at < step * COLS) {
            part[at] = part[at] + part[at + step * COLS];
        }
        workgroupBarrier();
    }
    let sum = part[at % COLS];
    workgroupBarrier();
    return sum;
}

// Keeps the statistics of a column.
fn keep(c: u32, mu: vec4<f32>, variance: vec4<f32>) {
    let take = 1.0 - params.momentum;
    moving[params.mean_at + c] = params.momentum * moving[params.mean_at + c] + take * mu;
    moving[params.variance_at + c] = params.momentum * moving[params.variance_at + c] + take * variance;
}

@compute @workgroup_size(COLS, LANES)
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let at = local.y * COLS + local.x;
    let column = (group.y * params.width + group.x) * COLS + local.x;
    let c = min(column, params.cols - 1u);
    let begin = min(steps[params.clock_at], params.last_clock) * params.stride + params.first;
    var x = array<vec4<f32>, HELD>();
    var own = vec4<f32>(0.0, 0.0, 0.0, 0.0);
    for (var h = 0u; h < HELD; h = h + 1u) { // unrolled
        let r = local.y + h * LANES;
        if (r < params.rows) {
            let example = min(steps[params.order_at + min(begin + r, params.last_position)], params.last_example);
            x[h] = fetch(example * params.cols + c) * params.scale;
            own = own + x[h];
            if (column == 0u) { label[r] = labels[example]; }
        }
    }
    let mu = sum_lanes(at, own) / f32(params.rows);
    own = vec4<f32>(0.0, 0.0, 0.0, 0.0);
    for (var h = 0u; h < HELD; h = h + 1u) { // unrolled
        let d = x[h] - mu;
        x[h] = d;
        if (local.y + h * LANES < params.rows) { own = own + d * d; }
    }
    let variance = sum_lanes(at, own) / f32(params.rows);
    if (column >= params.cols) { return; }
    if (local.y == 0u) { keep(c, mu, variance); }
    let deviation = sqrt(variance + params.epsilon);
    let gamma = weights[params.gamma_at + c];
    let beta = weights[params.beta_at + c];
    for (var h = 0u; h < HELD; h = h + 1u) { // unrolled
        let i = (local.y + h * LANES) * params.cols + c;
        let v = x[h] / deviation;
        if (i < params.rows * params.cols) {
            normal[i] = v;
            y[i] = v * gamma + beta;
        }
    }
}

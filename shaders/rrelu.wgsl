// y[i] = x[i] for x[i] > 0, else a[i]·x[i], with random slopes a[i] from lower to lower + span; NaN stays NaN
//
// Each thread does four elements, for which it draws four words; the grid is folded into rows of params.width threads.

const MULTIPLIER_0: u32 = 0xD2511F53u; // of Philox4x32-10 (Salmon, Moraes, Dror and Shaw, 2011), as in engine/random
const MULTIPLIER_1: u32 = 0xCD9E8D57u;
const WEYL_0: u32 = 0x9E3779B9u;
const WEYL_1: u32 = 0xBB67AE85u;
const ROUNDS: u32 = 10u;

struct Params {
    blocks: u32, // of four elements
    width: u32,  // threads in a row of the grid
    n: u32,      // elements
    seed_0: u32,
    seed_1: u32,
    stream_0: u32,
    stream_1: u32,
    lower: f32, // the least slope
    span: f32,  // the largest less the least
}

@group(0) @binding(0) var<storage, read> x: array<f32>;       // [n]
@group(0) @binding(1) var<storage, read> clock: array<u32>;   // [1]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [n]
@group(0) @binding(3) var<uniform> params: Params;

// Returns the upper 32 bits of a·b.
fn high(a: u32, b: u32) -> u32 {
    let low = (a & 0xffffu) * (b & 0xffffu);
    let left = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
    let right = (a & 0xffffu) * (b >> 16u) + (left & 0xffffu);
    return (a >> 16u) * (b >> 16u) + (left >> 16u) + (right >> 16u);
}

// Returns the four words that a block draws at a step.
fn draw(block: u32, step: u32) -> vec4<u32> {
    var c = vec4<u32>(block, step, params.stream_0, params.stream_1);
    var key = vec2<u32>(params.seed_0, params.seed_1);
    for (var round = 0u; round < ROUNDS; round = round + 1u) {
        let x0 = high(MULTIPLIER_1, c.z) ^ c.y ^ key.x;
        let x2 = high(MULTIPLIER_0, c.x) ^ c.w ^ key.y;
        c = vec4<u32>(x0, MULTIPLIER_1 * c.z, x2, MULTIPLIER_0 * c.x);
        key = key + vec2<u32>(WEYL_0, WEYL_1);
    }
    return c;
}

// Returns the slope that a word stands for.
fn slope(word: u32) -> f32 { return params.lower + params.span * (f32(word >> 8u) / 16777216.0); }

fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }

fn forward(i: u32, word: u32) {
    if (i >= params.n) { return; }
    let v = x[i];
    if (v > 0.0 || is_nan(v)) {
        y[i] = v;
    } else {
        y[i] = slope(word) * v;
    }
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let block = id.y * params.width + id.x;
    if (block >= params.blocks) { return; }
    let words = draw(block, clock[0]);
    forward(4u * block, words.x);
    forward(4u * block + 1u, words.y);
    forward(4u * block + 2u, words.z);
    forward(4u * block + 3u, words.w);
}

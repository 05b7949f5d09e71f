// y[i] = x[i]·(scale_k + z·spread) + shift_k + z·added, with k = 1 where word i is at least the threshold, else 0, and z a normal number
//
// Each thread does four elements: the words are those of Philox4x32-10 at the counter {i/4, clock, stream} under the seed, and, with
// NORMAL, Box and Muller's transform makes the numbers z of them; without, z is 0. The grid is folded into rows of params.width threads.

const NORMAL: bool = false;
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
    threshold: u32, // words below it drop their element
    scale_dropped: f32,
    scale_kept: f32,
    shift_dropped: f32,
    shift_kept: f32,
    spread: f32,
    added: f32,
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

// Returns a number in the open interval (0, 1).
fn unit(word: u32) -> f32 {
    return (f32(word >> 8u) + 0.5) * 5.9604645e-8;
}

// Returns cos 2πt and sin 2πt. Devices' own have errors of up to 2⁻¹¹: these are Cephes's polynomials on [−π/4, π/4], turned by quarters.
fn turn(t: f32) -> vec2<f32> {
    let quarters = floor(4.0 * t + 0.5);
    let a = 6.2831855 * (t - 0.25 * quarters);
    let z = a * a;
    let c = ((2.4433157e-5 * z - 1.3887316e-3) * z + 4.1666646e-2) * z * z - 0.5 * z + 1.0;
    let s = ((-1.9515296e-4 * z + 8.3321609e-3) * z - 0.16666655) * z * a + a;
    var p = vec2<f32>(c, s);
    let k = u32(quarters) & 3u;
    if ((k & 1u) == 1u) { p = vec2<f32>(-s, c); }
    if (k >= 2u) { p = vec2<f32>(-p.x, -p.y); }
    return p;
}

// Returns two normal numbers.
fn normal_pair(u: u32, v: u32) -> vec2<f32> {
    let radius = sqrt(-2.0 * log(unit(u)));
    let p = turn(unit(v));
    return vec2<f32>(radius * p.x, radius * p.y);
}

fn disturb(i: u32, word: u32, z: f32) {
    if (i >= params.n) {
        return;
    }
    if (word >= params.threshold) {
        y[i] = x[i] * (params.scale_kept + z * params.spread) + (params.shift_kept + z * params.added);
    } else {
        y[i] = x[i] * (params.scale_dropped + z * params.spread) + (params.shift_dropped + z * params.added);
    }
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let block = id.y * params.width + id.x;
    if (block >= params.blocks) { return; }
    let words = draw(block, clock[0]);
    var near = vec2<f32>(0.0, 0.0);
    var far = vec2<f32>(0.0, 0.0);
    if (NORMAL) {
        near = normal_pair(words.x, words.y);
        far = normal_pair(words.z, words.w);
    }
    disturb(4u * block, words.x, near.x);
    disturb(4u * block + 1u, words.y, near.y);
    disturb(4u * block + 2u, words.z, far.x);
    disturb(4u * block + 3u, words.w, far.y);
}

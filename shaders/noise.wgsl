// y[i] = x[i]·(scale_k + z·spread) + shift_k + z·added, with k = 1 where word i is at least the threshold, else 0, and z a normal number
//
// Each thread does four elements: the words are those of Philox4x32-10 at the counter {i/4, ticks, stream} under the seed, and, with
// NORMAL, Box and Muller's transform makes the numbers z of them; without, z is 0. The grid is folded into rows of params.width threads.

const NORMAL: bool = false;

struct Params {
    n: u32,     // elements
    width: u32, // threads in a row of the grid
    seed_low: u32,
    seed_high: u32,
    stream_low: u32,
    stream_high: u32,
    threshold: u32, // words below it drop their element
    scale_dropped: f32,
    scale_kept: f32,
    shift_dropped: f32,
    shift_kept: f32,
    spread: f32,
    added: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;       // [n]
@group(0) @binding(1) var<storage, read> ticks: array<u32>;   // [1]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [n]
@group(0) @binding(3) var<uniform> params: Params;

// Returns the upper half of the product of two words, from the products of their halves.
fn mul_high(a: u32, b: u32) -> u32 {
    let a_low = a & 0xffffu;
    let a_high = a >> 16u;
    let b_low = b & 0xffffu;
    let b_high = b >> 16u;
    let low = a_low * b_low;
    let middle = a_high * b_low + (low >> 16u);
    let other = a_low * b_high + (middle & 0xffffu);
    return a_high * b_high + (middle >> 16u) + (other >> 16u);
}

// Returns the four words of the counter (Salmon et al., 2011).
fn philox(block: u32) -> vec4<u32> {
    var c = vec4<u32>(block, ticks[0], params.stream_low, params.stream_high);
    var key = vec2<u32>(params.seed_low, params.seed_high);
    for (var round = 0u; round < 10u; round = round + 1u) {
        let high0 = mul_high(0xD2511F53u, c.x);
        let low0 = 0xD2511F53u * c.x;
        let high1 = mul_high(0xCD9E8D57u, c.z);
        let low1 = 0xCD9E8D57u * c.z;
        c = vec4<u32>(high1 ^ c.y ^ key.x, low1, high0 ^ c.w ^ key.y, low0);
        key = key + vec2<u32>(0x9E3779B9u, 0xBB67AE85u);
    }
    return c;
}

// Returns a number in the open interval (0, 1).
fn unit(word: u32) -> f32 {
    return (f32(word >> 8u) + 0.5) * 5.9604645e-8;
}

// Returns two normal numbers.
fn normal_pair(u: u32, v: u32) -> vec2<f32> {
    let radius = sqrt(-2.0 * log(unit(u)));
    let angle = 6.2831855 * unit(v);
    return vec2<f32>(radius * cos(angle), radius * sin(angle));
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
    let first = 4u * block;
    if (first >= params.n) {
        return;
    }
    let words = philox(block);
    var near = vec2<f32>(0.0, 0.0);
    var far = vec2<f32>(0.0, 0.0);
    if (NORMAL) {
        near = normal_pair(words.x, words.y);
        far = normal_pair(words.z, words.w);
    }
    disturb(first, words.x, near.x);
    disturb(first + 1u, words.y, near.y);
    disturb(first + 2u, words.z, far.x);
    disturb(first + 3u, words.w, far.y);
}

// y[r,i,j,c] = x[r, row, col, c], row = i + shift_r, col = j + shift_r′, flipped and filled, 0 in a square; the shifts, flips and squares of image r are drawn
//
// Each thread fetches one element; the words of an image are those of Philox4x32-10 at the counter {r, clock, stream} under the seed. The grid is folded
// into rows of params.width threads.

const MULTIPLIER_0: u32 = 0xD2511F53u; // of Philox4x32-10 (Salmon, Moraes, Dror and Shaw, 2011), as in engine/random
const MULTIPLIER_1: u32 = 0xCD9E8D57u;
const WEYL_0: u32 = 0x9E3779B9u;
const WEYL_1: u32 = 0xBB67AE85u;
const ROUNDS: u32 = 10u;
const REFLECT: u32 = 0u;
const CONSTANT: u32 = 1u;
const NEAREST: u32 = 2u;

struct Params {
    n: u32,     // elements of y
    width: u32, // threads in a row of the grid
    seed_0: u32,
    seed_1: u32,
    stream_0: u32,
    stream_1: u32,
    rows: u32,
    cols: u32,
    channels: u32,
    out_rows: u32,
    out_cols: u32,
    down: i32,        // the least shift
    down_more: u32,   // the largest less the least
    across: i32,
    across_more: u32,
    flips: u32,       // 1: columns, 2: rows
    fill: u32,
    cut: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;       // [images×rows×cols×channels]
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

// Returns the four words that an image draws at a step.
fn draw(image: u32, step: u32) -> vec4<u32> {
    var c = vec4<u32>(image, step, params.stream_0, params.stream_1);
    var key = vec2<u32>(params.seed_0, params.seed_1);
    for (var round = 0u; round < ROUNDS; round = round + 1u) {
        let x0 = high(MULTIPLIER_1, c.z) ^ c.y ^ key.x;
        let x2 = high(MULTIPLIER_0, c.x) ^ c.w ^ key.y;
        c = vec4<u32>(x0, MULTIPLIER_1 * c.z, x2, MULTIPLIER_0 * c.x);
        key = key + vec2<u32>(WEYL_0, WEYL_1);
    }
    return c;
}

// Returns the remainder of at by n, from 0 on. Both sides of a % must not be negative in SPIR-V, or the result is undefined.
fn modulo(at: i32, n: i32) -> i32 {
    if (at < 0) { return n - 1 - i32(u32(-1 - at) % u32(n)); }
    return i32(u32(at) % u32(n));
}

// Returns which element of n stands at a place of a row that goes on at both ends; −1 for none.
fn source(at: i32, n: i32, flip: bool) -> i32 {
    var place = at;
    if (at < 0 || at >= n) {
        if (params.fill == CONSTANT) { return -1; }
        if (params.fill == NEAREST) {
            place = clamp(at, 0, n - 1);
        } else if (params.fill == REFLECT) {
            let turn = modulo(at, 2 * n);
            place = min(turn, 2 * n - 1 - turn);
        } else {
            place = modulo(at, n);
        }
    }
    if (flip) { place = n - 1 - place; }
    return place;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let e = id.y * params.width + id.x;
    if (e >= params.n) { return; }
    let pixel = e / params.channels;
    let j = i32(pixel % params.out_cols);
    let i = i32((pixel / params.out_cols) % params.out_rows);
    let image = pixel / (params.out_cols * params.out_rows);
    let words = draw(image, clock[0]);
    let row = source(i + params.down + i32(high(words.y, params.down_more + 1u)), i32(params.rows), (words.x & params.flips & 2u) != 0u);
    let col = source(j + params.across + i32(high(words.z, params.across_more + 1u)), i32(params.cols), (words.x & params.flips & 1u) != 0u);
    let cut = i32(params.cut);
    let top = i32(((words.w & 0xffffu) * params.out_rows) >> 16u) - cut / 2;
    let left = i32(((words.w >> 16u) * params.out_cols) >> 16u) - cut / 2;
    var value = 0.0;
    let hidden = i >= top && i < top + cut && j >= left && j < left + cut;
    if (row >= 0 && col >= 0 && !hidden) {
        value = x[((image * params.rows + u32(row)) * params.cols + u32(col)) * params.channels + e % params.channels];
    }
    y[e] = value;
}

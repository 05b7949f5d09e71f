// x[r,c] = data[e,c]·scale, not kept,   label[r] = labels[e],   with e = order[clock·stride + first + r];   positions past the last mean the last, and
// so do examples;   normal, y and moving of x as batchnorm_normal.wgsl's
//
// gather_u8_batchnorm_normal of data that is not bytes.

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

@group(0) @binding(0) var<storage, read> data: array<vec4<f32>>;         // [examples×cols]
@group(0) @binding(1) var<storage, read> labels: array<u32>;             // [examples]
@group(0) @binding(2) var<storage, read> steps: array<u32>;              // [positions] from order_at on, [1] from clock_at on
@group(0) @binding(3) var<storage, read> weights: array<vec4<f32>>;      // [cols] from each of gamma_at and beta_at on
@group(0) @binding(4) var<storage, read_write> moving: array<vec4<f32>>; // [cols] from each of mean_at and variance_at on
@group(0) @binding(5) var<storage, read_write> y: array<vec4<f32>>;      // [rows×cols]
@group(0) @binding(6) var<storage, read_write> normal: array<vec4<f32>>; // [rows×cols]
@group(0) @binding(7) var<storage, read_write> label: array<u32>;        // [rows]
@group(0) @binding(8) var<uniform> params: Params;

// Returns a vector of data.
fn fetch(at: u32) -> vec4<f32> { return data[at]; }

@compute @workgroup_size(1)
fn main() {} // gather_u8_batchnorm_normal.wgsl's

// Copies columns column to column + cols − 1 between a wide matrix [rows×wide] and a narrow one [rows×cols], in the way that KIND names.
//
// Each thread does one element: of the narrow matrix, or, where all of the wide one is written, of that. The grid is folded into
// rows of params.width threads.

const KIND: u32 = 0u;  // one of these, numbered as in package ops:
const CUT: u32 = 0u;   // out of the wide matrix
const PASTE: u32 = 1u; // into the wide matrix
const PAD: u32 = 2u;   // into the wide matrix, with zeros for its other columns

struct Params {
    n: u32,     // threads that have an element
    width: u32, // threads in a row of the grid
    cols: u32,
    wide: u32,
    column: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;       // [rows×wide] or [rows×cols]
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [rows×cols] or [rows×wide]
@group(0) @binding(2) var<uniform> params: Params;

// Returns element i of the wide matrix: of the narrow one, or 0.
fn padded(i: u32) -> f32 {
    let c = i % params.wide;
    if (c < params.column || c >= params.column + params.cols) { return 0.0; }
    return x[i / params.wide * params.cols + c - params.column];
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.y * params.width + id.x;
    if (i >= params.n) { return; }
    let at = i / params.cols * params.wide + params.column + i % params.cols;
    if (KIND == CUT) {
        y[i] = x[at];
    } else if (KIND == PASTE) {
        y[at] = x[i];
    } else {
        y[i] = padded(i);
    }
}

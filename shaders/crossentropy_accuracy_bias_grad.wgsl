// losses, correct and dx as crossentropy_accuracy_grad.wgsl's,   dbias[c] = Σ_r dx[r,c]
//
// One workgroup does it all, ROWS rows at a time, and keeps dx in its memory. A thread adds up what it finds of one column in every PARTS-th row, then the
// threads of a column add up in a tree, always in the same order.

const LANES: u32 = 32u;   // threads of a row, a power of two
const ROWS: u32 = 8u;     // rows at a time; LANES × ROWS is at most 256
const COLUMNS: u32 = 32u; // a power of two, not less than there are columns, nor more than THREADS
const THREADS: u32 = LANES * ROWS;
const PARTS: u32 = THREADS / COLUMNS; // of the rows
const KEPT: u32 = 3072u;  // as many elements as dx has at most

struct Params {
    rows: u32,
    cols: u32,
    k: u32,   // at most 65,536, so that sums of counts are exact in f32
    nan: u32, // the bits of NaN, for which WGSL has no constant
}

@group(0) @binding(0) var<storage, read> x: array<f32>;             // [rows×cols]
@group(0) @binding(1) var<storage, read> labels: array<u32>;        // [rows]
@group(0) @binding(2) var<storage, read> dlosses: array<f32>;       // [rows]
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;  // [rows]
@group(0) @binding(4) var<storage, read_write> correct: array<f32>; // [rows]
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;      // [rows×cols]
@group(0) @binding(6) var<storage, read_write> dbias: array<f32>;   // [cols]
@group(0) @binding(7) var<uniform> params: Params;

var<workgroup> part: array<f32, 256>;
var<workgroup> grads: array<f32, KEPT>;

// Stores an element of dx, and keeps it.
fn put(at: u32, v: f32) {
    dx[at] = v;
    grads[at] = v;
}

fn score(row: u32, at: u32) {} // crossentropy_accuracy_grad.wgsl's

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
    for (var row = 0u; row < params.rows; row = row + ROWS) {
        score(row + thread / LANES, thread);
        workgroupBarrier();
    }
    let column = thread % COLUMNS;
    var own = 0.0;
    for (var r = thread / COLUMNS; r < params.rows && column < params.cols; r = r + PARTS) {
        own = own + grads[r * params.cols + column];
    }
    part[thread] = own;
    workgroupBarrier();
    for (var step = PARTS / 2u; step > 0u; step = step / 2u) {
        if (thread < step * COLUMNS) {
            part[thread] = part[thread] + part[thread + step * COLUMNS];
        }
        workgroupBarrier();
    }
    if (thread < params.cols) { dbias[thread] = part[thread]; }
}

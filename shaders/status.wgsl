// done[slot] ← done[slot] + 1
//
// The last kernel of every submission: one thread counts it, so that the host can tell a lost submission from a finished one.

struct Params {
    slot: u32, // the word of this submission, its number modulo the words
}

@group(0) @binding(0) var<storage, read_write> done: array<u32>; // [64]
@group(0) @binding(1) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main() {
    let slot = min(params.slot, 63u);
    done[slot] = done[slot] + 1u;
}

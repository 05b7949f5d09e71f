// Metal has the names of its vectors here; the header metal_stdlib has them already.

package cpu

import "unsafe"

// supports reports whether the machine has the set: every arm64 has NEON.
func supports(set instructions) bool { return set == generic || set == neon }

// vectorised reports whether there are vector kernels for the set; for NEON there are products alone.
func (s instructions) vectorised() bool { return false }

// tile is what a kernel works on; sgemm_arm64.s knows the offsets, which are those of amd64. Distances are in bytes.
type tile struct {
	a     *float32
	aRow  int
	aStep int
	b     *float32
	bStep int
	c     *float32
	cRow  int
	k     int
	_, _  int
	tiles int      // one below the other; counted down, while a moves on
	bias  *float32 // of each column, or nil
	onto  int      // 1 to add to what C holds
}

// multiplyTiles computes blocks of C = A·B, or C + A·B, one below the other, and adds the bias, if there is one. There are no masks: what is left over is
// done in parts of eight, four and one column.
func multiplyTiles(_ instructions, a matrix, b, c, bias []float32, s size, at block) {
	t := tile{a: &a.data[at.row*a.row], aRow: 4 * a.row, aStep: 4 * a.step, bStep: 4 * s.ldb, cRow: 4 * s.ldc, k: s.k}
	if s.onto {
		t.onto = 1
	}
	for col := 0; col < at.cols; {
		part := t
		part.tiles, part.b, part.c = at.count, &b[at.col+col], &c[at.row*s.ldc+at.col+col]
		if bias != nil {
			part.bias = &bias[at.col+col]
		}
		switch rest := at.cols - col; {
		case rest >= 12:
			sgemmNEON(at.rows, &part)
			col += 12
		case rest >= 8:
			sgemmNEON8(at.rows, &part)
			col += 8
		case rest >= 4:
			sgemmNEON4(at.rows, &part)
			col += 4
		default:
			sgemmNEON1(at.rows, &part)
			col++
		}
	}
}

// transpose8 is the kernel of vector_amd64.s in Go: n blocks of 8×8, one below the other, to as many beside each other.
func transpose8(s *strip) {
	for i := range 8 * s.n {
		for j := range 8 {
			*(*float32)(unsafe.Add(s.p[1], j*s.result+4*i)) = *(*float32)(unsafe.Add(s.p[0], i*s.stride+4*j))
		}
	}
}

// run is never called: there are no vector kernels.
func run(instructions, kernel, *strip) {}

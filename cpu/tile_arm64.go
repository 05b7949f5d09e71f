package cpu

// supports reports whether the machine has the set: every arm64 has NEON.
func supports(set instructions) bool { return set == generic || set == neon }

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

// run runs the kernel on the strip.
func run(_ instructions, k kernel, s *strip) { runNEON(k, s) }

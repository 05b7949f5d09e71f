package cpu

import "golang.org/x/sys/cpu"

// supports reports whether the machine has the set.
func supports(set instructions) bool {
	switch set {
	case avx512:
		return cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL && cpu.X86.HasFMA
	case avx2:
		return cpu.X86.HasAVX2 && cpu.X86.HasFMA
	}
	return set == generic
}

// tile is what a kernel works on; sgemm_amd64.s knows the offsets. Distances are in bytes.
type tile struct {
	a       *float32
	aRow    int
	aStep   int
	b       *float32
	bStep   int
	c       *float32
	cRow    int
	k       int
	columns uint32 // a bit for each, AVX-512
	_       uint32
	lanes   *[8]int32 // −1 for each column, AVX2
	tiles   int       // one below the other; counted down, while a moves on
	bias    *float32  // of each column, or nil
	onto    int       // 1 to add to what C holds
}

// multiplyTiles computes blocks of C = A·B, or C + A·B, one below the other, and adds the bias, if there is one.
func multiplyTiles(set instructions, a matrix, b, c, bias []float32, s size, at block) {
	t := tile{
		a: &a.data[at.row*a.row], aRow: 4 * a.row, aStep: 4 * a.step,
		b: &b[at.col], bStep: 4 * s.ldb, c: &c[at.row*s.ldc+at.col], cRow: 4 * s.ldc, k: s.k, tiles: at.count,
	}
	if s.onto {
		t.onto = 1
	}
	if bias != nil {
		t.bias = &bias[at.col]
	}
	switch {
	case set == avx2:
		multiplyAVX2(t, b, c, bias, s, at)
	case at.cols > 16:
		t.columns = uint32(1<<at.cols - 1)
		sgemmAVX512(at.rows, &t)
	case at.cols > 8:
		t.columns = uint32(1<<at.cols - 1)
		sgemmAVX512Narrow(at.rows, &t)
	default:
		t.columns = uint32(1<<at.cols - 1)
		sgemmAVX512Half(at.rows, &t)
	}
}

// multiplyAVX2 takes two vectors of columns at once where there are two, else one at a time, the last cut off.
func multiplyAVX2(t tile, b, c, bias []float32, s size, at block) {
	if at.cols == 16 {
		sgemmAVX2(at.rows, &t)
		return
	}
	for col := 0; col < at.cols; col += 8 {
		part := t
		part.b, part.c, part.lanes = &b[at.col+col], &c[at.row*s.ldc+at.col+col], &allLanes
		if bias != nil {
			part.bias = &bias[at.col+col]
		}
		if rest := at.cols - col; rest < 8 {
			part.lanes = &lanes[rest]
		}
		sgemmAVX2Tail(at.rows, &part)
	}
}

// run runs a vector kernel.
func run(set instructions, k kernel, s *strip) {
	if set == avx512 {
		runAVX512(k, s)
		return
	}
	runAVX2(k, s)
}

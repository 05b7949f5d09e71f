package cpu

import "unsafe"

// transpose is a job that writes dst[j·rows + i] = src[i·stride + j] for j < cols: whole blocks of 8×8 by a kernel, the edges in Go.
func transpose(dst, src []float32, rows, cols, stride int) *job {
	return ranges((cols+7)/8, 2*rows, func(from, to int) {
		for j := 8 * from; j < min(cols, 8*to); j += 8 {
			done := 0
			if j+8 <= cols && rows >= 8 {
				done = rows / 8 * 8
				s := strip{n: rows / 8, stride: 4 * stride, result: 4 * rows}
				s.p[0], s.p[1] = unsafe.Pointer(&src[j]), unsafe.Pointer(&dst[j*rows])
				transpose8(&s)
			}
			for column := j; column < min(cols, j+8); column++ {
				for i := done; i < rows; i++ {
					dst[column*rows+i] = src[i*stride+column]
				}
			}
		}
	})
}

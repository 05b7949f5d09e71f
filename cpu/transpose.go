package cpu

import "unsafe"

// transpose is a job that writes dst[j·width + i] = src[i·stride + j] for i < rows and j < cols.
func transpose(dst []float32, width int, src []float32, rows, cols, stride int) *job {
	return ranges((cols+7)/8, 2*rows, func(from, to int) {
		turn(dst[8*from*width:], width, src[8*from:], rows, min(cols, 8*to)-8*from, stride)
	})
}

// turn is transpose at once: whole blocks of 8×8 by a kernel, the edges in Go.
func turn(dst []float32, width int, src []float32, rows, cols, stride int) {
	for j := 0; j < cols; j += 8 {
		done := 0
		if j+8 <= cols && rows >= 8 {
			done = rows / 8 * 8
			s := strip{n: rows / 8, stride: 4 * stride, result: 4 * width}
			s.p[0], s.p[1] = unsafe.Pointer(&src[j]), unsafe.Pointer(&dst[j*width])
			transpose8(&s)
		}
		for column := j; column < min(cols, j+8); column++ {
			for i := done; i < rows; i++ {
				dst[column*width+i] = src[i*stride+column]
			}
		}
	}
}

package cpu

import "unsafe"

// transpose is a job that writes dst[j·width + i] = src[i·stride + j] for i < rows and j < cols.
func transpose(dst *[]float32, width int, src *[]float32, rows, cols, stride int) *job {
	return ranges((cols+7)/8, 2*rows, func(from, to int) {
		turn((*dst)[8*from*width:], width, (*src)[8*from:], rows, min(cols, 8*to)-8*from, stride)
	})
}

// turn is transpose at once: blocks of 8×8 by a kernel, the last of which may do again some of what those before did; matrices with fewer than eight rows or
// columns in Go.
func turn(dst []float32, width int, src []float32, rows, cols, stride int) {
	if rows < 8 || cols < 8 {
		turnSmall(dst, width, src, rows, cols, stride)
		return
	}
	for j := 0; j < cols; j += 8 {
		j = min(j, cols-8)
		turnStrip(dst[j*width:], width, src[j:], stride, rows/8)
		if rows%8 != 0 {
			turnStrip(dst[j*width+rows-8:], width, src[(rows-8)*stride+j:], stride, 1)
		}
	}
}

// turnStrip turns blocks of 8×8 one below the other.
func turnStrip(dst []float32, width int, src []float32, stride, blocks int) {
	s := strip{n: blocks, stride: 4 * stride, result: 4 * width}
	s.p[0], s.p[1] = unsafe.Pointer(&src[0]), unsafe.Pointer(&dst[0])
	transpose8(&s)
}

func turnSmall(dst []float32, width int, src []float32, rows, cols, stride int) {
	for j := range cols {
		for i := range rows {
			dst[j*width+i] = src[i*stride+j]
		}
	}
}

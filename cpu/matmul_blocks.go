package cpu

// Large products are made of blocks that stay in the caches (Goto and van de Geijn, ACM Transactions on Mathematical Software 34, 2008): of
// B, depth × blockCols, packed into panels, and of A, depth × as many tiles as blockTiles, packed by whoever multiplies them. Sums go on in C
// from one block of k to the next: they are the same bits as at once.
const (
	depth      = 1024
	blockCols  = 2048
	blockTiles = 12
)

// largeFlops is from where on packing pays: at 512³ it gains 9 % for Aᵀ·B, 3 % for A·Bᵀ and nothing for A·B. Of Aᵀ·B, whose columns of A lie far apart, it
// pays earlier: 4 % at 784×300×256.
const largeFlops, largeTurnedFlops = 1 << 28, 1 << 26

// large reports whether a product is worth packing, if it is from so many operations on.
func (p *matrixProduct) large(least int) bool {
	w := kernelSizes[p.set]
	return 2*p.m*p.n*p.k >= least && p.m >= 4*w.rows && p.n >= w.cols && p.k >= 64
}

// blocked is a large product under way.
type blocked struct {
	*matrixProduct
}

// packing is memory for packed blocks. Products that are computed one at a time share it.
type packing struct {
	panels []float32      // of the block of B, one after the other
	spare  chan []float32 // memory for blocks of A, one for each thread
	each   int            // how many numbers each has
}

// grow makes room for panels and, for each thread, a block of A.
func (p *packing) grow(panels, each, threads int) {
	if len(p.panels) < panels {
		p.panels = make([]float32, panels)
	}
	if p.each < each {
		p.spare, p.each = make(chan []float32, threads), each
		for range threads {
			p.spare <- make([]float32, each)
		}
	}
}

// blocks is a job that computes a large product.
func (p *matrixProduct) blocks() *job {
	w := kernelSizes[p.set]
	b, deep := &blocked{p}, min(depth, p.k)
	if p.packed == nil {
		p.packed = &packing{}
	}
	p.packed.grow(deep*(min(p.n, blockCols)+w.cols), min(blockTiles*w.rows, p.m)*(deep+16), p.threads)
	var last *job
	for col := 0; col < p.n; col += blockCols {
		for i, n := 0, (p.k+depth-1)/depth; i < n; i++ {
			last = b.block(last, col, i*p.k/n, (i+1)*p.k/n)
		}
	}
	return last
}

// spares is n numbers of memory for each thread.
func (p *matrixProduct) spares(n int) chan []float32 {
	spare := make(chan []float32, p.threads)
	for range p.threads {
		spare <- p.memory(n)
	}
	return spare
}

// block is the job of one block of B, columns from col on and from ≤ k < to, after the one before.
func (b *blocked) block(before *job, col, from, to int) *job {
	w := kernelSizes[b.set]
	cols, deep := min(blockCols, b.n-col), to-from
	pack := b.packStraight
	if b.b.step != 1 {
		pack = b.packTurned
	}
	parts := evenly(b.m, blockTiles*w.rows)
	product := &job{parts: parts, run: func(part int) {
		b.rows(part*b.m/parts, (part+1)*b.m/parts, [2]int{col, cols}, [2]int{from, deep})
	}}
	return product.after(pack(col, cols, from, deep).after(before))
}

// evenly is into how many parts of at most so many rows a matrix is cut: an even number where there are several, since two threads would wait for the last
// of an odd one.
func evenly(rows, most int) int {
	parts := (rows + most - 1) / most
	if parts > 1 {
		parts += parts % 2
	}
	return parts
}

// packStraight is the job that copies a block of B whose rows lie in a row each: row by row, a piece to every panel, since to jump from row to row takes the
// memory three times as long.
func (b *blocked) packStraight(col, cols, k, deep int) *job {
	width := kernelSizes[b.set].cols
	return ranges(deep, cols/4, func(from, to int) {
		for i := from; i < to; i++ {
			row := b.b.data[(k+i)*b.b.row+col:][:cols]
			for at := i * width; len(row) > 0; at += deep * width {
				row = row[copy(b.packed.panels[at:][:width], row):]
			}
		}
	})
}

// packTurned is the job that copies a block of B whose columns lie in a row each, panel by panel, rows and columns exchanged.
func (b *blocked) packTurned(col, cols, k, deep int) *job {
	width := kernelSizes[b.set].cols
	return ranges((cols+width-1)/width, deep*width/4, func(from, to int) {
		for p := from; p < to; p++ {
			first := col + p*width
			turn(b.packed.panels[p*deep*width:][:deep*width], width, b.b.data[k*b.b.row+first*b.b.step:], min(width, col+cols-first), deep, b.b.step)
		}
	})
}

// rows computes rows from ≤ i < to of C's columns, with the block of B, of so many of k.
func (b *blocked) rows(from, to int, columns, ks [2]int) {
	w, deep := kernelSizes[b.set], ks[1]
	scratch := <-b.packed.spare
	a := b.packRows(scratch, from, to, ks)
	s := size{m: to - from, n: w.cols, k: deep, ldb: w.cols, ldc: b.ldc, onto: b.onto || ks[0] > 0}
	for p := 0; p*w.cols < columns[1]; p++ {
		col := columns[0] + p*w.cols
		s.n = min(w.cols, columns[1]-p*w.cols)
		var bias []float32
		if b.bias != nil && ks[0]+deep == b.k {
			bias = b.bias[col:]
		}
		s.multiply(b.set, a, b.packed.panels[p*deep*w.cols:], b.c[from*b.ldc+col:], bias, 0, s.tiles(b.set))
	}
	b.packed.spare <- scratch
}

// packRows copies rows of A, so many of k, to memory where rows do not fall on the same lines of a cache, and returns them.
func (b *blocked) packRows(to []float32, from, end int, ks [2]int) matrix {
	a, deep := b.a, ks[1]
	if a.step == 1 {
		width := deep + 16
		for i := from; i < end; i++ {
			copy(to[(i-from)*width:][:deep], a.data[i*a.row+ks[0]:])
		}
		return matrix{to, width, 1}
	}
	rows := end - from
	for k := range deep {
		copy(to[k*rows:][:rows], a.data[from*a.row+(ks[0]+k)*a.step:])
	}
	return matrix{to, 1, rows}
}

package cpu

// turnedPanels computes a product whose B has k as its fast axis: of each panel of B, as wide as a tile, rows and columns are exchanged in memory that stays in a
// cache, and the tiles below each other are computed from it. Several parts may have to do that with the same panel, each for so many rows of C that it is little.
func (p *matrixProduct) turnedPanels() *job {
	w := kernelSizes[p.set]
	spare := p.spares(p.k * w.cols)
	across, down := (p.n+w.cols-1)/w.cols, (p.m+panelTiles*w.rows-1)/(panelTiles*w.rows)
	return ranges(across*down, 2*p.k*min(p.m, panelTiles*w.rows)*w.cols/fastFlops, func(from, to int) {
		panel, turned := <-spare, -1
		for i := from; i < to; i++ {
			if i/down != turned {
				turned = i / down
				p.turnPanel(panel, turned*w.cols)
			}
			p.panelRows(panel, turned*w.cols, i%down*p.m/down, (i%down+1)*p.m/down)
		}
		spare <- panel
	})
}

// panelTiles is for how many tiles, at most, one part turns a panel around.
const panelTiles = 16

// turnPanel writes columns of B from col on so that k is the slow axis.
func (p *matrixProduct) turnPanel(panel []float32, col int) {
	width := kernelSizes[p.set].cols
	turn(panel, width, p.b.data[col*p.b.step:], min(width, p.n-col), p.k, p.b.step)
}

// panelRows computes rows from ≤ i < to of C's columns from col on.
func (p *matrixProduct) panelRows(panel []float32, col, from, to int) {
	width := kernelSizes[p.set].cols
	s := size{m: to - from, n: min(width, p.n-col), k: p.k, ldb: width, ldc: p.ldc, onto: p.onto}
	var bias []float32
	if p.bias != nil {
		bias = p.bias[col:]
	}
	a := matrix{p.a.data[from*p.a.row:], p.a.row, p.a.step}
	s.multiply(p.set, a, panel, p.c[from*p.ldc+col:], bias, 0, s.tiles(p.set))
}

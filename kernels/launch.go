package kernels

import (
	"math"
	"slices"

	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// A launch says which kernel does an operation. The operands are its bindings, in their order; its parameters come last.
type launch struct {
	shader    string
	constants []shaders.Constant
	params    []uint32
	groups    int // workgroups
	row       row
	emulated  *launch // what a device that emulates a GPU on the CPU does in its place, if anything
}

// on returns what a device does.
func (l launch) on(emulated bool) launch {
	if emulated && l.emulated != nil {
		return *l.emulated
	}
	return l
}

// A row says by which parameter a kernel is told how long the rows of the grid are, counted in workgroups or, where unit is more, in so many
// threads of each. Kernels that are a single workgroup have none.
type row struct {
	at   int
	unit uint32
}

// A grid is how many workgroups run.
type grid struct{ x, y uint32 }

// maxGroups is how many workgroups a device takes in one dimension.
const maxGroups = 65_535

// fold lays out workgroups in as many rows of at most so many as they need. The last row may be longer than what is left: kernels check.
func fold(groups, most int) grid {
	if groups <= most {
		return grid{uint32(groups), 1}
	}
	return grid{uint32(most), uint32(ceil(groups, most))}
}

// folded returns the grid of the launch, with at most so many workgroups in a row, and its parameters, which tell it.
func (l launch) folded(most int) (grid, []uint32) {
	g, params := fold(l.groups, most), slices.Clone(l.params)
	if l.row.unit > 0 {
		params[l.row.at] = g.x * l.row.unit
	}
	return g, params
}

func ceil(a, b int) int { return (a + b - 1) / b }

// groupThreads is how many threads a workgroup has.
const groupThreads = 256

// elementwise launches a thread for each of n elements. The parameters begin with n and the threads in a row of the grid.
func elementwise(shader string, n int, params ...uint32) launch {
	return launch{shader: shader, groups: ceil(n, groupThreads), row: row{1, groupThreads}, params: append([]uint32{uint32(n), 0}, params...)}
}

// valuewise is elementwise for a shader that takes values: vectors of four elements, if n allows it.
func valuewise(shader string, n int, params ...uint32) launch {
	if n%4 != 0 {
		return elementwise(shader, n, params...)
	}
	return elementwise(shader, n/4, params...).with(shaders.Vectors())
}

// blockwise is valuewise for a shader whose values share factors in blocks of 64 elements. Where a GPU is emulated, a thread does several: there,
// threads take time to begin.
func blockwise(shader string, n int, params ...uint32) launch {
	l := valuewise(shader, n, params...).several()
	if n%4 != 0 {
		return l
	}
	return l.with(shaders.Uint("BLOCK", ops.Block/4))
}

// several adds what a device that emulates a GPU does: the kernel with EACH values to a thread.
func (l launch) several() launch {
	const each = 8
	emulated := l.with(shaders.Uint("EACH", each))
	emulated.groups = ceil(l.groups, each)
	l.emulated = &emulated
	return l
}

// manyCols is from where on a row gets all threads of a workgroup.
const manyCols = 4096

// rowwise launches a kernel that gives LANES threads to each row: as many as the row has elements, up to 32, or 256 where there are
// many columns. The parameters begin with rows, cols and the workgroups in a row of the grid.
func rowwise(shader string, rows, cols int, params ...uint32) launch {
	lanes, most := 1, 32
	if cols >= manyCols {
		most = groupThreads
	}
	for lanes < min(cols, most) {
		lanes *= 2
	}
	return strips(shader, "ROWS", rows, lanes, matrix(rows, cols, params)).orAlone(shader, "ROWS", rows, cols)
}

// manyRows is from where on a column gets more threads.
const manyRows = 256

// columnwise launches a kernel that gives LANES threads to each column: 8, or 32 where there are many rows.
// The parameters begin with rows, cols and the workgroups in a row of the grid.
func columnwise(shader string, rows, cols int, params ...uint32) launch {
	lanes := 8
	if rows >= manyRows {
		lanes = 32
	}
	return strips(shader, "COLS", cols, lanes, matrix(rows, cols, params)).orAlone(shader, "COLS", cols, rows)
}

func matrix(rows, cols int, params []uint32) []uint32 {
	return append([]uint32{uint32(rows), uint32(cols), 0}, params...)
}

// strips launches a kernel for n ROWS or COLS of a matrix, with workgroups of 256 threads.
func strips(shader, what string, n, lanes int, params []uint32) launch {
	return stripsOf(groupThreads, shader, what, n, lanes, params)
}

// stripsOf is strips with workgroups of so many threads.
func stripsOf(threads int, shader, what string, n, lanes int, params []uint32) launch {
	l := launch{shader: shader, groups: ceil(n, threads/lanes), row: row{2, 1}, params: params}
	return l.with(shaders.Uint("LANES", lanes), shaders.Uint(what, threads/lanes))
}

// emulatedVector is how many threads llvmpipe and SwiftShader run as one, with 256 bits, or two of 128.
const emulatedVector = 8

// mostAlone is up to how many elements a thread adds up by itself where a GPU is emulated, since threads that meet cost more there.
const mostAlone = 1024

// aloneThreads is how many threads a workgroup has there: a core takes whole workgroups, and small ones spread better.
const aloneThreads = 4 * emulatedVector

// orAlone adds what a device that emulates a GPU does: the kernel with one thread for each of n strips, if a strip has so few elements.
func (l launch) orAlone(shader, what string, n, elements int) launch {
	if elements <= mostAlone {
		alone := stripsOf(aloneThreads, shader, what, n, 1, l.params)
		l.emulated = &alone
	}
	return l
}

func (l launch) with(constants ...shaders.Constant) launch {
	return l.each(func(l *launch) { l.constants = append(slices.Clip(l.constants), constants...) })
}

// each changes the launch and what an emulated GPU does in its place.
func (l launch) each(change func(*launch)) launch {
	if l.emulated != nil {
		emulated := l.emulated.each(change)
		l.emulated = &emulated
	}
	change(&l)
	return l
}

// f32 returns a float parameter's bits.
func f32(v float32) uint32 { return math.Float32bits(v) }

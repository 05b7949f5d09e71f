package main

import "fmt"

// column is a kernel over one vector of columns of a matrix: it walks down the rows, several times if need be.
type column struct {
	name string
	body func(c *columns)
}

// columns is the body of a column kernel under construction. DI is the strip, R8 the distance of rows in bytes and R9 three of it, CX
// counts rows.
type columns struct {
	*block
	version string // of the labels
	walks   int
}

// unrolled is how many rows a walk takes at once, with sums of their own, so that one addition need not wait for the other.
const unrolled = 4

// rowRegisters hold the address of the current row of the first operands, which are matrices.
var rowRegisters = []string{"SI", "BX", "DX", "R11"}

// row is a row of the matrices: address tells where that of an operand is, sum which of the unrolled sums is the row's.
type row struct {
	address func(operand int) string
	sum     int
}

func rowAt(offset string, sum int) row {
	return row{func(operand int) string { return "(" + rowRegisters[operand] + ")" + offset }, sum}
}

// walk calls body for row after row of the operands.
func (c *columns) walk(operands []int, body func(r row)) {
	if c.neon() {
		c.neonWalk(operands, body)
		return
	}
	c.walks++
	label := fmt.Sprintf("%s%d", c.version, c.walks)
	c.line("\tMOVQ %d(DI), CX", countAt)
	for _, i := range operands {
		c.line("\tMOVQ %d(DI), %s", 8*i, rowRegisters[i])
	}
	c.line("\tSUBQ $%d, CX\n\tJLT rest%s\nloop%s:", unrolled, label, label)
	for j, offset := range []string{"", "(R8*1)", "(R8*2)", "(R9*1)"} {
		body(rowAt(offset, j))
	}
	c.advance(operands, "LEAQ (%[1]s)(R8*4), %[1]s")
	c.line("\tSUBQ $%d, CX\n\tJGE loop%s\nrest%s:\n\tADDQ $%d, CX\n\tJEQ done%s\nsingle%s:", unrolled, label, label, unrolled, label, label)
	body(rowAt("", 0))
	c.advance(operands, "ADDQ R8, %[1]s")
	c.line("\tDECQ CX\n\tJNZ single%s\ndone%s:", label, label)
}

func (c *columns) advance(operands []int, text string) {
	for _, i := range operands {
		c.line("\t"+text, rowRegisters[i])
	}
}

// vector loads operand i, which has one value to a column.
func (c *columns) vector(i int) value {
	v := c.load(c.pointer())
	c.point(i)
	return v
}

// put stores v to operand i, which has one value to a column.
func (c *columns) put(i int, v value) {
	c.store(c.pointer(), v)
	c.point(i)
}

// pointer is the address that point fetches.
func (c *columns) pointer() string {
	if c.neon() {
		return "R16 ZR"
	}
	return "(R10)"
}

// point lets the last instruction be that of operand i.
func (c *columns) point(i int) {
	last := &c.list[len(c.list)-1]
	if c.neon() {
		last.text = fmt.Sprintf("MOVD %d(R0), R16\n\t", 8*i) + last.text
		return
	}
	last.text = fmt.Sprintf("MOVQ %d(DI), R10\n\t", 8*i) + last.text
}

// scalar is number i of the strip in every lane.
func (c *columns) scalar(i int) value {
	if c.neon() {
		return c.emit(broadcastNumber(i, "%d"), -1)
	}
	return c.emit(fmt.Sprintf("VBROADCASTSS %d(DI), %%d", scalarsAt+4*i), -1)
}

// sums are zero, one for each unrolled row.
func (c *columns) sums() []value {
	list := make([]value, unrolled)
	for i := range list {
		list[i] = c.hold()
	}
	c.clear(list)
	return list
}

func (c *columns) clear(sums []value) {
	for _, s := range sums {
		c.set(s, c.loaded(c.number(0)))
	}
}

// total adds the sums up.
func (c *columns) total(s []value) value { return c.add(c.add(s[0], s[1]), c.add(s[2], s[3])) }

// write writes the kernel; for AVX2 once more, for columns that are cut off.
func (k column) write(b *block) {
	b.begin(k.name)
	b.line("\tMOVQ %d(DI), R8\n\tLEAQ (R8)(R8*2), R9", strideAt)
	if !b.wide() {
		b.line("\tCMPL %d(DI), $0\n\tJNE cut", columnsAt)
		k.body(&columns{block: b, version: "Whole"})
		b.end()
		b.line("cut:")
	}
	b.masked, b.held = true, 0
	k.body(&columns{block: b, version: "Cut"})
	b.end()
}

func columnKernels() []column {
	return []column{{"columnSums", columnSums}, {"addRow", addRow}, {"batchNorm", func(c *columns) { batchNorm(c, false) }}, {"batchNormKeeping", func(c *columns) { batchNorm(c, true) }}, {"batchNormSums", func(c *columns) { batchNormSums(c) }}, {"batchNormGrad", batchNormGrad}}
}

// columnSums: operand 1 ← Σ operand 0.
func columnSums(c *columns) {
	sums := c.sums()
	c.walk([]int{0}, func(r row) { c.accumulate(sums[r.sum], c.load(r.address(0))) })
	c.put(1, c.total(sums))
}

// addRow: operand 1 ← operand 0 + operand 2, which has one value to a column.
func addRow(c *columns) {
	v := c.hold()
	c.set(v, c.vector(2))
	c.walk([]int{0, 1}, func(r row) { c.store(r.address(1), c.add(c.load(r.address(0)), v)) })
}

// batchNorm computes the means around the first row, so that a matrix far from zero loses nothing. The operands are x, y, x̂, which is kept
// or left alone, gamma, beta, moving_mean, moving_variance, mean and inv_std, the numbers 1/rows, epsilon, momentum and 1 − momentum.
func batchNorm(c *columns, keep bool) {
	origin, sums := c.hold(), c.sums()
	c.set(origin, c.vector(0))
	c.walk([]int{0}, func(r row) { c.accumulate(sums[r.sum], c.sub(c.load(r.address(0)), origin)) })
	mean := origin
	c.set(mean, c.fma(c.total(sums), c.scalar(0), origin))
	c.put(7, mean)
	c.moveAverage(5, mean)
	c.clear(sums)
	c.walk([]int{0}, func(r row) {
		d := c.sub(c.load(r.address(0)), mean)
		c.accumulateProduct(sums[r.sum], d, d)
	})
	variance := c.mul(c.total(sums), c.scalar(0))
	invStd := c.div(c.number(1), c.sqrt(c.add(variance, c.scalar(1))))
	c.moveAverage(6, variance)
	c.put(8, invStd)
	scale, beta, deviation := sums[0], sums[1], sums[2]
	c.set(deviation, invStd)
	c.set(scale, c.mul(deviation, c.vector(3)))
	c.set(beta, c.vector(4))
	if !keep {
		c.walk([]int{0, 1}, func(r row) { c.store(r.address(1), c.fma(c.sub(c.load(r.address(0)), mean), scale, beta)) })
		return
	}
	c.walk([]int{0, 1, 2}, func(r row) {
		d := c.sub(c.load(r.address(0)), mean)
		c.store(r.address(1), c.fma(d, scale, beta))
		c.store(r.address(2), c.mul(d, deviation))
	})
}

// moveAverage moves the average at operand i towards v.
func (c *columns) moveAverage(i int, v value) {
	c.put(i, c.fma(c.scalar(2), c.vector(i), c.mul(c.scalar(3), v)))
}

// batchNormSums: the operands are x, dy, dx, which it leaves alone, gamma, mean, inv_std, dgamma and dbeta, the number is 1/rows.
func batchNormSums(c *columns) (mean value, dgamma, dbeta value) {
	mean = c.hold()
	betas, gammas := c.sums(), c.sums()
	c.set(mean, c.vector(4))
	c.walk([]int{0, 1}, func(r row) {
		dy := c.load(r.address(1))
		c.accumulate(betas[r.sum], dy)
		c.accumulateProduct(gammas[r.sum], c.sub(c.load(r.address(0)), mean), dy)
	})
	c.set(betas[0], c.total(betas))
	c.set(gammas[0], c.mul(c.total(gammas), c.vector(5)))
	c.put(7, betas[0])
	c.put(6, gammas[0])
	return mean, gammas[0], betas[0]
}

// batchNormGrad is batchNormSums, and then dx.
func batchNormGrad(c *columns) {
	mean, dgamma, dbeta := batchNormSums(c)
	scale := c.hold()
	c.set(dbeta, c.mul(dbeta, c.scalar(0)))
	c.set(dgamma, c.mul(c.mul(dgamma, c.scalar(0)), c.vector(5)))
	c.set(scale, c.mul(c.vector(3), c.vector(5)))
	c.walk([]int{0, 1, 2}, func(r row) {
		d := c.sub(c.load(r.address(1)), dbeta)
		c.store(r.address(2), c.mul(c.fnma(c.sub(c.load(r.address(0)), mean), dgamma, d), scale))
	})
}

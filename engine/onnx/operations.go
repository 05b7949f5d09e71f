package onnx

import (
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// step adds an operation of a layer, as recorded for each of the batches.
func (b *Builder) step(part string, first, second backend.Op) error {
	b.part, b.ops = part, [2]backend.Op{first, second}
	if _, err := sizes(first, second); err != nil {
		return err
	}
	switch op := first.(type) {
	case Exporter:
		if err := op.ExportONNX(b); err != nil {
			return err
		}
	case ops.MatMul:
		b.matMul(op)
	case ops.Bias:
		x := b.Matrix(b.Value(op.X), b.Size("Rows"), b.Size("Cols"))
		b.Define(op.Y, b.Node("Add", x.shape, []Value{x, b.Reshape(b.Value(op.Bias), b.Size("Cols"))}))
	case ops.Activation:
		b.Define(op.Y, b.activation(b.Value(op.X), op.Function, op.Options))
	case ops.PReLU:
		b.prelu(op)
	case ops.Softmax:
		b.softmax("Softmax", op.X, op.Y)
	case ops.LogSoftmax:
		b.softmax("LogSoftmax", op.X, op.Y)
	case ops.BatchNormInference:
		b.batchNorm(op)
	case ops.LayerNorm:
		b.layerNorm(op)
	case ops.Combine:
		b.combine(op)
	case ops.Columns:
		b.columns(op)
	case ops.Transpose:
		x := b.Reshape(b.Value(op.X), b.Size("Batch"), b.Size("Rows"), b.Size("Cols"))
		b.Define(op.Y, b.Node("Transpose", []int64{x.shape[0], x.shape[2], x.shape[1]}, []Value{x}, Ints("perm", 0, 2, 1)))
	default:
		return fmt.Errorf("its operation %s is not among those that can be exported (one of your own needs a method ExportONNX)", first.Name())
	}
	return b.err
}

func (b *Builder) matMul(op ops.MatMul) {
	m, n, k := b.Size("M"), b.Size("N"), b.Size("K")
	left, right := []int64{m, k}, []int64{k, n}
	if op.TransposeA {
		slices.Reverse(left)
	}
	if op.TransposeB {
		slices.Reverse(right)
	}
	inputs := []Value{b.Reshape(b.Value(op.A), left...), b.Reshape(b.Value(op.B), right...)}
	switch {
	case op.TransposeA:
		b.Define(op.C, b.Node("Gemm", []int64{m, n}, inputs, Int("transA", 1)))
	case op.TransposeB:
		b.Define(op.C, b.Node("Gemm", []int64{m, n}, inputs, Int("transB", 1)))
	default:
		b.Define(op.C, b.Node("MatMul", []int64{m, n}, inputs))
	}
}

func (b *Builder) prelu(op ops.PReLU) {
	rows, cols, inner := b.Size("Rows"), b.Size("Cols"), b.Size("Inner")
	x, alpha := b.Value(op.X), b.Value(op.Alpha)
	if inner == 1 {
		x, alpha = b.Matrix(x, rows, cols), b.Reshape(alpha, cols)
	} else {
		x, alpha = b.Reshape(x, rows, cols, inner), b.Reshape(alpha, cols, 1)
	}
	b.Define(op.Y, b.Node("PRelu", x.shape, []Value{x, alpha}))
}

func (b *Builder) softmax(operator string, from, to backend.Region) {
	x := b.Matrix(b.Value(from), b.Size("Rows"), b.Size("Cols"))
	b.Define(to, b.Node(operator, x.shape, []Value{x}, Int("axis", -1)))
}

func (b *Builder) batchNorm(op ops.BatchNormInference) {
	cols := b.Size("Cols")
	inputs := []Value{b.Reshape(b.Value(op.X), b.Size("Rows"), cols)}
	for _, r := range []backend.Region{op.Gamma, op.Beta, op.MovingMean, op.MovingVariance} {
		inputs = append(inputs, b.Reshape(b.Value(r), cols))
	}
	b.Define(op.Y, b.Node("BatchNormalization", inputs[0].shape, inputs, Float("epsilon", op.Epsilon)))
}

// layerNorm writes the root mean square out: there is no operator for it in this opset.
func (b *Builder) layerNorm(op ops.LayerNorm) {
	cols := b.Size("Cols")
	x, gamma := b.Matrix(b.Value(op.X), b.Size("Rows"), cols), b.Reshape(b.Value(op.Gamma), cols)
	if !op.RMS {
		b.Define(op.Y, b.Node("LayerNormalization", x.shape, []Value{x, gamma}, Int("axis", -1), Float("epsilon", op.Epsilon)))
		return
	}
	one := append(slices.Clone(x.shape[:len(x.shape)-1]), 1)
	square := b.Node("Mul", x.shape, []Value{x, x})
	mean := b.Node("ReduceMean", one, []Value{square}, Ints("axes", -1), Int("keepdims", 1))
	root := b.Node("Sqrt", one, []Value{b.Node("Add", one, []Value{mean, b.Scalar(op.Epsilon)})})
	b.Define(op.Y, b.Node("Mul", x.shape, []Value{b.Node("Div", x.shape, []Value{x, root}), gamma}))
}

func (b *Builder) combine(op ops.Combine) {
	x, y := b.Value(op.A), b.Value(op.B)
	if x.uniform && !y.uniform {
		x = b.Node("Expand", y.shape, []Value{x, b.Node("Shape", nil, []Value{y})})
	}
	if !y.uniform {
		y = b.Reshape(y, x.shape...)
	}
	operator := [...]string{ops.Sum: "Add", ops.Product: "Mul", ops.Maximum: "Max", ops.Minimum: "Min"}[op.Combination]
	if op.Combination == ops.Sum {
		switch {
		case op.WeightB == -1:
			operator = "Sub"
		case op.WeightB != 1:
			y = b.Node("Mul", y.shape, []Value{y, b.Scalar(op.WeightB)})
		}
		if op.WeightA != 1 {
			x = b.Node("Mul", x.shape, []Value{x, b.Scalar(op.WeightA)})
		}
	}
	b.Define(op.Y, b.Node(operator, x.shape, []Value{x, y}))
}

func (b *Builder) columns(op ops.Columns) {
	rows, cols, width, column := b.Size("Rows"), b.Size("Cols"), b.Size("Width"), b.Size("Column")
	switch {
	case column < 0:
		b.Errorf("columns: they are at another place for each size of the batch")
	case op.Kind == ops.CutColumns:
		x := b.Matrix(b.Value(op.X), rows, width)
		shape := append(slices.Clone(x.shape[:len(x.shape)-1]), cols)
		b.Define(op.Y, b.Node("Slice", shape, []Value{x, b.Integers(column), b.Integers(column + cols), b.Integers(-1)}))
	case op.Kind == ops.PasteColumns:
		b.paste(op, column, width)
	default:
		b.Errorf("columns: %v is not among what can be exported", op.Kind)
	}
}

// paste joins the parts of a tensor once all are there: each begins where the one before it ends.
func (b *Builder) paste(op ops.Columns, column, width int64) {
	at := placeOf(op.Y)
	parts := append(b.pasted[at], b.Reshape(b.Value(op.X), b.Size("Rows"), b.Size("Cols")))
	b.pasted[at] = parts
	end := int64(0)
	for _, p := range parts[:len(parts)-1] {
		end += p.shape[1]
	}
	if column != end {
		b.Errorf("columns: they are pasted from %d on, want %d", column, end)
	}
	if end+b.Size("Cols") == width {
		b.Define(op.Y, b.Node("Concat", []int64{b.Size("Rows"), width}, parts, Int("axis", -1)))
	}
}

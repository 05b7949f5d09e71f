package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func softmax(o ops.Softmax) launch { return rowwise("softmax", o.Rows, o.Cols) }

func softmaxGrad(o ops.SoftmaxGrad) launch { return rowwise("softmax_grad", o.Rows, o.Cols) }

// rowwise launches a kernel of one workgroup a row.
func rowwise(shader string, rows, cols int) launch {
	l := launch{shader: shader}
	l.rows(rows, cols)
	return l
}

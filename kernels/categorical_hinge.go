package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func categoricalHinge(o ops.CategoricalHinge) launch {
	return rowwise("categorical_hinge", o.Rows, o.Cols)
}

func categoricalHingeGrad(o ops.CategoricalHingeGrad) launch {
	return rowwise("categorical_hinge_grad", o.Rows, o.Cols)
}

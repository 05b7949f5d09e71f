package optim

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Clipped is an optimizer whose gradients are clipped first, in the ways that are set, in this order. Zero means not to clip in
// this way; all zero is refused.
//
//	Adaptive:      each unit, g ← g·min(1, Adaptive·max(‖w‖, ε)/‖g‖): adaptive gradient clipping (Brock et al., 2021)
//	Value:         each element, g ← min(max(g, −Value), Value) (Keras's clipvalue)
//	VariableNorm:  each variable, g ← g·min(1, VariableNorm/‖g‖) (Keras's clipnorm)
//	GlobalNorm:    all together, g ← g·min(1, GlobalNorm/‖g‖) (Keras's global_clipnorm; Pascanu, Mikolov and Bengio, 2013)
//
// A unit is a column of a matrix, the weights into one unit of a Dense, and the whole of a vector. The paper clips at 0.01 and leaves
// the last layer alone: put its name in Except.
//
//	optim.Clipped{Optimizer: optim.Adam{}, GlobalNorm: 1}
type Clipped struct {
	Optimizer
	Value, VariableNorm, GlobalNorm float32
	Adaptive                        float32
	Epsilon                         float32  // the least norm of weights for Adaptive; zero means 1e-3
	Except                          []string // patterns, as in Group, of variables that Adaptive leaves alone: "dense_2/*"
}

// Unwrap returns the optimizer whose gradients are clipped.
func (o Clipped) Unwrap() Optimizer { return o.Optimizer }

// Check implements Optimizer.
func (o Clipped) Check() error {
	if o.Optimizer == nil {
		return fmt.Errorf("optim: Clipped: no optimizer")
	}
	for _, option := range []struct {
		name  string
		value float32
	}{{"clip value", o.Value}, {"clip norm of variables", o.VariableNorm}, {"global clip norm", o.GlobalNorm}, {"adaptive clipping", o.Adaptive}, {"epsilon of clipping", o.Epsilon}} {
		if !(option.value >= 0 && option.value <= math.MaxFloat32) {
			return fmt.Errorf("optim: %s: %s is %v, want more than 0, or 0 for none", o.Name(), option.name, option.value)
		}
	}
	if o.Value == 0 && o.VariableNorm == 0 && o.GlobalNorm == 0 && o.Adaptive == 0 {
		return fmt.Errorf("optim: %s: Clipped has no limit: Value, VariableNorm, GlobalNorm and Adaptive are 0, want one of them more than 0", o.Name())
	}
	if len(o.Except) > 0 && o.Adaptive == 0 {
		return fmt.Errorf("optim: %s: except is %q without adaptive clipping: the other ways clip all variables", o.Name(), o.Except)
	}
	if err := checkPatterns(o.Except); err != nil {
		return fmt.Errorf("optim: %s: except: %w", o.Name(), err)
	}
	return o.Optimizer.Check()
}

// Record implements Optimizer.
func (o Clipped) Record(u Update) ([]backend.Op, error) {
	if err := found(o.Except, u.Names); err != nil {
		return nil, fmt.Errorf("optim: %s: except: %w", o.Name(), err)
	}
	list := o.adaptive(u)
	if o.Value > 0 {
		list = append(list, ops.Clip{Grads: u.Grads, N: u.Grads.Len, Limit: o.Value})
	}
	if o.VariableNorm > 0 {
		list = append(list, u.rescale(u.Grads, u.Params, wholes(u.Variables), ops.Rescale{Kind: ops.ClipNorm, Limit: o.VariableNorm}))
	}
	if o.GlobalNorm > 0 {
		squares := u.Memory.Of(0)
		list = append(list,
			ops.Penalty{X: u.Grads, Sum: squares, N: u.Grads.Len, L2: 1}, // the sum of squares
			ops.Clip{Grads: u.Grads, Squares: squares, N: u.Grads.Len, Limit: o.GlobalNorm, Norm: true})
	}
	rest, err := o.Optimizer.Record(u)
	return append(list, rest...), err
}

// adaptive clips the units of the variables that are not excepted, if there are any.
func (o Clipped) adaptive(u Update) []backend.Op {
	var units []uint32
	for _, v := range u.Variables {
		if !matches(o.Except, v.Name) {
			units = append(units, v.units()...)
		}
	}
	if o.Adaptive == 0 || len(units) == 0 {
		return nil
	}
	return []backend.Op{u.rescale(u.Grads, u.Params, units, ops.Rescale{Kind: ops.ClipRatio, Limit: o.Adaptive, Epsilon: or(o.Epsilon, 1e-3)})}
}

// rescale completes an operation on the units of an arena.
func (u Update) rescale(x, reference backend.Region, units []uint32, op ops.Rescale) ops.Rescale {
	op.X, op.Reference, op.Units = x, reference, u.Memory.Indices(units...)
	op.N, op.Count = x.Len, len(units)/ops.UnitColumns
	return op
}

// wholes are units that are a variable each.
func wholes(variables []Variable) (units []uint32) {
	for _, v := range variables {
		units = append(units, uint32(v.Offset), 1, uint32(v.Size()))
	}
	return units
}

// units are the columns of a matrix, of all axes but the last that is, or the whole of a vector.
func (v Variable) units() (units []uint32) {
	if len(v.Shape) < 2 {
		return wholes([]Variable{v})
	}
	cols := v.Shape[len(v.Shape)-1]
	for c := range cols {
		units = append(units, uint32(v.Offset+c), uint32(cols), uint32(v.Size()/cols))
	}
	return units
}

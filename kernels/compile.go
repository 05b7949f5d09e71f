package kernels

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// table turns each operation into a launch, by name.
var table = map[string]func(backend.Op) launch{
	ops.Accumulate{}.Name():         entry(accumulate),
	ops.Accuracy{}.Name():           entry(accuracy),
	ops.Activation{}.Name():         entry(activation),
	ops.ActivationGrad{}.Name():     entry(activationGrad),
	ops.Advance{}.Name():            entry(advance),
	ops.BatchNorm{}.Name():          entry(batchNorm),
	ops.BatchNormGrad{}.Name():      entry(batchNormGrad),
	ops.BatchNormInference{}.Name(): entry(batchNormInference),
	ops.Bias{}.Name():               entry(bias),
	ops.BiasGrad{}.Name():           entry(biasGrad),
	ops.CrossEntropy{}.Name():       entry(crossEntropy),
	ops.CrossEntropyGrad{}.Name():   entry(crossEntropyGrad),
	ops.Gather{}.Name():             entry(gather),
	ops.GatherLabels{}.Name():       entry(gatherLabels),
	ops.MatMul{}.Name():             entry(matMul),
	ops.SGD{}.Name():                entry(sgd),
	ops.Softmax{}.Name():            entry(softmax),
	ops.SoftmaxGrad{}.Name():        entry(softmaxGrad),
	ops.Tally{}.Name():              entry(tally),
}

func entry[T backend.Op](make func(T) launch) func(backend.Op) launch {
	return func(op backend.Op) launch {
		l := make(op.(T))
		l.operands = op.Operands()
		return l
	}
}

// Compile implements backend.Backend.
func (b *Backend) Compile(list []backend.Op) (backend.Program, error) {
	p := &program{owner: b, pace: pace{next: 1}}
	err := b.do(func() error {
		for _, op := range list {
			d, err := b.lower(op)
			if err != nil {
				p.discard()
				return fmt.Errorf("kernels: %w", err)
			}
			p.list = append(p.list, d)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// lower checks an operation and turns it into a dispatch.
func (b *Backend) lower(op backend.Op) (dispatch, error) {
	if err := backend.CheckOp(op); err != nil {
		return dispatch{}, err
	}
	make, ok := table[op.Name()]
	if !ok {
		return dispatch{}, fmt.Errorf("%s: %w", op.Name(), backend.ErrUnsupported)
	}
	d, err := b.dispatch(make(op))
	if err != nil {
		return dispatch{}, fmt.Errorf("%s: %w", op.Name(), err)
	}
	return d, nil
}

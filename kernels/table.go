package kernels

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// table tells, by name, how each operation is launched.
var table = map[string]func(backend.Op) (launch, bool){
	ops.Accumulate{}.Name():             entry(accumulate),
	ops.Accuracy{}.Name():               entry(accuracy),
	ops.Activation{}.Name():             entry(activation),
	ops.ActivationGrad{}.Name():         entry(activationGrad),
	ops.Adaptive{}.Name():               entry(adaptive),
	ops.Advance{}.Name():                entry(advance),
	ops.ArgMax{}.Name():                 entry(argMax),
	ops.Average{}.Name():                entry(average),
	ops.BatchNorm{}.Name():              entry(batchNorm),
	ops.BatchNormGrad{}.Name():          entry(batchNormGrad),
	ops.BatchNormInference{}.Name():     entry(batchNormInference),
	ops.BatchNormInferenceGrad{}.Name(): entry(batchNormInferenceGrad),
	ops.Bias{}.Name():                   entry(bias),
	ops.BiasGrad{}.Name():               entry(biasGrad),
	ops.Blend{}.Name():                  entry(blend),
	ops.CategoricalHinge{}.Name():       entry(categoricalHinge),
	ops.CategoricalHingeGrad{}.Name():   entry(categoricalHingeGrad),
	ops.Clip{}.Name():                   entry(clip),
	ops.Columns{}.Name():                entry(columns),
	ops.Combine{}.Name():                entry(combine),
	ops.CombineGrad{}.Name():            entry(combineGrad),
	ops.Constraint{}.Name():             entry(constraint),
	ops.CrossEntropy{}.Name():           entry(crossEntropy),
	ops.CrossEntropyGrad{}.Name():       entry(crossEntropyGrad),
	ops.Gather{}.Name():                 entry(gather),
	ops.GatherLabels{}.Name():           entry(gatherLabels),
	ops.LayerNorm{}.Name():              entry(layerNorm),
	ops.LayerNormGrad{}.Name():          entry(layerNormGrad),
	ops.LayerNormScaleGrad{}.Name():     entry(layerNormScaleGrad),
	ops.LogSoftmax{}.Name():             entry(logSoftmax),
	ops.LogSoftmaxGrad{}.Name():         entry(logSoftmaxGrad),
	ops.MatMul{}.Name():                 entry(matMul),
	ops.Noise{}.Name():                  entry(noise),
	ops.Augment{}.Name():                entry(augment),
	ops.OneHot{}.Name():                 entry(oneHot),
	ops.PairLoss{}.Name():               entry(pairLoss),
	ops.PairLossGrad{}.Name():           entry(pairLossGrad),
	ops.Peak{}.Name():                   entry(peak),
	ops.Penalty{}.Name():                entry(penalty),
	ops.PenaltyGrad{}.Name():            entry(penaltyGrad),
	ops.PReLU{}.Name():                  entry(prelu),
	ops.PReLUAlphaGrad{}.Name():         entry(preluAlphaGrad),
	ops.PReLUGrad{}.Name():              entry(preluGrad),
	ops.Rescale{}.Name():                entry(rescale),
	ops.RReLU{}.Name():                  entry(rrelu),
	ops.RReLUGrad{}.Name():              entry(rreluGrad),
	ops.ScoreCounts{}.Name():            entry(scoreCounts),
	ops.SGD{}.Name():                    entry(sgd),
	ops.Softmax{}.Name():                entry(softmax),
	ops.SoftmaxGrad{}.Name():            entry(softmaxGrad),
	ops.Tally{}.Name():                  entry(tally),
	ops.Transpose{}.Name():              entry(transpose),
}

func entry[T backend.Op](f func(T) launch) func(backend.Op) (launch, bool) {
	return func(op backend.Op) (launch, bool) {
		o, ok := op.(T)
		if !ok {
			return launch{}, false
		}
		return f(o), true
	}
}

// launchOf returns the launch of an operation that was checked.
func launchOf(op backend.Op) (launch, error) {
	plan, ok := table[op.Name()]
	if !ok {
		return launch{}, fmt.Errorf("%s: %w", op.Name(), backend.ErrUnsupported)
	}
	l, ok := plan(op)
	if !ok {
		return launch{}, fmt.Errorf("%s: %w as a %T, want package ops's", op.Name(), backend.ErrUnsupported, op)
	}
	return l, nil
}

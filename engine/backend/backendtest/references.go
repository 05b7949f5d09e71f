// Package backendtest holds the float64 oracle and the cases that every backend must pass.
//
// Each operation has a file of its stem here with its reference, written from the formula alone, and its cases. Run
// runs all of them against a backend, and the rules of the contract besides.
package backendtest

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// references computes each operation in float64, by name.
var references = map[string]func(backend.Op) (run func(), ok bool){
	ops.Accumulate{}.Name():             reference(accumulate),
	ops.Accuracy{}.Name():               reference(accuracy),
	ops.Activation{}.Name():             reference(activation),
	ops.ActivationGrad{}.Name():         reference(activationGrad),
	ops.Adaptive{}.Name():               reference(adaptive),
	ops.Advance{}.Name():                reference(advance),
	ops.ArgMax{}.Name():                 reference(argMax),
	ops.Average{}.Name():                reference(average),
	ops.BatchNorm{}.Name():              reference(batchNorm),
	ops.BatchNormGrad{}.Name():          reference(batchNormGrad),
	ops.BatchNormInference{}.Name():     reference(batchNormInference),
	ops.BatchNormInferenceGrad{}.Name(): reference(batchNormInferenceGrad),
	ops.Bias{}.Name():                   reference(bias),
	ops.BiasGrad{}.Name():               reference(biasGrad),
	ops.Blend{}.Name():                  reference(blend),
	ops.CategoricalHinge{}.Name():       reference(categoricalHinge),
	ops.CategoricalHingeGrad{}.Name():   reference(categoricalHingeGrad),
	ops.Clip{}.Name():                   reference(clip),
	ops.Columns{}.Name():                reference(columns),
	ops.Combine{}.Name():                reference(combine),
	ops.CombineGrad{}.Name():            reference(combineGrad),
	ops.Constraint{}.Name():             reference(constraint),
	ops.CrossEntropy{}.Name():           reference(crossEntropy),
	ops.CrossEntropyGrad{}.Name():       reference(crossEntropyGrad),
	ops.Gather{}.Name():                 reference(gather),
	ops.GatherLabels{}.Name():           reference(gatherLabels),
	ops.LayerNorm{}.Name():              reference(layerNorm),
	ops.LayerNormGrad{}.Name():          reference(layerNormGrad),
	ops.LayerNormScaleGrad{}.Name():     reference(layerNormScaleGrad),
	ops.LogSoftmax{}.Name():             reference(logSoftmax),
	ops.LogSoftmaxGrad{}.Name():         reference(logSoftmaxGrad),
	ops.MatMul{}.Name():                 reference(matMul),
	ops.Noise{}.Name():                  reference(noise),
	ops.Augment{}.Name():                reference(augment),
	ops.OneHot{}.Name():                 reference(oneHot),
	ops.PairLoss{}.Name():               reference(pairLoss),
	ops.PairLossGrad{}.Name():           reference(pairLossGrad),
	ops.Peak{}.Name():                   reference(peak),
	ops.Penalty{}.Name():                reference(penalty),
	ops.PenaltyGrad{}.Name():            reference(penaltyGrad),
	ops.PReLU{}.Name():                  reference(prelu),
	ops.PReLUAlphaGrad{}.Name():         reference(preluAlphaGrad),
	ops.PReLUGrad{}.Name():              reference(preluGrad),
	ops.Rescale{}.Name():                reference(rescale),
	ops.RReLU{}.Name():                  reference(rrelu),
	ops.RReLUGrad{}.Name():              reference(rreluGrad),
	ops.ScoreCounts{}.Name():            reference(scoreCounts),
	ops.SGD{}.Name():                    reference(sgd),
	ops.Softmax{}.Name():                reference(softmax),
	ops.SoftmaxGrad{}.Name():            reference(softmaxGrad),
	ops.Tally{}.Name():                  reference(tally),
	ops.Transpose{}.Name():              reference(transpose),
}

func reference[T backend.Op](f func(T)) func(backend.Op) (run func(), ok bool) {
	return func(op backend.Op) (run func(), ok bool) {
		o, ok := op.(T)
		return func() { f(o) }, ok
	}
}

// allCases lists the cases of every operation.
func allCases() []Case {
	var list []Case
	for _, cases := range [][]Case{
		accumulateCases(), accuracyCases(), activationCases(), adaptiveCases(), advanceCases(), batchNormCases(), biasCases(),
		argMaxCases(),
		categoricalHingeCases(),
		averageCases(), blendCases(), clipCases(),
		columnsCases(),
		combineCases(),
		constraintCases(),
		crossEntropyCases(),
		gatherCases(),
		layerNormCases(),
		logSoftmaxCases(),
		matMulCases(),
		noiseCases(),
		augmentCases(),
		oneHotCases(),
		pairLossCases(),
		peakCases(), penaltyCases(),
		preluCases(),
		scoreCountsCases(),
		rescaleCases(),
		rreluCases(),
		sgdCases(),
		softmaxCases(),
		tallyCases(),
		transposeCases(),
	} {
		list = append(list, cases...)
	}
	return list
}

// EveryOperation returns operations on a device that together use every operation, the first case of each.
func EveryOperation(in *Inputs) []backend.Op {
	var list []backend.Op
	seen := map[string]bool{}
	for _, c := range allCases() {
		if name := c.Blank(in.t)[0].Name(); !seen[name] {
			seen[name] = true
			list = append(list, c.Build(in)[0])
		}
	}
	return list
}

// AllOperations returns the operations of every case, on a device.
func AllOperations(in *Inputs) []backend.Op {
	var list []backend.Op
	for _, c := range allCases() {
		list = append(list, c.Build(in)...)
	}
	return list
}

package cpu

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// table turns each operation into a job, by name.
var table = map[string]func(backend.Op) (*job, bool){
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
	ops.Transpose{}.Name():              entry(transposeBatch),
}

func entry[T backend.Op](make func(T) *job) func(backend.Op) (*job, bool) {
	return func(op backend.Op) (*job, bool) {
		o, ok := op.(T)
		if !ok {
			return nil, false
		}
		return make(o), true
	}
}

// Compile implements backend.Backend.
func (d *Backend) Compile(list []backend.Op) (backend.Program, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	for _, op := range list {
		if err := d.check(op); err != nil {
			return nil, fmt.Errorf("cpu: %w", err)
		}
	}
	p, fused := &program{dev: d}, d.fuse(list)
	for i, op := range list {
		j, replaced := fused[i]
		if !replaced {
			var ok bool
			if j, ok = table[op.Name()](op); !ok {
				return nil, fmt.Errorf("cpu: %s: %w as a %T, want package ops's", op.Name(), backend.ErrUnsupported, op)
			}
		}
		if j != nil {
			p.jobs = append(p.jobs, j)
		}
	}
	return p, nil
}

// check says what is wrong with an operation, other than its type.
func (d *Backend) check(op backend.Op) error {
	if err := backend.CheckOp(op); err != nil {
		return err
	}
	if _, ok := table[op.Name()]; !ok {
		return fmt.Errorf("%s: %w", op.Name(), backend.ErrUnsupported)
	}
	for _, o := range op.Operands() {
		if b, ok := o.Region.Buffer.(*buffer); !ok || b.owner != d {
			return fmt.Errorf("%s: %s: the buffer is another backend's", op.Name(), o.Name)
		}
	}
	return nil
}

// program is a compiled list: running it allocates nothing.
type program struct {
	dev      *Backend
	jobs     []*job
	released bool
}

// Run implements backend.Program. It returns when the work is done.
func (p *program) Run(times int) error {
	p.dev.mu.Lock()
	defer p.dev.mu.Unlock()
	if err := p.dev.usable(); err != nil {
		return err
	}
	if p.released || times < 0 {
		return fmt.Errorf("cpu: run %d times (released: %v), want at least 0 times of a program not released", times, p.released)
	}
	for range times {
		for _, j := range p.jobs {
			p.dev.pool.run(j)
		}
	}
	return nil
}

// Release implements backend.Program.
func (p *program) Release() {
	p.dev.mu.Lock()
	defer p.dev.mu.Unlock()
	p.released, p.jobs = true, nil
}

package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
)

// A task is one dispatch: what an operation does, or several.
type task struct {
	name string
	launch
	operands []backend.Operand // in binding order
}

// taskOf returns the task of one operation that was checked.
func taskOf(op backend.Op) task {
	l, _ := launchOf(op)
	return task{op.Name(), l, op.Operands()}
}

// tasksOf returns the tasks that do the operations, in order, each one operation.
func tasksOf(list []backend.Op) (tasks []task) {
	for _, op := range list {
		tasks = append(tasks, taskOf(op))
	}
	return tasks
}

// fused returns tasks of which one may do several operations. A device binds at most limit bytes at once.
func fused(list []backend.Op, limit int64, emulated bool) (tasks []task) {
	f := fuser{list: list, limit: limit, emulated: emulated, done: map[int]*task{}}
	for _, find := range fusions {
		for i := range list {
			find(&f, i)
		}
	}
	for i, op := range list {
		switch t, fused := f.done[i]; {
		case !fused:
			tasks = append(tasks, taskOf(op))
		case t != nil:
			tasks = append(tasks, *t)
		}
	}
	return tasks
}

// fusions look for one that begins at an index. What an earlier one takes, a later one leaves alone.
var fusions = []func(f *fuser, i int){
	unfold, biasActivationBatchNorm, matMulBiasActivation, biasActivation, batchNormActivationBiasGrad, batchNormActivation, activationBatchNormGrad, activationBiasGrad,
	gatherWithLabels, scoreAndGrad, clipAndUpdate, tallyAndAdvance,
}

// A fuser replaces operations of a list.
type fuser struct {
	list     []backend.Op
	limit    int64         // bytes of one binding
	emulated bool          // on the CPU
	done     map[int]*task // in place of the operation at an index; nil where another task does it
}

// one lets a task do the operations at the indices, in ascending order, where the last of them stands, if that changes nothing.
func (f *fuser) one(t task, indices ...int) {
	if f.free(indices...) && match.Gathers(f.list, indices...) && f.binds(t) {
		f.replace(t, indices...)
	}
}

// replace has a task do the operations at the indices, where the last stands.
func (f *fuser) replace(t task, indices ...int) {
	for _, i := range indices {
		f.done[i] = nil
	}
	f.done[indices[len(indices)-1]] = &t
}

// free reports whether no task has taken one of the operations.
func (f *fuser) free(indices ...int) bool {
	for _, i := range indices {
		if _, taken := f.done[i]; taken {
			return false
		}
	}
	return true
}

// binds reports whether the operands of a task can be bound together: none that is written shares memory with another.
func (f *fuser) binds(t task) bool {
	for _, o := range t.operands {
		if bound(o.Region) > f.limit {
			return false
		}
	}
	return backend.CheckOperands(t.name, t.operands) == nil
}

// unread reports whether only the operations at the indices read a region.
func (f *fuser) unread(r backend.Region, but ...int) bool { return match.Unread(f.list, r, but...) }

// bound returns the bytes that are bound for a region: whole words.
func bound(r backend.Region) int64 { return (r.Bytes() + 3) &^ 3 }

// joined returns the part of a buffer that holds all of the regions, and where in it each begins; ok is false if they lie in several.
func joined(regions ...backend.Region) (whole backend.Region, at []uint32, ok bool) {
	whole = regions[0]
	for _, r := range regions {
		if r.Buffer != whole.Buffer {
			return whole, nil, false
		}
		begin, end := min(whole.Offset, r.Offset), max(whole.Offset+whole.Len, r.Offset+r.Len)
		whole.Offset, whole.Len = begin, end-begin
	}
	for _, r := range regions {
		at = append(at, uint32(r.Offset-whole.Offset))
	}
	return whole, at, true
}

func reads(name string, r backend.Region) backend.Operand {
	return backend.Operand{Name: name, Region: r, Access: backend.Read}
}

func writes(name string, r backend.Region) backend.Operand {
	return backend.Operand{Name: name, Region: r, Access: backend.Write}
}

func updates(name string, r backend.Region) backend.Operand {
	return backend.Operand{Name: name, Region: r, Access: backend.ReadWrite}
}

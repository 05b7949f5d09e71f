package backendtest

import "github.com/gradus-ml/gradus/engine/ops"

func advance(o ops.Advance) { u32(o.Clock)[0]++ }

func advanceCases() []Case {
	return []Case{{Name: "advance seven times", Times: 7, Build: one(func(in *Inputs) ops.Advance {
		return ops.Advance{Clock: in.Indices(41)}
	})}}
}

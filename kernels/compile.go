package kernels

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
)

// A plan is a launch with its grid and what it is bound to.
type plan struct {
	name string
	launch
	grid  grid
	spans []span
}

// planOf lays out a launch with at most so many workgroups in a row.
func planOf(name string, l launch, inRow int) plan {
	p := plan{name: name, launch: l}
	p.grid, p.params = l.folded(inRow)
	return p
}

// Compile implements backend.Backend.
func (d *device) Compile(list []backend.Op) (backend.Program, error) {
	p := &program{device: d, pace: newPace()}
	plans := make([]plan, len(list))
	for i, op := range list {
		var err error
		if plans[i], err = d.plan(op); err != nil {
			return nil, fmt.Errorf("kernels: %w", err)
		}
		p.uses(op)
	}
	if err := d.owner.do(func() error { return p.build(plans) }); err != nil {
		return nil, err
	}
	return p, nil
}

// plan checks an operation and decides how it is done. Its error names the operation.
func (d *device) plan(op backend.Op) (plan, error) {
	if err := backend.CheckOp(op); err != nil {
		return plan{}, err
	}
	l, err := launchOf(op)
	if err != nil {
		return plan{}, err
	}
	p := planOf(op.Name(), l.on(d.emulated), d.inRow)
	for _, o := range op.Operands() {
		if _, err := d.own(o.Region); err != nil {
			return plan{}, fmt.Errorf("%s: %s: %w", op.Name(), o.Name, err)
		}
		s := spanOf(o.Region).words()
		if limit := d.gpu.info.Limits.BindingBytes; s.bytes > limit {
			return plan{}, fmt.Errorf("%s: %s: %d bytes, but %s binds at most %d", op.Name(), o.Name, s.bytes, d.gpu.info.Device, limit)
		}
		p.spans = append(p.spans, s)
	}
	return p, nil
}

// fill sets a span to zero.
func fill(s span) plan {
	p := planOf("fill", elementwise("fill", int(s.bytes/4), 0), maxGroups)
	p.spans = []span{s}
	return p
}

// build makes the commands; on failure it gives back those that were made.
func (p *program) build(plans []plan) error {
	for _, one := range plans {
		c, at, err := p.device.memory.prepare(one)
		if err != nil {
			p.teardown()
			return err
		}
		p.commands = append(p.commands, c)
		p.slots = append(p.slots, at)
	}
	return p.device.gpu.flush()
}

// prepare makes what a plan needs to be run: a pipeline, parameters and a bind group.
func (m *memory) prepare(p plan) (command, slot, error) {
	compiled, err := m.gpu.pipeline(p.shader, p.constants)
	if err != nil {
		return command{}, slot{}, err
	}
	at, err := m.put(p.params)
	if err != nil {
		return command{}, slot{}, err
	}
	group, err := m.gpu.bind(compiled, append(p.spans[:len(p.spans):len(p.spans)], at.span()))
	if err != nil {
		m.giveBack(at)
		return command{}, slot{}, fmt.Errorf("kernels: %s: %w", p.name, err)
	}
	return command{compiled, group, p.grid}, at, nil
}

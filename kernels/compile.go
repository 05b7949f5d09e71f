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
	for _, op := range list {
		if err := d.check(op); err != nil {
			return nil, fmt.Errorf("kernels: %w", err)
		}
		p.uses(op)
	}
	var plans []plan
	for _, t := range d.tasks(list) {
		plans = append(plans, d.plan(t))
	}
	if err := d.owner.do(func() error { return p.build(plans) }); err != nil {
		return nil, err
	}
	return p, nil
}

// tasks returns what the device does for a list of operations.
func (d *device) tasks(list []backend.Op) []task {
	if d.unfused {
		return tasksOf(list)
	}
	return fused(list, d.gpu.info.Limits.BindingBytes, d.emulated)
}

// check says what is wrong with an operation, which it names.
func (d *device) check(op backend.Op) error {
	if err := backend.CheckOp(op); err != nil {
		return err
	}
	if _, err := launchOf(op); err != nil {
		return err
	}
	for _, o := range op.Operands() {
		if _, err := d.own(o.Region); err != nil {
			return fmt.Errorf("%s: %s: %w", op.Name(), o.Name, err)
		}
		if bytes, limit := bound(o.Region), d.gpu.info.Limits.BindingBytes; bytes > limit {
			return fmt.Errorf("%s: %s: %d bytes, but %s binds at most %d", op.Name(), o.Name, bytes, d.gpu.info.Device, limit)
		}
	}
	return nil
}

// plan lays out a task whose operands are the device's.
func (d *device) plan(t task) plan {
	p := planOf(t.name, t.launch.on(d.emulated), d.inRow)
	for _, o := range t.operands {
		p.spans = append(p.spans, spanOf(o.Region).words())
	}
	return p
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

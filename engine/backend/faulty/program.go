package faulty

import (
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
)

// program runs the parts of a list, each of which but the last ends with an operation that may be spoiled.
type program struct {
	dev      *Device
	parts    []part
	released bool
}

// part is a stretch of the list.
type part struct {
	backend.Program
	last backend.Op // nil for the rest of the list
}

// Compile implements backend.Backend.
func (d *Device) Compile(list []backend.Op) (backend.Program, error) {
	if _, err := d.call(Compile, nothing); err != nil {
		return nil, err
	}
	p := &program{dev: d}
	for _, n := range d.cuts(list) {
		compiled, err := d.Backend.Compile(list[:n])
		if err != nil {
			p.giveBack()
			return nil, err
		}
		one := part{Program: compiled}
		if n > 0 && n <= len(list) {
			one.last = list[n-1]
		}
		p.parts, list = append(p.parts, one), list[n:]
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.programs++
	return p, nil
}

// cuts returns the lengths of the parts in which a list is compiled.
func (d *Device) cuts(list []backend.Op) (lengths []int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	wanted := map[string]bool{}
	for _, f := range d.pending {
		if f.How == Spoil {
			wanted[f.Operation] = true
		}
	}
	begin := 0
	for i, op := range list {
		if wanted[op.Name()] {
			lengths, begin = append(lengths, i+1-begin), i+1
			delete(wanted, op.Name())
		}
	}
	return append(lengths, len(list)-begin)
}

// has reports whether the program can spoil a result of the operation.
func (p *program) has(operation string) bool {
	for _, one := range p.parts[:len(p.parts)-1] {
		if one.last.Name() == operation {
			return true
		}
	}
	return false
}

// Run implements backend.Program.
func (p *program) Run(times int) error {
	struck, err := p.dev.call(Run, p.has)
	switch {
	case err != nil:
		return err
	case struck != nil && struck.How == Drop:
		return nil
	case len(p.parts) == 1:
		return p.parts[0].Run(times)
	}
	for range times {
		if err := p.once(struck); err != nil {
			return err
		}
	}
	return nil
}

// once runs the parts in turn.
func (p *program) once(struck *Fault) error {
	for i, one := range p.parts {
		if err := one.Run(1); err != nil {
			return err
		}
		if i < len(p.parts)-1 && struck != nil && one.last.Name() == struck.Operation {
			if err := p.dev.spoil(one.last); err != nil {
				return err
			}
		}
	}
	return nil
}

// spoil writes NaN to the first float that the operation writes.
func (d *Device) spoil(op backend.Op) error {
	for _, o := range op.Operands() {
		if o.Access.Writes() && o.Region.Kind() == backend.F32 {
			first := o.Region
			first.Len = 1
			return backend.Upload(d.Backend, first, []float32{float32(math.NaN())})
		}
	}
	return nil
}

// Release implements backend.Program.
func (p *program) Release() {
	p.dev.mu.Lock()
	again := p.released
	p.released = true
	if !again {
		p.dev.programs--
	}
	p.dev.mu.Unlock()
	if !again {
		p.giveBack()
	}
}

func (p *program) giveBack() {
	for _, one := range p.parts {
		one.Program.Release()
	}
}

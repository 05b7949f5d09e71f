package engine

import "context"

// visit says how a pass is gone over.
type visit struct {
	epoch  int
	done   int                                  // steps of it that are made already
	order  func(n int) []uint32                 // in which n resident examples are taken; nil takes them as they stand
	begin  func(steps int) error                // before the first of so many steps; may be nil
	report func(done int, rows []float64) error // after each stretch: steps done, and the rows of the ledger that it has filled
}

// over goes over all examples once, those of a stream chunk by chunk, and returns how many steps are done.
func (p *pass) over(ctx context.Context, v visit) (done int, err error) {
	p.base, p.before = 0, 0
	if p.stream == nil {
		return p.chunk(ctx, v, 0, len(p.identity))
	}
	supply := p.supply(ctx, v.epoch)
	defer supply.stop()
	for {
		c, ok, err := supply.next(ctx)
		if !ok || err != nil {
			return done, err
		}
		if done, err = p.chunk(ctx, v, c.slot*supply.chunk, c.n); err != nil {
			return done, err
		}
		p.base, p.before = done, p.before+p.examplesIn(done-p.base)
		supply.free <- c.slot
	}
}

// chunk goes over n resident examples from number first on, and returns how many steps of the epoch are done.
func (p *pass) chunk(ctx context.Context, v visit, first, n int) (done int, err error) {
	p.lay(n)
	order := p.orderOf(v, first, n)
	made := max(0, v.done-p.base)
	if p.steps == 0 || made >= p.steps {
		return p.base + p.steps, nil
	}
	if err := p.compileTail(); err != nil {
		return p.base, &deviceError{err}
	}
	if v.begin != nil {
		if err := v.begin(p.steps); err != nil {
			return p.base, err
		}
	}
	done, err = p.run(ctx, order, made, func(done int, rows []float64) error { return v.report(p.base+done, rows) })
	return p.base + done, err
}

// orderOf returns the numbers of the examples in the order of the visit.
func (p *pass) orderOf(v visit, first, n int) []uint32 {
	order := p.identity
	switch {
	case v.order != nil:
		order = v.order(n)
	case p.stream != nil:
		order = make([]uint32, n)
		for i := range order {
			order[i] = uint32(i)
		}
	}
	if first == 0 {
		return order
	}
	for i := range order {
		order[i] += uint32(first)
	}
	return order
}

// expected returns how many steps an epoch has, -1 if that is not known.
func (p *pass) expected() int {
	switch {
	case p.stream == nil:
		return p.steps
	case p.stream.Len == 0:
		return -1
	case p.drop:
		return p.stream.Len / p.rows
	}
	return ceil(p.stream.Len, p.rows)
}

// sizeOf returns how many examples a step takes, counted from the first of the epoch.
func (p *pass) sizeOf(step int) int { return p.examplesOf(step - p.base) }

// taken returns how many examples the first steps of the epoch take; the last of them is one of the resident examples'.
func (p *pass) taken(done int) int { return p.before + p.examplesIn(done-p.base) }

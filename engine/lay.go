package engine

import (
	"errors"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/random"
)

// shuffles is the number of the first random stream for the order of an epoch; those below belong to variables.
const shuffles = 1 << 32

// shuffler returns what draws the orders of the epoch: of a set in memory one, of a stream that of one chunk after the other.
func (t *trainer) shuffler() func(n int) []uint32 {
	if t.fit.InOrder {
		return nil
	}
	stream := random.NewStream(t.training.Seed, shuffles+uint64(t.epochs))
	return func(n int) []uint32 {
		order := make([]uint32, n)
		stream.Shuffle(order)
		return order
	}
}

// writeRates lays down the rates of so many steps: those of the resident examples.
func (t *trainer) writeRates(steps int) error {
	table := t.rates.Table
	table.Len = steps * t.rates.Columns
	if err := backend.Upload(t.dev, table, t.ratesOf(t.pass.base, steps)); err != nil {
		return &deviceError{err}
	}
	return nil
}

// lay lays rates and order of an epoch down, for those who make its steps themselves.
func (t *trainer) lay() error {
	order := t.pass.orderOf(visit{order: t.shuffler()}, 0, len(t.pass.identity))
	return errors.Join(t.writeRates(t.pass.steps), t.pass.rewind(order))
}

// ratesOf returns what the optimizer needs for n steps of the epoch, from step number from on.
func (t *trainer) ratesOf(from, n int) []float32 {
	var rates []float32
	first, factor := t.steps-t.at.Steps, t.factor
	if t.at.Steps > 0 {
		factor = t.at.Factor
	}
	for i := range n {
		rates = append(rates, t.training.Optimizer.Rates(first+from+i, factor)...)
	}
	return rates
}

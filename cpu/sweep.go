package cpu

// A sweep is work on each of n elements of some arenas, on any stretches of them in any order. The cost is that of 16 elements.
type sweep struct {
	n, cost int
	run     func(from, to int)
}

// lone is what the cost of one element is multiplied by where they are done one by one.
const lone = 16

func (s sweep) job() *job { return spans(s.n, s.cost, s.run) }

// resident is how many elements a sweep takes before the next does: of four arenas they are 256 KiB, which the second level of cache holds. With 4,096
// Adam's step was 2 % slower: each stretch begins with its loads not yet foreseen.
const resident = 16_384

// then is both sweeps, the second on each stretch of elements while it is still in the cache.
func (s sweep) then(next sweep) sweep {
	return sweep{s.n, s.cost + next.cost, func(from, to int) {
		for ; from < to; from += resident {
			end := min(to, from+resident)
			s.run(from, end)
			next.run(from, end)
		}
	}}
}

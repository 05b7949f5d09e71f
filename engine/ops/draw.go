package ops

import "github.com/gradus-ml/gradus/engine/backend"

// Draw says which random numbers an operation draws: at the step t that Clock tells, element i has word i mod 4 of
// random.Draw(Seed, Stream, t, ⌊i/4⌋), which is Philox4x32-10. Operations that have the same Draw draw the same numbers.
type Draw struct {
	Seed, Stream uint64
	Clock        backend.Region // one u32, the number of the step
}

package backend

// Roofed is implemented by backends that can measure what their device gives at most.
type Roofed interface {
	// Roof measures the device, which takes some tenths of a second and memory for the largest copy.
	Roof() (Roof, error)
}

// Roof is what a device gives at most, as measured: the lines of a roofline (Williams, Waterman and Patterson, Communications of the
// ACM 52, 2009).
type Roof struct {
	FLOPs  float64 // a second, of f32 multiply-adds between registers, two each
	Copies []Copy  // by size, the smallest first
}

// Copy is how fast memory of a size is copied.
type Copy struct {
	Bytes     int64   // read and written
	PerSecond float64 // of these
}

// Bandwidth returns the bytes a second of the smallest copy that moves at least so many: small ones stay in a cache.
func (r Roof) Bandwidth(bytes int64) float64 {
	for _, c := range r.Copies {
		if c.Bytes >= bytes {
			return c.PerSecond
		}
	}
	if len(r.Copies) == 0 {
		return 0
	}
	return r.Copies[len(r.Copies)-1].PerSecond
}

// Seconds returns how long the arithmetic and the traffic of a cost take at least; the longer one is the limit. Without a roof both are 0.
func (r Roof) Seconds(c Cost) (arithmetic, traffic float64) {
	if r.FLOPs > 0 {
		arithmetic = float64(c.FLOPs) / r.FLOPs
	}
	if b := r.Bandwidth(c.Bytes); b > 0 {
		traffic = float64(c.Bytes) / b
	}
	return arithmetic, traffic
}

package monitor

import (
	"encoding/json"
	"math"
	"strconv"
)

// number is a float64 in JSON, which has neither NaN nor infinities: these are words.
type number float64

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return json.Marshal(strconv.FormatFloat(v, 'g', -1, 64))
	}
	return []byte(strconv.FormatFloat(float64(n), 'g', 6, 64)), nil
}

// point is the mean of some steps: the last of them, counted over the run, and how many.
type point struct {
	Step  int    `json:"step"`
	N     int    `json:"n"`
	Loss  number `json:"loss"`
	Rate  number `json:"rate"`  // learning rate
	Speed number `json:"speed"` // steps a second
}

// most is how many points a series has at most.
const most = 2000

// series is the steps of a run, of any number: points of so many steps each, doubled when there are too many.
type series struct {
	points []point
	each   int // steps of a point
}

// add takes a step.
func (s *series) add(p point) {
	if n := len(s.points); n > 0 && s.points[n-1].N < s.each {
		s.points[n-1] = joined(s.points[n-1], p)
		return
	}
	if len(s.points) == most {
		for i := range most / 2 {
			s.points[i] = joined(s.points[2*i], s.points[2*i+1])
		}
		s.points, s.each = s.points[:most/2], 2*max(s.each, 1)
	}
	s.points = append(s.points, p)
}

// joined is the mean of two points.
func joined(a, b point) point {
	n := a.N + b.N
	mean := func(x, y number) number { return (x*number(a.N) + y*number(b.N)) / number(n) }
	return point{b.Step, n, mean(a.Loss, b.Loss), mean(a.Rate, b.Rate), mean(a.Speed, b.Speed)}
}

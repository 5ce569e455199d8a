// Package accurate adds numbers up without losing the digits that a plain loop
// loses: the mean of a million numbers has them all.
package accurate

import "math"

// A Sum keeps the rounding errors of its additions and so has about twice the
// digits of a float64. The zero value is 0. An addition waits no longer for the
// one before than in a plain loop, and so costs next to nothing more.
//
// Source: Ogita, Rump and Oishi, Accurate Sum and Dot Product, SIAM J. Sci.
// Comput. 26, 2005, algorithms 4.3 and 5.3.
type Sum struct {
	High float64 // what a plain loop would have
	Low  float64 // what it would have lost
}

// Add adds v.
func (s *Sum) Add(v float64) {
	v = float64(v) // rounded: not to be fused with t, if it is a product
	t := s.High + v
	z := t - s.High
	s.Low += (s.High - (t - z)) + (v - z)
	s.High = t
}

// AddSum adds another sum.
func (s *Sum) AddSum(o Sum) {
	s.Add(o.High)
	s.Low += o.Low
}

// AddAll adds the elements of v, four at a time: the sum of four is rounded,
// which costs a unit in the last place of the whole at most, and saves the time.
func (s *Sum) AddAll(v []float64) {
	high, low := s.High, s.Low
	for len(v) >= 4 {
		x := (v[0] + v[1]) + (v[2] + v[3])
		t := high + x
		z := t - high
		low += (high - (t - z)) + (x - z)
		high = t
		v = v[4:]
	}
	s.High, s.Low = high, low
	for _, x := range v {
		s.Add(x)
	}
}

// AddEach adds the elements of v, to the bits of as many calls of Add.
func (s *Sum) AddEach(v []float64) {
	high, low := s.High, s.Low
	for _, x := range v {
		t := high + x
		z := t - high
		low += (high - (t - z)) + (x - z)
		high = t
	}
	s.High, s.Low = high, low
}

// AddProduct adds a·b as if the product were not rounded.
func (s *Sum) AddProduct(a, b float64) {
	p := float64(a * b)
	s.Add(p)
	s.Low += math.FMA(a, b, -p)
}

// Value returns the sum, rounded once. It is infinite or NaN where that of a
// plain loop is.
func (s *Sum) Value() float64 {
	if v := s.High + s.Low; !math.IsNaN(v) {
		return v
	}
	return s.High
}

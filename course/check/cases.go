package check

import (
	"math"
	"math/rand/v2"
)

// random returns the numbers of an exercise's cases: always the same, and others
// for each seed.
func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// normal returns n numbers from the standard normal distribution, to two digits
// after the point: a learner may have to calculate with them.
func normal(r *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = twoDigits(r.NormFloat64())
	}
	return v
}

func twoDigits(x float64) float64 { return math.Round(100*x) / 100 }

// combine returns p·a + q·b.
func combine(p float64, a []float64, q float64, b []float64) []float64 {
	v := make([]float64, len(a))
	for i := range v {
		v[i] = p*a[i] + q*b[i]
	}
	return v
}

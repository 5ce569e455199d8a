package tune

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
)

// parzen is a density on the unit cube: a mixture of one kernel around each
// point and a uniform one, see [TPE].
type parzen struct {
	space  Space
	names  []string
	points [][]float64
	sigma  float64
	terms  []float64 // for logDensity
}

func newParzen(space Space, points [][]float64) *parzen {
	n, d := float64(len(points)), float64(len(space))
	return &parzen{
		space:  space,
		names:  space.names(),
		points: points,
		sigma:  max(math.Pow(max(n, 1), -1/(d+4))/5, 1/min(n+1, 100)),
		terms:  make([]float64, len(points)+1),
	}
}

// sample draws a point and returns its hyper-parameters.
func (z *parzen) sample(rng *rand.Rand) Params {
	p := make(Params, len(z.names))
	k := rng.IntN(len(z.points) + 1)
	for j, name := range z.names {
		u := rng.Float64()
		if k < len(z.points) {
			u = z.near(rng, z.space[name], z.points[k][j], u)
		}
		p[name] = z.space[name].Quantile(u)
	}
	return p
}

// near draws from the kernel around c, given a uniform number u.
func (z *parzen) near(rng *rand.Rand, d Distribution, c, u float64) float64 {
	if choice, ok := d.(Choice); ok {
		if rng.Float64() < z.own(len(choice)) {
			return c
		}
		return u
	}
	// From the normal distribution between its values at 0 and 1.
	from, to := normalCDF(-c/z.sigma), normalCDF((1-c)/z.sigma)
	x := c - z.sigma*math.Sqrt2*math.Erfcinv(2*(from+u*(to-from)))
	return clamp(x, 0, math.Nextafter(1, 0))
}

// own is the probability with which the kernel of a Choice of c values takes
// the trial's own value and does not draw uniformly: the values have
// probabilities proportional to a = 1/(n+1), its own to 1 + a.
func (z *parzen) own(c int) float64 {
	return 1 / (1 + float64(c)/float64(len(z.points)+1))
}

// logDensity returns the logarithm of the density at u.
func (z *parzen) logDensity(u []float64) float64 {
	for k, point := range z.points {
		sum := 0.0
		for j, name := range z.names {
			sum += z.logKernel(z.space[name], point[j], u[j])
		}
		z.terms[k] = sum
	}
	z.terms[len(z.points)] = 0 // the uniform kernel
	return floats.LogSumExp(z.terms) - math.Log(float64(len(z.terms)))
}

// logKernel returns the logarithm of the kernel around c at u.
func (z *parzen) logKernel(d Distribution, c, u float64) float64 {
	if choice, ok := d.(Choice); ok {
		own := z.own(len(choice))
		density := 1 - own
		if u == c {
			density += own * float64(len(choice))
		}
		return math.Log(density)
	}
	mass := normalCDF((1-c)/z.sigma) - normalCDF(-c/z.sigma)
	t := (u - c) / z.sigma
	return -t*t/2 - math.Log(z.sigma*math.Sqrt(2*math.Pi)*mass)
}

func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

package tune

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The mean of 1/density over points drawn from a density is the volume of the
// space, 1: so the sampler and the density belong together, and the density
// integrates to 1.
func TestParzenSamplesItsDensity(t *testing.T) {
	for name, c := range map[string]struct {
		space  Space
		points [][]float64 // each between 0 and 1
	}{
		"nothing":    {Space{"a": Uniform{0, 1}}, nil},
		"one":        {Space{"a": Uniform{-3, 1}}, [][]float64{{0.2}}},
		"at the end": {Space{"a": Uniform{0, 1}}, [][]float64{{0}, {1}, {0.99}}},
		"two":        {Space{"a": Uniform{0, 1}, "b": LogUniform{1e-3, 1}}, [][]float64{{0.1, 0.9}, {0.3, 0.8}, {0.35, 0.5}}},
		"choice":     {Space{"a": Choice{"x", "y", "z"}}, [][]float64{{1.0 / 6}, {1.0 / 6}, {0.5}}},
		"mixed":      {Space{"a": Choice{"x", "y"}, "b": Uniform{0, 5}}, [][]float64{{0.25, 0.4}, {0.75, 0.1}}},
	} {
		z := newParzen(c.space, c.points)
		m := TPE{Space: c.space}
		rng := rand.New(rand.NewPCG(1, 2))
		const n = 20000
		sum, squares := 0.0, 0.0
		for range n {
			v := math.Exp(-z.logDensity(m.point(z.sample(rng))))
			sum += v
			squares += v * v
		}
		mean := sum / n
		sigma := math.Sqrt((squares/n - mean*mean) / n)
		if d := math.Abs(mean - 1); d > 4*sigma+1e-12 {
			t.Errorf("%s: the mean of 1/density is %.4f, want 1 ± %.4f", name, mean, sigma)
		}
	}
}

// The density of one point by hand: n = 1, d = 1, so σ = max(0.2, 0.5).
func TestParzenDensity(t *testing.T) {
	phi := func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
	z := newParzen(Space{"a": Uniform{0, 1}}, [][]float64{{0.25}})
	normal := math.Exp(-0.5) / (0.5 * math.Sqrt(2*math.Pi) * (phi(1.5) - phi(-0.5))) // at 0.75, one σ away
	if got, want := z.logDensity([]float64{0.75}), math.Log((1+normal)/2); math.Abs(got-want) > 1e-14 {
		t.Errorf("log density is %.17g, want %.17g", got, want)
	}
	// Two trials with "x" of three values: (1/3, 1/3, 1/3 + 1)/2 each.
	z = newParzen(Space{"a": Choice{"x", "y", "z"}}, [][]float64{{1.0 / 6}, {1.0 / 6}})
	for u, want := range map[float64]float64{
		1.0 / 6: 3 * (2*(4.0/3)/2 + 1.0/3) / 3,
		0.5:     3 * (2*(1.0/3)/2 + 1.0/3) / 3,
	} {
		if got := z.logDensity([]float64{u}); math.Abs(got-math.Log(want)) > 1e-14 {
			t.Errorf("log density at %.3g is %.17g, want %.17g", u, got, math.Log(want))
		}
	}
	// The bandwidth of few trials, and of many.
	for n, want := range map[int]float64{1: 0.5, 9: 0.13867225487012697, 300: 0.07729945878686918} { // 9^(−1/6)/5 and 300^(−1/6)/5
		z = newParzen(Space{"a": Uniform{0, 1}, "b": Uniform{0, 1}}, make([][]float64, n))
		if math.Abs(z.sigma-want) > 1e-15 {
			t.Errorf("σ for %d trials is %.17g, want %.17g", n, z.sigma, want)
		}
	}
}

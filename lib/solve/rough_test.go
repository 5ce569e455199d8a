package solve

import (
	"math"
	"testing"
)

// TestRoughGradients: where the rounding errors of rows cancel, a gradient in float64 leaves θ the
// digits that one in twice the precision does, to half a unit in the last place of the largest;
// few rows and badly conditioned columns are left to
// the latter.
func TestRoughGradients(t *testing.T) {
	for _, c := range []struct {
		broad
		rough bool
	}{
		{broad{name: "tall", samples: 30_000, columns: 8, outputs: 1, deviation: 1, intercept: true}, true},
		{broad{name: "two outputs, weights, far from zero", samples: 30_000, columns: 8, outputs: 2, mean: 2, deviation: 1, lambda: 1e-3, intercept: true, weighted: true}, true},
		{broad{name: "without an intercept", samples: 9_000, columns: 20, outputs: 1, deviation: 1e4}, true},
		{broad{name: "few rows", samples: 900, columns: 8, outputs: 1, deviation: 1, intercept: true}, false},
		{broad{name: "badly conditioned", samples: 9_000, columns: 8, outputs: 1, mean: 1000, deviation: 1, intercept: true}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, data := c.data()
			p := newRegression(m, data, c.lambda)
			f := newPrimal(p)
			if got := p.averages(f); got != c.rough {
				t.Fatalf("float64 is enough: %v, want %v", got, c.rough)
			}
			if !c.rough {
				return
			}
			refined := func(rough bool) [][]float64 {
				p.rough = rough
				f := newPrimal(p)
				theta, lost := f.start()
				if !p.refine(theta, f, lost) {
					t.Fatalf("not refined, rough %v", rough)
				}
				return theta
			}
			want, got := refined(false), refined(true)
			for k := range want {
				largest := normInf(want[k][p.first:])
				for j, v := range want[k] {
					if math.Abs(got[k][j]-v) > 0x1p-53*max(largest, math.Abs(v)) {
						t.Errorf("output %d: θ[%d] is %.17g, want %.17g", k, j, got[k][j], v)
					}
				}
			}
		})
	}
}

package regularizer_test

import (
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/regularizer"
)

// goldenValues is testdata/golden.json, where golden.py says what it is.
type goldenValues struct {
	Theta        []float64
	Lambda, Step float64
	L1Ratio      float64 `json:"l1_ratio"`
	Size         int
	Max          float64
	Cases        []struct {
		Name       string
		Penalty    float64
		Grad, Prox []float64
	}
}

// goldenPenalties are what the names in the file stand for.
func goldenPenalties(g goldenValues) map[string]regularizer.Proximal {
	return map[string]regularizer.Proximal{
		"L2":         regularizer.L2{Lambda: g.Lambda},
		"L1":         regularizer.L1{Lambda: g.Lambda},
		"ElasticNet": regularizer.ElasticNet{Lambda: g.Lambda, L1Ratio: g.L1Ratio},
		"GroupLasso": regularizer.GroupLasso{Lambda: g.Lambda, Size: g.Size},
		"MaxNorm":    regularizer.MaxNorm{Max: g.Max, Columns: g.Size},
		"Chain": regularizer.Chain{
			regularizer.L1{Lambda: 0.3}, regularizer.GroupLasso{Lambda: 0.5, Size: g.Size}, regularizer.L2{Lambda: 0.2},
		},
	}
}

func TestGolden(t *testing.T) {
	g := golden.Load[goldenValues](t, "testdata/golden.json")
	penalties := goldenPenalties(g)
	if len(penalties) != len(g.Cases) {
		t.Errorf("%d penalties, %d golden cases", len(penalties), len(g.Cases))
	}
	for _, c := range g.Cases {
		t.Run(c.Name, func(t *testing.T) {
			p := penalties[c.Name]
			golden.Close(t, "penalty", p.Penalty(g.Theta), c.Penalty, 1e-14)
			golden.CloseSlice(t, "gradient", gradient(p, g.Theta), c.Grad, 1e-14)
			golden.CloseSlice(t, "prox", prox(p, g.Theta, g.Step), c.Prox, 1e-14)
			for i, want := range c.Prox {
				if got := prox(p, g.Theta, g.Step)[i]; want == 0 && got != 0 {
					t.Errorf("prox[%d] = %g, want exactly 0", i, got)
				}
			}
		})
	}
}

// TestSumIsAChainOfGradients: the same parts as gradients.
func TestSumIsAChainOfGradients(t *testing.T) {
	g := golden.Load[goldenValues](t, "testdata/golden.json")
	var sum regularizer.Sum
	for _, r := range goldenPenalties(g)["Chain"].(regularizer.Chain) {
		sum = append(sum, r)
	}
	for _, c := range g.Cases {
		if c.Name == "Chain" {
			golden.Close(t, "penalty", sum.Penalty(g.Theta), c.Penalty, 1e-14)
			golden.CloseSlice(t, "gradient", gradient(sum, g.Theta), c.Grad, 1e-14)
		}
	}
}

// TestGoldenDetectsBugs shows that the golden cases can fail.
func TestGoldenDetectsBugs(t *testing.T) {
	g := golden.Load[goldenValues](t, "testdata/golden.json")
	for _, m := range []struct {
		bug, of string
		wrong   regularizer.Proximal
	}{
		{"sign of the penalty", "L2", regularizer.L2{Lambda: -g.Lambda}},
		{"sign of the penalty", "L1", regularizer.L1{Lambda: -g.Lambda}},
		{"sign of the penalty", "ElasticNet", regularizer.ElasticNet{Lambda: -g.Lambda, L1Ratio: g.L1Ratio}},
		{"sign of the penalty", "GroupLasso", regularizer.GroupLasso{Lambda: -g.Lambda, Size: g.Size}},
		{"missing factor ½", "L2", regularizer.L2{Lambda: 2 * g.Lambda}},
		{"mean and not sum", "L1", regularizer.L1{Lambda: g.Lambda / 12}},
		{"ratio exchanged", "ElasticNet", regularizer.ElasticNet{Lambda: g.Lambda, L1Ratio: 1 - g.L1Ratio}},
		{"missing factor ½ of the square", "ElasticNet", regularizer.ElasticNet{Lambda: g.Lambda * (2 - g.L1Ratio), L1Ratio: g.L1Ratio / (2 - g.L1Ratio)}},
		{"factor √Size", "GroupLasso", regularizer.GroupLasso{Lambda: g.Lambda * math.Sqrt(3), Size: g.Size}},
		{"groups of another size", "GroupLasso", regularizer.GroupLasso{Lambda: g.Lambda, Size: 4}},
		{"columns taken for rows", "MaxNorm", regularizer.MaxNorm{Max: g.Max, Columns: 4}},
		{"norm of the whole block", "MaxNorm", regularizer.MaxNorm{Max: g.Max, Columns: 1}},
		{"shrunk before soft thresholding", "Chain", regularizer.Chain{
			regularizer.L2{Lambda: 0.2}, regularizer.GroupLasso{Lambda: 0.5, Size: g.Size}, regularizer.L1{Lambda: 0.3},
		}},
	} {
		for _, c := range g.Cases {
			if c.Name != m.of {
				continue
			}
			// MaxNorm and the chain differ in the step alone.
			if differ(prox(m.wrong, g.Theta, g.Step), c.Prox) < 1e-3 {
				t.Errorf("%s: the step does not show the bug %q", m.of, m.bug)
			}
			if m.of == "MaxNorm" || m.of == "Chain" {
				continue
			}
			if math.Abs(m.wrong.Penalty(g.Theta)-c.Penalty) < 1e-3 || differ(gradient(m.wrong, g.Theta), c.Grad) < 1e-3 {
				t.Errorf("%s: penalty or gradient do not show the bug %q", m.of, m.bug)
			}
		}
	}
}

func differ(a, b []float64) float64 {
	most := 0.0
	for i := range a {
		most = max(most, math.Abs(a[i]-b[i]))
	}
	return most
}

func gradient(r regularizer.Regularizer, theta []float64) []float64 {
	grad := make([]float64, len(theta))
	r.AddGradient(grad, theta)
	return grad
}

func prox(r regularizer.Proximal, theta []float64, step float64) []float64 {
	u := slices.Clone(theta)
	r.Prox(u, step)
	return u
}

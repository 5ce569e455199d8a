package optim_test

import (
	"fmt"
	"testing"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/optim"
)

// TestDecaysNearOne compares the first steps of everything that corrects a bias
// with 60-digit arithmetic (testdata/exact.py), where 1 − βᵗ is small.
func TestDecaysNearOne(t *testing.T) {
	type exact struct {
		Gradients []float64
		Cases     []struct {
			Name                  string
			Beta1, Beta2, Epsilon float64
			Theta                 []float64
		}
	}
	e := golden.Load[exact](t, "testdata/exact.json")
	for _, c := range e.Cases {
		var opt optim.Optimizer
		switch c.Name {
		case "Adam":
			opt = &optim.Adam{Beta1: c.Beta1, Beta2: c.Beta2, Epsilon: c.Epsilon}
		case "AMSGrad":
			opt = &optim.Adam{Beta1: c.Beta1, Beta2: c.Beta2, Epsilon: c.Epsilon, AMSGrad: true}
		case "Adamax":
			opt = &optim.Adamax{Beta1: c.Beta1, Beta2: c.Beta2, Epsilon: c.Epsilon}
		case "AdaBelief":
			opt = &optim.AdaBelief{Beta1: c.Beta1, Beta2: c.Beta2, Epsilon: c.Epsilon}
		case "NAdam":
			opt = &optim.NAdam{Beta1: c.Beta1, Beta2: c.Beta2, Epsilon: c.Epsilon, MomentumDecay: 0.004}
		case "RAdam":
			opt = &optim.RAdam{Beta1: c.Beta1, Beta2: c.Beta2, Epsilon: c.Epsilon}
		default:
			t.Fatalf("no optimizer is called %q", c.Name)
		}
		opt.Init(1)
		theta := []float64{0}
		var got []float64
		for _, g := range e.Gradients {
			opt.Step(theta, []float64{g}, 1)
			got = append(got, theta[0])
		}
		golden.CloseSlice(t, fmt.Sprintf("%s β₁ = %v, β₂ = %v: θ", c.Name, c.Beta1, c.Beta2), got, c.Theta, 1e-14)
	}
}

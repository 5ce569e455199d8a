package optim_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/optim"
)

type ownAdam struct{ optim.Adam }

// StepNarrow gives the bits of Step, or does nothing.
func TestStepNarrow(t *testing.T) {
	ams, except := optim.NewAMSGrad(), optim.NewAdamW()
	except.Except = []optim.Range{{Lo: 1, Hi: 3}}
	for _, c := range []struct {
		name         string
		narrow, wide optim.Optimizer
		declines     bool
	}{
		{"Adam", optim.NewAdam(), optim.NewAdam(), false},
		{"AdamW", optim.NewAdamW(), optim.NewAdamW(), false},
		{"AMSGrad", ams, optim.NewAMSGrad(), true},
		{"AdamW but for some", except, optim.NewAdamW(), true},
		{"SGD", &optim.SGD{}, &optim.SGD{}, true},
		{"embedded", &ownAdam{*optim.NewAdam()}, optim.NewAdam(), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			const n = 37
			theta, rounded, grad := make([]float64, n), make([]float32, n), make([]float32, n)
			for i := range theta {
				theta[i] = r.NormFloat64()
			}
			want := append([]float64(nil), theta...)
			c.narrow.Init(n)
			c.wide.Init(n)
			for range 5 {
				for i := range grad {
					grad[i] = float32(r.NormFloat64())
				}
				ok := optim.StepNarrow(c.narrow, theta, grad, rounded, 0.1)
				if ok && c.declines {
					t.Fatal("does not decline")
				}
				if !ok {
					if !c.declines && blas.Adam(nil, nil, nil, nil, 0, 0, 0, 0, 0, 0.0) && blas.AdamNarrow(nil, nil, nil, nil, nil, 0, 0, 0, 0, 0, 0) {
						t.Fatal("declines")
					}
					for i := range theta {
						if theta[i] != want[i] {
							t.Fatal("declines, but moves θ")
						}
					}
					return
				}
				wide := make([]float64, n)
				blas.AddNarrow(wide, grad)
				c.wide.Step(want, wide, 0.1)
				for i := range theta {
					if math.Float64bits(theta[i]) != math.Float64bits(want[i]) || rounded[i] != float32(want[i]) {
						t.Fatalf("θ[%d] is %v, rounded %v, want %v", i, theta[i], rounded[i], want[i])
					}
				}
			}
		})
	}
}

package train_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

// Steps in float32 give the bits of the plain step, which an idle OnStep asks for, on any
// number of cores. Between epochs the caller may move θ.
func TestNarrowSteps(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const rows, cols = 203, 400
	x, y := mat.NewDense(rows, cols, nil), mat.NewDense(rows, 1, nil)
	x.Apply(func(int, int, float64) float64 { return r.NormFloat64() }, x)
	for i := range rows {
		y.Set(i, 0, float64(r.IntN(10)))
	}
	for _, c := range []struct {
		name string
		new  func() optim.Optimizer
	}{
		{"Adam", func() optim.Optimizer { return optim.NewAdam() }},
		{"AdamW", func() optim.Optimizer { return optim.NewAdamW() }},
		{"AMSGrad", func() optim.Optimizer { return optim.NewAMSGrad() }},
		{"clipped", func() optim.Optimizer { return &optim.ClipNorm{Max: 1, Optimizer: optim.NewAdam()} }},
	} {
		fit := func(cores int, onStep ...train.Callback) (theta []float64, h *train.History) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
			n, err := model.NewNetwork32(model.Features(cols), 5, model.Dense{Units: 40}, model.NewBatchNorm(), model.ReLU{},
				model.Dropout{Rate: 0.2}, model.Dense{Units: 10})
			if err != nil {
				t.Fatal(err)
			}
			for s, err := range train.Epochs(context.Background(), n, x, y, train.Options{
				Loss: loss.CrossEntropy{}, Optimizer: c.new(), Schedule: optim.Constant(0.01),
				Epochs: 3, BatchSize: 32, Seed: 3, OnStep: onStep,
			}) {
				if err != nil {
					t.Fatal(err)
				}
				n.Params()[7]++
				h = s.History
			}
			return n.Params(), h
		}
		want, history := fit(1, func(*train.State) error { return nil })
		for _, cores := range []int{1, 2, 4} {
			got, h := fit(cores)
			for i, v := range got {
				if math.Float64bits(v) != math.Float64bits(want[i]) {
					t.Fatalf("%s, %d cores: θ[%d] is %v, want %v", c.name, cores, i, v, want[i])
				}
			}
			for i, e := range history.Records {
				g := h.Records[i]
				if fmt.Sprint(g.Loss, g.GradNorm) != fmt.Sprint(e.Loss, e.GradNorm) {
					t.Errorf("%s, %d cores: epoch %d has the loss %v and the norm %v, want %v and %v", c.name, cores, i+1, g.Loss, g.GradNorm, e.Loss, e.GradNorm)
				}
			}
		}
	}
}

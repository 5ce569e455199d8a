package train_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/lib/train"
)

// plain hides from training all that a model could do faster.
type plain struct{ model.Model }

// A fastCase is training in which Fit may take a short cut.
type fastCase struct {
	name    string
	outputs int
	loss    loss.Loss
	target  func(r *rand.Rand) float64
}

func fastCases() []fastCase {
	number := func(r *rand.Rand) float64 { return r.NormFloat64() }
	count := func(r *rand.Rand) float64 { return float64(r.IntN(4)) }
	yesNo := func(r *rand.Rand) float64 { return float64(r.IntN(2)) }
	class := func(r *rand.Rand) float64 { return float64(r.IntN(3)) }
	return []fastCase{
		{"MSE", 1, loss.MSE{}, number},
		{"MSE of two", 2, loss.MSE{}, number},
		{"MAE", 1, loss.MAE{}, number},
		{"Huber", 1, loss.NewHuber(), number},
		{"LogCosh", 1, loss.LogCosh{}, number},
		{"Quantile", 1, loss.Quantile{Tau: 0.8}, number},
		{"Poisson", 1, loss.Poisson{Full: true}, count},
		{"BinaryCrossEntropy", 1, loss.BinaryCrossEntropy{PositiveWeight: []float64{3}}, yesNo},
		{"Focal", 1, loss.NewFocal(), yesNo},
		{"Hinge", 1, loss.Hinge{}, yesNo},
		{"SquaredHinge", 1, loss.SquaredHinge{}, yesNo},
		{"CrossEntropy", 3, loss.CrossEntropy{ClassWeight: []float64{1, 5, 0.2}, LabelSmoothing: 0.1}, class},
		{"MulticlassHinge", 3, loss.MulticlassHinge{}, class},
	}
}

// data has rows enough for several parts, a third of them 0, and is scaled so
// that columns differ.
func (c fastCase) data(rows, cols int) (x, y *mat.Dense, weights []float64) {
	r := rand.New(rand.NewPCG(5, 6))
	x = mat.NewDense(rows, cols, nil)
	targets := c.outputs
	if c.name == "CrossEntropy" || c.name == "MulticlassHinge" {
		targets = 1
	}
	y = mat.NewDense(rows, targets, nil)
	weights = make([]float64, rows)
	for i := range rows {
		row := x.RawRowView(i)
		for j := range row {
			if r.IntN(3) > 0 {
				row[j] = (r.NormFloat64() + 0.5) / float64(1+j%5)
			}
		}
		for j := range targets {
			y.Set(i, j, c.target(r))
		}
		weights[i] = max(0, r.Float64()-0.2)
	}
	return x, y, weights
}

// outcome is all that training leaves behind.
type outcome struct {
	theta                   []float64
	losses, penalties, norm []float64
}

func fitted(t *testing.T, m model.Model, x mat.Matrix, y *mat.Dense, opt train.Options) outcome {
	t.Helper()
	h, err := train.Fit(context.Background(), m, x, y, opt)
	if err != nil {
		t.Fatal(err)
	}
	return outcome{m.Params(), h.Losses(), h.Penalties(), h.GradNorms()}
}

// near compares relative to the largest element.
func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	scale := 0.0
	for _, v := range want {
		scale = math.Max(scale, math.Abs(v))
	}
	for i, v := range got {
		if !(math.Abs(v-want[i]) <= tolerance*scale) {
			t.Fatalf("%s: element %d is %.17g, the plain path has %.17g", what, i, v, want[i])
		}
	}
}

func same(t *testing.T, got, want outcome, tolerance float64) {
	t.Helper()
	near(t, "θ", got.theta, want.theta, tolerance)
	near(t, "losses", got.losses, want.losses, tolerance)
	near(t, "penalties", got.penalties, want.penalties, tolerance)
	near(t, "gradient norms", got.norm, want.norm, tolerance)
}

// TestShortCutsChangeNothing compares every short cut with the plain path:
// losses with and without weights and penalties, dense, sparse and other
// matrices, all batch sizes, on one core and on several.
func TestShortCutsChangeNothing(t *testing.T) {
	const rows, cols = 1500, 100 // five blocks
	penalties := map[string]regularizer.Regularizer{"no penalty": nil, "L2": regularizer.L2{Lambda: 0.3}, "L1": regularizer.L1{Lambda: 0.01}}
	for _, c := range fastCases() {
		x, y, weights := c.data(rows, cols)
		inputs := map[string]mat.Matrix{"dense": x, "sparse": sparse.FromDense(x), "transposed": mat.DenseCopyOf(x.T()).T()}
		for kind, in := range inputs {
			for penalty, reg := range penalties {
				for _, w := range [][]float64{nil, weights} {
					for _, batch := range []int{0, 1, 32, 700} {
						name := fmt.Sprintf("%s/%s/%s/weighted=%t/batch=%d", c.name, kind, penalty, w != nil, batch)
						t.Run(name, func(t *testing.T) {
							opt := train.Options{Loss: c.loss, Schedule: optim.ScheduleFunc(func(step int) float64 { return 0.01 / (1 + 0.01*float64(step)) }),
								Regularizer: reg, BatchSize: batch, Epochs: 2, Seed: 9, Weights: w}
							if batch == 0 {
								opt.Epochs = 40
							}
							want := fitted(t, plain{model.NewLinear(cols, c.outputs)}, in, y, opt)
							var first outcome
							for _, cores := range []int{1, 2, 8} {
								before := runtime.GOMAXPROCS(cores)
								got := fitted(t, model.NewLinear(cols, c.outputs), in, y, opt)
								runtime.GOMAXPROCS(before)
								same(t, got, want, 1e-13)
								if cores == 1 {
									first = got
								} else if !slices.Equal(got.theta, first.theta) || !slices.Equal(got.losses, first.losses) {
									t.Fatalf("%d cores give other bits than one", cores)
								}
							}
						})
					}
				}
			}
		}
	}
}

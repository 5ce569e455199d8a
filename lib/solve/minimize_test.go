package solve_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/train"
)

// counted is a model that counts how often it goes over the data.
type counted struct {
	*model.Linear
	forward, backward int
	afterForward      func(calls int)
}

func (c *counted) Forward(dst *mat.Dense, x mat.Matrix) {
	c.forward++
	if c.afterForward != nil {
		c.afterForward(c.forward)
	}
	c.Linear.Forward(dst, x)
}

func (c *counted) Backward(grad []float64, dPred *mat.Dense) {
	c.backward++
	c.Linear.Backward(grad, dPred)
}

// A history counts every pass over the data, and a value and a gradient at the
// same point are one.
func TestPassesAreCounted(t *testing.T) {
	x, y := linearData(50)
	ctx := context.Background()
	for name, fit := range map[string]func(m model.Model) (*train.History, error){
		"L-BFGS": func(m model.Model) (*train.History, error) {
			return solve.Minimize(ctx, m, x, y, solve.MinimizeOptions{Loss: loss.LogCosh{}})
		},
		"Nelder-Mead": func(m model.Model) (*train.History, error) {
			return solve.Minimize(ctx, m, x, y, solve.MinimizeOptions{Loss: loss.LogCosh{}, Method: &optimize.NelderMead{}, MaxIterations: 50})
		},
		"FISTA": func(m model.Model) (*train.History, error) {
			return solve.FISTA(ctx, m, x, y, solve.ProximalOptions{Loss: loss.LogCosh{}})
		},
	} {
		m := &counted{Linear: model.NewLinear(5, 1)}
		h, err := fit(m)
		if err != nil {
			t.Fatal(err)
		}
		got, want := h.Last().Passes, float64(m.forward+m.backward)/2
		if !(got > want-2 && got <= want) { // up to what was done for the end alone
			t.Errorf("%s: %g passes are recorded, %d forward and %d backward were made", name, got, m.forward, m.backward)
		}
		if name == "L-BFGS" && (m.backward > m.forward || m.forward > 2*len(h.Records)) {
			t.Errorf("%d forward and %d backward in %d records", m.forward, m.backward, len(h.Records))
		}
		if name == "Nelder-Mead" && m.backward != 0 {
			t.Errorf("Nelder-Mead made %d backward passes", m.backward)
		}
		passes, losses := -1.0, h.Losses()
		for i, r := range h.Records {
			if r.Passes < passes || r.Epoch != i+1 || r.Step != i || !math.IsNaN(r.ValLoss) {
				t.Errorf("%s: record %d is %+v", name, i, r)
			}
			passes = r.Passes
		}
		if losses[0] <= losses[len(losses)-1] {
			t.Errorf("%s: the loss went from %g to %g", name, losses[0], losses[len(losses)-1])
		}
	}
}

// The first record is the start, the last one where the model is.
func TestMinimizeHistory(t *testing.T) {
	x, y := linearData(50)
	m := model.NewLinear(5, 1)
	penalty := regularizer.L2{Lambda: 0.2}
	h, err := solve.Minimize(context.Background(), m, x, y, solve.MinimizeOptions{Loss: loss.MSE{}, Regularizer: penalty, RecordPath: true})
	if err != nil || h.Status != train.Converged {
		t.Fatal(h, err)
	}
	if !slices.Equal(h.Path[0], make([]float64, 6)) || !slices.Equal(h.Path[len(h.Path)-1], m.Params()) {
		t.Errorf("the path goes from %v to %v, the model is at %v", h.Path[0], h.Path[len(h.Path)-1], m.Params())
	}
	if len(h.Path) != len(h.Records) {
		t.Errorf("%d points for %d records", len(h.Path), len(h.Records))
	}
	for i, theta := range h.Path {
		copy(m.Params(), theta)
		var pred, d mat.Dense
		m.Forward(&pred, x)
		golden.Close(t, "loss", h.Records[i].Loss, loss.MSE{}.Loss(&d, &pred, y, nil), 1e-14)
		golden.Close(t, "penalty", h.Records[i].Penalty, penalty.Penalty(theta[1:]), 1e-14)
		grad := make([]float64, 6)
		m.Backward(grad, &d)
		penalty.AddGradient(grad[1:], theta[1:])
		golden.Close(t, "gradient", h.Records[i].GradNorm, mat.Norm(mat.NewVecDense(6, grad), 2), 1e-9)
	}
}

func TestMinimizeEnds(t *testing.T) {
	x, y := linearData(50)
	for _, test := range []struct {
		name   string
		opt    solve.MinimizeOptions
		status train.Status
	}{
		{"at the gradient's tolerance", solve.MinimizeOptions{Loss: loss.MSE{}}, train.Converged},
		{"where rounding ends the line search", solve.MinimizeOptions{Loss: loss.MSE{}, GradTolerance: 1e-300}, train.Converged},
		{"where rounding ends BFGS's", solve.MinimizeOptions{Loss: loss.LogCosh{}, GradTolerance: 1e-300, Method: &optimize.BFGS{}}, train.Converged},
		{"after MaxIterations", solve.MinimizeOptions{Loss: loss.MSE{}, MaxIterations: 2}, train.Completed},
		{"without gradients", solve.MinimizeOptions{Loss: loss.MSE{}, Method: &optimize.NelderMead{}}, train.Converged},
		{"without gradients, on a kink", solve.MinimizeOptions{Loss: loss.MAE{}, Method: &optimize.NelderMead{}, Tolerance: 1e-6}, train.Converged},
	} {
		m := model.NewLinear(5, 1)
		h, err := solve.Minimize(context.Background(), m, x, y, test.opt)
		if err != nil || h.Status != test.status || h.Reason == "" {
			t.Errorf("%s: %v, %v", test.name, h, err)
		}
		if test.opt.MaxIterations == 2 && len(h.Records) != 3 {
			t.Errorf("%s: %d records, want the start and 2 iterations", test.name, len(h.Records))
		}
		var pred mat.Dense
		m.Predict(&pred, x)
		if f := test.opt.Loss.Loss(nil, &pred, y, nil); f > h.Last().Loss*(1+1e-14) {
			t.Errorf("%s: the model is at a loss of %g, the history ends at %g", test.name, f, h.Last().Loss)
		}
	}
}

// From the minimum there is nothing to do, and the history still has a record.
func TestMinimizeFromTheMinimum(t *testing.T) {
	x, y := linearData(50)
	m := model.NewLinear(5, 1)
	if err := solve.LeastSquares(m, x, y, nil); err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(m.Params())
	h, err := solve.Minimize(context.Background(), m, x, y, solve.MinimizeOptions{Loss: loss.MSE{}})
	if err != nil || h.Status != train.Converged || len(h.Records) != 1 || h.Last().Passes != 1 {
		t.Errorf("%v, %v", h, err)
	}
	if !slices.Equal(m.Params(), want) {
		t.Errorf("θ moved from %v to %v", want, m.Params())
	}
}

func TestInterrupt(t *testing.T) {
	x, y := linearData(50)
	why := errors.New("enough")
	for name, fit := range map[string]func(ctx context.Context, m model.Model) (*train.History, error){
		"Minimize": func(ctx context.Context, m model.Model) (*train.History, error) {
			return solve.Minimize(ctx, m, x, y, solve.MinimizeOptions{Loss: loss.LogCosh{}, GradTolerance: 1e-12})
		},
		"FISTA": func(ctx context.Context, m model.Model) (*train.History, error) {
			return solve.FISTA(ctx, m, x, y, solve.ProximalOptions{Loss: loss.LogCosh{}, Tolerance: 1e-12})
		},
	} {
		for _, calls := range []int{0, 6} {
			ctx, cancel := context.WithCancelCause(context.Background())
			m := &counted{Linear: model.NewLinear(5, 1), afterForward: func(n int) {
				if n == calls {
					cancel(why)
				}
			}}
			if calls == 0 {
				cancel(why)
			}
			h, err := fit(ctx, m)
			cancel(nil)
			if err != nil || h.Status != train.Interrupted || h.Reason != "enough" {
				t.Errorf("%s: %v, %v", name, h, err)
			}
			if (calls == 0) != (len(h.Records) == 0) || m.forward > calls+20 {
				t.Errorf("%s: %d records and %d passes after an interrupt in pass %d", name, len(h.Records), m.forward, calls)
			}
			if moved := m.Params()[0] != 0; moved != (calls > 0) {
				t.Errorf("%s: interrupted in pass %d the model is at %v", name, calls, m.Params())
			}
		}
	}
}

// A network, with random layers too: the same seed gives the same function.
func TestMinimizeNetwork(t *testing.T) {
	x, y := linearData(60)
	build := func() *model.Network {
		net, err := model.NewNetwork(model.Shape{5}, 1,
			model.Dense{Units: 8}, model.Tanh{}, model.Dropout{Rate: 0.2}, model.Dense{Units: 1})
		if err != nil {
			t.Fatal(err)
		}
		return net
	}
	opt := solve.MinimizeOptions{Loss: loss.MSE{}, Regularizer: regularizer.L2{Lambda: 1e-3}, MaxIterations: 60, Seed: 3}
	a, b := build(), build()
	h, err := solve.Minimize(context.Background(), a, x, y, opt)
	if err != nil {
		t.Fatal(err)
	}
	if first, last := h.Records[0], h.Last(); last.Loss+last.Penalty > (first.Loss+first.Penalty)/4 {
		t.Errorf("the objective went from %g to %g", first.Loss+first.Penalty, last.Loss+last.Penalty)
	}
	if _, err := solve.Minimize(context.Background(), b, x, y, opt); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Params(), b.Params()) {
		t.Error("two runs with the same seed differ")
	}
	opt.Seed = 4
	c := build()
	if _, err := solve.Minimize(context.Background(), c, x, y, opt); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(a.Params(), c.Params()) {
		t.Error("runs with different seeds are the same: is dropout off?")
	}
}

// badLoss is what a loss with a bug, or without a lower bound, looks like.
type badLoss struct {
	f func(pred float64) (value, slope float64)
}

func (b badLoss) Loss(dPred, pred, _ *mat.Dense, _ []float64) float64 {
	value, slope := b.f(pred.At(0, 0))
	rows, cols := pred.Dims()
	if dPred.IsEmpty() {
		dPred.ReuseAs(rows, cols)
	}
	dPred.Set(0, 0, slope)
	return value
}

func TestMinimizeErrors(t *testing.T) {
	x, y := linearData(20)
	ctx := context.Background()
	nan := badLoss{func(f float64) (float64, float64) { return math.NaN(), 1 }}
	later := badLoss{func(f float64) (float64, float64) {
		if f > 0.1 {
			return math.NaN(), math.NaN()
		}
		return -f, -1
	}}
	down := badLoss{func(f float64) (float64, float64) {
		if f > 1e3 {
			return math.Inf(-1), -1
		}
		return -f, -1
	}}
	for _, test := range []struct {
		name   string
		x      mat.Matrix
		y      *mat.Dense
		opt    solve.MinimizeOptions
		status train.Status // empty: no history
		want   string
	}{
		{"no loss", x, y, solve.MinimizeOptions{}, "", "the Loss is not set"},
		{"bad loss", x, y, solve.MinimizeOptions{Loss: loss.Huber{}}, "", "Huber's Delta is 0"},
		{"bad penalty", x, y, solve.MinimizeOptions{Loss: loss.MSE{}, Regularizer: regularizer.L2{Lambda: -1}}, "", "L2's Lambda is -1"},
		{"bad target", x, y, solve.MinimizeOptions{Loss: loss.BinaryCrossEntropy{}}, "", "recode the labels"},
		{"columns", x.Slice(0, 20, 0, 3), y, solve.MinimizeOptions{Loss: loss.MSE{}}, "", "x has 3 columns, the model takes 5"},
		{"outputs", x, mat.NewDense(20, 2, nil), solve.MinimizeOptions{Loss: down}, "", "y has 2 columns"},
		{"tolerance", x, y, solve.MinimizeOptions{Loss: loss.MSE{}, GradTolerance: -1}, "", "GradTolerance is -1"},
		{"function tolerance", x, y, solve.MinimizeOptions{Loss: loss.MSE{}, Tolerance: -1}, "", "Tolerance is -1"},
		{"iterations", x, y, solve.MinimizeOptions{Loss: loss.MSE{}, MaxIterations: -1}, "", "MaxIterations is -1"},
		{"Newton", x, y, solve.MinimizeOptions{Loss: loss.MSE{}, Method: &optimize.Newton{}}, "", "for second derivatives see Logistic"},
		{"NaN", x, y, solve.MinimizeOptions{Loss: nan}, train.Diverged, "the loss is NaN at the start"},
		{"NaN later", x, y, solve.MinimizeOptions{Loss: later}, train.Diverged, "the loss became NaN after"},
		{"unbounded", x, y, solve.MinimizeOptions{Loss: down}, train.Diverged, "the loss became -Inf after"},
		{"kink", x, y, solve.MinimizeOptions{Loss: loss.MAE{}}, train.Failed, "the objective may have a kink"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := model.NewLinear(5, 1)
			h, err := solve.Minimize(ctx, m, test.x, test.y, test.opt)
			wantError(t, err, test.want)
			if (h == nil) != (test.status == "") || h != nil && h.Status != test.status {
				t.Errorf("history %v, want status %q", h, test.status)
			}
			for _, v := range m.Params() {
				if !number.IsFinite(v) {
					t.Fatalf("θ = %v", m.Params())
				}
			}
		})
	}
}

func TestProximalErrors(t *testing.T) {
	x, y := linearData(20)
	for _, test := range []struct {
		name   string
		opt    solve.ProximalOptions
		status train.Status
		want   string
	}{
		{"no loss", solve.ProximalOptions{}, "", "the Loss is not set"},
		{"step", solve.ProximalOptions{Loss: loss.MSE{}, Step: -1}, "", "Step is -1"},
		{"tolerance", solve.ProximalOptions{Loss: loss.MSE{}, Tolerance: -1}, "", "Tolerance is -1"},
		{"iterations", solve.ProximalOptions{Loss: loss.MSE{}, MaxIterations: -1}, "", "MaxIterations is -1"},
		{"penalty", solve.ProximalOptions{Loss: loss.MSE{}, Proximal: regularizer.L1{Lambda: -1}}, "", "L1's Lambda is -1"},
		{"smooth penalty", solve.ProximalOptions{Loss: loss.MSE{}, Regularizer: regularizer.L2{Lambda: -1}}, "", "L2's Lambda is -1"},
		{"step too long", solve.ProximalOptions{Loss: loss.MSE{}, Step: 1e9}, train.Diverged, "lower Step"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h, err := solve.FISTA(context.Background(), model.NewLinear(5, 1), x, y, test.opt)
			wantError(t, err, test.want)
			if (h == nil) != (test.status == "") || h != nil && h.Status != test.status {
				t.Errorf("history %v, want status %q", h, test.status)
			}
		})
	}
	if _, err := solve.StepBound(model.NewLinear(5, 1), x, nil, loss.MAE{}); err != nil {
		wantError(t, err, "no bound")
	} else {
		t.Error("the absolute error has a bound of its curvature")
	}
	_, err := solve.StepBound(model.NewLinear(5, 1), x, []float64{1}, loss.MSE{})
	wantError(t, err, "1 sample weights for 20 rows")
}

// The step that the trials find is 1/L but for a factor of 2, whatever the scale
// of the data.
func TestStepIsFound(t *testing.T) {
	for _, scale := range []float64{1e-4, 1, 1e4} {
		x, y := linearData(50)
		x.Scale(scale, x)
		m := model.NewLinearNoIntercept(5, 1)
		bound, err := solve.StepBound(m, x, nil, loss.MSE{})
		if err != nil {
			t.Fatal(err)
		}
		h, err := solve.ISTA(context.Background(), m, x, y, solve.ProximalOptions{Loss: loss.MSE{}, MaxIterations: 50})
		if err != nil {
			t.Fatal(err)
		}
		if step := h.Last().Rate; step < bound/2 || step > 4*bound {
			t.Errorf("scale %g: the step is %g, 1/L is %g", scale, step, bound)
		}
	}
}

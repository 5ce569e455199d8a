package solve_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/train"
)

// normal returns an r×c matrix of normal numbers.
func normal(r, c int, seed uint64) *mat.Dense {
	source := rand.New(rand.NewPCG(seed, 1))
	x := mat.NewDense(r, c, nil)
	for i := range r {
		for j := range c {
			x.Set(i, j, source.NormFloat64())
		}
	}
	return x
}

// linearData is y = 3 + x·(1, −2, 0, 0.5, 0) + noise.
func linearData(rows int) (x, y *mat.Dense) {
	x, noise := normal(rows, 5, 1), normal(rows, 1, 2)
	y = mat.NewDense(rows, 1, nil)
	for i := range rows {
		r := x.RawRowView(i)
		y.Set(i, 0, 3+r[0]-2*r[1]+0.5*r[3]+noise.At(i, 0))
	}
	return x, y
}

// labels are 0 and 1, more often 1 where y is large.
func labels(y *mat.Dense) *mat.Dense {
	rows, _ := y.Dims()
	c := mat.NewDense(rows, 1, nil)
	for i := range rows {
		if y.At(i, 0) > 3 {
			c.Set(i, 0, 1)
		}
	}
	return c
}

// A solver is called with data and sample weights, which may be nil.
type solver struct {
	name  string
	solve func(t *testing.T, m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error
}

// gradientSolvers solve any smooth problem with an L2 penalty.
func gradientSolvers(l loss.Loss, lambda float64) []solver {
	ctx := context.Background()
	penalty := regularizer.L2{Lambda: lambda}
	var all []solver
	for name, method := range map[string]func() optimize.Method{
		"L-BFGS":           func() optimize.Method { return nil },
		"BFGS":             func() optimize.Method { return &optimize.BFGS{} },
		"CG":               func() optimize.Method { return &optimize.CG{} },
		"gradient descent": func() optimize.Method { return &optimize.GradientDescent{} },
	} {
		all = append(all, solver{name, func(t *testing.T, m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
			h, err := solve.Minimize(ctx, m, x, y, solve.MinimizeOptions{
				Loss: l, Regularizer: penalty, SampleWeights: w, Method: method(), GradTolerance: 1e-9,
			})
			if err == nil && h.Status != train.Converged {
				t.Errorf("%s: %v", name, h)
			}
			return err
		}})
	}
	for name, f := range map[string]func(context.Context, model.Model, mat.Matrix, *mat.Dense, solve.ProximalOptions) (*train.History, error){
		"ISTA": solve.ISTA, "FISTA": solve.FISTA,
	} {
		for suffix, set := range map[string]func(m *model.Linear, x mat.Matrix, w []float64, o *solve.ProximalOptions){
			"": func(m *model.Linear, x mat.Matrix, w []float64, o *solve.ProximalOptions) { o.Proximal = penalty },
			", restart": func(m *model.Linear, x mat.Matrix, w []float64, o *solve.ProximalOptions) {
				o.Proximal, o.Restart = penalty, true
			},
			", smooth penalty": func(m *model.Linear, x mat.Matrix, w []float64, o *solve.ProximalOptions) { o.Regularizer = penalty },
			", bound": func(m *model.Linear, x mat.Matrix, w []float64, o *solve.ProximalOptions) {
				o.Proximal = penalty
				o.Step, _ = solve.StepBound(m, x, w, l)
			},
		} {
			all = append(all, solver{name + suffix, func(t *testing.T, m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
				opt := solve.ProximalOptions{Loss: l, SampleWeights: w, Tolerance: 1e-10, MaxIterations: 20000}
				set(m, x, w, &opt)
				h, err := f(ctx, m, x, y, opt)
				if err == nil && h.Status != train.Converged {
					t.Errorf("%s: %v", name+suffix, h)
				}
				return err
			}})
		}
	}
	all = append(all, solver{"train.Fit", func(t *testing.T, m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
		_, err := train.Fit(ctx, m, x, y, train.Options{
			Loss: l, Regularizer: penalty, SampleWeights: w, Schedule: optim.Constant(0.2), Epochs: 2000,
		})
		return err
	}})
	return all
}

func ridgeSolvers(lambda float64) []solver {
	return append(gradientSolvers(loss.MSE{}, lambda),
		solver{"Ridge", func(_ *testing.T, m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
			return solve.Ridge(m, x, y, w, lambda)
		}},
		solver{"ElasticNet", func(_ *testing.T, m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
			// An L1 part that is too small to be seen.
			_, err := solve.ElasticNet(m, x, y, solve.ElasticNetOptions{
				Lambda: lambda, L1Ratio: 1e-14, SampleWeights: w, Tolerance: 1e-14,
			})
			return err
		}},
		solver{"ElasticNet, ρ = 0", func(_ *testing.T, m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
			_, err := solve.ElasticNet(m, x, y, solve.ElasticNetOptions{Lambda: lambda, SampleWeights: w})
			return err
		}},
	)
}

func logisticSolvers(lambda float64) []solver {
	return append(gradientSolvers(loss.BinaryCrossEntropy{}, lambda),
		solver{"Logistic", func(_ *testing.T, m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
			_, err := solve.Logistic(m, x, y, solve.NewtonOptions{Lambda: lambda, SampleWeights: w})
			return err
		}})
}

// On a strictly convex problem all solvers find the same minimum, on dense and
// on sparse data, with an intercept and without, and from any start.
func TestAllSolversAgree(t *testing.T) {
	x, y := linearData(60)
	weights := make([]float64, 60)
	for i := range weights {
		weights[i] = float64(i%4) / 2
	}
	for _, problem := range []struct {
		name    string
		solvers []solver
		y       *mat.Dense
		exact   int // from the end of solvers
	}{
		{"ridge", ridgeSolvers(0.3), y, 3},
		{"logistic", logisticSolvers(0.3), labels(y), 1},
	} {
		for _, w := range [][]float64{nil, weights} {
			for _, m := range []*model.Linear{model.NewLinear(5, 1), model.NewLinearNoIntercept(5, 1)} {
				exact := m.Clone().(*model.Linear)
				reference := problem.solvers[len(problem.solvers)-problem.exact]
				if err := reference.solve(t, exact, x, problem.y, w); err != nil {
					t.Fatal(err)
				}
				for _, s := range problem.solvers {
					for kind, x := range variants(x) {
						m := m.Clone().(*model.Linear)
						m.Init(7)
						if err := s.solve(t, m, x, problem.y, w); err != nil {
							t.Errorf("%s, %s: %v", problem.name, s.name, err)
							continue
						}
						golden.CloseSlice(t, problem.name+", "+s.name+", "+kind, m.Params(), exact.Params(), 1e-7)
					}
				}
			}
		}
	}
}

// A sample of weight 0 is as good as none, and one of weight 2 is two.
func TestWeightsAreCounts(t *testing.T) {
	x, y := linearData(40)
	weights := make([]float64, 40)
	var rows []int
	for i := range weights {
		weights[i] = float64(i % 3)
		for range i % 3 {
			rows = append(rows, i)
		}
	}
	counted, countedY := mat.NewDense(len(rows), 5, nil), mat.NewDense(len(rows), 1, nil)
	for k, i := range rows {
		counted.SetRow(k, x.RawRowView(i))
		countedY.SetRow(k, y.RawRowView(i))
	}
	lasso := solver{"lasso", func(_ *testing.T, m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
		_, err := solve.ElasticNet(m, x, y, solve.ElasticNetOptions{Lambda: 0.4, L1Ratio: 1, SampleWeights: w, Tolerance: 1e-14})
		return err
	}}
	path := solver{"path", func(_ *testing.T, m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
		p, err := solve.Path(x, y, solve.PathOptions{L1Ratio: 0.8, N: 5, SampleWeights: w, Tolerance: 1e-14})
		if err == nil {
			p.Set(m, 3)
		}
		return err
	}}
	least := solver{"least squares", func(_ *testing.T, m *model.Linear, x mat.Matrix, y *mat.Dense, w []float64) error {
		return solve.LeastSquares(m, x, y, w)
	}}
	for _, s := range append(ridgeSolvers(0.2), lasso, path, least) {
		a, b := model.NewLinear(5, 1), model.NewLinear(5, 1)
		if err := s.solve(t, a, x, y, weights); err != nil {
			t.Fatal(err)
		}
		if err := s.solve(t, b, counted, countedY, nil); err != nil {
			t.Fatal(err)
		}
		golden.CloseSlice(t, s.name, a.Params(), b.Params(), 1e-7)
	}
}

// Coordinate descent, proximal gradient and train.Fit agree on the lasso, in
// the weights that are 0 too.
func TestLassoSolversAgree(t *testing.T) {
	x, y := linearData(60)
	ctx := context.Background()
	penalty := regularizer.ElasticNet{Lambda: 0.5, L1Ratio: 0.9}
	want := model.NewLinear(5, 1)
	if _, err := solve.ElasticNet(want, x, y, solve.ElasticNetOptions{Lambda: 0.5, L1Ratio: 0.9, Tolerance: 1e-15}); err != nil {
		t.Fatal(err)
	}
	passes := map[string]float64{}
	for _, s := range []struct {
		name string
		fit  func(m *model.Linear) (*train.History, error)
	}{
		{"ISTA", func(m *model.Linear) (*train.History, error) {
			return solve.ISTA(ctx, m, x, y, solve.ProximalOptions{Loss: loss.MSE{}, Proximal: penalty, Tolerance: 1e-10})
		}},
		{"FISTA", func(m *model.Linear) (*train.History, error) {
			return solve.FISTA(ctx, m, x, y, solve.ProximalOptions{Loss: loss.MSE{}, Proximal: penalty, Restart: true, Tolerance: 1e-10})
		}},
		{"train.Fit", func(m *model.Linear) (*train.History, error) {
			return train.Fit(ctx, m, x, y, train.Options{
				Loss: loss.MSE{}, Proximal: penalty, Schedule: optim.Constant(0.2), Epochs: 500,
			})
		}},
	} {
		m := model.NewLinear(5, 1)
		h, err := s.fit(m)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		passes[s.name] = h.Last().Passes
		golden.CloseSlice(t, s.name, m.Params(), want.Params(), 1e-8)
		for j, v := range want.Params() {
			if (v == 0) != (m.Params()[j] == 0) {
				t.Errorf("%s: θ[%d] = %g, coordinate descent has %g", s.name, j, m.Params()[j], v)
			}
		}
	}
	if n := floats.Count(func(v float64) bool { return v == 0 }, want.Params()); n == 0 {
		t.Error("the lasso has no zeros: the test shows nothing")
	}
	t.Log(passes)
}

// Badly conditioned data show what acceleration is for.
func TestFISTAIsFasterThanISTA(t *testing.T) {
	x := normal(100, 20, 3)
	for i := range 100 {
		for j := range 20 {
			x.Set(i, j, x.At(i, j)/float64(1+j))
		}
	}
	y := normal(100, 1, 4)
	last := map[string]train.Record{}
	for name, f := range map[string]func(context.Context, model.Model, mat.Matrix, *mat.Dense, solve.ProximalOptions) (*train.History, error){
		"ISTA": solve.ISTA, "FISTA": solve.FISTA,
	} {
		m := model.NewLinear(20, 1)
		step, err := solve.StepBound(m, x, nil, loss.MSE{})
		if err != nil {
			t.Fatal(err)
		}
		h, err := f(context.Background(), m, x, y, solve.ProximalOptions{
			Loss: loss.MSE{}, Proximal: regularizer.L1{Lambda: 1e-3}, Step: step, Restart: true, Tolerance: 1e-8, MaxIterations: 100000,
		})
		if err != nil || h.Status != train.Converged {
			t.Fatal(h, err)
		}
		last[name] = h.Last()
	}
	if a, b := last["ISTA"].Passes, last["FISTA"].Passes; b > a/10 {
		t.Errorf("ISTA took %g passes, FISTA %g", a, b)
	}
	if a, b := last["ISTA"], last["FISTA"]; math.Abs(a.Loss+a.Penalty-b.Loss-b.Penalty) > 1e-10 {
		t.Errorf("objectives %g and %g", a.Loss+a.Penalty, b.Loss+b.Penalty)
	}
}

// ISTA is proximal gradient descent, so with the same step its points are those
// of train.Fit, and so are the records, up to the order in which the two sum over
// the samples.
func TestISTAIsProximalGradientDescent(t *testing.T) {
	x, y := linearData(30)
	penalty := regularizer.L1{Lambda: 0.3}
	a, b := model.NewLinear(5, 1), model.NewLinear(5, 1)
	h, err := solve.ISTA(context.Background(), a, x, y, solve.ProximalOptions{
		Loss: loss.MSE{}, Proximal: penalty, Step: 0.1, MaxIterations: 12, RecordPath: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	want, err := train.Fit(context.Background(), b, x, y, train.Options{
		Loss: loss.MSE{}, Proximal: penalty, Schedule: optim.Constant(0.1), Epochs: 12, RecordPath: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if h.Status != train.Completed || want.Status != train.Completed {
		t.Errorf("status %s and %s", h.Status, want.Status)
	}
	golden.CloseSlice(t, "θ", a.Params(), b.Params(), 1e-14)
	golden.CloseSlice(t, "losses", h.Losses(), want.Losses(), 1e-14)
	golden.CloseSlice(t, "penalties", h.Penalties(), want.Penalties(), 1e-14)
	for i, r := range h.Records {
		if w := want.Records[i]; r.Epoch != w.Epoch || r.Passes != w.Passes || r.Rate != w.Rate {
			t.Errorf("record %d is %+v, want %+v", i, r, w)
		}
		golden.CloseSlice(t, "path", h.Path[i], want.Path[i], 1e-14)
	}
}

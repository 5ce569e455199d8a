package tabular

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/solve"
)

// Path is a linear model whose penalty λ is chosen by cross-validation on the training
// rows, among N numbers in geometric progression, from the smallest one at which all
// weights are 0 down to Eps times that one. The penalty is that of [Linear] with ρ > 0,
// so that weights of useless features become exactly 0.
//
// Chosen is the λ with the smallest mean loss on the rows left out, or, with
// OneStandardError, the largest λ whose mean loss is within one standard error of that:
// fewer features for nearly the same loss (Hastie, Tibshirani and Friedman, The
// Elements of Statistical Learning, 2nd ed., 2009, §7.10).
//
// The preparation is fitted on all training rows, those left out in Path's own folds
// too. That does not reach into the score of a cross-validation around it. Create it
// with [NewPath].
type Path struct {
	L1Ratio          float64 // ρ, above 0 and at most 1
	N                int     // the number of λ
	Eps              float64 // the smallest λ as a fraction of the largest
	Folds            int
	OneStandardError bool
	Seed             uint64 // of the folds
}

// NewPath returns a lasso of 50 λ down to a thousandth, with 5 folds.
func NewPath() Path { return Path{L1Ratio: 1, N: 50, Eps: 1e-3, Folds: 5} }

// Validate returns an error for settings that cannot be.
func (p Path) Validate() error {
	if !(p.L1Ratio > 0 && p.L1Ratio <= 1) || p.N < 2 || !(p.Eps > 0 && p.Eps < 1) || p.Folds < 2 {
		return fmt.Errorf("tabular: Path: L1Ratio %g, N %d, Eps %g, Folds %d: want above 0 and at most 1, 2 or more, between 0 and 1, 2 or more (tabular.NewPath has 1, 50, 0.001, 5)", p.L1Ratio, p.N, p.Eps, p.Folds)
	}
	return nil
}

// Fit trains a model.Linear.
func (p Path) Fit(ctx context.Context, d Prepared) (model.Model, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	rows, _ := d.X.Dims()
	folds, err := preprocess.KFold(rows, p.Folds, p.Seed)
	if d.Task == Classification {
		folds, err = preprocess.StratifiedKFold(metric.Column(d.Y, 0), p.Folds, p.Seed)
	}
	if err != nil {
		return nil, err
	}
	lambdas, err := p.lambdas(d)
	if err != nil {
		return nil, err
	}
	scores := make([][]float64, len(lambdas)) // for each λ, of each fold
	for _, fold := range folds {
		learn, test := d, d.Take(fold.Test)
		learn.Data = d.Take(fold.Train)
		last := -1
		err := p.follow(ctx, learn, lambdas, func(i int, m model.Model) bool {
			var pred mat.Dense
			m.Predict(&pred, test.X)
			scores[i] = append(scores[i], d.lossOf().Loss(nil, &pred, test.Y, test.SampleWeights))
			last = i
			return true
		})
		if err != nil {
			return nil, err
		}
		if last != len(lambdas)-1 {
			return nil, errors.New("tabular: Path: a fold ended early")
		}
	}
	best := p.choose(scores)
	var chosen model.Model
	err = p.follow(ctx, d, lambdas, func(i int, m model.Model) bool {
		chosen = m
		return i < best
	})
	if err != nil || d.Task == Regression {
		return chosen, err
	}
	solver, err := newProximal(d)
	if err != nil {
		return nil, err
	}
	_, err = solver.search(ctx, chosen, lambdas[best], p.L1Ratio, 1e-6, 20000)
	return chosen, err
}

// New returns a model.Linear.
func (p Path) New(inputs, outputs int) (model.Model, error) {
	return model.NewLinear(inputs, outputs), nil
}

// Size returns (inputs + 1)·outputs.
func (p Path) Size(inputs, outputs int) int { return denseSize(inputs, outputs) }

// choose returns the place of the λ, given the losses of each in each fold.
func (p Path) choose(scores [][]float64) int {
	best, least, limit := 0, math.Inf(1), 0.0
	for i, s := range scores {
		if mean, spread := meanStd(s); mean < least {
			best, least, limit = i, mean, mean+spread/math.Sqrt(float64(len(s)-1))
		}
	}
	if !p.OneStandardError {
		return best
	}
	for i, s := range scores {
		if mean, _ := meanStd(s); mean <= limit {
			return i
		}
	}
	return best
}

// lambdas returns the penalties, descending. Above the first one all weights are 0: it
// is the largest component of the loss's gradient there, divided by ρ.
func (p Path) lambdas(d Prepared) ([]float64, error) {
	_, inputs := d.X.Dims()
	m := model.NewLinear(inputs, d.Outputs())
	intercepts(m, d)
	grad := make([]float64, len(m.Params()))
	n, _ := d.X.Dims()
	objective.New(m, d.lossOf(), d.Data, objective.Options{Plain: true}).Gradient(grad, 0, n)
	_, w := m.Affine(grad)
	top := 0.0
	for j := range inputs {
		for k := range d.Outputs() {
			top = max(top, math.Abs(w.Data[j*w.Stride+k]))
		}
	}
	if !(top > 0) || math.IsInf(top, 1) {
		return nil, errors.New("tabular: Path: no feature is correlated with the target: is it constant?")
	}
	lambdas := make([]float64, p.N)
	for i := range lambdas {
		lambdas[i] = top / p.L1Ratio * math.Pow(p.Eps, float64(i)/float64(p.N-1))
	}
	return lambdas, nil
}

// intercepts sets the intercepts to the minimum for weights of 0: the mean target, or
// the logarithms of the odds or shares of the classes.
func intercepts(m *model.Linear, d Prepared) {
	count, sum, total := make([]float64, max(d.Classes, 1)), 0.0, 0.0
	rows, _ := d.Y.Dims()
	for i := range rows {
		w, y := 1.0, d.Y.At(i, 0)
		if d.SampleWeights != nil {
			w = d.SampleWeights[i]
		}
		sum += w * y
		total += w
		if d.Task == Classification {
			count[int(y)] += w
		}
	}
	b := m.Intercept()
	switch {
	case d.Task == Regression:
		b[0] = sum / total
	case len(b) == 1:
		b[0] = math.Log(count[1] / count[0])
	default:
		for k := range b {
			b[k] = math.Log(max(count[k], 1e-9*total) / total)
		}
	}
}

// follow calls f with a new model for each λ, until f returns false.
func (p Path) follow(ctx context.Context, d Prepared, lambdas []float64, f func(i int, m model.Model) bool) error {
	_, inputs := d.X.Dims()
	if _, ok := d.lossOf().(loss.MSE); ok {
		path, err := solve.Path(d.X, d.Y, solve.PathOptions{L1Ratio: p.L1Ratio, Lambdas: lambdas, SampleWeights: d.SampleWeights})
		if err != nil {
			return err
		}
		for i := range lambdas {
			m := model.NewLinear(inputs, 1)
			path.Set(m, i)
			if !f(i, m) || ctx.Err() != nil {
				return context.Cause(ctx)
			}
		}
		return nil
	}
	solver, err := newProximal(d)
	if err != nil {
		return err
	}
	m := model.NewLinear(inputs, d.Outputs())
	intercepts(m, d)
	for i, lambda := range lambdas {
		m = m.Clone().(*model.Linear)
		// What is not at its minimum yet is a start for the next λ, and is judged as it is.
		if _, err := solver.search(ctx, m, lambda, p.L1Ratio, 1e-4, 500); err != nil || ctx.Err() != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		if !f(i, m) {
			return nil
		}
	}
	return nil
}

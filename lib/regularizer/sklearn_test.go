package regularizer_test

import (
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/regularizer"
)

// sklearnFits is testdata/sklearn.json: what scikit-learn's estimators find
// with the alpha or C that belongs to Lambda.
type sklearnFits struct {
	X, Y    [][]float64
	Label   []float64
	Lambda  float64
	L1Ratio float64 `json:"l1_ratio"`
	Fits    []sklearnFit
}

type sklearnFit struct {
	Name      string
	Coef      [][]float64 // n×k
	Intercept []float64
	Limit     float64 // of the gradient that scikit-learn left
}

// TestScikitLearn fits each model with λ here and with its alpha or C there.
func TestScikitLearn(t *testing.T) {
	s := golden.Load[sklearnFits](t, "testdata/sklearn.json")
	x, both := dense(s.X), dense(s.Y)
	y := both.Slice(0, len(s.Y), 0, 1).(*mat.Dense)
	label := mat.NewDense(len(s.Label), 1, s.Label)
	l2 := regularizer.L2{Lambda: s.Lambda}
	for name, m := range map[string]problem{
		"Ridge":                 {loss.MSE{}, y, l2, true},
		"Lasso":                 {loss.MSE{}, y, regularizer.L1{Lambda: s.Lambda}, true},
		"ElasticNet":            {loss.MSE{}, y, regularizer.ElasticNet{Lambda: s.Lambda, L1Ratio: s.L1Ratio}, true},
		"MultiTaskLasso":        {loss.MSE{}, both, regularizer.GroupLasso{Lambda: s.Lambda, Size: 2}, true},
		"LogisticRegression l2": {loss.BinaryCrossEntropy{}, label, l2, true},
		"LogisticRegression l1": {loss.BinaryCrossEntropy{}, label, regularizer.L1{Lambda: s.Lambda / 4}, true},
		"LinearSVC":             {loss.SquaredHinge{}, label, l2, false},
		"SGDClassifier":         {loss.BinaryCrossEntropy{}, label, l2, true},
		"SGDRegressor":          {loss.MSE{}, y, l2, true},
	} {
		t.Run(name, func(t *testing.T) {
			i := slices.IndexFunc(s.Fits, func(f sklearnFit) bool { return f.Name == name })
			if i < 0 {
				t.Fatal("not in testdata/sklearn.json")
			}
			want := s.Fits[i]
			w, b := m.fit(x)
			// Along the flattest direction here, a gradient of g means that the
			// coefficients are within 10g of the minimum.
			tolerance := 10*want.Limit + 1e-12
			golden.CloseSlice(t, "coefficients", w.RawMatrix().Data, dense(want.Coef).RawMatrix().Data, tolerance)
			if m.intercept {
				golden.CloseSlice(t, "intercept", b, want.Intercept, tolerance)
			}
			m.penalty = regularizer.Chain{m.penalty, m.penalty} // as if a factor ½ were missing
			w, _ = m.fit(x)
			if differ(w.RawMatrix().Data, dense(want.Coef).RawMatrix().Data) < 10*tolerance {
				t.Error("twice the penalty gives the same coefficients")
			}
		})
	}
	if len(s.Fits) != 9 {
		t.Errorf("%d fits in the file, 9 in the test", len(s.Fits))
	}
}

// problem is loss + penalty of the linear model b + xW.
type problem struct {
	loss      loss.Smooth
	target    *mat.Dense
	penalty   regularizer.Proximal
	intercept bool
}

// fit minimises by proximal gradient steps of length 1/L, for so long that
// nothing is left to gain.
func (p problem) fit(x *mat.Dense) (w *mat.Dense, b []float64) {
	m, n := x.Dims()
	_, k := p.target.Dims()
	w, b = mat.NewDense(n, k, nil), make([]float64, k)
	trace := 1.0 // of (1/m)XᵀX with a column of ones: at least its largest eigenvalue
	for _, v := range x.RawMatrix().Data {
		trace += v * v / float64(m)
	}
	rate := 1 / (p.loss.Curvature() * trace)
	var f, d, g mat.Dense
	for range 20000 {
		f.Mul(x, w)
		f.Apply(func(_, j int, v float64) float64 { return v + b[j] }, &f)
		p.loss.Loss(&d, &f, p.target, nil)
		g.Mul(x.T(), &d)
		g.Scale(rate, &g)
		w.Sub(w, &g)
		p.penalty.Prox(w.RawMatrix().Data, rate)
		for j := range b {
			if p.intercept {
				b[j] -= rate * mat.Sum(d.ColView(j))
			}
		}
	}
	return w, b
}

func dense(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		m.SetRow(i, r)
	}
	return m
}

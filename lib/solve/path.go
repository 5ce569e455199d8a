package solve

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
)

// PathOptions are the settings of Path.
type PathOptions struct {
	L1Ratio float64 // ρ > 0 of the penalty λ(ρ‖w‖₁ + ½(1−ρ)‖w‖²): 1 is the lasso
	// Lambdas are the λ to solve for, in any order. If nil, they are N numbers in
	// geometric progression, from the smallest λ at which all weights are 0 down to
	// Eps times that λ.
	Lambdas       []float64
	N             int       // 0 means 100
	Eps           float64   // 0 means 10⁻³
	NoIntercept   bool      // the model passes through the origin
	SampleWeights []float64 // sample weights ≥ 0; nil means all 1
	// Tolerance and MaxIterations are those of ElasticNetOptions, for each λ.
	Tolerance     float64
	MaxIterations int
}

// RegularizationPath holds the solutions of one elastic net for many λ.
type RegularizationPath struct {
	L1Ratio      float64
	Lambdas      []float64   // descending
	Coefficients [][]float64 // for each λ, the weights, one for each column of x
	Intercepts   []float64   // for each λ
	Cycles       []int       // the cycles for each λ
	Gaps         []float64   // duality gaps, as fractions of the target's variance
	// Converged says for each λ whether MaxIterations was enough. If not, the gap
	// bounds how far the objective is above its minimum.
	Converged []bool
}

// Path solves the elastic net for many λ, the largest first, and starts each from
// the solution before. That costs little more than the smallest λ alone. y must
// have one column.
//
// It returns an error if the target is constant. It is not an error if
// MaxIterations is not enough for a λ: see Converged.
//
// scikit-learn's lasso_path and enet_path have the same coefficients for alphas
// λ/2, given columns of mean 0.
//
// Source: Friedman, Hastie and Tibshirani, Journal of Statistical Software 33,
// 2010, §2.5.
func Path(x mat.Matrix, y *mat.Dense, opt PathOptions) (*RegularizationPath, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	if x == nil || y == nil {
		return nil, errors.New("solve: x or y is nil")
	}
	rows, cols := x.Dims()
	if rows == 0 || cols == 0 {
		return nil, fmt.Errorf("solve: x is %d×%d: there is nothing to fit", rows, cols)
	}
	if _, outputs := y.Dims(); outputs != 1 {
		return nil, fmt.Errorf("solve: y has %d columns, a path has one: make one for each", outputs)
	}
	data, err := checkData(model.NewLinear(cols, 1), x, y, opt.SampleWeights)
	if err != nil {
		return nil, err
	}
	descents := opt.N
	if opt.Lambdas != nil {
		descents = len(opt.Lambdas)
	}
	problem := centre(data, !opt.NoIntercept, descents)
	if err := problem.check(data.X); err != nil {
		return nil, err
	}
	d, mean := problem.descent(0)
	lambdas, err := opt.lambdas(math.Ldexp(floats.Norm(d.xy, math.Inf(1)), problem.exponent+problem.targetExponent))
	if err != nil {
		return nil, err
	}
	path := &RegularizationPath{L1Ratio: opt.L1Ratio}
	for _, lambda := range lambdas {
		l1, l2, err := problem.penalties(lambda/2, opt.L1Ratio)
		if err != nil {
			return nil, err
		}
		cycles, gap, ok := d.solve(l1, l2, opt.Tolerance, opt.MaxIterations)
		weights, intercept, err := problem.weights(d.w, mean)
		if err != nil {
			return nil, err
		}
		path.Lambdas = append(path.Lambdas, lambda)
		path.Coefficients = append(path.Coefficients, weights)
		path.Intercepts = append(path.Intercepts, intercept)
		path.Converged = append(path.Converged, ok)
		path.Cycles = append(path.Cycles, cycles)
		path.Gaps = append(path.Gaps, d.relative(gap))
	}
	return path, nil
}

// Set sets the parameters of m, a linear model with one output, to solution i.
func (p *RegularizationPath) Set(m *model.Linear, i int) {
	inputs, outputs := m.Dims()
	if w := p.Coefficients[i]; inputs != len(w) || outputs != 1 {
		panic(fmt.Sprintf("solve: the model has %d inputs and %d outputs, the path %d and 1", inputs, outputs, len(w)))
	}
	m.Weights().SetCol(0, p.Coefficients[i])
	if m.HasIntercept() {
		m.Intercept()[0] = p.Intercepts[i]
	} else if p.Intercepts[i] != 0 {
		panic("solve: the path has intercepts, the model has none")
	}
}

// NonZeros returns the number of weights that are not 0, for each λ.
func (p *RegularizationPath) NonZeros() []int {
	counts := make([]int, len(p.Coefficients))
	for i, w := range p.Coefficients {
		for _, v := range w {
			if v != 0 {
				counts[i]++
			}
		}
	}
	return counts
}

// check fills in what is not set and returns an error for what is set badly.
func (o *PathOptions) check() error {
	if o.N == 0 {
		o.N = 100
	}
	if o.Eps == 0 {
		o.Eps = 1e-3
	}
	switch {
	case !(o.L1Ratio > 0 && o.L1Ratio <= 1):
		return fmt.Errorf("solve: L1Ratio is %g, want above 0 and at most 1, which is the lasso: without L1 no λ makes the weights 0", o.L1Ratio)
	case o.N < 1:
		return fmt.Errorf("solve: N is %d, want at least 1", o.N)
	case !(o.Eps > 0 && o.Eps < 1):
		return fmt.Errorf("solve: Eps is %g, want between 0 and 1", o.Eps)
	}
	for i, lambda := range o.Lambdas {
		if !(lambda > 0) || math.IsInf(lambda, 1) {
			return fmt.Errorf("solve: Lambdas[%d] is %g, want a finite number > 0", i, lambda)
		}
	}
	return checkDescent(&o.Tolerance, &o.MaxIterations)
}

// lambdas returns the λ to solve for, given the largest |xⱼᵀy|.
func (o *PathOptions) lambdas(largest float64) ([]float64, error) {
	if o.Lambdas != nil {
		l := slices.Clone(o.Lambdas)
		slices.SortFunc(l, func(a, b float64) int { return cmp.Compare(b, a) })
		return l, nil
	}
	if largest == 0 {
		return nil, errors.New("solve: no column of x is correlated with y: is the target constant?")
	}
	// Rounded up, so that λρ/2 is not a hair below the correlation.
	top := 2 * largest / o.L1Ratio * (1 + 4*epsilon)
	if math.IsInf(top, 1) || o.Eps*top < 0x1p-1000 {
		return nil, fmt.Errorf("solve: the largest λ, %g, is at the end of the range of a float64: scale the features or the target", top)
	}
	l := make([]float64, o.N)
	for i := range l {
		l[i] = top * math.Pow(o.Eps, float64(i)/float64(max(o.N-1, 1)))
	}
	return l, nil
}

package solve

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
)

// ElasticNetOptions are the settings of ElasticNet.
type ElasticNetOptions struct {
	Lambda        float64   // λ ≥ 0 of the penalty λ(ρ‖w‖₁ + ½(1−ρ)‖w‖²), without the intercept
	L1Ratio       float64   // ρ: 1 is the lasso, 0 is ridge regression
	SampleWeights []float64 // sample weights ≥ 0; nil means all 1
	// Tolerance ends the descent when the duality gap is at most this fraction
	// of the target's variance; 0 means 10⁻¹⁰. It is scikit-learn's tol, whose
	// default is 10⁻⁴.
	Tolerance     float64
	MaxIterations int // cycles through the coordinates; 0 means 10000
}

// CoordinateReport describes a run of coordinate descent.
type CoordinateReport struct {
	Cycles int // through all or the active coordinates, of all outputs
	// Gap is the duality gap at the end, as a fraction of the target's variance
	// (the largest of several outputs'). The objective is above its minimum by at
	// most twice Gap times that variance.
	Gap float64
}

// ElasticNet sets the parameters of m, a linear model, to the minimum of the mean
// squared error plus λ(ρ‖w‖₁ + ½(1−ρ)‖w‖²), by coordinate descent. With ρ = 1 this
// is the lasso. The larger λ, the more weights are exactly 0. All are 0 for λ of at
// least 2·max|Σvᵢ(xᵢⱼ−x̄ⱼ)(yᵢ−ȳ)|/ρ, with v the sample weights of sum 1.
//
// A sparse.CSR with less than a quarter of non-zeros stays sparse: the cost of a
// cycle is proportional to them. For any other x with up to 100 columns, and at
// least as many rows, ElasticNet forms XᵀX in one pass over the rows on all cores,
// and a coordinate costs a row of it. With more columns it copies those that are
// not 0, and forms their products with each other if the descent takes long, and XᵀX
// if most of them are not 0, of 300 columns or more in float32; there are no products of
// more than 2000 columns. The gap at the end is that of the samples. With ρ = 0 or λ = 0
// there is nothing to select, and it calls [Ridge].
//
// Every few cycles the descent goes on to where they lead, if the objective is lower
// there. If columns are so correlated that it is slow all the same, the non-zero
// coordinates are solved for together from time to time.
//
// If MaxIterations is not enough, it returns an error and sets m to the last point.
//
// scikit-learn's ElasticNet has the same minimum for alpha = λ/2 and l1_ratio =
// ρ, since it halves the squared error. With k outputs the squared error here is
// the mean over the outputs, and alpha = λk/2.
//
// Source: Friedman, Hastie and Tibshirani, Regularization Paths for Generalized
// Linear Models via Coordinate Descent, Journal of Statistical Software 33,
// 2010; Bertrand and Massias, Anderson Acceleration of Coordinate Descent, AISTATS 2021;
// for the duality gap Kim, Koh, Lustig, Boyd and Gorinevsky, An
// Interior-Point Method for Large-Scale ℓ1-Regularized Least Squares, 2007.
func ElasticNet(m *model.Linear, x mat.Matrix, y *mat.Dense, opt ElasticNetOptions) (*CoordinateReport, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	if opt.L1Ratio == 0 || opt.Lambda == 0 {
		return &CoordinateReport{}, Ridge(m, x, y, opt.SampleWeights, opt.Lambda)
	}
	data, err := checkData(m, x, y, opt.SampleWeights)
	if err != nil {
		return nil, err
	}
	_, outputs := m.Dims()
	problem := centre(data, m.HasIntercept(), outputs)
	if err := problem.check(data.X); err != nil {
		return nil, err
	}
	report := new(CoordinateReport)
	for k := range outputs {
		d, mean := problem.descent(k)
		l1, l2, bad := problem.penalties(opt.Lambda*float64(outputs)/2, opt.L1Ratio)
		if bad != nil {
			return nil, bad
		}
		cycles, gap, ok := d.solve(l1, l2, opt.Tolerance, opt.MaxIterations)
		report.Cycles += cycles
		report.Gap = max(report.Gap, d.relative(gap))
		if !ok && err == nil {
			err = notConverged(cycles, d.relative(gap), opt.Lambda)
		}
		weights, intercept, bad := problem.weights(d.w, mean)
		if bad != nil {
			return nil, bad
		}
		m.Weights().SetCol(k, weights)
		if m.HasIntercept() {
			m.Intercept()[k] = intercept
		}
	}
	return report, err
}

// check fills in what is not set and returns an error for what is set badly.
func (o *ElasticNetOptions) check() error {
	if err := checkLambda(o.Lambda); err != nil {
		return err
	}
	if !(o.L1Ratio >= 0 && o.L1Ratio <= 1) {
		return fmt.Errorf("solve: L1Ratio is %g, want between 0 (ridge) and 1 (lasso)", o.L1Ratio)
	}
	return checkDescent(&o.Tolerance, &o.MaxIterations)
}

func checkDescent(tolerance *float64, limit *int) error {
	if *tolerance == 0 {
		*tolerance = 1e-10
	}
	if *limit == 0 {
		*limit = 10000
	}
	if !(*tolerance > 0) {
		return fmt.Errorf("solve: Tolerance is %g, want a number > 0", *tolerance)
	}
	if *limit < 0 {
		return fmt.Errorf("solve: MaxIterations is %d, want at least 1", *limit)
	}
	return nil
}

func notConverged(cycles int, gap, lambda float64) error {
	return fmt.Errorf("solve: not converged in %d cycles at λ = %.3g: the duality gap is still %.1e of the target's variance; allow more iterations, a larger tolerance or scale the features", cycles, lambda, gap)
}

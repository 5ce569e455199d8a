package solve

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/model"
)

// LeastSquares sets the parameters of m to the minimum of the mean squared
// error Σᵢ wᵢ‖yᵢ − f(xᵢ; θ)‖² / Σᵢ wᵢ. weights may be nil; a sample of weight 0
// counts for nothing, and a weight of 2 is the sample twice.
//
// It is a QR factorisation of the matrix of samples by Householder reflections,
// not the normal equations, which lose twice as many digits. Columns of very
// different units cost nothing, since they are first scaled by powers of two,
// and the solution is refined with residuals in twice the precision, so that
// it is that of the numbers given, mostly to the last digit or two.
//
// It returns an error, and leaves m alone, if there are fewer samples than
// parameters or if the columns are linearly dependent: then there are many
// minima, and [Ridge] chooses one.
//
// Source: Golub and Van Loan, Matrix Computations, 4th ed., §5.3; Björck,
// Iterative refinement of linear least squares solutions I, BIT 7, 1967.
func LeastSquares(m *model.Linear, x mat.Matrix, y *mat.Dense, weights []float64) error {
	return leastSquares(m, x, y, weights, 0)
}

// Ridge sets the parameters of m to the minimum of the mean squared error plus
// ½λ‖W‖², exactly, as the least squares of the samples with √(λ·k·Σw/2)·I below
// them, for k outputs. The intercept is not penalised. λ > 0 always has one
// minimum, unless λ is too small to be seen beside the numbers in x, which is an
// error as in [LeastSquares].
//
// scikit-learn's Ridge has the same minimum for alpha = λ·k·m/2.
//
// Source: Hoerl and Kennard, Ridge Regression, Technometrics 12, 1970.
func Ridge(m *model.Linear, x mat.Matrix, y *mat.Dense, weights []float64, lambda float64) error {
	if err := checkLambda(lambda); err != nil {
		return err
	}
	return leastSquares(m, x, y, weights, lambda)
}

func leastSquares(m *model.Linear, x mat.Matrix, y *mat.Dense, weights []float64, lambda float64) error {
	if err := checkData(m, x, y, weights); err != nil {
		return err
	}
	a, b := design(m, x, y, weights, lambda)
	rows, params := a.Dims()
	if rows < params {
		return fmt.Errorf("solve: %d samples cannot determine %d parameters: use more samples or Ridge", rows, params)
	}
	scale := scaleColumns(a)
	var qr mat.QR
	qr.Factorize(a)
	if cond := qr.Cond(); !(cond*epsilon*float64(max(rows, params)) < 1) {
		return fmt.Errorf("solve: the columns of x are linearly dependent (condition number %.1e): remove one or use Ridge", cond)
	}
	_, outputs := y.Dims()
	for k := range outputs {
		theta, err := refine(&qr, a, mat.Col(nil, k, b))
		if err != nil {
			return err
		}
		for j, v := range theta {
			m.Params()[j*outputs+k] = v * scale[j]
		}
	}
	return nil
}

const epsilon = 0x1p-52 // the distance from 1 to the next float64

// design returns the matrix with a row √wᵢ·(1, xᵢ) for each sample of weight
// wᵢ > 0, the right side √wᵢ·yᵢ, and below them the rows of the ridge penalty.
// Its columns are in the order of θ.
func design(m *model.Linear, x mat.Matrix, y *mat.Dense, weights []float64, lambda float64) (a, b *mat.Dense) {
	samples := rows.Of(x)
	count, inputs := samples.Dims()
	_, outputs := y.Dims()
	first := 0
	if m.HasIntercept() {
		first = 1
	}
	used, total := 0, 0.0
	for i := range count {
		if w := weight(weights, i); w > 0 {
			used++
			total += w
		}
	}
	extra := 0
	if lambda > 0 {
		extra = inputs
	}
	a = mat.NewDense(used+extra, first+inputs, nil)
	b = mat.NewDense(used+extra, outputs, nil)
	at, buffer := 0, make([]float64, inputs)
	for i := range count {
		w := weight(weights, i)
		if w == 0 {
			continue
		}
		root := math.Sqrt(w)
		row := a.RawRowView(at)
		if first == 1 {
			row[0] = root
		}
		columns, values := samples.Row(i, buffer)
		rows.Scatter(row[first:], columns, values, root)
		rows.Scatter(b.RawRowView(at), nil, y.RawRowView(i), root)
		at++
	}
	// Of several outputs the squared error is the mean.
	penalty := math.Sqrt(lambda * total * float64(outputs) / 2)
	for j := range extra {
		a.Set(used+j, first+j, penalty)
	}
	return a, b
}

// scaleColumns multiplies the columns of a by powers of two, which does not
// round, so that their lengths are between ½ and 1, and returns the factors.
func scaleColumns(a *mat.Dense) []float64 {
	rows, cols := a.Dims()
	scale := make([]float64, cols)
	for j := range scale {
		_, exponent := math.Frexp(mat.Norm(a.ColView(j), 2))
		scale[j] = math.Ldexp(1, -exponent)
	}
	for i := range rows {
		for j, s := range scale {
			a.RawRowView(i)[j] *= s
		}
	}
	return scale
}

// refine returns the θ that minimises ‖b − aθ‖, given the factorisation of a.
//
// The minimum and its residual r solve r + aθ = b, aᵀr = 0 together. What a
// solution leaves of these equations, computed in twice the precision, is the
// right side of the same system for the correction. Correcting θ alone would
// not help where the residual is large.
func refine(qr *mat.QR, a *mat.Dense, b []float64) ([]float64, error) {
	rows, params := a.Dims()
	theta, r := make([]float64, params), make([]float64, rows)
	f, g := mat.NewVecDense(rows, nil), mat.NewVecDense(params, nil)
	var z, change, fitted mat.VecDense
	before := math.Inf(1)
	for range maxRefinements {
		remainder(f.RawVector().Data, g.RawVector().Data, a, b, theta, r)
		if err := errors.Join(
			qr.SolveVecTo(&z, true, g), // aᵀz = −aᵀr
			qr.SolveVecTo(&change, false, subtract(&z, f)),
		); err != nil {
			return nil, fmt.Errorf("solve: the columns of x are linearly dependent: remove one or use Ridge (%w)", err)
		}
		size := mat.Norm(&change, math.Inf(1))
		if !(size < before/2) { // no better than the last one
			break
		}
		before = size
		fitted.MulVec(a, &change)
		for i := range r {
			r[i] += f.AtVec(i) - fitted.AtVec(i)
		}
		for j := range theta {
			theta[j] += change.AtVec(j)
		}
	}
	return theta, nil
}

const maxRefinements = 6

// subtract sets z ← f − z.
func subtract(z, f *mat.VecDense) *mat.VecDense {
	z.SubVec(f, z)
	return z
}

// remainder sets f ← b − aθ − r and g ← −aᵀr in twice the precision.
func remainder(f, g []float64, a *mat.Dense, b, theta, r []float64) {
	columns := make([]sum2, len(g))
	for i := range f {
		var s sum2
		s.add(b[i])
		s.add(-r[i])
		for j, v := range a.RawRowView(i) {
			s.addProduct(-v, theta[j])
			columns[j].addProduct(-v, r[i])
		}
		f[i] = s.value()
	}
	for j, s := range columns {
		g[j] = s.value()
	}
}

// sum2 is a sum that keeps its rounding errors and so has about twice the
// digits of a float64.
//
// Source: Ogita, Rump and Oishi, Accurate Sum and Dot Product, SIAM J. Sci.
// Comput. 26, 2005, algorithm 5.3.
type sum2 struct{ high, low float64 }

func (s *sum2) add(v float64) {
	t := s.high + v
	z := t - s.high
	s.low += (s.high - (t - z)) + (v - z)
	s.high = t
}

func (s *sum2) addProduct(a, b float64) {
	p := float64(a * b) // rounded: not to be fused with a following sum
	s.add(p)
	s.low += math.FMA(a, b, -p)
}

func (s *sum2) value() float64 { return s.high + s.low }

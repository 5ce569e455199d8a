package solve

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
)

// LeastSquares sets the parameters of m to the minimum of the mean squared error Σᵢ
// wᵢ‖yᵢ − f(xᵢ; θ)‖² / Σᵢ wᵢ. weights may be nil. A sample of weight 0 is ignored;
// one of weight 2 counts twice.
//
// It solves the normal equations by a Cholesky factorisation, in one pass over the
// samples on all cores. The normal equations square the condition number of x, so
// the solution is corrected by its gradient, computed in twice the working
// precision from the original numbers: θ is usually right to the last digit or two.
// If the condition number is beyond about 10⁶, or the numbers are near the limits
// of a float64, a QR factorisation of all samples by Householder reflections
// replaces the normal equations, refined by residuals in twice the working
// precision. Columns of very different units cost no accuracy, since they are first
// scaled by powers of two. With 200 columns or more the normal equations are formed in
// float32 where their condition allows that, and more corrections bring the digits. With
// thousands of samples, many more than columns and well conditioned, corrections are
// computed in float64: θ is then right to the last digit of its largest element, in units
// in which the columns are equally long.
//
// It returns an error, and leaves m unchanged, if there are fewer samples than
// parameters or if the columns are linearly dependent: then there are many minima,
// and [Ridge] chooses one.
//
// Source: Golub and Van Loan, Matrix Computations, 4th ed., §5.3; Higham, Accuracy
// and Stability of Numerical Algorithms, 2nd ed., 2002, chapters 12 and 20; Björck,
// Iterative refinement of linear least squares solutions I, BIT 7, 1967; Carson and
// Higham, Accelerating the Solution of Linear Systems by Iterative Refinement in Three
// Precisions, SIAM J. Sci. Comput. 40, 2018.
func LeastSquares(m *model.Linear, x mat.Matrix, y *mat.Dense, weights []float64) error {
	return leastSquares(m, x, y, weights, 0)
}

// Ridge sets the parameters of m to the exact minimum of the mean squared error
// plus ½λ‖W‖². For k outputs this is the least-squares solution for the samples
// with √(λ·k·Σw/2)·I appended below them. The intercept is not penalised. Ridge
// works as [LeastSquares] does; with fewer samples than columns it solves for one
// number per sample instead of one per column (the dual). For λ > 0 the minimum is
// unique. It is an error, as in LeastSquares, if λ is too small to matter next to
// the numbers in x. It is also an error if the solution would need a matrix of more
// than 2²⁹ numbers, many times those of x.
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
	data, err := checkData(m, x, y, weights)
	if err != nil {
		return err
	}
	count, columns := data.X.Dims()
	if params := len(m.Params()) / y.RawMatrix().Cols; lambda == 0 && count < params {
		return fmt.Errorf("solve: %d samples cannot determine %d parameters: use more samples or Ridge", count, params)
	}
	if err := checkRoom(data.X, min(count, columns), columns); err != nil {
		return err
	}
	theta, ok := newRegression(m, data, lambda).solve()
	if !ok {
		if theta, err = solveByQR(m, data, lambda); err != nil {
			return err
		}
	}
	outputs, all := len(theta), make([]float64, len(m.Params()))
	for k, theta := range theta {
		for j, v := range theta {
			if math.IsInf(v, 0) {
				return fmt.Errorf("solve: parameter %d of output %d is beyond the range of a float64: scale the columns of x or y", j, k)
			}
			all[j*outputs+k] = v
		}
	}
	copy(m.Params(), all)
	return nil
}

// solveByQR solves problems of any condition number, and in numbers of any size,
// by a QR factorisation of all samples. It returns θ, one output after the other.
func solveByQR(m *model.Linear, data objective.Data, lambda float64) (theta [][]float64, err error) {
	count, columns := data.X.Dims()
	if lambda > 0 {
		count += columns
	}
	if err := checkRoom(data.X, count, columns); err != nil {
		return nil, err
	}
	d := newDesign(m, data, lambda)
	f := factorizeQR(d.weighted())
	rows, params := d.a.Dims()
	if cond := f.condition(); !(cond*epsilon*float64(max(rows, params)) < 1) {
		return nil, fmt.Errorf("solve: the columns of x are linearly dependent (condition number %.1e): remove one or use Ridge", cond)
	}
	for k := range d.b.RawMatrix().Cols {
		solution := d.refine(f, mat.Col(nil, k, d.b))
		for j, v := range solution {
			solution[j] = math.Ldexp(v, d.targets[k]-d.columns[j])
		}
		theta = append(theta, solution)
	}
	return theta, nil
}

// maxRoom bounds the numbers of a matrix that is much larger than x: 4 GiB. Memory
// that a system does not have ends the program.
const maxRoom = 1 << 29

// checkRoom returns an error if a dense matrix that a solver needs is too large, and
// much larger than x.
func checkRoom(x mat.Matrix, count, columns int) error {
	m, inputs := x.Dims()
	given := m * inputs
	if s := rows.Of(x).Sparse(); s != nil {
		given = s.NNZ()
	}
	columns = max(columns, 1)
	if count > maxRoom/columns && count/8 > given/columns {
		return fmt.Errorf("solve: a dense matrix of %d×%d numbers would be larger than %d: use Minimize or FISTA, which need none", count, columns, maxRoom)
	}
	return nil
}

const epsilon = 0x1p-52 // the distance from 1 to the next float64

// A design is the weighted least-squares problem min Σ wᵢ(bᵢ − aᵢθ)² for each
// column of b. The rows of a are (1, xᵢ) for the samples, and
// below them those of the ridge penalty, its columns in the order of θ. All
// numbers are those given, but for powers of two, which do not round.
type design struct {
	a, b             *mat.Dense
	weights, roots   []float64 // the largest weight of a sample is between ½ and 1
	columns, targets []int     // a and b are divided by 2 to these powers
}

func newDesign(m *model.Linear, data objective.Data, lambda float64) *design {
	samples := rows.Of(data.X)
	count, inputs := samples.Dims()
	_, outputs := data.Y.Dims()
	first := 0
	if m.HasIntercept() {
		first = 1
	}
	largest := 0.0
	for i := range count {
		largest = max(largest, weight(data.SampleWeights, i))
	}
	extra := 0
	if lambda > 0 {
		extra = inputs
	}
	d := &design{
		a:       mat.NewDense(count+extra, first+inputs, nil),
		b:       mat.NewDense(count+extra, outputs, nil),
		weights: make([]float64, count+extra),
		roots:   make([]float64, count+extra),
	}
	var total accurate.Sum
	exponent, huge := exponentOf(largest), max(exponentOf(lambda), 0)
	for i := range count {
		w := math.Ldexp(weight(data.SampleWeights, i), -exponent)
		total.Add(w)
		d.weights[i] = math.Ldexp(w, -huge)
		row := d.a.RawRowView(i)
		if first == 1 {
			row[0] = 1
		}
		samples.Copy(row[first:], i)
		copy(d.b.RawRowView(i), data.Y.RawRowView(i))
	}
	for j := range extra {
		d.a.Set(count+j, first+j, 1)
		// Of several outputs the squared error is the mean.
		d.weights[count+j] = math.Ldexp(lambda, -huge) * total.Value() * float64(outputs) / 2
	}
	for i, w := range d.weights {
		d.roots[i] = math.Sqrt(w)
	}
	d.columns, d.targets = scaleColumns(d.a, d.roots), scaleColumns(d.b, nil)
	return d
}

// exponentOf returns e such that |v| is from ½ to 1 times 2ᵉ, 0 for 0.
func exponentOf(v float64) int {
	_, e := math.Frexp(v)
	return e
}

// scaleColumns divides the columns of a by powers of two, so that their lengths
// are between ½ and 1 with rows times roots, and returns the exponents.
func scaleColumns(a *mat.Dense, roots []float64) []int {
	rows, cols := a.Dims()
	tops, sums, exponents := make([]float64, cols), make([]float64, cols), make([]int, cols)
	root := func(i int) float64 {
		if roots == nil {
			return 1
		}
		return roots[i]
	}
	for i := range rows {
		for j, v := range a.RawRowView(i) {
			tops[j] = max(tops[j], math.Abs(root(i)*v))
		}
	}
	for j, top := range tops {
		exponents[j] = exponentOf(top)
	}
	shrink := powersOf2(exponents)
	for i := range rows {
		for j, v := range a.RawRowView(i) {
			v = root(i) * v * shrink[j][0] * shrink[j][1]
			sums[j] += v * v
		}
	}
	for j, sum := range sums {
		exponents[j] += exponentOf(math.Sqrt(sum))
	}
	shrink = powersOf2(exponents)
	for i := range rows {
		row := a.RawRowView(i)
		for j, s := range shrink {
			row[j] = row[j] * s[0] * s[1]
		}
	}
	return exponents
}

// powersOf2 returns for each e two factors with the product 2⁻ᵉ, which need
// not be a float64.
func powersOf2(exponents []int) [][2]float64 {
	factors := make([][2]float64, len(exponents))
	for j, e := range exponents {
		factors[j] = [2]float64{math.Ldexp(1, -(e / 2)), math.Ldexp(1, -(e - e/2))}
	}
	return factors
}

// weighted returns the rows of a times the roots of their weights, which
// rounds: good enough to factorise, and refine does without it.
func (d *design) weighted() *mat.Dense {
	a := mat.DenseCopyOf(d.a)
	for i, root := range d.roots {
		floats.Scale(root, a.RawRowView(i))
	}
	return a
}

// refine returns the θ that minimises Σ wᵢ(bᵢ − aᵢθ)², given the factorisation
// of the weighted a.
//
// The minimum and its residual r solve r + aθ = b, aᵀWr = 0 together. What a
// solution leaves of these equations, computed in twice the precision from the
// numbers given, is the right side of the same system for the correction.
// Correcting θ alone would not help where the residual is large.
func (d *design) refine(qr *qr, b []float64) []float64 {
	rows, params := d.a.Dims()
	theta, r := make([]float64, params), make([]float64, rows)
	f, g := mat.NewVecDense(rows, nil), mat.NewVecDense(params, nil)
	var fitted mat.VecDense
	before := [2]float64{math.Inf(1), math.Inf(1)}
	for range maxRefinements {
		d.remainder(f.RawVector().Data, g.RawVector().Data, b, theta, r)
		z := qr.solveTransposed(g.RawVector().Data) // (√W·a)ᵀz = −aᵀWr
		for i, root := range d.roots {
			z[i] = root*f.AtVec(i) - z[i]
		}
		change := mat.NewVecDense(params, qr.solve(z))
		fitted.MulVec(d.a, change)
		fitted.SubVec(f, &fitted) // the change of r
		// θ can be so small beside r that its digits come only when r has its own.
		size := [2]float64{mat.Norm(change, math.Inf(1)), mat.Norm(&fitted, math.Inf(1))}
		if !(size[0] < before[0]/2 || size[1] < before[1]/2) { // no better than the last one
			break
		}
		before = size
		for i := range r {
			r[i] += fitted.AtVec(i)
		}
		for j := range theta {
			theta[j] += change.AtVec(j)
		}
	}
	return theta
}

// remainder sets f ← b − aθ − r and g ← −aᵀWr in twice the precision.
func (d *design) remainder(f, g, b, theta, r []float64) {
	low := make([]float64, len(g))
	clear(g)
	for i := range f {
		row := d.a.RawRowView(i)
		var s accurate.Sum
		s.Add(b[i])
		s.Add(-r[i])
		high, rest := blas.SumProducts(row, theta)
		s.Add(-high)
		s.Low -= rest
		f[i] = s.Value()
		pull := float64(-d.weights[i] * r[i])
		blas.AddProducts(g, low, pull, math.FMA(-d.weights[i], r[i], -pull), row)
	}
	for j, v := range low {
		g[j] += v
	}
}

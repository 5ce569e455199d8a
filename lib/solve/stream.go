package solve

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/batch"
	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
)

// StreamOptions are the settings of StreamLeastSquares.
type StreamOptions struct {
	Lambda float64 // λ of the penalty ½λ‖W‖², without the intercept; 0 for least squares
	// QR factorises blocks of rows instead of forming the Gram matrix. It costs twice as
	// much arithmetic, and does not square the condition number.
	QR bool
	// Refinements is the number of further passes, each of which corrects θ by its
	// gradient.
	Refinements int
}

// StreamReport describes a run of StreamLeastSquares.
type StreamReport struct {
	Rows   int // with a weight
	Passes int // over the data
	// Condition estimates the condition number of the columns, with that of the
	// intercept, after scaling.
	Condition float64
}

// StreamLeastSquares sets the parameters of m to the minimum of the mean squared error
// plus ½λ‖W‖², as [LeastSquares] and [Ridge] do, in one pass over a source that need
// not fit into memory. Sample weights are those of the batches. Memory holds a few
// batches, and the square of the number of columns.
//
// With n columns and the condition number κ, one pass has the Gram matrix X̃ᵀVX̃ and
// X̃ᵀVy, with compensated sums, and solves the normal equations by a Cholesky
// factorisation. These have the condition number κ²: of the 16 digits of a float64,
// θ loses as many as κ² has. With an intercept the columns are first shifted by their
// means in the first batch, which often makes κ small. If κ is beyond about 10⁶, it
// returns an error.
//
// With QR, one pass keeps the triangle R of X̃ = QR. It factorises each block of rows,
// and then the triangles that are stacked, which is a tall-skinny QR (TSQR). θ loses
// as many digits as κ has, or, if the residuals are large, as κ²·‖residual‖ says.
//
// A refinement is one more pass. It computes the gradient at θ in twice the working
// precision, and corrects θ by the factor of the first pass. One is nearly always
// enough for all digits that the data determine: without it θ is as good as the
// factor alone. What rounding leaves of the gradient, about ε², comes back κ² times as
// large, so that about 32 digits less those of κ² are the most that refinements reach.
//
// It returns an error, and leaves m unchanged, in the cases in which LeastSquares
// does, and if the source cannot be read.
//
// Source: Golub and Van Loan, Matrix Computations, 4th ed., §5.3; Demmel, Grigori,
// Hoemmen and Langou, Communication-optimal parallel and sequential QR and LU
// factorizations, SIAM J. Sci. Comput. 34, 2012; Björck, Stability analysis of the
// method of seminormal equations for linear least squares problems, Linear Algebra
// Appl. 88/89, 1987.
func StreamLeastSquares(m *model.Linear, source objective.Source, opt StreamOptions) (*StreamReport, error) {
	if err := checkLambda(opt.Lambda); err != nil {
		return nil, err
	}
	if opt.Refinements < 0 {
		return nil, fmt.Errorf("solve: Refinements is %d, want at least 0", opt.Refinements)
	}
	p := newPasses(m, source)
	f, theta, err := p.factorize(opt)
	if err != nil {
		return nil, err
	}
	report := &StreamReport{Rows: p.count, Passes: 1, Condition: f.condition}
	for range opt.Refinements {
		if err := p.refine(theta, f, opt.Lambda); err != nil {
			return nil, err
		}
		report.Passes++
	}
	for k, theta := range theta {
		for j, v := range theta {
			if !number.IsFinite(v) {
				return nil, fmt.Errorf("solve: parameter %d of output %d is beyond the range of a float64: scale the columns of x or y", j, k)
			}
		}
	}
	for k, theta := range theta {
		for j, v := range theta {
			m.Params()[j*p.outputs+k] = v
		}
	}
	return report, nil
}

// Passes reads a source several times, and knows what the first time has shown.
type passes struct {
	model   *model.Linear
	source  objective.Source
	first   int // the first column of Ã that is one of x's: 1 with an intercept
	params  int // of θ, for one output
	outputs int
	count   int          // rows that have a weight
	weight  accurate.Sum // of all rows
	shift   []float64    // of the columns of Ã and then of y, 0 for the intercept
}

func newPasses(m *model.Linear, source objective.Source) *passes {
	inputs, outputs := m.Dims()
	p := &passes{model: m, source: source, params: inputs, outputs: outputs}
	if m.HasIntercept() {
		p.first = 1
		p.params++
	}
	p.shift = make([]float64, p.params+outputs)
	return p
}

// errEnough is what a visit returns to end a pass.
var errEnough = errors.New("enough")

// each makes a pass: it calls visit for each batch that has rows with a weight, without
// the others. The batch holds until visit returns. An error of visit ends the pass.
func (p *passes) each(visit func(d objective.Data) error) error {
	if p.source == nil {
		return errors.New("solve: the source is nil")
	}
	reader := batch.Read(p.source(1))
	defer reader.Close()
	for number := 1; ; number++ {
		d, more, err := reader.Next()
		weighs := d.SampleWeights == nil || slices.ContainsFunc(d.SampleWeights, func(w float64) bool { return w != 0 })
		if err == nil && more && weighs {
			if err = d.Check(p.model, loss.MSE{}); err == nil {
				err = visit(d.Used())
			}
		}
		switch {
		case errors.Is(err, errEnough):
			return nil
		case err != nil:
			return fmt.Errorf("solve: batch %d: %w", number, err)
		case !more:
			return nil
		}
	}
}

// A factor solves the normal equations. Its columns are scaled, and shifted.
type factor struct {
	*primal
	condition float64
}

// A pass is what is kept of the rows.
type pass interface {
	add(d objective.Data)
	// solve returns the factor, and θ for shifted columns, one output after the other.
	solve(mu float64) (*factor, [][]float64, error)
}

// factorize makes the first pass, and returns the solution of the factor, one output
// after the other.
func (p *passes) factorize(opt StreamOptions) (f *factor, theta [][]float64, err error) {
	var kept pass = newGramPass(p)
	if opt.QR {
		kept = newQRPass(p)
	}
	err = p.each(func(d objective.Data) error {
		count, _ := d.X.Dims()
		if p.count += count; p.weight.High == 0 && !opt.QR {
			p.lookAt(d)
		}
		for i := range count {
			p.weight.Add(weight(d.SampleWeights, i))
		}
		kept.add(d)
		return nil
	})
	switch {
	case err != nil:
		return nil, nil, err
	case p.count == 0:
		return nil, nil, errors.New("solve: the source has no samples")
	case opt.Lambda == 0 && p.count < p.params:
		return nil, nil, fmt.Errorf("solve: %d samples cannot determine %d parameters: use more samples or set Lambda", p.count, p.params)
	}
	f, theta, err = kept.solve(p.mu(opt.Lambda))
	for _, theta := range theta {
		p.unshift(theta)
	}
	return f, theta, err
}

// mu returns μ: of several outputs the squared error is the mean.
func (p *passes) mu(lambda float64) float64 {
	return lambda * p.weight.Value() * float64(p.outputs) / 2
}

// lookAt chooses the shifts: about the means of the first batch, but so few digits of
// them that differences from ordinary numbers do not round. Without an intercept there
// is nothing to make up for a shift.
func (p *passes) lookAt(d objective.Data) {
	if p.first == 0 {
		return
	}
	x := rows.Of(d.X)
	count, inputs := x.Dims()
	mean, low, high := make([]float64, len(p.shift)), make([]float64, len(p.shift)), make([]float64, len(p.shift))
	row := make([]float64, len(p.shift))
	for i := range count {
		x.Copy(row[1:1+inputs], i)
		copy(row[1+inputs:], d.Y.RawRowView(i))
		for j, v := range row {
			mean[j] += v / float64(count)
			if i == 0 {
				low[j], high[j] = v, v
			}
			low[j], high[j] = min(low[j], v), max(high[j], v)
		}
	}
	for j := 1; j < len(row); j++ {
		unit := math.Ldexp(1, exponentOf(high[j]-low[j])-6)
		if high[j] == low[j] { // constant, so far
			p.shift[j] = low[j]
		} else if s := math.Round(mean[j]/unit) * unit; number.IsFinite(s) {
			p.shift[j] = s
		}
	}
}

// unshift turns θ for shifted columns into that for the columns as they are, with the
// shift of the last columns as that of b.
func (p *passes) unshift(theta []float64) {
	if p.first == 0 {
		return
	}
	var b accurate.Sum
	b.Add(theta[0])
	for j := 1; j < p.params; j++ {
		b.AddProduct(-p.shift[j], theta[j])
	}
	theta[0] = b.Value()
}

// fill writes rows of [Ã b], shifted, times the roots of their weights.
func (p *passes) fill(block blas64.General, d objective.Data, lo int) {
	x, y := rows.Of(d.X), d.Y.RawMatrix()
	for i := range block.Rows {
		row := block.Data[i*block.Stride:][:block.Cols]
		if p.first == 1 {
			row[0] = 1
		}
		x.Copy(row[p.first:p.params], lo+i)
		copy(row[p.params:], y.Data[(lo+i)*y.Stride:][:p.outputs])
		for j, s := range p.shift {
			row[j] -= s
		}
		if d.SampleWeights != nil {
			root := math.Sqrt(d.SampleWeights[lo+i])
			for j := range row {
				row[j] *= root
			}
		}
	}
}

// A gramPass sums the products of all columns of [Ã b].
type gramPass struct {
	p     *passes
	width int
	sums  []accurate.Sum // row by row, of the upper triangle
	made  int            // the rows for which products was made
	cross *crossProduct
}

func newGramPass(p *passes) *gramPass {
	width := p.params + p.outputs
	return &gramPass{p: p, width: width, sums: make([]accurate.Sum, width*width)}
}

func (g *gramPass) add(d objective.Data) {
	count, _ := d.X.Dims()
	if count != g.made {
		g.made, g.cross = count, newCrossProduct(count, g.width)
	}
	sum := g.cross.sum(func(_ int, block blas64.General, lo int) { g.p.fill(block, d, lo) }).RawSymmetric()
	for i := range g.width {
		to := g.sums[i*g.width:][:g.width]
		for j, v := range sum.Data[i*sum.Stride:][:g.width] {
			if j >= i {
				to[j].Add(v)
			}
		}
	}
}

func (g *gramPass) solve(mu float64) (*factor, [][]float64, error) {
	total := mat.NewSymDense(g.width, nil).RawSymmetric()
	for i, s := range g.sums {
		total.Data[i] = s.Value()
	}
	f := factorizeNormal(total, g.p.params, g.p.first, mu)
	if f == nil {
		return nil, nil, errIllConditioned
	}
	theta, lost := f.start()
	if !(lost < wellEnough) {
		return nil, nil, errIllConditioned
	}
	for k, theta := range theta {
		if g.p.first == 1 { // b was shifted, too
			theta[0] += g.p.shift[g.p.params+k]
		}
	}
	return &factor{f, math.Sqrt(float64(f.u.N) * inverseNorm(f.u))}, theta, nil
}

var errIllConditioned = errors.New("solve: the columns of x are linearly dependent, or so nearly that the Gram matrix, which has the square of their condition number, has lost all digits: set QR, set Lambda, or remove a column")

// refine corrects θ by its gradient, in one pass.
func (p *passes) refine(theta [][]float64, f *factor, lambda float64) error {
	sums := make([]accurate.Sum, p.outputs*p.params)
	r := &regression{params: p.params, first: p.first}
	made := 0
	err := p.each(func(d objective.Data) error {
		r.x, r.y, r.weights = rows.Of(d.X), d.Y.RawMatrix(), d.SampleWeights
		if count, inputs := d.X.Dims(); count != made {
			made = count
			r.divide(count, inputs, p.outputs)
		}
		r.addGradients(sums, theta)
		return nil
	})
	if err != nil {
		return err
	}
	mu := p.mu(lambda)
	for k, theta := range theta {
		g := make([]float64, p.params)
		of := sums[k*p.params:][:p.params]
		for j := range g {
			s := of[j]
			if j >= p.first {
				s.AddProduct(-mu, theta[j])
			}
			if p.shift[j] != 0 { // the gradient for the shifted column
				s.AddProduct(-p.shift[j], of[0].High)
				s.Low -= p.shift[j] * of[0].Low
			}
			g[j] = s.Value()
		}
		change := f.correct(g)
		p.unshift(change)
		for j, c := range change {
			theta[j] += c
		}
	}
	return nil
}

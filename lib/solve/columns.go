package solve

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/objective"
)

// columns gives coordinate descent the columns of √V(X − 1x̄ᵀ), the centred
// samples times the roots of their shares. A vector of residuals has one
// element more than there are rows, for what centring needs.
type columns interface {
	// dot returns the product of column j and the residuals.
	dot(j int, r []float64) float64
	// add adds a times column j to the residuals.
	add(j int, a float64, r []float64)
}

// denseColumns are centred and stored, column by column.
type denseColumns struct {
	rows   int
	values []float64
}

func (d *denseColumns) column(j int) []float64 { return d.values[j*d.rows:][:d.rows] }

func (d *denseColumns) dot(j int, r []float64) float64 { return dot(d.column(j), r[:d.rows]) }

func (d *denseColumns) add(j int, a float64, r []float64) { axpy(r[:d.rows], a, d.column(j)) }

// sparseColumns stores the non-zeros of √V·X and leaves the centring to the
// last element of the residuals, c: the true residuals are r + c√v. Since the
// centred residuals have Σ√v·r = 0, the product of a centred column with them
// is Σ√v·xⱼ·r + c·x̄ⱼ. Both operations cost the non-zeros of the column.
type sparseColumns struct {
	first  []int // of each column, and the end
	rows   []int
	values []float64
	means  []float64 // 0 without an intercept
}

func (s *sparseColumns) dot(j int, r []float64) float64 {
	sum := s.means[j] * r[len(r)-1]
	for p := s.first[j]; p < s.first[j+1]; p++ {
		sum += s.values[p] * r[s.rows[p]]
	}
	return sum
}

func (s *sparseColumns) add(j int, a float64, r []float64) {
	r[len(r)-1] -= a * s.means[j]
	for p := s.first[j]; p < s.first[j+1]; p++ {
		r[s.rows[p]] += a * s.values[p]
	}
}

// A centred regression is what coordinate descent solves, for each column of y:
// the columns of √V(X − 1x̄ᵀ), or their products with each other and with
// √V(y − ȳ) if there are more rows than columns.
type centred struct {
	y         *mat.Dense
	v         []float64 // shares of the samples
	intercept bool
	means     []float64 // of the columns; 0 without an intercept
	squares   []float64 // squared lengths of the centred columns
	columns   columns
	products  *mat.SymDense // of the columns and, after them, the targets
}

// maxGram is the largest number of columns for which XᵀX is formed: 32 MB.
const maxGram = 2000

func centre(data objective.Data, intercept bool) *centred {
	x := rows.Of(data.X)
	m, n := x.Dims()
	v := shares(data.Weights, m)
	c := &centred{y: data.Y, v: v, intercept: intercept, means: make([]float64, n), squares: make([]float64, n)}
	if intercept {
		x.AddTransposed(rows.Column(c.means), rows.Column(v))
	}
	switch {
	case x.Sparse() != nil && sparseEnough*x.Stored() <= m*n:
		c.columns = c.copySparse(x)
	case n <= min(m, maxGram):
		c.multiply(x)
	default:
		c.columns = c.copyColumns(x)
	}
	return c
}

// multiply forms all products, from blocks of centred rows.
func (c *centred) multiply(x rows.Matrix) {
	count, cols := x.Dims()
	_, outputs := c.y.Dims()
	targets := make([][]float64, outputs)
	for k := range targets {
		targets[k], _ = c.target(k)
	}
	blocks := newCrossProduct(count, cols+outputs)
	c.products = blocks.sum(func(_ int, b blas64.General, lo int) {
		for i := range b.Rows {
			row := b.Data[i*b.Stride:][:b.Cols]
			x.Copy(row[:cols], lo+i)
			root := math.Sqrt(c.v[lo+i])
			for j, mean := range c.means {
				row[j] = root * (row[j] - mean)
			}
			for k, target := range targets {
				row[cols+k] = target[lo+i]
			}
		}
	})
	for j := range cols {
		c.squares[j] = c.products.At(j, j)
	}
}

// copyColumns stores the centred columns one after the other.
func (c *centred) copyColumns(x rows.Matrix) *denseColumns {
	count, cols := x.Dims()
	d := &denseColumns{rows: count, values: make([]float64, count*cols)}
	row := make([]float64, cols)
	for i, share := range c.v {
		root := math.Sqrt(share)
		x.Copy(row, i)
		for j, value := range row {
			d.values[j*count+i] = root * (value - c.means[j])
		}
	}
	for j := range c.squares {
		c.squares[j] = dot(d.column(j), d.column(j))
	}
	return d
}

// target returns √v(y − ȳ), with a 0 at the end, and ȳ, for column k.
func (c *centred) target(k int) (target []float64, mean float64) {
	target = append(mat.Col(nil, k, c.y), 0)
	if c.intercept {
		mean = dot(c.v, target[:len(c.v)])
	}
	for i, share := range c.v {
		target[i] = math.Sqrt(share) * (target[i] - mean)
	}
	return target, mean
}

// sparseEnough: a matrix of which more than a quarter is not 0 is faster, and
// centred with less rounding, as a dense one.
const sparseEnough = 4

func (c *centred) copySparse(x rows.Matrix) *sparseColumns {
	count, cols := x.Dims()
	s := &sparseColumns{
		first:  make([]int, cols+1),
		rows:   make([]int, x.Stored()),
		values: make([]float64, x.Stored()),
		means:  c.means,
	}
	for i := range count {
		x.Each(i, nil, func(j int, _ float64) { s.first[j+1]++ })
	}
	for j := range cols {
		s.first[j+1] += s.first[j]
	}
	next := append([]int(nil), s.first...)
	for i, share := range c.v {
		x.Each(i, nil, func(j int, value float64) {
			s.rows[next[j]], s.values[next[j]] = i, math.Sqrt(share)*value
			next[j]++
			c.squares[j] += share * value * value
		})
	}
	for j, mean := range c.means {
		c.squares[j] = max(0, c.squares[j]-mean*mean)
	}
	return s
}

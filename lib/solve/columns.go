package solve

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/sparse"
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

func (d *denseColumns) column(j int) blas64.Vector {
	return vector(d.values[j*d.rows : (j+1)*d.rows])
}

func (d *denseColumns) dot(j int, r []float64) float64 {
	return blas64.Dot(d.column(j), vector(r[:d.rows]))
}

func (d *denseColumns) add(j int, a float64, r []float64) {
	blas64.Axpy(a, d.column(j), vector(r[:d.rows]))
}

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

// centre returns the columns of x, their means (0 without an intercept) and
// their squared lengths. v are the shares of the samples.
func centre(x mat.Matrix, v []float64, intercept bool) (c columns, means, squares []float64) {
	rows, cols := x.Dims()
	means, squares = make([]float64, cols), make([]float64, cols)
	row := make([]float64, cols)
	if intercept {
		for i := range rows {
			each(x, i, row, func(j int, value float64) { means[j] += v[i] * value })
		}
	}
	if csr, ok := x.(*sparse.CSR); ok && sparseEnough*csr.NNZ() <= rows*cols {
		return centreSparse(csr, v, means, squares), means, squares
	}
	d := &denseColumns{rows: rows, values: make([]float64, rows*cols)}
	for i := range rows {
		root := math.Sqrt(v[i])
		each(x, i, row, func(j int, value float64) {
			d.values[j*rows+i] = root * (value - means[j])
		})
	}
	for j := range squares {
		squares[j] = blas64.Dot(d.column(j), d.column(j))
	}
	return d, means, squares
}

// sparseEnough: a matrix of which more than a quarter is not 0 is faster, and
// centred with less rounding, as a dense one.
const sparseEnough = 4

func centreSparse(x *sparse.CSR, v, means, squares []float64) *sparseColumns {
	rows, cols := x.Dims()
	s := &sparseColumns{
		first:  make([]int, cols+1),
		rows:   make([]int, x.NNZ()),
		values: make([]float64, x.NNZ()),
		means:  means,
	}
	for _, j := range x.Cols {
		s.first[j+1]++
	}
	for j := range cols {
		s.first[j+1] += s.first[j]
	}
	next := append([]int(nil), s.first...)
	for i := range rows {
		each(x, i, nil, func(j int, value float64) {
			s.rows[next[j]], s.values[next[j]] = i, math.Sqrt(v[i])*value
			next[j]++
			squares[j] += v[i] * value * value
		})
	}
	for j, mean := range means {
		squares[j] = max(0, squares[j]-mean*mean)
	}
	return s
}

// each calls f for the elements of row i, of a sparse matrix for its non-zeros.
func each(x mat.Matrix, i int, buffer []float64, f func(j int, value float64)) {
	columns, values := rowOf(x, i, buffer)
	for p, value := range values {
		if columns == nil {
			f(p, value)
		} else {
			f(columns[p], value)
		}
	}
}

// centreTarget returns √v(y − ȳ), with a 0 at the end, and ȳ, for column k.
func centreTarget(y *mat.Dense, k int, v []float64, intercept bool) (target []float64, mean float64) {
	target = append(mat.Col(nil, k, y), 0)
	if intercept {
		mean = floats.Dot(v, target[:len(v)])
	}
	for i, share := range v {
		target[i] = math.Sqrt(share) * (target[i] - mean)
	}
	return target, mean
}

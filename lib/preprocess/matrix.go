package preprocess

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/columns"
	"github.com/descent-go/descent/internal/pages"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/sparse"
)

// Rows returns a new matrix of the rows of x listed in idx, in that order. A row
// may be listed more than once. It panics if an index is out of range or if idx is
// empty, since gonum has no matrix without rows.
func Rows(x *mat.Dense, idx []int) *mat.Dense {
	rows, cols := x.Dims()
	if len(idx) == 0 {
		panic("preprocess: Rows of an empty list of indices")
	}
	out := pages.Dense(len(idx), cols)
	for i, r := range idx {
		if r < 0 || r >= rows {
			panic(fmt.Sprintf("preprocess: row %d is outside a %d×%d matrix", r, rows, cols))
		}
		copy(out.RawRowView(i), x.RawRowView(r))
	}
	return out
}

// Take returns a new slice of the elements of s listed in idx, in that order. It
// does for labels and documents what Rows does for a matrix.
func Take[T any](s []T, idx []int) []T {
	out := make([]T, len(idx))
	for i, r := range idx {
		out[i] = s[r]
	}
	return out
}

// Dense returns x itself if it is a *mat.Dense, and otherwise a dense copy. It
// panics if x is sparse and the copy would have more than 2²⁹ numbers.
func Dense(x mat.Matrix) *mat.Dense {
	if d, ok := x.(*mat.Dense); ok {
		return d
	}
	if rows.Of(x).Sparse() != nil {
		n, columns := x.Dims()
		if err := checkSize("Dense", n, columns); err != nil {
			panic(err.Error())
		}
	}
	return denseCopy(x)
}

func denseCopy(x mat.Matrix) *mat.Dense { return mapRows(x, func([]float64) {}) }

// maxDense bounds the elements of a dense matrix that is much larger than what it
// is made of: 4 GiB. Memory that a system does not have ends the program.
const maxDense = 1 << 29

func checkSize(kind string, rows, columns int) error {
	if columns > 0 && rows > maxDense/columns {
		return fmt.Errorf("preprocess: %s: a dense matrix of %d×%d numbers would be larger than %d: take fewer rows at a time, or a sparse matrix where that is possible", kind, rows, columns, maxDense)
	}
	return nil
}

// newDense returns a dense matrix of zeros, or an error if it is too large.
func newDense(kind string, rows, columns int) (*mat.Dense, error) {
	if err := checkSize(kind, rows, columns); err != nil {
		return nil, err
	}
	return pages.Dense(rows, columns), nil
}

// sparseCopy returns a copy of x that shares no memory with it.
func sparseCopy(x *sparse.CSR) *sparse.CSR {
	rows, columns := x.Dims()
	return newCSR(rows, columns, slices.Clone(x.Ptr), slices.Clone(x.Cols), slices.Clone(x.Values))
}

// newCSR makes a matrix of parts that are known to fit together.
func newCSR(rows, columns int, ptr, cols []int, values []float64) *sparse.CSR {
	s, err := sparse.NewCSR(rows, columns, ptr, cols, values)
	if err != nil {
		panic(err) // our own mistake: the parts do not come from a user
	}
	return s
}

// column copies column j of x to dst, which it grows as needed.
func column(dst []float64, x mat.Matrix, j int) []float64 {
	rows, _ := x.Dims()
	dst = slices.Grow(dst[:0], rows)[:rows]
	return mat.Col(dst, j, x)
}

// eachColumn calls f with a copy of each column of x, which f may change: for a
// dense x on all cores.
func eachColumn(x mat.Matrix, f func(j int, column []float64)) {
	if dense, ok := rows.Of(x).Dense(); ok && dense.Rows > 0 {
		columns.Each(dense, f)
		return
	}
	_, cols := x.Dims()
	var col []float64
	for j := range cols {
		col = column(col, x, j)
		f(j, col)
	}
}

// checkFit returns an error if x is empty or has a value that is not finite.
func checkFit(kind string, x mat.Matrix) error {
	rows, cols := x.Dims()
	if rows == 0 || cols == 0 {
		return fmt.Errorf("preprocess: %s: cannot fit a %d×%d matrix: it needs rows and columns", kind, rows, cols)
	}
	return checkFinite(kind, x)
}

// checkColumns returns an error unless x has the columns that Fit saw.
// want is 0 before Fit.
func checkColumns(kind string, x mat.Matrix, want int) error {
	if want == 0 {
		return notFitted(kind)
	}
	if rows, cols := x.Dims(); cols != want || rows == 0 {
		return fmt.Errorf("preprocess: %s: x is %d×%d, want rows of %d columns as in Fit", kind, rows, cols, want)
	}
	return nil
}

// checkTransform is checkColumns and checkFinite.
func checkTransform(kind string, x mat.Matrix, want int) error {
	if err := checkColumns(kind, x, want); err != nil {
		return err
	}
	return checkFinite(kind, x)
}

// checkFinite returns an error that names the first value that is not finite.
func checkFinite(kind string, x mat.Matrix) error {
	if i, j, v, found := rows.Of(x).FirstBad(false); found {
		return badValue(kind, i, j, v)
	}
	return nil
}

// checkInfinite returns an error that names the first infinite value. NaN may be.
func checkInfinite(kind string, x mat.Matrix) error {
	if dense, ok := rows.Of(x).Dense(); ok && dense.Rows > 0 {
		s := columns.Ranges(dense)
		if !slices.ContainsFunc(s.Low, func(v float64) bool { return math.IsInf(v, -1) }) &&
			!slices.ContainsFunc(s.High, func(v float64) bool { return math.IsInf(v, 1) }) {
			return nil
		}
	}
	if i, j, v, found := rows.Of(x).FirstBad(true); found {
		return badValue(kind, i, j, v)
	}
	return nil
}

func badValue(kind string, i, j int, v float64) error {
	advice := "remove the row or correct the value"
	if math.IsNaN(v) {
		advice = "fill in missing values with an Imputer first"
	}
	return fmt.Errorf("preprocess: %s: row %d, column %d is %v: %s", kind, i, j, v, advice)
}

// checkDense returns an error if x is sparse: what follows would fill its zeros.
func checkDense(kind string, x mat.Matrix) error {
	if rows.Of(x).Sparse() != nil {
		return fmt.Errorf("preprocess: %s would fill the zeros of a sparse matrix: convert it with Dense if it is small enough", kind)
	}
	return nil
}

// mapRows applies f to each row of a dense copy of x, on all cores.
func mapRows(x mat.Matrix, f func(row []float64)) *mat.Dense {
	return mapBlocks(x, func(block []float64, cols int) {
		for ; len(block) > 0; block = block[cols:] {
			f(block[:cols:cols])
		}
	})
}

// mapFinite is mapRows where x must be finite. It returns an error that names the first
// value that is not. Rows are looked at while a cache holds them.
func mapFinite(kind string, x mat.Matrix, f func(row []float64)) (mat.Matrix, error) {
	var bad atomic.Bool
	out := mapBlocks(x, func(block []float64, cols int) {
		if !rows.Finite(block) {
			bad.Store(true)
			return
		}
		for ; len(block) > 0; block = block[cols:] {
			f(block[:cols:cols])
		}
	})
	if bad.Load() {
		return nil, checkFinite(kind, x)
	}
	return out, nil
}

// mapBlocks applies f to a dense copy of x, some rows at a time, on all cores.
func mapBlocks(x mat.Matrix, f func(block []float64, cols int)) *mat.Dense {
	from := rows.Of(x)
	n, cols := from.Dims()
	out := pages.UnclearedDense(n, cols)
	shareRows(n, cols, func(lo, hi int) {
		block := out.RawMatrix().Data[lo*cols : hi*cols]
		from.CopyRows(block, lo, hi)
		f(block, cols)
	})
	return out
}

// eachRow calls f for each row of x, on all cores.
func eachRow(x rows.Matrix, f func(i int)) {
	n, cols := x.Dims()
	shareRows(n, cols, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i)
		}
	})
}

// coresFor returns how many cores take part in work on the elements.
func coresFor(elements int) int { return rows.Workers(runtime.GOMAXPROCS(0), elements) }

// shareRows divides n rows, each of the given number of elements, among the cores.
func shareRows(n, cols int, work func(lo, hi int)) {
	const elements = 1 << 13 // of a block, which stays in the first cache
	block := max(1, elements/max(1, cols))
	var p rows.Parts
	p.Set(0, n, block, block)
	p.Do(coresFor(n*cols), func(_, _, lo, hi int) { work(lo, hi) })
}

// scaleColumns returns x with column j multiplied or divided by scale[j],
// dense or sparse as x is.
func scaleColumns(x mat.Matrix, scale []float64, op func(v, s float64) float64) mat.Matrix {
	s := rows.Of(x).Sparse()
	if s == nil {
		return mapRows(x, func(row []float64) {
			for j, v := range row {
				row[j] = op(v, scale[j])
			}
		})
	}
	out := sparseCopy(s)
	for k, j := range out.Cols {
		out.Values[k] = op(out.Values[k], scale[j])
	}
	return out
}

func multiply(v, s float64) float64 { return v * s }
func divide(v, s float64) float64   { return v / s }

// hstack puts matrices of equal numbers of rows side by side. The result is
// sparse if any of them is.
func hstack(parts []mat.Matrix) mat.Matrix {
	count, _ := parts[0].Dims()
	columns, anySparse := 0, false
	for _, p := range parts {
		_, c := p.Dims()
		columns += c
		anySparse = anySparse || rows.Of(p).Sparse() != nil
	}
	if anySparse {
		return hstackSparse(parts, count, columns)
	}
	out := pages.Dense(count, columns)
	from := 0
	for _, p := range parts {
		_, c := p.Dims()
		out.Slice(0, count, from, from+c).(*mat.Dense).Copy(p)
		from += c
	}
	return out
}

func hstackSparse(parts []mat.Matrix, count, columns int) *sparse.CSR {
	ptr := make([]int, 1, count+1)
	var cols []int
	var values []float64
	for i := range count {
		from := 0
		for _, p := range parts {
			rows.Of(p).Each(i, nil, func(j int, v float64) {
				if v != 0 || rows.Of(p).Sparse() != nil {
					cols, values = append(cols, from+j), append(values, v)
				}
			})
			_, width := p.Dims()
			from += width
		}
		ptr = append(ptr, len(values))
	}
	return newCSR(count, columns, ptr, cols, values)
}

package solve

import (
	"fmt"
	"math"
	"slices"

	gonum "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	statistics "github.com/descent-go/descent/internal/columns"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/objective"
)

// columns gives coordinate descent the columns of √V(X − 1x̄ᵀ), the centred
// samples times the roots of their shares. A vector of residuals has one
// element more than there are rows, for what centring needs.
type columns interface {
	// dot returns the product of column j and the residuals.
	dot(j int, r []float64) float64
	// dots sets dst to the products of all columns and the residuals.
	dots(dst, r []float64)
	// add adds a times column j to the residuals.
	add(j int, a float64, r []float64)
}

// denseColumns are read row by row, which is the way to all products with the
// residuals at once. The columns that coordinate descent uses are copied, centred,
// and so are their products with each other.
type denseColumns struct {
	x          blas64.General
	means      []float64      // of the columns of x; nil if x is centred
	root       float64        // and they are to be multiplied by this
	place      []int          // of each column among those that are used, −1 for none
	used       []int          // columns
	copies     blas64.General // of them, each in a row, and room for more
	gram       blas64.General // their products, and room for more
	multiplied int            // those of the used columns that have their products
	squares    []float64      // the products of the columns with themselves
	whole      *mat.SymDense  // the products of all columns, nil until they are asked for
}

func newDenseColumns(x blas64.General, means []float64, root float64, squares []float64) *denseColumns {
	d := &denseColumns{x: x, means: means, root: root, squares: squares, place: make([]int, x.Cols)}
	for j := range d.place {
		d.place[j] = -1
	}
	return d
}

// column returns column j, which must be in use.
func (d *denseColumns) column(j int) []float64 {
	if d.place[j] < 0 {
		d.use([]int{j})
	}
	return d.copies.Data[d.place[j]*d.copies.Stride:][:d.x.Rows]
}

// use copies those of some columns that are not yet in use.
func (d *denseColumns) use(some []int) {
	first := len(d.used)
	for _, j := range some {
		if d.place[j] < 0 {
			d.place[j] = len(d.used)
			d.used = append(d.used, j)
		}
	}
	count := len(d.used)
	if count > d.copies.Rows {
		d.copies = enlarge(d.copies, first, max(count, min(2*d.copies.Rows, d.x.Cols)), d.x.Rows)
	}
	for lo := 0; lo < d.x.Rows; lo += copyRows {
		hi := min(lo+copyRows, d.x.Rows)
		for p := first; p < count; p++ {
			j, mean := d.used[p], 0.0
			if d.means != nil {
				mean = d.means[j]
			}
			from, at := d.x.Data, lo*d.x.Stride+j
			column := d.copies.Data[p*d.copies.Stride:][lo:hi]
			for i := range column {
				column[i] = d.root * (from[at] - mean)
				at += d.x.Stride
			}
		}
	}
}

// copyRows rows are copied at a time: neighbouring columns share the lines that are
// read, and whole lines are written.
const copyRows = 64

// enlarge returns a matrix with the first rows of a.
func enlarge(a blas64.General, first, rows, cols int) blas64.General {
	larger := general(rows, cols)
	for i := range first {
		copy(larger.Data[i*cols:], a.Data[i*a.Stride:][:a.Cols])
	}
	return larger
}

// multiply adds the products of the columns that have come into use.
func (d *denseColumns) multiply() {
	first, count, m := d.multiplied, len(d.used), d.x.Rows
	if first == count {
		return
	}
	d.multiplied = count
	if count > d.gram.Rows {
		room := max(count, min(2*d.gram.Rows, d.x.Cols))
		d.gram = enlarge(d.gram, first, room, room)
	}
	columns := blas64.General{Rows: count, Cols: m, Stride: d.copies.Stride, Data: d.copies.Data}
	more := rowsOf(columns, first, count)
	rows := rowsOf(d.gram, first, count)
	if first > 0 {
		blas.Gemm(blas.NoTrans, blas.Trans, 1, more, rowsOf(columns, 0, first), 0, columnsOf(rows, 0, first))
	}
	blas.Syrk(blas.NoTrans, 1, more, 0, blas64.Symmetric{
		Uplo: gonum.Upper, N: count - first, Stride: d.gram.Stride, Data: rows.Data[first:],
	})
	for i := first; i < count; i++ {
		for j := range i {
			above, below := &d.gram.Data[j*d.gram.Stride+i], &d.gram.Data[i*d.gram.Stride+j]
			if j < first {
				*above = *below
			} else {
				*below = *above
			}
		}
	}
}

func (d *denseColumns) dot(j int, r []float64) float64 { return dot(d.column(j), r[:d.x.Rows]) }

func (d *denseColumns) dots(dst, r []float64) {
	r = r[:d.x.Rows]
	clear(dst)
	rows.AddTransposed(rows.Column(dst), d.x, rows.Column(r))
	if d.means != nil {
		axpy(dst, -floats.Sum(r), d.means)
		floats.Scale(d.root, dst)
	}
}

func (d *denseColumns) add(j int, a float64, r []float64) { axpy(r[:d.x.Rows], a, d.column(j)) }

// products returns those of all centred columns, once for all targets. They are the
// products of the columns of x without those of the means, which are not much larger.
func (d *denseColumns) products() *mat.SymDense {
	if d.whole != nil {
		return d.whole
	}
	d.whole = mat.NewSymDense(d.x.Cols, nil)
	raw := d.whole.RawSymmetric()
	blas.Syrk(blas.Trans, d.root*d.root, d.x, 0, raw)
	for i, mean := range d.means {
		axpy(raw.Data[i*raw.Stride:][i:raw.N], -d.root*d.root*float64(d.x.Rows)*mean, d.means[i:])
	}
	return d.whole
}

// narrowProducts are the products in float32, but for those of a column with itself.
func (d *denseColumns) narrowProducts() *mat.SymDense {
	g := narrowProduct(d.x.Rows, d.x.Cols, func(to []float32, i int, row []float64) {
		copy(row, d.x.Data[i*d.x.Stride:])
		if d.means != nil {
			axpy(row, -1, d.means)
		}
		blas.Narrow(to, row)
	})
	raw := g.RawSymmetric()
	floats.Scale(d.root*d.root, raw.Data)
	for j, square := range d.squares {
		raw.Data[j*raw.Stride+j] = square
	}
	return g
}

// residuals returns y − Xw, which has as many elements as y.
func (d *denseColumns) residuals(y, w []float64) []float64 {
	r := make([]float64, len(y))
	rows.AddProduct(rows.Column(r[:d.x.Rows]), d.x, rows.Column(w))
	mean := 0.0
	if d.means != nil {
		mean = dot(d.means, w)
	}
	for i := range r[:d.x.Rows] {
		r[i] = y[i] - d.root*(r[i]-mean)
	}
	return r
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

func (s *sparseColumns) dots(dst, r []float64) {
	for j := range dst {
		dst[j] = s.dot(j, r)
	}
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
	weighted  bool
	means     []float64 // of the columns; 0 without an intercept
	squares   []float64 // squared lengths of the centred columns
	columns   columns
	products  *mat.SymDense // of the columns and, after them, the targets
	// All but y and means is divided by 2 to these powers, which are 0 unless
	// squares would leave the range of a float64.
	exponent, targetExponent int
}

const (
	// maxGram is the largest number of columns for which XᵀX is formed: 32 MB.
	maxGram = 2000
	// fewColumns are worth XᵀX from the start: the rows need not be stored then.
	fewColumns = 100
	// manyDescents are worth XᵀX from the start for up to maxGram columns.
	manyDescents = 10
)

// centre prepares the data for a number of descents.
func centre(data objective.Data, intercept bool, descents int) *centred {
	x := rows.Of(data.X)
	count, cols := x.Dims()
	c := &centred{
		y: data.Y, v: shares(data.SampleWeights, count), intercept: intercept, weighted: data.SampleWeights != nil,
		means: make([]float64, cols), squares: make([]float64, cols),
	}
	if intercept {
		x.AddTransposed(rows.Column(c.means), rows.Column(c.v))
	}
	c.exponent, c.targetExponent = exponentFor(x), exponentFor(rows.Of(data.Y))
	c.form(x, descents)
	return c
}

// exponentFor returns the power of two by which to divide numbers whose squares
// would leave the range of a float64, and 0 for all others.
func exponentFor(x rows.Matrix) int {
	if ordinary(x) {
		return 0
	}
	top := largest(x)
	if top == 0 || 1/extreme <= top && top <= extreme {
		return 0
	}
	return min(max(exponentOf(top), -1000), 1000)
}

// ordinary says that the largest element is not extreme, if the sum of squares is
// enough to tell that.
func ordinary(x rows.Matrix) bool {
	sum := 0.0
	if s := x.Sparse(); s != nil {
		sum = dot(s.Values[:s.NNZ()], s.Values)
	} else if dense, ok := x.Dense(); ok {
		for i := range dense.Rows {
			row := dense.Data[i*dense.Stride:][:dense.Cols]
			sum += dot(row, row)
		}
	}
	return sum >= float64(x.Stored())/extreme/extreme && sum <= extreme*extreme && sum > 0
}

// largest returns the size of the largest element.
func largest(x rows.Matrix) float64 {
	top := 0.0
	count, cols := x.Dims()
	row := make([]float64, cols)
	for i := range count {
		_, values := x.Row(i, row)
		for _, v := range values {
			top = max(top, math.Abs(v))
		}
	}
	return top
}

// shrink returns 2 to the power of −exponent.
func (c *centred) shrink() float64 { return math.Ldexp(1, -c.exponent) }

// form makes the columns or their products.
func (c *centred) form(x rows.Matrix, descents int) {
	count, cols := x.Dims()
	few := fewColumns
	if descents >= manyDescents {
		few = maxGram
	}
	switch {
	case x.Sparse() != nil && sparseEnough*x.Stored() <= count*cols:
		c.columns = c.copySparse(x)
	case cols <= min(count, few):
		c.multiply(x)
	default:
		if c.columns = c.columnsOf(x); c.columns == nil {
			c.columns = c.copyColumns(x)
		}
	}
}

// columnsOf uses the rows of x as they are, or returns nil where that costs digits:
// the products of a column with the residuals lose those of the mean, beside the
// deviations from it.
func (c *centred) columnsOf(x rows.Matrix) columns {
	dense, ok := x.Dense()
	if !ok || c.weighted {
		return nil
	}
	root := c.shrink() / math.Sqrt(float64(dense.Rows))
	inverse := make([]float64, dense.Cols)
	for j := range inverse {
		inverse[j] = c.shrink()
	}
	_, squares := statistics.Moments(dense, c.means, inverse)
	for j, square := range squares {
		c.squares[j] = square / float64(dense.Rows)
		if mean := c.shrink() * c.means[j]; mean*mean > 4*c.squares[j] {
			clear(c.squares)
			return nil
		}
	}
	return newDenseColumns(dense, c.means, root, c.squares)
}

// check returns an error for a column so much smaller than others that its
// square vanishes beside theirs.
func (c *centred) check(x mat.Matrix) error {
	if c.exponent == 0 && !slices.ContainsFunc(c.squares, func(s float64) bool { return s < vanishing }) {
		return nil
	}
	m := rows.Of(x)
	count, cols := m.Dims()
	first, row, varies := make([]float64, cols), make([]float64, cols), make([]bool, cols)
	m.Copy(first, 0)
	for i := range count {
		m.Copy(row, i)
		for j, v := range row {
			varies[j] = varies[j] || v != first[j] || !c.intercept && v != 0
		}
	}
	for j, s := range c.squares {
		if varies[j] && s < vanishing {
			return fmt.Errorf("solve: column %d of x is so small that its squares vanish, alone or beside those of others: scale the features", j)
		}
	}
	return nil
}

// vanishing is a square that has lost digits.
const vanishing = 0x1p-960

// multiply forms all products, from blocks of centred rows.
func (c *centred) multiply(x rows.Matrix) {
	count, cols := x.Dims()
	_, outputs := c.y.Dims()
	targets := make([][]float64, outputs)
	for k := range targets {
		targets[k], _ = c.target(k)
	}
	blocks := newCrossProduct(count, cols+outputs)
	shrink := c.shrink()
	c.products = blocks.sum(func(_ int, b blas64.General, lo int) {
		for i := range b.Rows {
			row := b.Data[i*b.Stride:][:b.Cols]
			values := all(x, lo+i, row[:cols])
			root := math.Sqrt(c.v[lo+i]) * shrink
			for j, mean := range c.means {
				row[j] = root * (values[j] - mean)
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

// all returns the elements of row i, in the memory of buffer if x does not store
// them one after the other.
func all(x rows.Matrix, i int, buffer []float64) []float64 {
	if x.Sparse() != nil {
		x.Copy(buffer, i)
		return buffer
	}
	_, values := x.Row(i, buffer)
	return values
}

// copyColumns stores the centred columns.
func (c *centred) copyColumns(x rows.Matrix) *denseColumns {
	count, cols := x.Dims()
	centred := general(count, cols)
	for i, share := range c.v {
		root := math.Sqrt(share) * c.shrink()
		row := centred.Data[i*cols:][:cols]
		values := all(x, i, row)
		means, squares := c.means[:len(values)], c.squares[:len(values)]
		for j, value := range values {
			value = root * (value - means[j])
			row[j] = value
			squares[j] += value * value
		}
	}
	return newDenseColumns(centred, nil, 1, c.squares)
}

// target returns √v(y − ȳ), scaled, with a 0 at the end, and ȳ, for column k.
func (c *centred) target(k int) (target []float64, mean float64) {
	target = append(mat.Col(nil, k, c.y), 0)
	if c.intercept {
		mean = dot(c.v, target[:len(c.v)])
	}
	shrink := math.Ldexp(1, -c.targetExponent)
	for i, share := range c.v {
		target[i] = math.Sqrt(share) * shrink * (target[i] - mean)
	}
	return target, mean
}

// sparseEnough: a matrix of which more than a quarter is not 0 is faster, and
// centred with less rounding, as a dense one.
const sparseEnough = 4

func (c *centred) copySparse(x rows.Matrix) *sparseColumns {
	count, cols := x.Dims()
	shrink := c.shrink()
	means := make([]float64, cols)
	for j, mean := range c.means {
		means[j] = shrink * mean
	}
	s := &sparseColumns{
		first:  make([]int, cols+1),
		rows:   make([]int, x.Stored()),
		values: make([]float64, x.Stored()),
		means:  means,
	}
	for i := range count {
		x.Each(i, nil, func(j int, _ float64) { s.first[j+1]++ })
	}
	for j := range cols {
		s.first[j+1] += s.first[j]
	}
	next := append([]int(nil), s.first...)
	for i := range count {
		x.Each(i, nil, func(j int, value float64) {
			value *= shrink
			s.rows[next[j]], s.values[next[j]] = i, math.Sqrt(c.v[i])*value
			next[j]++
			c.squares[j] += c.v[i] * value * value
		})
	}
	for j, mean := range means {
		c.squares[j] = max(0, c.squares[j]-mean*mean)
	}
	return s
}

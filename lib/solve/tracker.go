package solve

import (
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// A tracker knows the correlations cⱼ = xⱼᵀr of the columns with the residuals
// r = y − Xw, and keeps up with changes of w.
type tracker interface {
	at(j int) float64                 // cⱼ
	move(j int, delta float64)        // wⱼ has grown by delta
	refresh(w []float64)              // compute again, free of what rounding has piled up
	correlations(dst, w []float64)    // all cⱼ, refreshed if that counts
	gram(some []int) blas64.Symmetric // the products of some columns with each other
	verify(w []float64) bool          // refreshed, because the correlations had few digits

	// What it keeps up with w is an affine function of it, so that a combination of
	// several w with Σ cₖ = 1 has the combination of their states vₖ, with the rounding
	// errors of that number of moves.
	state() []float64
	combine(c []float64, v [][]float64, moves int)
	squared(d *descent) float64 // ‖r‖², if all coordinates but the active ones are 0
}

// residuals tracks r and computes a correlation when it is asked for: a pass
// over the column for each coordinate. For sparse columns, and for very many.
type residuals struct {
	x     columns
	y     []float64
	r     []float64
	moves int  // since r was computed last
	stale bool // r has not kept up
}

func (t *residuals) at(j int) float64 { return t.x.dot(j, t.r) }

func (t *residuals) move(j int, delta float64) {
	t.x.add(j, -delta, t.r)
	t.moves++
}

func (t *residuals) refresh(w []float64) {
	copy(t.r, t.y)
	for j, v := range w {
		if v != 0 {
			t.x.add(j, -v, t.r)
		}
	}
	t.moves, t.stale = 0, false
}

func (t *residuals) correlations(dst, w []float64) {
	if t.stale || t.moves > freshMoves*len(w) {
		t.refresh(w)
	}
	t.x.dots(dst, t.r)
}

// freshMoves of each coordinate leave rounding errors that may count in the twelfth digit.
const freshMoves = 50

func (t *residuals) gram(some []int) blas64.Symmetric {
	column, last := make([]float64, len(t.r)), -1
	return symmetric(some, func(i, j int) float64 {
		if j != last {
			clear(column)
			t.x.add(j, 1, column)
			last = j
		}
		return t.x.dot(i, column)
	})
}

func (t *residuals) state() []float64 { return t.r }

func (t *residuals) combine(c []float64, v [][]float64, moves int) {
	combine(t.r, c, v)
	t.moves += moves
}

// squared takes away what the last element, a multiple of √v, adds to r: (r + c√v)² is
// r² − c², since the whole has no part in the direction of √v.
func (t *residuals) squared(*descent) float64 {
	r, last := t.r[:len(t.r)-1], t.r[len(t.r)-1]
	return dot(r, r) - last*last
}

func (t *residuals) verify([]float64) bool { return false }

// symmetric returns the matrix of some products.
func symmetric(some []int, product func(i, j int) float64) blas64.Symmetric {
	g := mat.NewSymDense(len(some), nil).RawSymmetric()
	for k, j := range some {
		for l, i := range some[:k+1] {
			g.Data[l*g.Stride+k] = product(i, j)
		}
	}
	return g
}

// covariances tracks all correlations through the matrix XᵀX, so that a
// coordinate that does not change costs nothing, and one that does costs a row
// of the matrix, whatever the number of samples.
type covariances struct {
	xx     []float64 // XᵀX, both triangles
	stride int       // of its rows
	xy     []float64 // Xᵀy
	c      []float64
	moves  int // since c was computed last

	x        *denseColumns // nil if xx has all digits, and then so has c
	y        []float64
	verified int // how often
}

// working tracks the correlations of the dense columns in use: through the residuals
// at first, and through the products of these columns once the passes have cost as
// much as these would. The correlations of all columns are computed
// from the residuals when they are asked for.
type working struct {
	residuals
	x      *denseColumns
	c      []float64 // of the columns in use, if their products are there
	passes int       // over a column
}

func (t *working) at(j int) float64 {
	if len(t.c) > 0 {
		return t.c[t.x.place[j]]
	}
	t.passes++
	return t.residuals.at(j)
}

func (t *working) move(j int, delta float64) {
	if len(t.c) > 0 {
		axpy(t.c, -delta, t.x.gram.Data[t.x.place[j]*t.x.gram.Stride:][:len(t.c)])
		t.stale = true
		return
	}
	t.passes++
	t.residuals.move(j, delta)
}

// use prepares some columns to be moved, given the correlations of all, or returns the
// tracker that is to take over: covariances if most columns are wanted, and residuals
// if there are too many for their products.
func (t *working) use(some []int, all []float64, wanted int, w, xy []float64) tracker {
	if cols := len(w); cols <= min(t.x.x.Rows, maxGram) && wanted*(wanted+copying)+passing*cols > cols*cols {
		return t.x.covariances(w, t.y, xy)
	}
	t.x.use(some)
	if len(t.x.used) > maxGram {
		return &t.residuals
	}
	t.c = t.c[:0]
	if t.x.multiplied == len(t.x.used) {
		for _, j := range t.x.used {
			t.c = append(t.c, all[j])
		}
	}
	return t
}

// settle forms the products if passes have cost as much.
func (t *working) settle() {
	used, done := len(t.x.used), t.x.multiplied
	if len(t.c) > 0 || t.passes*perPass < used*used-done*done {
		return
	}
	t.x.multiply()
	t.passes = 0
	for _, j := range t.x.used {
		t.c = append(t.c, t.residuals.at(j))
	}
}

// What else costs time, in multiplications of a product of matrices for each element:
// to copy a column, and the passes over all for their correlations.
const (
	copying = 80
	passing = 200
	perPass = 8 // about that of a pass over a column
)

func (t *working) gram(some []int) blas64.Symmetric {
	if len(t.c) == 0 {
		return t.residuals.gram(some)
	}
	return symmetric(some, func(i, j int) float64 { return t.x.gram.Data[t.x.place[j]*t.x.gram.Stride+t.x.place[i]] })
}

func (t *working) state() []float64 {
	if len(t.c) > 0 {
		return t.c
	}
	return t.r
}

func (t *working) combine(c []float64, v [][]float64, moves int) {
	combine(t.state(), c, v)
	t.moves += moves
}

func (t *working) squared(d *descent) float64 {
	if len(t.c) > 0 {
		return d.squaredByCorrelations()
	}
	return t.residuals.squared(d)
}

// covariances uses the products of all columns, in float32 where that pays: then c loses a
// few digits on the way, which verify brings back.
func (d *denseColumns) covariances(w, y, xy []float64) *covariances {
	c := &covariances{xy: xy, c: make([]float64, len(w)), x: d, y: y}
	if d.whole != nil || d.x.Cols < singleProducts {
		c.useDouble()
	} else {
		products := d.narrowProducts().RawSymmetric()
		c.xx, c.stride = products.Data, products.Stride
		c.mirror()
	}
	c.refresh(w)
	return c
}

// useDouble uses products in float64.
func (t *covariances) useDouble() {
	products := t.x.products().RawSymmetric()
	t.xx, t.stride, t.x = products.Data, products.Stride, nil
	t.mirror()
}

// singleProducts columns are worth the passes over the samples that verify them.
const singleProducts = 300

// newCovariances uses the products of the centred columns and of target k.
func newCovariances(products *mat.SymDense, cols, k int) *covariances {
	raw := products.RawSymmetric()
	t := &covariances{xx: raw.Data, stride: raw.Stride, xy: make([]float64, cols), c: make([]float64, cols)}
	for j := range cols {
		t.xy[j] = products.At(j, cols+k)
	}
	t.mirror()
	copy(t.c, t.xy)
	return t
}

// mirror fills the lower triangle of XᵀX.
func (t *covariances) mirror() {
	for j := range t.c {
		for i := range j {
			t.xx[j*t.stride+i] = t.xx[i*t.stride+j]
		}
	}
}

func (t *covariances) at(j int) float64 { return t.c[j] }

func (t *covariances) move(j int, delta float64) {
	axpy(t.c, -delta, t.xx[j*t.stride:][:len(t.c)])
	t.moves++
}

func (t *covariances) refresh(w []float64) {
	t.moves = 0
	if t.x != nil && normInf(w) > 0 {
		t.x.dots(t.c, t.x.residuals(t.y, w))
		return
	}
	copy(t.c, t.xy)
	for j, v := range w {
		if v != 0 {
			t.move(j, v)
		}
	}
	t.moves = 0
}

func (t *covariances) gram(some []int) blas64.Symmetric {
	return symmetric(some, func(i, j int) float64 { return t.xx[j*t.stride+i] })
}

// verify gives up float32 if that takes too long.
func (t *covariances) verify(w []float64) bool {
	if t.x == nil || t.moves == 0 {
		return false
	}
	if t.verified++; t.verified > maxVerified {
		t.useDouble()
	}
	t.refresh(w)
	return true
}

const maxVerified = 4

func (t *covariances) state() []float64 { return t.c }

func (t *covariances) combine(c []float64, v [][]float64, moves int) {
	combine(t.c, c, v)
	t.moves += moves
}

func (t *covariances) squared(d *descent) float64 { return d.squaredByCorrelations() }

func (t *covariances) correlations(dst, w []float64) {
	if t.moves > freshMoves*len(w) {
		t.refresh(w)
	}
	copy(dst, t.c)
}

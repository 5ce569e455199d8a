package solve

import (
	"math"

	gonum "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/blas"
)

// A qr is A = QR, with Q as the product of panels of Householder reflections.
type qr struct {
	rows, cols int
	panels     []panel
	r          blas64.General // upper triangle
}

// A panel is the product of the reflections I − τvvᵀ that make some columns
// triangular. Multiplied out it is I − VTVᵀ, with T upper triangular, so that it
// is applied by products of matrices.
//
// Source: Schreiber and Van Loan, A storage-efficient WY representation for
// products of Householder transformations, SIAM J. Sci. Stat. Comput. 10, 1989;
// for the halves Elmroth and Gustavson, Applying recursion to serial and parallel
// QR factorization, IBM J. Res. Dev. 44, 2000.
type panel struct {
	first int            // column, and row
	v     blas64.General // Vᵀ: a row is a reflection, of the rows of A from first on
	t     blas64.General
}

// panelWidth is the number of columns of a panel.
const panelWidth = 32

// factorizeQR overwrites a, which has no more columns than rows.
func factorizeQR(a *mat.Dense) *qr {
	rows, cols := a.Dims()
	f := &qr{rows: rows, cols: cols, r: general(cols, cols)}
	for j := 0; j < cols; j += panelWidth {
		width := min(panelWidth, cols-j)
		p := panel{j, general(width, rows-j), general(width, width)}
		rest := a.Slice(j, rows, j, cols).(*mat.Dense).RawMatrix()
		for i := range rest.Rows {
			for c, v := range rest.Data[i*rest.Stride:][:width] {
				p.v.Data[c*p.v.Stride+i] = v
			}
		}
		p.reflect(f.r, 0, width)
		if j+width == cols {
			f.panels = append(f.panels, p)
			break
		}
		right := columnsOf(rest, width, rest.Cols)
		p.apply(blas.Trans, right)
		for i := range width {
			copy(f.r.Data[(j+i)*f.r.Stride+j+width:][:right.Cols], right.Data[i*right.Stride:])
		}
		f.panels = append(f.panels, p)
	}
	return f
}

func general(rows, cols int) blas64.General {
	return blas64.General{Rows: rows, Cols: cols, Stride: cols, Data: make([]float64, rows*cols)}
}

// rowsOf and columnsOf return some rows or columns of a.
func rowsOf(a blas64.General, lo, hi int) blas64.General {
	return blas64.General{Rows: hi - lo, Cols: a.Cols, Stride: a.Stride, Data: a.Data[lo*a.Stride:]}
}

func columnsOf(a blas64.General, lo, hi int) blas64.General {
	return blas64.General{Rows: a.Rows, Cols: hi - lo, Stride: a.Stride, Data: a.Data[lo:]}
}

// reflect makes the columns from lo to hi of the panel triangular: the first half
// of them, then the others, to which it has applied the reflections of the first.
// Both together are I − VTVᵀ with
//
//	T = ⎡T₁  −T₁V₁ᵀV₂T₂⎤
//	    ⎣0        T₂   ⎦
func (p *panel) reflect(r blas64.General, lo, hi int) {
	if hi-lo == 1 {
		p.reflection(r, lo)
		return
	}
	mid := (lo + hi) / 2
	p.reflect(r, lo, mid)
	first, last := rowsOf(p.v, lo, mid), rowsOf(p.v, mid, hi)
	t1 := columnsOf(rowsOf(p.t, lo, mid), lo, mid)
	w, wt := general(hi-mid, mid-lo), general(hi-mid, mid-lo)
	blas.Gemm(blas.NoTrans, blas.Trans, 1, last, first, 0, w)
	blas.Gemm(blas.NoTrans, blas.NoTrans, 1, w, t1, 0, wt)
	blas.Gemm(blas.NoTrans, blas.NoTrans, -1, wt, first, 1, last)
	p.reflect(r, mid, hi)
	t2, cross := columnsOf(rowsOf(p.t, mid, hi), mid, hi), columnsOf(rowsOf(p.t, lo, mid), mid, hi)
	v := general(mid-lo, hi-mid)
	blas.Gemm(blas.NoTrans, blas.Trans, 1, first, last, 0, v)
	between := general(mid-lo, hi-mid)
	blas.Gemm(blas.NoTrans, blas.NoTrans, 1, v, t2, 0, between)
	blas.Gemm(blas.NoTrans, blas.NoTrans, -1, t1, between, 0, cross)
}

// reflection makes column i of the panel a multiple of the unit vector from row i
// on, and moves what is above to r.
func (p *panel) reflection(r blas64.General, i int) {
	v := p.v.Data[i*p.v.Stride:][:p.v.Cols]
	for l, above := range v[:i] {
		r.Data[(p.first+l)*r.Stride+p.first+i] = above
	}
	clear(v[:i])
	v = v[i:]
	beta, tau := v[0], 0.0
	if norm := norm2(v); norm > 0 && len(v) > 1 {
		beta = -math.Copysign(norm, v[0])
		tau = (beta - v[0]) / beta
		blas.Implementation{}.Dscal(len(v)-1, 1/(v[0]-beta), v[1:], 1)
	}
	v[0] = 1
	r.Data[(p.first+i)*r.Stride+p.first+i] = beta
	p.t.Data[i*p.t.Stride+i] = tau
}

// apply multiplies a, rows of A from first on, by the panel or by its transpose,
// which is the product of its reflections the other way round.
func (p *panel) apply(t blas.Transpose, a blas64.General) {
	w, tw := general(p.v.Rows, a.Cols), general(p.v.Rows, a.Cols)
	blas.Gemm(blas.NoTrans, blas.NoTrans, 1, p.v, a, 0, w)
	blas.Gemm(t, blas.NoTrans, 1, p.t, w, 0, tw)
	blas.Gemm(blas.Trans, blas.NoTrans, -1, p.v, tw, 1, a)
}

// below returns the elements of x on which the panel works, as a column.
func (p *panel) below(x []float64) blas64.General {
	return blas64.General{Rows: len(x) - p.first, Cols: 1, Stride: 1, Data: x[p.first:]}
}

// solve returns the x that minimises ‖Ax − b‖, and overwrites b.
func (f *qr) solve(b []float64) (x []float64) {
	for i := range f.panels {
		f.panels[i].apply(blas.Trans, f.panels[i].below(b))
	}
	x = b[:f.cols]
	blas.Implementation{}.Dtrsv(gonum.Upper, blas.NoTrans, gonum.NonUnit, f.cols, f.r.Data, f.r.Stride, x, 1)
	return x
}

// solveTransposed returns the shortest x with Aᵀx = b.
func (f *qr) solveTransposed(b []float64) (x []float64) {
	x = make([]float64, f.rows)
	copy(x, b)
	blas.Implementation{}.Dtrsv(gonum.Upper, blas.Trans, gonum.NonUnit, f.cols, f.r.Data, f.r.Stride, x, 1)
	for i := len(f.panels) - 1; i >= 0; i-- {
		f.panels[i].apply(blas.NoTrans, f.panels[i].below(x))
	}
	return x
}

// condition estimates the condition number of A in the 1-norm.
func (f *qr) condition() float64 {
	r := blas64.Triangular{Uplo: gonum.Upper, Diag: gonum.NonUnit, N: f.cols, Stride: f.r.Stride, Data: f.r.Data}
	return 1 / lapack64.Trcon(mat.CondNorm, r, make([]float64, 3*f.cols), make([]int, f.cols))
}

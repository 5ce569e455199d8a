package ch04c

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
)

func TestDenseGradient(t *testing.T) {
	e := checktest.New(t, check.DenseGradient)
	e.Right(denseGradient)
	type answer = func(x, w, dy *mat.Dense) (*mat.Dense, []float64, *mat.Dense)
	// but is the solution with something changed.
	but := func(change func(x, w, dy, dw *mat.Dense, db []float64, dx *mat.Dense)) answer {
		return func(x, w, dy *mat.Dense) (*mat.Dense, []float64, *mat.Dense) {
			dw, db, dx := denseGradient(x, w, dy)
			change(x, w, dy, dw, db, dx)
			return dw, db, dx
		}
	}
	e.Wrong("The transposition of X is missing", but(func(x, w, dy, dw *mat.Dense, db []float64, dx *mat.Dense) { dw.Mul(x, dy) }))
	e.Wrong("transpose of W̄", func(x, w, dy *mat.Dense) (*mat.Dense, []float64, *mat.Dense) {
		_, db, dx := denseGradient(x, w, dy)
		return mat.DenseCopyOf(func() mat.Matrix { var m mat.Dense; m.Mul(dy.T(), x); return &m }()), db, dx
	})
	e.Wrong("a layer only adds", but(func(x, w, dy, dw *mat.Dense, db []float64, dx *mat.Dense) {
		m, _ := x.Dims()
		dw.Scale(1/float64(m), dw)
	}))
	e.Wrong("still 0", but(func(x, w, dy, dw *mat.Dense, db []float64, dx *mat.Dense) { dw.Zero() }))
	e.Wrong("wrong axis", but(func(x, w, dy, dw *mat.Dense, db []float64, dx *mat.Dense) {
		for i := range db {
			db[i] = mat.Sum(dy.RowView(i))
		}
	}))
	e.Wrong("b gets the sum", but(func(x, w, dy, dw *mat.Dense, db []float64, dx *mat.Dense) {
		m, _ := x.Dims()
		for i := range db {
			db[i] /= float64(m)
		}
	}))
	e.Wrong("overwritten", but(func(x, w, dy, dw *mat.Dense, db []float64, dx *mat.Dense) {
		m, _ := x.Dims()
		copy(db, dy.RawRowView(m-1))
	}))
	e.Wrong("the first row", but(func(x, w, dy, dw *mat.Dense, db []float64, dx *mat.Dense) { copy(db, dy.RawRowView(0)) }))
	e.Wrong("The transposition of W is missing", but(func(x, w, dy, dw *mat.Dense, db []float64, dx *mat.Dense) { dx.Mul(dy, w) }))
	e.Wrong("transpose of X̄", func(x, w, dy *mat.Dense) (*mat.Dense, []float64, *mat.Dense) {
		dw, db, dx := denseGradient(x, w, dy)
		return dw, db, mat.DenseCopyOf(dx.T())
	})
	e.Wrong("changes dy", but(func(x, w, dy, dw *mat.Dense, db []float64, dx *mat.Dense) { dy.Scale(2, dy) }))
}

func TestHiddenGradient(t *testing.T) {
	e := checktest.New(t, check.HiddenGradient)
	e.Right(hiddenGradient)
	slope := func(f func(h float64) float64) func(h, w, dz *mat.Dense) *mat.Dense {
		return func(h, w, dz *mat.Dense) *mat.Dense {
			var da mat.Dense
			da.Mul(dz, w.T())
			da.Apply(func(i, j int, v float64) float64 { return v * f(h.At(i, j)) }, &da)
			return &da
		}
	}
	e.Right(slope(func(h float64) float64 { return (1 - h) * (1 + h) }))
	e.Wrong("slope is missing", slope(func(float64) float64 { return 1 }))
	e.Wrong("wrong point", slope(func(h float64) float64 { return 1 - math.Pow(math.Tanh(h), 2) }))
	e.Wrong("the slope of the sigmoid", slope(func(h float64) float64 { return h * (1 - h) }))
	e.Wrong("not 1 − h", slope(func(h float64) float64 { return 1 - h }))
	e.Wrong("tanh itself", slope(math.Tanh))
	e.Wrong("transposition of W is missing", func(h, w, dz *mat.Dense) *mat.Dense {
		var da mat.Dense
		da.Mul(dz, w)
		da.Apply(func(i, j int, v float64) float64 { return v * (1 - h.At(i, j)*h.At(i, j)) }, &da)
		return &da
	})
}

func TestSkipGradient(t *testing.T) {
	e := checktest.New(t, check.SkipGradient)
	e.Right(skipGradient)
	type answer = func(x []float64, w float64, dy []float64) ([]float64, float64)
	each := func(f func(x, w, dy float64) float64) answer {
		return func(x []float64, w float64, dy []float64) ([]float64, float64) {
			dx, dw := skipGradient(x, w, dy)
			for i := range x {
				dx[i] = f(x[i], w, dy[i])
			}
			return dx, dw
		}
	}
	slope := func(a float64) float64 { return 1 - math.Tanh(a)*math.Tanh(a) }
	e.Wrong("overwritten the shortcut", each(func(x, w, dy float64) float64 { return dy * w * slope(w*x) }))
	e.Wrong("Only the shortcut", each(func(x, w, dy float64) float64 { return dy }))
	e.Wrong("not multiplied", each(func(x, w, dy float64) float64 { return dy * dy * w * slope(w*x) }))
	e.Wrong("two links", each(func(x, w, dy float64) float64 { return dy * (1 + slope(w*x)) }))
	e.Wrong("wrong point", each(func(x, w, dy float64) float64 { return dy * (1 + w*slope(x)) }))
	e.Wrong("dw is overwritten", func(x []float64, w float64, dy []float64) ([]float64, float64) {
		dx, dw := skipGradient(x, w, dy)
		for i := range x {
			dw = dy[i] * x[i] * slope(w*x[i])
		}
		return dx, dw
	})
	e.Wrong("the mean over i", func(x []float64, w float64, dy []float64) ([]float64, float64) {
		dx, dw := skipGradient(x, w, dy)
		return dx, dw / float64(len(x))
	})
	e.Wrong("dw is 0", func(x []float64, w float64, dy []float64) ([]float64, float64) {
		dx, _ := skipGradient(x, w, dy)
		return dx, 0
	})
}

func TestSoftmaxGradient(t *testing.T) {
	e := checktest.New(t, check.SoftmaxGradient)
	e.Right(softmaxGradient)
	// made is the gradient with each entry computed anew from its probability, the truth, and the numbers of samples and classes.
	made := func(f func(p, y, m, k float64) float64) func(z [][]float64, labels []int) [][]float64 {
		return func(z [][]float64, labels []int) [][]float64 {
			g := softmaxGradient(z, labels)
			m := float64(len(z))
			for i, row := range g {
				for k := range row {
					y := 0.0
					if k == labels[i] {
						y = 1
					}
					row[k] = f(m*row[k]+y, y, m, float64(len(row)))
				}
			}
			return g
		}
	}
	e.Wrong("mean over the samples is missing", made(func(p, y, m, k float64) float64 { return p - y }))
	e.Wrong("sign is wrong", made(func(p, y, m, k float64) float64 { return (y - p) / m }))
	e.Wrong("Those are the probabilities", made(func(p, y, m, k float64) float64 { return p / m }))
	e.Wrong("a slope too many", made(func(p, y, m, k float64) float64 { return (p - y) * p * (1 - p) / m }))
	e.Wrong("the gradient by the probabilities", made(func(p, y, m, k float64) float64 { return -y / p / m }))
	e.Wrong("number of all entries", made(func(p, y, m, k float64) float64 { return (p - y) / m / k }))
}

package solve

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func randomDense(r *rand.Rand, rows, cols int) *mat.Dense {
	a := mat.NewDense(rows, cols, nil)
	for i := range a.RawMatrix().Data {
		a.RawMatrix().Data[i] = r.NormFloat64()
	}
	return a
}

// TestQR solves with shapes on both sides of a panel, and compares with gonum.
func TestQR(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][2]int{{1, 1}, {5, 1}, {3, 3}, {40, 31}, {33, 32}, {33, 33}, {200, 70}, {70, 70}} {
		rows, cols := size[0], size[1]
		a := randomDense(r, rows, cols)
		b := randomDense(r, rows, 1).RawMatrix().Data
		g := randomDense(r, cols, 1).RawMatrix().Data
		f := factorizeQR(mat.DenseCopyOf(a))
		var want mat.QR
		want.Factorize(a)
		var x, z mat.VecDense
		if err := want.SolveVecTo(&x, false, mat.NewVecDense(rows, b)); err != nil {
			t.Fatal(err)
		}
		if err := want.SolveVecTo(&z, true, mat.NewVecDense(cols, g)); err != nil {
			t.Fatal(err)
		}
		bound := 1e-14 * want.Cond()
		if got := mat.NewVecDense(cols, f.solve(append([]float64(nil), b...))); !mat.EqualApprox(got, &x, bound*mat.Norm(&x, 2)) {
			t.Errorf("%v: least squares are\n%v, want\n%v", size, mat.Formatted(got.T()), mat.Formatted(x.T()))
		}
		if got := mat.NewVecDense(rows, f.solveTransposed(g)); !mat.EqualApprox(got, &z, bound*mat.Norm(&z, 2)) {
			t.Errorf("%v: the shortest solution is\n%v, want\n%v", size, mat.Formatted(got.T()), mat.Formatted(z.T()))
		}
		if got := f.condition(); math.Abs(got-want.Cond()) > 1e-6*got {
			t.Errorf("%v: the condition number is %g, want %g", size, got, want.Cond())
		}
	}
	zero := mat.NewDense(4, 2, []float64{1, 0, 2, 0, 3, 0, 4, 0})
	if got := factorizeQR(zero).condition(); !math.IsInf(got, 1) {
		t.Errorf("a column of zeros: the condition number is %g", got)
	}
}

// TestCholesky multiplies its factors, and tells what is not positive definite.
func TestCholesky(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1, 2, 16, 17, 24, 100, 130} {
		var a mat.Dense
		root := randomDense(r, n+5, n)
		a.Mul(root.T(), root)
		s := mat.NewSymDense(n, nil)
		for i := range n {
			for j := i; j < n; j++ {
				s.SetSym(i, j, a.At(i, j))
			}
		}
		var eigen mat.EigenSym
		eigen.Factorize(s, false)
		u := mat.DenseCopyOf(s)
		f := s.RawSymmetric()
		if !cholesky(f) {
			t.Fatalf("%d: not positive definite", n)
		}
		for i := range n {
			for j := range n {
				u.Set(i, j, 0)
				if i <= j {
					u.Set(i, j, f.Data[i*f.Stride+j])
				}
			}
		}
		var back mat.Dense
		back.Mul(u.T(), u)
		if !mat.EqualApprox(&back, &a, 1e-13*mat.Norm(&a, 2)) {
			t.Errorf("%d: UᵀU is not A", n)
		}
		x := randomDense(r, n, 1).RawMatrix().Data
		b := mat.NewVecDense(n, append([]float64(nil), x...))
		solveCholesky(f, x)
		var ax mat.VecDense
		ax.MulVec(&a, mat.NewVecDense(n, x))
		if !mat.EqualApprox(&ax, b, 1e-9*mat.Norm(b, 2)) {
			t.Errorf("%d: A·A⁻¹b is not b", n)
		}
		smallest := eigen.Values(nil)[0]
		if got := inverseNorm(f) * smallest; !(0.1 < got && got < 1.001) {
			t.Errorf("%d: the norm of the inverse is %g of what it is", n, got)
		}
	}
	for name, data := range map[string][]float64{
		"zero": {0}, "negative": {1, 2, 0, 1}, "NaN": {1, math.NaN(), 0, 1}, "infinite": {math.Inf(1)},
	} {
		n := int(math.Sqrt(float64(len(data))))
		if cholesky(mat.NewSymDense(n, data).RawSymmetric()) {
			t.Errorf("%s: positive definite", name)
		}
	}
}

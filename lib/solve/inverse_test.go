package solve

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// vectorOf returns n normal numbers.
func vectorOf(r *rand.Rand, n int) *mat.VecDense {
	v := mat.NewVecDense(n, nil)
	for i := range n {
		v.SetVec(i, r.NormFloat64())
	}
	return v
}

// What is learnt in two recursions is the formula of BFGS in matrices.
func TestInverse(t *testing.T) {
	const n = 6
	r := rand.New(rand.NewPCG(1, 2))
	var root, want mat.Dense
	root.Apply(func(i, _ int, _ float64) float64 { return r.NormFloat64() * float64(1+i*i) }, mat.NewDense(n, n, nil))
	hessian := mat.NewSymDense(n, nil)
	hessian.SymOuterK(1, &root)
	if err := want.Inverse(hessian); err != nil {
		t.Fatal(err)
	}
	var v inverse
	if !v.factorize(mat.NewSymDense(n, append([]float64(nil), hessian.RawSymmetric().Data...))) {
		t.Fatal("not factorized")
	}
	check := func(g *mat.VecDense) {
		t.Helper()
		var a, b mat.VecDense
		a.CloneFromVec(g)
		v.multiply(&a, g)
		b.MulVec(&want, g)
		if !mat.EqualApprox(&a, &b, 1e-9*mat.Norm(&b, 2)) {
			t.Errorf("H⁻¹g = %v, want %v", mat.Formatted(a.T()), mat.Formatted(b.T()))
		}
	}
	check(vectorOf(r, n))
	for range 3 {
		from, step, gradient, y := vectorOf(r, n), vectorOf(r, n), vectorOf(r, n), mat.NewVecDense(n, nil)
		y.MulVec(hessian, step)
		y.AddScaledVec(y, 0.3, step) // another Hessian
		var to, after mat.VecDense
		to.AddVec(from, step)
		after.AddVec(gradient, y)
		v.learn(from, &to, gradient, &after)
		// H⁻¹ ← (I − syᵀ/sᵀy)·H⁻¹·(I − ysᵀ/sᵀy) + ssᵀ/sᵀy
		var left, next, outer mat.Dense
		left.Outer(-1/mat.Dot(step, y), step, y)
		for i := range n {
			left.Set(i, i, 1+left.At(i, i))
		}
		next.Product(&left, &want, left.T())
		outer.Outer(1/mat.Dot(step, y), step, step)
		want.Add(&next, &outer)
		check(y)
		check(vectorOf(r, n))
	}
	// A change that no convex function makes is not learnt.
	from, step := vectorOf(r, n), vectorOf(r, n)
	var to, after mat.VecDense
	to.AddVec(from, step)
	after.SubVec(from, step)
	v.learn(from, &to, from, &after)
	check(vectorOf(r, n))
	if new(inverse).factorize(mat.NewSymDense(2, []float64{1, 2, 2, 1})) {
		t.Error("an indefinite Hessian was factorized")
	}
}

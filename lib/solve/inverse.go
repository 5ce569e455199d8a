package solve

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// An inverse is that of a Hessian, corrected by what has been learnt of the
// gradient since then (BFGS): after a step s that changed the gradient by y,
//
//	H⁻¹ ← (I − syᵀ/sᵀy)·H⁻¹·(I − ysᵀ/sᵀy) + ssᵀ/sᵀy
//
// so that H⁻¹y = s, as it should.
//
// Source: Nocedal and Wright, Numerical Optimization, 2nd ed., 2006, algorithm
// 7.4, where H₀ is the Hessian.
type inverse struct {
	chol  mat.Cholesky
	scale *mat.VecDense // 1/√Hⱼⱼ
	pairs []pair
}

type pair struct {
	s, y *mat.VecDense
	sy   float64 // sᵀy
}

// factorize takes over a Hessian, and returns false if it is singular. It scales
// it to a diagonal of ones first, so that the units of the features cost no
// digits.
func (v *inverse) factorize(hessian *mat.SymDense) bool {
	size := hessian.SymmetricDim()
	if v.scale == nil {
		v.scale = mat.NewVecDense(size, nil)
	}
	v.pairs = v.pairs[:0]
	scale := v.scale.RawVector().Data
	for j := range scale {
		scale[j] = 1 / math.Sqrt(hessian.At(j, j))
	}
	for i, a := range scale {
		for j := i; j < size; j++ {
			hessian.SetSym(i, j, hessian.At(i, j)*a*scale[j])
		}
	}
	return v.chol.Factorize(hessian)
}

// learn corrects the inverse by the gradients at both ends of a step.
func (v *inverse) learn(from, to, gradFrom, gradTo *mat.VecDense) {
	p := pair{s: new(mat.VecDense), y: new(mat.VecDense)}
	p.s.SubVec(to, from)
	p.y.SubVec(gradTo, gradFrom)
	if p.sy = mat.Dot(p.s, p.y); p.sy > 0 {
		v.pairs = append(v.pairs, p)
	}
}

// multiply sets dst ← H⁻¹·g, or returns false if H is singular.
func (v *inverse) multiply(dst, g *mat.VecDense) bool {
	dst.CopyVec(g)
	a := make([]float64, len(v.pairs))
	for i := len(v.pairs) - 1; i >= 0; i-- {
		p := v.pairs[i]
		a[i] = mat.Dot(p.s, dst) / p.sy
		dst.AddScaledVec(dst, -a[i], p.y)
	}
	dst.MulElemVec(dst, v.scale)
	if v.chol.SolveVecTo(dst, dst) != nil {
		return false
	}
	dst.MulElemVec(dst, v.scale)
	for i, p := range v.pairs {
		dst.AddScaledVec(dst, a[i]-mat.Dot(p.y, dst)/p.sy, p.s)
	}
	return true
}

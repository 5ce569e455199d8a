package solve

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"
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
// 7.4, where H₀ is the Hessian, or as there the sᵀy/yᵀy of the last step.
type inverse struct {
	flat  float64          // the inverse is this times I before it is corrected, if > 0
	u     blas64.Symmetric // the factor of the scaled Hessian
	cond  float64          // an estimate of its condition number
	scale *mat.VecDense    // 1/√Hⱼⱼ
	pairs []pair
}

type pair struct {
	s, y *mat.VecDense
	sy   float64 // sᵀy
}

// factorize takes over a Hessian, which it overwrites, and returns false if it is
// singular. It scales it to a diagonal of ones first, so that the units of the
// features cost no digits.
func (v *inverse) factorize(hessian *mat.SymDense) bool {
	size := hessian.SymmetricDim()
	if v.scale == nil {
		v.scale = mat.NewVecDense(size, nil)
	}
	v.pairs, v.flat = v.pairs[:0], 0
	scale := v.scale.RawVector().Data
	for j := range scale {
		scale[j] = 1 / math.Sqrt(hessian.At(j, j))
	}
	v.u = hessian.RawSymmetric()
	for i, a := range scale {
		row := v.u.Data[i*v.u.Stride:][:size]
		for j := i; j < size; j++ {
			row[j] *= a * scale[j]
		}
	}
	if !cholesky(v.u) {
		return false
	}
	v.cond = float64(size) * inverseNorm(v.u) // no eigenvalue is larger than size
	return v.cond < mat.ConditionTolerance
}

// learn corrects the inverse by the gradients at both ends of a step.
func (v *inverse) learn(from, to, gradFrom, gradTo *mat.VecDense) {
	p := pair{s: new(mat.VecDense), y: new(mat.VecDense)}
	p.s.SubVec(to, from)
	p.y.SubVec(gradTo, gradFrom)
	if p.sy = mat.Dot(p.s, p.y); p.sy > 0 {
		v.pairs = append(v.pairs, p)
		if v.flat > 0 {
			v.flat = p.sy / mat.Dot(p.y, p.y)
		}
	}
}

// multiply sets dst ← H⁻¹·g.
func (v *inverse) multiply(dst, g *mat.VecDense) {
	dst.CopyVec(g)
	a := make([]float64, len(v.pairs))
	for i := len(v.pairs) - 1; i >= 0; i-- {
		p := v.pairs[i]
		a[i] = mat.Dot(p.s, dst) / p.sy
		dst.AddScaledVec(dst, -a[i], p.y)
	}
	if v.flat > 0 {
		dst.ScaleVec(v.flat, dst)
	} else {
		dst.MulElemVec(dst, v.scale)
		solveCholesky(v.u, dst.RawVector().Data)
		dst.MulElemVec(dst, v.scale)
	}
	for i, p := range v.pairs {
		dst.AddScaledVec(dst, a[i]-mat.Dot(p.y, dst)/p.sy, p.s)
	}
}

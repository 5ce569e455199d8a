package blas

import "unsafe"

// SwiGLU sets dst ← u·g·σ(g) for each element: the value u of a unit times its gate
// (Shazeer, GLU Variants Improve Transformer, 2020). dst may be g or u.
func SwiGLU[T float32 | float64](dst, g, u []T) {
	if n := sameLength("g, dst and u", len(g), len(dst), len(u)); n > 0 {
		engineOf[T]().swiGLU(n, &dst[0], &g[0], &u[0])
	}
}

// SwiGLUGrad sets dg and du to d times the derivatives of [SwiGLU] with respect to g
// and u, for each element. dg or du may be any of the others.
func SwiGLUGrad[T float32 | float64](dg, du, d, g, u []T) {
	if n := sameLength("d, dg, du, g and u", len(d), len(dg), len(du), len(g), len(u)); n > 0 {
		engineOf[T]().swiGLUGrad(n, &dg[0], &du[0], &d[0], &g[0], &u[0])
	}
}

// Rotate turns points of the plane: (a, b) ← (a·cos − b·sin, b·cos + a·sin) for each
// element.
func Rotate[T float32 | float64](a, b, cos, sin []T) {
	if n := sameLength("a, b, cos and sin", len(a), len(b), len(cos), len(sin)); n > 0 {
		engineOf[T]().rotate(n, &a[0], &b[0], &cos[0], &sin[0])
	}
}

// Sum sets dst ← a + b for each element. dst may be a or b.
func Sum[T float32 | float64](dst, a, b []T) {
	if n := sameLength("a, b and dst", len(a), len(b), len(dst)); n > 0 {
		engineOf[T]().sum(n, &dst[0], &a[0], &b[0])
	}
}

func swiGLUPlain[T element](n int, dst, g, u *T) {
	to, other := unsafe.Slice(dst, n), unsafe.Slice(u, n)
	for i, v := range unsafe.Slice(g, n) {
		to[i] = v * T(sigmoid(float64(v))) * other[i]
	}
}

func swiGLUGradPlain[T element](n int, dg, du, d, g, u *T) {
	gate, value, from, other := unsafe.Slice(dg, n), unsafe.Slice(du, n), unsafe.Slice(d, n), unsafe.Slice(u, n)
	for i, v := range unsafe.Slice(g, n) {
		d, w, z := from[i], other[i], float64(v)
		up := sigmoid(z)
		value[i] = d * T(z*up)
		gate[i] = d * w * T(up*(1+z*sigmoid(-z)))
	}
}

func rotatePlain[T element](n int, a, b, cos, sin *T) {
	x, y, s := unsafe.Slice(a, n), unsafe.Slice(b, n), unsafe.Slice(sin, n)
	for i, c := range unsafe.Slice(cos, n) {
		x[i], y[i] = x[i]*c-y[i]*s[i], y[i]*c+x[i]*s[i]
	}
}

func sumPlain[T element](n int, dst, a, b *T) {
	to, other := unsafe.Slice(dst, n), unsafe.Slice(b, n)
	for i, v := range unsafe.Slice(a, n) {
		to[i] = v + other[i]
	}
}

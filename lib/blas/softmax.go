package blas

// Max returns the largest element of x that is not NaN, or −∞ if there is none.
func Max[T float32 | float64](x []T) T {
	if len(x) == 0 {
		return negativeInfinity[T]()
	}
	return engineOf[T]().max(len(x), &x[0])
}

// ExpScaled sets dst ← e^(scale·x + shift) for each element, and returns the sum of
// dst. dst may be x. With shift = −scale·max x it is the numerator of a softmax and
// its denominator. The error of an element is that of scale·x + shift, and at most
// 2 ulp more.
func ExpScaled[T float32 | float64](dst, x []T, scale, shift T) (sum T) {
	if n := sameLength("x and dst", len(x), len(dst)); n > 0 {
		sum = engineOf[T]().expScaled(n, &dst[0], &x[0], scale, shift)
	}
	return sum
}

// SoftmaxGrad sets dst ← scale·p·(dst − mean) for each element: for p = softmax(x),
// dst = ∂L/∂p and mean = Σ p·dst, it is scale·∂L/∂x.
func SoftmaxGrad[T float32 | float64](dst, p []T, mean, scale T) {
	if n := sameLength("p and dst", len(p), len(dst)); n > 0 {
		engineOf[T]().softmaxGrad(n, &dst[0], &p[0], mean, scale)
	}
}

// GELU sets dst ← ½x(1 + tanh(√(2/π)(x + 0.044715x³))) for each element. dst may be
// x. It is the usual approximation of xΦ(x), where Φ is the distribution function of
// the standard normal (Hendrycks and Gimpel, Gaussian Error Linear Units, 2016).
func GELU[T float32 | float64](dst, x []T) { apply(engineOf[T]().gelu, dst, x) }

// GELUGrad sets dst to dy times the derivative of [GELU] at x, for each element. dst
// may be dy or x.
func GELUGrad[T float32 | float64](dst, dy, x []T) {
	if n := sameLength("x, dst and dy", len(x), len(dst), len(dy)); n > 0 {
		engineOf[T]().geluGrad(n, &dst[0], &dy[0], &x[0])
	}
}

package blas

// moves are kernels for steps of optimizers that are next to adam. All may be nil.
type moves[T element] struct {
	adagrad   func(n int, theta, grad, v *T, rate, epsilon T)
	adadelta  func(n int, theta, grad, v, u *T, rho, rate, epsilon T)
	adamax    func(n int, theta, grad, m, u *T, beta1, beta2, rate, epsilon T)
	adaBelief func(n int, theta, grad, m, v *T, beta1, beta2, rate, root, epsilon T)
	amsgrad   func(n int, theta, grad, m, v, most *T, beta1, beta2, rate, root, epsilon, keep T)
	lion      func(n int, theta, grad, m *T, beta1, beta2, rate T)
}

// Adagrad sets v ← v + g² and θ ← θ − rate·g/(√v + epsilon), in one pass. It returns
// false if there is no kernel for it, as do the other functions named after an
// optimizer.
func Adagrad(theta, grad, v []float64, rate, epsilon float64) bool {
	n, kernel := sameLength("grad, theta and v", len(grad), len(theta), len(v)), engine64.adagrad
	if n > 0 && kernel != nil {
		kernel(n, &theta[0], &grad[0], &v[0], rate, epsilon)
	}
	return kernel != nil
}

// Adadelta sets, in one pass,
//
//	v ← rho·v + (1−rho)·g²
//	d = √(u + epsilon)/√(v + epsilon)·g
//	u ← rho·u + (1−rho)·d²
//	θ ← θ − rate·d
func Adadelta(theta, grad, v, u []float64, rho, rate, epsilon float64) bool {
	n, kernel := sameLength("grad, theta, v and u", len(grad), len(theta), len(v), len(u)), engine64.adadelta
	if n > 0 && kernel != nil {
		kernel(n, &theta[0], &grad[0], &v[0], &u[0], rho, rate, epsilon)
	}
	return kernel != nil
}

// Adamax sets, in one pass,
//
//	m ← beta1·m + (1−beta1)·g
//	u ← max(beta2·u, |g| + epsilon)
//	θ ← θ − rate·m/u
func Adamax(theta, grad, m, u []float64, beta1, beta2, rate, epsilon float64) bool {
	n, kernel := sameLength("grad, theta, m and u", len(grad), len(theta), len(m), len(u)), engine64.adamax
	if n > 0 && kernel != nil {
		kernel(n, &theta[0], &grad[0], &m[0], &u[0], beta1, beta2, rate, epsilon)
	}
	return kernel != nil
}

// AdaBelief sets, in one pass,
//
//	m ← beta1·m + (1−beta1)·g
//	v ← beta2·v + (1−beta2)·(g−m)² + epsilon
//	θ ← θ − rate·m/(root·√v + epsilon)
func AdaBelief(theta, grad, m, v []float64, beta1, beta2, rate, root, epsilon float64) bool {
	n, kernel := sameLength("grad, theta, m and v", len(grad), len(theta), len(m), len(v)), engine64.adaBelief
	if n > 0 && kernel != nil {
		kernel(n, &theta[0], &grad[0], &m[0], &v[0], beta1, beta2, rate, root, epsilon)
	}
	return kernel != nil
}

// AMSGrad is [Adam] with the largest v so far in the place of v:
//
//	m ← beta1·m + (1−beta1)·g
//	v ← beta2·v + (1−beta2)·g²
//	most ← max(most, v)
//	θ ← keep·θ − rate·m/(root·√most + epsilon)
func AMSGrad(theta, grad, m, v, most []float64, beta1, beta2, rate, root, epsilon, keep float64) bool {
	n, kernel := sameLength("grad, theta, m, v and most", len(grad), len(theta), len(m), len(v), len(most)), engine64.amsgrad
	if n > 0 && kernel != nil {
		kernel(n, &theta[0], &grad[0], &m[0], &v[0], &most[0], beta1, beta2, rate, root, epsilon, keep)
	}
	return kernel != nil
}

// Lion sets θ ← θ − rate·sign(beta1·m + (1−beta1)·g) and then
// m ← beta2·m + (1−beta2)·g, in one pass. The sign of 0 is 0 and that of NaN is NaN.
func Lion(theta, grad, m []float64, beta1, beta2, rate float64) bool {
	n, kernel := sameLength("grad, theta and m", len(grad), len(theta), len(m)), engine64.lion
	if n > 0 && kernel != nil {
		kernel(n, &theta[0], &grad[0], &m[0], beta1, beta2, rate)
	}
	return kernel != nil
}

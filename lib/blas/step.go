package blas

// moves are kernels for steps of optimizers that are next to adam. All may be nil.
type moves[T element] struct {
	adagrad   func(n int, theta, grad, v *T, rate, epsilon T)
	adadelta  func(n int, theta, grad, v, u *T, rho, rate, epsilon T)
	adamax    func(n int, theta, grad, m, u *T, beta1, beta2, rate, epsilon T)
	adaBelief func(n int, theta, grad, m, v *T, beta1, beta2, rate, root, epsilon T)
	amsgrad   func(n int, theta, grad, m, v, most *T, beta1, beta2, rate, root, epsilon, keep T)
	lion      func(n int, theta, grad, m *T, beta1, beta2, rate T)
	momentum  func(n int, theta, grad, m *T, mu, fresh, rate T)
	nesterov  func(n int, theta, grad, m *T, mu, fresh, rate T)
	nadam     func(n int, theta, grad, m, v *T, beta1, beta2, rateM, rateG, root, epsilon T)
	rprop     func(n int, theta, grad, size, before *T, minus, plus, least, most T)
}

// The kinds of steps, each with the rate at which it is done.
const (
	stepAdam work = iota + firstStep
	stepAdamNarrow
	stepAdagrad
	stepAdadelta
	stepAdamax
	stepAdaBelief
	stepAMSGrad
	stepLion
	stepMomentum
	stepNesterov
	stepNAdam
	stepRprop
	stepAddScaled
	kinds
)

// The arguments of a step: vectors that are as long as θ, which is the first, and settings.
type (
	vectors[T element]  [5][]T
	settings[T element] [6]T
	narrow              [2][]float32 // vectors of a step in float64 that are float32
)

// step makes a step, on several cores if it is long enough. What becomes of an element depends on nothing else.
func (e *engine[T]) step(kind work, v vectors[T], s settings[T]) { e.stepMixed(kind, v, narrow{}, s) }

// stepMixed is step with vectors that are float32.
func (e *engine[T]) stepMixed(kind work, v vectors[T], f narrow, s settings[T]) {
	const unit = 1024 // elements, so that no two cores write to the same page but at an end
	n := len(v[0])
	workers := e.workers(kind, n)
	size := chunkSize(n, unit, workers)
	if workers == 1 || size >= n {
		e.stepPart(kind, &v, &f, &s, 0, n)
		return
	}
	t := e.newTask()
	t.vectors, t.narrow, t.settings = v, f, s
	t.work, t.size = kind, size
	t.do(&e.rates[kind], workers, (n+size-1)/size, n)
}

// stepPart makes the step of the elements from lo to hi.
func (e *engine[T]) stepPart(kind work, v *vectors[T], f *narrow, s *settings[T], lo, hi int) {
	n := hi - lo
	if n == 0 {
		return
	}
	if kind == stepAdamNarrow {
		e.adamNarrow(n, &v[0][lo], &f[0][lo], &v[1][lo], &v[2][lo], &f[1][lo], s[0], s[1], s[2], s[3], s[4], s[5])
		return
	}
	theta, grad := &v[0][lo], &v[1][lo]
	if kind == stepAddScaled {
		e.axpy(n, s[0], grad, theta)
		return
	}
	a := &v[2][lo]
	switch kind {
	case stepAdam:
		e.adam(n, theta, grad, a, &v[3][lo], s[0], s[1], s[2], s[3], s[4], s[5])
	case stepAdagrad:
		e.adagrad(n, theta, grad, a, s[0], s[1])
	case stepAdadelta:
		e.adadelta(n, theta, grad, a, &v[3][lo], s[0], s[1], s[2])
	case stepAdamax:
		e.adamax(n, theta, grad, a, &v[3][lo], s[0], s[1], s[2], s[3])
	case stepAdaBelief:
		e.adaBelief(n, theta, grad, a, &v[3][lo], s[0], s[1], s[2], s[3], s[4])
	case stepAMSGrad:
		e.amsgrad(n, theta, grad, a, &v[3][lo], &v[4][lo], s[0], s[1], s[2], s[3], s[4], s[5])
	case stepLion:
		e.lion(n, theta, grad, a, s[0], s[1], s[2])
	case stepMomentum:
		e.momentum(n, theta, grad, a, s[0], s[1], s[2])
	case stepNesterov:
		e.nesterov(n, theta, grad, a, s[0], s[1], s[2])
	case stepNAdam:
		e.nadam(n, theta, grad, a, &v[3][lo], s[0], s[1], s[2], s[3], s[4], s[5])
	case stepRprop:
		e.rprop(n, theta, grad, a, &v[3][lo], s[0], s[1], s[2], s[3])
	}
}

// Adam moves θ by one step of Adam (Kingma and Ba, 2015), in one pass:
//
//	m ← beta1·m + (1−beta1)·g
//	v ← beta2·v + (1−beta2)·g²
//	θ ← keep·θ − rate·m/(root·√v + epsilon)
//
// The bias corrections of step t are in rate = α/(1−beta1ᵗ) and root =
// 1/√(1−beta2ᵗ); keep is 1, or less for decoupled weight decay. With beta1 = 0, m may be
// grad. It returns false if there is no kernel for it.
func Adam[T float32 | float64](theta, grad, m, v []T, beta1, beta2, rate, root, epsilon, keep T) bool {
	sameLength("grad, theta, m and v", len(grad), len(theta), len(m), len(v))
	e := engineOf[T]()
	if !HasKernels || e.adam == nil {
		return false
	}
	e.step(stepAdam, vectors[T]{theta, grad, m, v}, settings[T]{beta1, beta2, rate, root, epsilon, keep})
	return true
}

// AdamNarrow is [Adam] of float64 for a gradient in float32. It also sets rounded ← θ,
// each element rounded. It returns false if there is no kernel for it.
func AdamNarrow(theta []float64, grad []float32, m, v []float64, rounded []float32, beta1, beta2, rate, root, epsilon, keep float64) bool {
	sameLength("grad, theta, m, v and rounded", len(grad), len(theta), len(m), len(v), len(rounded))
	if !HasKernels || engine64.adamNarrow == nil {
		return false
	}
	engine64.stepMixed(stepAdamNarrow, vectors[float64]{theta, m, v}, narrow{grad, rounded}, settings[float64]{beta1, beta2, rate, root, epsilon, keep})
	return true
}

// Adagrad sets v ← v + g² and θ ← θ − rate·g/(√v + epsilon), in one pass. It returns
// false if there is no kernel for it, as do the other functions named after an
// optimizer.
func Adagrad(theta, grad, v []float64, rate, epsilon float64) bool {
	sameLength("grad, theta and v", len(grad), len(theta), len(v))
	if !HasKernels || engine64.adagrad == nil {
		return false
	}
	engine64.step(stepAdagrad, vectors[float64]{theta, grad, v}, settings[float64]{rate, epsilon})
	return true
}

// Adadelta sets, in one pass,
//
//	v ← rho·v + (1−rho)·g²
//	d = √(u + epsilon)/√(v + epsilon)·g
//	u ← rho·u + (1−rho)·d²
//	θ ← θ − rate·d
func Adadelta(theta, grad, v, u []float64, rho, rate, epsilon float64) bool {
	sameLength("grad, theta, v and u", len(grad), len(theta), len(v), len(u))
	if !HasKernels || engine64.adadelta == nil {
		return false
	}
	engine64.step(stepAdadelta, vectors[float64]{theta, grad, v, u}, settings[float64]{rho, rate, epsilon})
	return true
}

// Adamax sets, in one pass,
//
//	m ← beta1·m + (1−beta1)·g
//	u ← max(beta2·u, |g| + epsilon)
//	θ ← θ − rate·m/u
func Adamax(theta, grad, m, u []float64, beta1, beta2, rate, epsilon float64) bool {
	sameLength("grad, theta, m and u", len(grad), len(theta), len(m), len(u))
	if !HasKernels || engine64.adamax == nil {
		return false
	}
	engine64.step(stepAdamax, vectors[float64]{theta, grad, m, u}, settings[float64]{beta1, beta2, rate, epsilon})
	return true
}

// AdaBelief sets, in one pass,
//
//	m ← beta1·m + (1−beta1)·g
//	v ← beta2·v + (1−beta2)·(g−m)² + epsilon
//	θ ← θ − rate·m/(root·√v + epsilon)
func AdaBelief(theta, grad, m, v []float64, beta1, beta2, rate, root, epsilon float64) bool {
	sameLength("grad, theta, m and v", len(grad), len(theta), len(m), len(v))
	if !HasKernels || engine64.adaBelief == nil {
		return false
	}
	engine64.step(stepAdaBelief, vectors[float64]{theta, grad, m, v}, settings[float64]{beta1, beta2, rate, root, epsilon})
	return true
}

// AMSGrad is [Adam] with the largest v so far in the place of v:
//
//	m ← beta1·m + (1−beta1)·g
//	v ← beta2·v + (1−beta2)·g²
//	most ← max(most, v)
//	θ ← keep·θ − rate·m/(root·√most + epsilon)
func AMSGrad(theta, grad, m, v, most []float64, beta1, beta2, rate, root, epsilon, keep float64) bool {
	sameLength("grad, theta, m, v and most", len(grad), len(theta), len(m), len(v), len(most))
	if !HasKernels || engine64.amsgrad == nil {
		return false
	}
	engine64.step(stepAMSGrad, vectors[float64]{theta, grad, m, v, most}, settings[float64]{beta1, beta2, rate, root, epsilon, keep})
	return true
}

// Lion sets θ ← θ − rate·sign(beta1·m + (1−beta1)·g) and then
// m ← beta2·m + (1−beta2)·g, in one pass. The sign of 0 is 0 and that of NaN is NaN.
func Lion(theta, grad, m []float64, beta1, beta2, rate float64) bool {
	sameLength("grad, theta and m", len(grad), len(theta), len(m))
	if !HasKernels || engine64.lion == nil {
		return false
	}
	engine64.step(stepLion, vectors[float64]{theta, grad, m}, settings[float64]{beta1, beta2, rate})
	return true
}

// Momentum sets m ← mu·m + fresh·g and θ ← θ − rate·m, in one pass.
func Momentum(theta, grad, m []float64, mu, fresh, rate float64) bool {
	sameLength("grad, theta and m", len(grad), len(theta), len(m))
	if !HasKernels || engine64.momentum == nil {
		return false
	}
	engine64.step(stepMomentum, vectors[float64]{theta, grad, m}, settings[float64]{mu, fresh, rate})
	return true
}

// Nesterov sets m ← mu·m + fresh·g and θ ← θ − rate·(g + mu·m), in one pass.
func Nesterov(theta, grad, m []float64, mu, fresh, rate float64) bool {
	sameLength("grad, theta and m", len(grad), len(theta), len(m))
	if !HasKernels || engine64.nesterov == nil {
		return false
	}
	engine64.step(stepNesterov, vectors[float64]{theta, grad, m}, settings[float64]{mu, fresh, rate})
	return true
}

// NAdam sets, in one pass,
//
//	m ← beta1·m + (1−beta1)·g
//	v ← beta2·v + (1−beta2)·g²
//	θ ← θ − (rateM·m + rateG·g)/(root·√v + epsilon)
func NAdam(theta, grad, m, v []float64, beta1, beta2, rateM, rateG, root, epsilon float64) bool {
	sameLength("grad, theta, m and v", len(grad), len(theta), len(m), len(v))
	if !HasKernels || engine64.nadam == nil {
		return false
	}
	engine64.step(stepNAdam, vectors[float64]{theta, grad, m, v}, settings[float64]{beta1, beta2, rateM, rateG, root, epsilon})
	return true
}

// Rprop multiplies size by plus where g and before have the same sign and by minus where they
// have not, and bounds it by least and most. With d = g, or 0 where the signs differ, it then
// sets θ ← θ − size·sign(d) and before ← d, in one pass. The sign of 0 is 0 and that of NaN is NaN.
func Rprop(theta, grad, size, before []float64, minus, plus, least, most float64) bool {
	sameLength("grad, theta, size and before", len(grad), len(theta), len(size), len(before))
	if !HasKernels || engine64.rprop == nil {
		return false
	}
	engine64.step(stepRprop, vectors[float64]{theta, grad, size, before}, settings[float64]{minus, plus, least, most})
	return true
}

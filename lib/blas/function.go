package blas

import (
	"fmt"
	"slices"
	"unsafe"
)

// Exp sets dst ← eˣ for each element. dst may be x. The error is at most 1.1
// ulp; without SIMD it is math.Exp's, at most 2 ulp.
//
// Exp and the other elementary functions panic if the lengths differ. The
// result for an element depends only on that element.
func Exp[T float32 | float64](dst, x []T) { apply(engineOf[T]().exp, dst, x) }

// Log sets dst ← ln x for each element: NaN where x < 0. dst may be x. The error
// is at most 1 ulp.
func Log[T float32 | float64](dst, x []T) { apply(engineOf[T]().log, dst, x) }

// Tanh sets dst ← tanh x for each element. dst may be x. The error is at most
// 2 ulp.
func Tanh[T float32 | float64](dst, x []T) { apply(engineOf[T]().tanh, dst, x) }

// Sigmoid sets dst ← 1/(1+e⁻ˣ) for each element. dst may be x. The error is at
// most 2 ulp.
func Sigmoid[T float32 | float64](dst, x []T) { apply(engineOf[T]().sigmoid, dst, x) }

// Softplus sets dst ← ln(1+eˣ) for each element: the logistic loss of the score
// −x. dst may be x. The error is at most 2 ulp.
func Softplus[T float32 | float64](dst, x []T) { apply(engineOf[T]().softplus, dst, x) }

// LogisticLoss sets l, for the score f and the label y of each element, to the
// negative log-likelihood of y if σ(f) is the probability of class 1, and d to its
// derivative with respect to f:
//
//	l ← −weight·y·ln σ(f) − (1−y)·ln σ(−f)
//	d ← (1−y)·σ(f) − weight·y·σ(−f)
//
// For y = 0 and y = 1 with weight 1 the errors are at most 2 ulp, and the second
// derivative is |d|(1−|d|). weight is that of class 1; a y between 0 and 1 is a
// probability. l or d may be f or y. The loss of an infinite score is NaN. It
// returns false if there is no kernel for it.
func LogisticLoss[T float32 | float64](l, d, f, y []T, weight T) bool {
	n, kernel := sameLength("f, y, l and d", len(f), len(y), len(l), len(d)), engineOf[T]().logisticLoss
	if n > 0 && kernel != nil {
		kernel(n, &l[0], &d[0], &f[0], &y[0], weight)
	}
	return kernel != nil
}

// ReLU sets dst ← max(x, 0) for each element. dst may be x. NaN and −0 stay as
// they are.
func ReLU[T float32 | float64](dst, x []T) { apply(engineOf[T]().relu, dst, x) }

// ReLUGrad sets dst ← dy where x > 0 and 0 where x ≤ 0: the gradient of a loss
// with respect to x, given dy, that with respect to y = max(x, 0). y may be
// given in place of x. dst may be dy or x.
func ReLUGrad[T float32 | float64](dst, dy, x []T) {
	if n := sameLength("x, dst and dy", len(x), len(dst), len(dy)); n > 0 {
		engineOf[T]().reluGrad(n, &dst[0], &dy[0], &x[0])
	}
}

// BiasReLU sets each row of y, of len(bias) elements, to max(row + bias, 0).
func BiasReLU[T float32 | float64](y, bias []T) {
	if len(bias) == 0 || len(y)%len(bias) != 0 {
		panic(fmt.Sprintf("blas: y has %d elements, want a multiple of the %d of bias", len(y), len(bias)))
	}
	kernel := engineOf[T]().biasReLU
	for i := 0; i < len(y); i += len(bias) {
		kernel(len(bias), &y[i], &bias[0])
	}
}

// Axpby sets y ← alpha·x + beta·y, or returns false if there is no kernel for it,
// so that the caller runs its own loop. [AddScaled], LogisticLoss and Adam decline
// in the same way. It reads y even when beta is 0.
func Axpby[T float32 | float64](alpha T, x []T, beta T, y []T) bool {
	n, kernel := sameLength("x and y", len(x), len(y)), engineOf[T]().axpby
	if n > 0 && kernel != nil {
		kernel(n, alpha, beta, &x[0], &y[0])
	}
	return kernel != nil
}

// AddScaled sets y ← y + a·x, or returns false if there is no kernel for it.
func AddScaled[T float32 | float64](y []T, a T, x []T) bool {
	n, e := sameLength("x and y", len(x), len(y)), engineOf[T]()
	switch {
	case !HasKernels || e.axpy == nil:
		return false
	case n >= alone:
		e.step(stepAddScaled, vectors[T]{y, x}, settings[T]{a})
	case n > 0:
		e.axpy(n, a, &x[0], &y[0])
	}
	return true
}

// Narrow sets dst ← x, each element rounded to float32.
func Narrow(dst []float32, x []float64) {
	if n := sameLength("x and dst", len(x), len(dst)); n > 0 {
		engine64.narrow(n, &dst[0], &x[0])
	}
}

// AddNarrow sets y ← y + x, to sum float32 numbers in float64.
func AddNarrow(y []float64, x []float32) {
	if n := sameLength("x and y", len(x), len(y)); n > 0 {
		engine64.addNarrow(n, &y[0], &x[0])
	}
}

// apply runs a kernel that has one argument and one result.
func apply[T element](kernel func(n int, dst, x *T), dst, x []T) {
	if n := sameLength("x and dst", len(x), len(dst)); n > 0 {
		kernel(n, &dst[0], &x[0])
	}
}

// sameLength returns the common length of slices.
func sameLength(names string, n int, others ...int) int {
	for _, other := range others {
		if other != n {
			panic(fmt.Sprintf("blas: %s have %d and %v elements, want all the same", names, n, slices.Clone(others)))
		}
	}
	return n
}

// engineOf returns the engine of a precision.
func engineOf[T element]() *engine[T] {
	var e any = engine64
	if unsafe.Sizeof(*new(T)) == 4 {
		e = single()
	}
	return e.(*engine[T])
}

package blas

import (
	"math"
	"unsafe"

	"github.com/descent-go/descent/internal/accurate"
)

func negativeInfinity[T element]() T { return T(math.Inf(-1)) }

func maxPlain[T element](n int, x *T) T {
	top := negativeInfinity[T]()
	for _, v := range unsafe.Slice(x, n) {
		if v > top {
			top = v
		}
	}
	return top
}

func expScaledPlain[T element](n int, dst, x *T, scale, shift T) (sum T) {
	to := unsafe.Slice(dst, n)
	for i, v := range unsafe.Slice(x, n) {
		to[i] = T(accurate.Exp(float64(scale*v + shift)))
		sum += to[i]
	}
	return sum
}

func softmaxGradPlain[T element](n int, dst, p *T, mean, scale T) {
	d := unsafe.Slice(dst, n)
	for i, v := range unsafe.Slice(p, n) {
		d[i] = scale * v * (d[i] - mean)
	}
}

const (
	geluScale = 0.7978845608028654 // √(2/π)
	geluCube  = 0.044715
)

// gelu has σ(2u) for ½(1 + tanh u), which would lose its digits where tanh is near
// −1.
func gelu(x float64) float64 {
	return x * sigmoid(2*geluScale*(x+geluCube*x*x*x))
}

// geluSlope is the derivative of gelu. Beyond ±30 it is 1 or 0, and x² might be
// infinite.
func geluSlope(x float64) float64 {
	x = min(max(x, -30), 30)
	u := geluScale * (x + geluCube*x*x*x)
	return sigmoid(2*u) * (1 + 2*x*sigmoid(-2*u)*geluScale*(1+3*geluCube*x*x))
}

func geluGradPlain[T element](n int, dst, dy, x *T) {
	to, from := unsafe.Slice(dst, n), unsafe.Slice(dy, n)
	for i, v := range unsafe.Slice(x, n) {
		to[i] = from[i] * T(geluSlope(float64(v)))
	}
}

package blas

import (
	"math"
	"unsafe"

	"github.com/descent-go/descent/internal/accurate"
)

// plainFunctions returns the functions in Go, but for those that decline: the
// optimizers and losses that use them have the loops.
func plainFunctions[T element]() functions[T] {
	return functions[T]{
		exp: eachPlain[T](accurate.Exp), log: eachPlain[T](logarithm), tanh: eachPlain[T](math.Tanh),
		sigmoid: eachPlain[T](sigmoid), softplus: eachPlain[T](softplus), relu: reluPlain[T],
		reluGrad: reluGradPlain[T], biasReLU: biasReLUPlain[T],
		max: maxPlain[T], expScaled: expScaledPlain[T], softmaxGrad: softmaxGradPlain[T],
		gelu: eachPlain[T](gelu), geluGrad: geluGradPlain[T],
		addRuns: addRunsPlain[T], maxSquares: maxSquaresPlain[T], maxSquaresGrad: maxSquaresGradPlain[T],
		narrow: narrowPlain[T], addNarrow: addNarrowPlain[T],
		sumProducts: sumProductsPlain[T], addProducts: addProductsPlain[T],
	}
}

// eachPlain applies a function of package math to each element.
func eachPlain[T element](f func(float64) float64) func(n int, dst, x *T) {
	return func(n int, dst, x *T) {
		to := unsafe.Slice(dst, n)
		for i, v := range unsafe.Slice(x, n) {
			to[i] = T(f(float64(v)))
		}
	}
}

// logarithm is math.Log, whose assembly for amd64 is wrong for numbers below the
// normal ones (as of Go 1.26).
func logarithm(x float64) float64 {
	if 0 < x && x < 0x1p-1022 {
		return math.Log(x*0x1p54) - 54*math.Ln2
	}
	return math.Log(x)
}

func sigmoid(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	if x < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}

func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func reluPlain[T element](n int, dst, x *T) {
	to := unsafe.Slice(dst, n)
	for i, v := range unsafe.Slice(x, n) {
		if v < 0 {
			v = 0
		}
		to[i] = v
	}
}

func reluGradPlain[T element](n int, dst, dy, x *T) {
	to, from := unsafe.Slice(dst, n), unsafe.Slice(dy, n)
	for i, v := range unsafe.Slice(x, n) {
		d := from[i]
		if v <= 0 {
			d = 0
		}
		to[i] = d
	}
}

func biasReLUPlain[T element](n int, y, b *T) {
	to := unsafe.Slice(y, n)
	for i, v := range unsafe.Slice(b, n) {
		v += to[i]
		if v < 0 {
			v = 0
		}
		to[i] = v
	}
}

func narrowPlain[T element](n int, dst *float32, x *T) {
	to := unsafe.Slice(dst, n)
	for i, v := range unsafe.Slice(x, n) {
		to[i] = float32(v)
	}
}

func addNarrowPlain[T element](n int, y *T, x *float32) {
	to := unsafe.Slice(y, n)
	for i, v := range unsafe.Slice(x, n) {
		to[i] += T(v)
	}
}

func maxSquaresPlain[T element](rows, n int, y, x *T, width int) {
	to, from := unsafe.Slice(y, rows*n), unsafe.Slice(x, 2*rows*width)
	for r := range rows {
		up, down := from[2*r*width:][:width], from[(2*r+1)*width:][:width]
		for j := range n {
			to[r*n+j] = max(up[2*j], up[2*j+1], down[2*j], down[2*j+1])
		}
	}
}

func maxSquaresGradPlain[T element](rows, n int, dx, dy, x, y *T, width int) {
	to, from := unsafe.Slice(dx, 2*rows*width), unsafe.Slice(x, 2*rows*width)
	tops := unsafe.Slice(y, rows*n)
	for i, d := range unsafe.Slice(dy, rows*n) {
		up := 2 * (i/n*width + i%n)
		down := up + width
		top, at := tops[i], down+1
		for _, k := range [3]int{up, up + 1, down} {
			if v := from[k]; v == top || v != v {
				at = k
				break
			}
		}
		to[up], to[up+1], to[down], to[down+1] = 0, 0, 0, 0
		to[at] = d
	}
}

func addRunsPlain[T element](runs, n int, y *T, yStep int, x *T, xStep int) {
	to, from := unsafe.Slice(y, (runs-1)*yStep+n), unsafe.Slice(x, (runs-1)*xStep+n)
	for i := range runs {
		run := to[i*yStep:][:n]
		for j, v := range from[i*xStep:][:n] {
			run[j] += v
		}
	}
}

//go:build !noasm

package blas

// statistics8 says whether the processor has what the kernels need.
var statistics8 = hasAVX2()

func ranges8(rows int, x []float64, stride int, low, high, sum, count *Statistic) bool {
	if statistics8 {
		rangesAVX2(rows, &x[0], stride, low, high, sum, count)
	}
	return statistics8
}

func moments8(rows int, x []float64, stride int, center, inverse, sum, squares *Statistic) bool {
	if statistics8 {
		momentsAVX2(rows, &x[0], stride, center, inverse, sum, squares)
	}
	return statistics8
}

// standardize does the first elements, a multiple of four.
func standardize(x, center, scale []float64) (done int) {
	if done = len(x) &^ 3; !statistics8 || done == 0 {
		return 0
	}
	standardizeAVX2(done, &x[0], &center[0], &scale[0])
	return done
}

// fillNaN does the first elements, a multiple of four.
func fillNaN(x, fill []float64) (done int) {
	if done = len(x) &^ 3; !statistics8 || done == 0 {
		return 0
	}
	fillNaNAVX2(done, &x[0], &fill[0])
	return done
}

// widen does the first elements, a multiple of eight.
func widen(dst []float64, x []float32) (done int) {
	if done = len(x) &^ 7; !statistics8 || done == 0 {
		return 0
	}
	widenAVX2(done, &dst[0], &x[0])
	return done
}

// divide does the first elements, a multiple of four.
func divide(x []float64, by float64) (done int) {
	if done = len(x) &^ 3; !statistics8 || done == 0 {
		return 0
	}
	divideAVX2(done, &x[0], by)
	return done
}

// sumExactly sums the first elements, a multiple of sixteen.
func sumExactly(x []float64, lanes, lost *[16]float64) (done int) {
	if done = len(x) &^ 15; !statistics8 || done == 0 {
		return 0
	}
	sumExactlyAVX2(done, &x[0], lanes, lost)
	return done
}

//go:noescape
func rangesAVX2(rows int, x *float64, stride int, low, high, sum, count *Statistic)

//go:noescape
func momentsAVX2(rows int, x *float64, stride int, center, inverse, sum, squares *Statistic)

//go:noescape
func standardizeAVX2(n int, x, center, scale *float64)

//go:noescape
func sumExactlyAVX2(n int, x *float64, lanes, lost *[16]float64)

//go:noescape
func fillNaNAVX2(n int, x, fill *float64)

//go:noescape
func widenAVX2(n int, dst *float64, x *float32)

//go:noescape
func divideAVX2(n int, x *float64, by float64)

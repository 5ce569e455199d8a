//go:build !amd64 || noasm

package blas

// Without kernels the plain loops do everything.

func ranges8(rows int, x []float64, stride int, low, high, sum, count *Statistic) bool { return false }

func moments8(rows int, x []float64, stride int, center, inverse, sum, squares *Statistic) bool {
	return false
}

func standardize(x, center, scale []float64) (done int) { return 0 }

func sumExactly(x []float64, lanes, lost *[16]float64) (done int) { return 0 }

func fillNaN(x, fill []float64) (done int) { return 0 }

func widen(dst []float64, x []float32) (done int) { return 0 }

func divide(x []float64, by float64) (done int) { return 0 }

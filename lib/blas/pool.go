package blas

import "fmt"

// MaxSquares sets y to the largest element of each square of 2×2 elements of x,
// or to NaN if the square contains one. The squares do not overlap. A row of y
// has n elements, and a row of x has width ≥ 2n, of which the first 2n are used.
func MaxSquares[T float32 | float64](y []T, n int, x []T, width int) {
	if rows := squareRows(len(y), n, len(x), width); rows > 0 {
		kernel := engineOf[T]().maxSquares
		if n < fewSquares {
			kernel = maxSquaresPlain[T]
		}
		kernel(rows, n, &y[0], &x[0], width)
	}
}

// MaxSquaresGrad sets dx to the gradient of a loss with respect to x, given dy, that
// with respect to the y of [MaxSquares]: dy at the first of the largest elements of
// each square, or at a NaN, and 0 at the others. It does not change the columns from
// 2n on. Dx must not be x.
func MaxSquaresGrad[T float32 | float64](dx, dy, x, y []T, n, width int) {
	sameLength("y and dy", len(y), len(dy))
	sameLength("x and dx", len(x), len(dx))
	if rows := squareRows(len(y), n, len(x), width); rows > 0 {
		kernel := engineOf[T]().maxSquaresGrad
		if n < fewSquares {
			kernel = maxSquaresGradPlain[T]
		}
		kernel(rows, n, &dx[0], &dy[0], &x[0], &y[0], width)
	}
}

// fewSquares is the number of squares in a row from which on kernels take them.
const fewSquares = 4

// squareRows returns the number of rows of y.
func squareRows(lenY, n, lenX, width int) int {
	if n <= 0 || width < 2*n || lenY%n != 0 || lenX != 2*lenY/n*width {
		panic(fmt.Sprintf("blas: %d squares in rows of %d do not fit %d elements in rows of %d", lenY, n, lenX, width))
	}
	return lenY / n
}

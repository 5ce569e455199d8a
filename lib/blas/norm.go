package blas

import "unsafe"

// sumBlock is how many elements are summed in their own precision: sums of more are
// float64.
const sumBlock = 4096

// Squares returns Σ (x − center) and Σ (x − center)² over the elements of x.
func Squares[T float32 | float64](x []T, center T) (sum, squares float64) {
	kernel := engineOf[T]().squares
	for lo := 0; lo < len(x); lo += sumBlock {
		s, q := kernel(min(sumBlock, len(x)-lo), &x[lo], center)
		sum, squares = sum+float64(s), squares+float64(q)
	}
	return sum, squares
}

// Normalize sets normal ← (x − mean)·inverse and y ← scale·normal + shift, for each
// element: the last step of LayerNorm, where mean and 1/inverse are the mean and the
// standard deviation of x. y or normal may be x.
func Normalize[T float32 | float64](y, normal, x, scale, shift []T, mean, inverse T) {
	n := sameLength("x, y, normal, scale and shift", len(x), len(y), len(normal), len(scale), len(shift))
	if n > 0 {
		engineOf[T]().normalize(n, &y[0], &normal[0], &x[0], &scale[0], &shift[0], mean, inverse)
	}
}

// NormalizeGrad is the gradient of [Normalize] with respect to scale, shift and
// normal, given dy: it adds dy·normal to dScale and dy to dShift, sets dx ← dy·scale,
// and returns Σ dx and Σ dx·normal. [Center] does the rest. dx may be dy.
func NormalizeGrad[T float32 | float64](dx, dScale, dShift, dy, normal, scale []T) (sum, cross float64) {
	n := sameLength("dy, dx, dScale, dShift, normal and scale", len(dy), len(dx), len(dScale), len(dShift), len(normal), len(scale))
	kernel := engineOf[T]().normalizeGrad
	for lo := 0; lo < n; lo += sumBlock {
		s, c := kernel(min(sumBlock, n-lo), &dx[lo], &dScale[lo], &dShift[lo], &dy[lo], &normal[lo], &scale[lo])
		sum, cross = sum+float64(s), cross+float64(c)
	}
	return sum, cross
}

// Center sets dx ← inverse·(dx − mean − cross·normal) for each element: with the means
// of dx and of dx·normal it is the gradient with respect to the x of [Normalize].
func Center[T float32 | float64](dx, normal []T, mean, cross, inverse T) {
	if n := sameLength("dx and normal", len(dx), len(normal)); n > 0 {
		engineOf[T]().center(n, &dx[0], &normal[0], mean, cross, inverse)
	}
}

// DividesNormalizeGrad reports whether there are kernels for the parts of [NormalizeGrad] and
// [Center], which give the same numbers bit by bit: [NormalSums] and [CenterScaled] for rows,
// [NormalColumns] for columns. Without them these panic.
func DividesNormalizeGrad[T float32 | float64]() bool {
	return HasKernels && engineOf[T]().normalColumns != nil
}

// NormalSums returns the sums of [NormalizeGrad]: Σ dy·scale and Σ dy·scale·normal.
func NormalSums[T float32 | float64](dy, normal, scale []T) (sum, cross float64) {
	n := sameLength("dy, normal and scale", len(dy), len(normal), len(scale))
	kernel := engineOf[T]().normalSums
	for lo := 0; lo < n; lo += sumBlock {
		s, c := kernel(min(sumBlock, n-lo), &dy[lo], &normal[lo], &scale[lo])
		sum, cross = sum+float64(s), cross+float64(c)
	}
	return sum, cross
}

// CenterScaled sets dx ← inverse·(dy·scale − mean − cross·normal): [Center] of the dx of
// [NormalizeGrad].
func CenterScaled[T float32 | float64](dx, dy, normal, scale []T, mean, cross, inverse T) {
	if n := sameLength("dy, dx, normal and scale", len(dy), len(dx), len(normal), len(scale)); n > 0 {
		engineOf[T]().centerScaled(n, &dx[0], &dy[0], &normal[0], &scale[0], mean, cross, inverse)
	}
}

// NormalColumns adds what [NormalizeGrad] adds to dScale and dShift, for rows of dy and
// normal, one after another, that begin step elements apart. It reads as many columns of
// them as dScale has elements.
func NormalColumns[T float32 | float64](dScale, dShift, dy, normal []T, step, rows int) {
	n := sameLength("dScale and dShift", len(dScale), len(dShift))
	if n > 0 && rows > 0 {
		checkRuns(len(normal), step, len(dy), step, rows, n)
		engineOf[T]().normalColumns(rows, n, &dScale[0], &dShift[0], &dy[0], &normal[0], step)
	}
}

func squaresPlain[T element](n int, x *T, center T) (sum, squares T) {
	for _, v := range unsafe.Slice(x, n) {
		d := v - center
		sum += d
		squares += d * d
	}
	return sum, squares
}

func normalizePlain[T element](n int, y, normal, x, scale, shift *T, mean, inverse T) {
	to, out := unsafe.Slice(normal, n), unsafe.Slice(y, n)
	gamma, beta := unsafe.Slice(scale, n), unsafe.Slice(shift, n)
	for i, v := range unsafe.Slice(x, n) {
		v = (v - mean) * inverse
		to[i], out[i] = v, gamma[i]*v+beta[i]
	}
}

func normalizeGradPlain[T element](n int, dx, dScale, dShift, dy, normal, scale *T) (sum, cross T) {
	to, dGamma, dBeta := unsafe.Slice(dx, n), unsafe.Slice(dScale, n), unsafe.Slice(dShift, n)
	values, gamma := unsafe.Slice(normal, n), unsafe.Slice(scale, n)
	for i, d := range unsafe.Slice(dy, n) {
		dGamma[i] += d * values[i]
		dBeta[i] += d
		to[i] = d * gamma[i]
		sum += to[i]
		cross += to[i] * values[i]
	}
	return sum, cross
}

func centerPlain[T element](n int, dx, normal *T, mean, cross, inverse T) {
	d := unsafe.Slice(dx, n)
	for i, v := range unsafe.Slice(normal, n) {
		d[i] = inverse * (d[i] - mean - cross*v)
	}
}

package ch06a

// maxPool returns the picture of size/2 × size/2 pixels that has the largest
// value of each square of 2×2 pixels of x. x has size×size pixels, row after
// row, and size is even.
func maxPool(x []float64, size int) []float64 {
	// BEGIN SOLUTION
	half := size / 2
	y := make([]float64, half*half)
	for i := range half {
		for j := range half {
			a := 2*i*size + 2*j
			y[i*half+j] = max(x[a], x[a+1], x[a+size], x[a+size+1])
		}
	}
	return y
	// END SOLUTION
}

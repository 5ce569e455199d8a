package ch06a

// shifted returns a picture of size×size pixels with its ink moved right pixels
// to the right and down pixels down, to the left and up if they are negative.
// What leaves the picture is lost; what comes in is paper, 0. x stays as it is.
func shifted(x []float64, size, right, down int) []float64 {
	// BEGIN SOLUTION
	y := make([]float64, len(x))
	for i := range size {
		for j := range size {
			if r, c := i-down, j-right; r >= 0 && r < size && c >= 0 && c < size {
				y[i*size+j] = x[r*size+c]
			}
		}
	}
	return y
	// END SOLUTION
}

package ch08c

// mergeLora returns w + (alpha/r)·ab as a new matrix, where r is the rank: the
// number of columns of a, which is the number of rows of b.
func mergeLora(w, a, b [][]float64, alpha float64) [][]float64 {
	// BEGIN SOLUTION
	scale := alpha / float64(len(b))
	out := make([][]float64, len(w))
	for i := range w {
		out[i] = make([]float64, len(w[i]))
		for j := range w[i] {
			sum := 0.0
			for k := range b {
				sum += a[i][k] * b[k][j]
			}
			out[i][j] = w[i][j] + scale*sum
		}
	}
	return out
	// END SOLUTION
}

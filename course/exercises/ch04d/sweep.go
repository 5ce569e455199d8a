package ch04d

// sweep returns the gradient of the last node by every node. Node i is made from
// the nodes from[i], all with smaller numbers, and local[i] has its derivative by
// each of them, at the same place.
func sweep(from [][]int, local [][]float64) []float64 {
	// BEGIN SOLUTION
	grad := make([]float64, len(from))
	grad[len(from)-1] = 1
	for i := len(from) - 1; i >= 0; i-- {
		for k, j := range from[i] {
			grad[j] += local[i][k] * grad[i]
		}
	}
	return grad
	// END SOLUTION
}

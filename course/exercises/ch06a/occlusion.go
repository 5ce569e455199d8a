package ch06a

import "slices"

// occlusion returns for each pixel of a picture of size×size pixels how much
// probability is lost, p(x) − p(covered), when the square of 3×3 pixels around
// it is covered with paper, 0. At the border, only what exists of the square is
// covered. x stays as it is.
func occlusion(p func(x []float64) float64, x []float64, size int) []float64 {
	// BEGIN SOLUTION
	lost := make([]float64, len(x))
	before := p(x)
	for r := range size {
		for c := range size {
			covered := slices.Clone(x)
			for i := max(0, r-1); i <= min(size-1, r+1); i++ {
				for j := max(0, c-1); j <= min(size-1, c+1); j++ {
					covered[i*size+j] = 0
				}
			}
			lost[r*size+c] = before - p(covered)
		}
	}
	return lost
	// END SOLUTION
}

package ch04

import "gonum.org/v1/gonum/stat"

// lineByHand returns the intercept w0 and the slope w1 of the line that fits
// best: w1 is the covariance of x and y divided by the variance of x, and the
// line passes through the two means.
func lineByHand(x, y []float64) (w0, w1 float64) {
	// BEGIN SOLUTION
	meanX, meanY := stat.Mean(x, nil), stat.Mean(y, nil)
	covariance, variance := 0.0, 0.0
	for i := range x {
		covariance += (x[i] - meanX) * (y[i] - meanY)
		variance += (x[i] - meanX) * (x[i] - meanX)
	}
	w1 = covariance / variance
	return meanY - w1*meanX, w1
	// END SOLUTION
}

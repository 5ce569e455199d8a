package ch04

// rSquared returns R², the share of the scatter of y that the predictions explain:
// 1 less the sum of their squared errors divided by that of the mean of y. Not
// all of y are equal.
func rSquared(y, prediction []float64) float64 {
	// BEGIN SOLUTION
	mean := 0.0
	for _, v := range y {
		mean += v / float64(len(y))
	}
	errors, scatter := 0.0, 0.0
	for i, v := range y {
		errors += (v - prediction[i]) * (v - prediction[i])
		scatter += (v - mean) * (v - mean)
	}
	return 1 - errors/scatter
	// END SOLUTION
}

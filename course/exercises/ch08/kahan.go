package ch08

// kahan adds the numbers of x with Kahan's method, and rounds the result of
// every addition and subtraction.
func kahan(x []float64, round func(float64) float64) float64 {
	// BEGIN SOLUTION
	sum, lost := 0.0, 0.0
	for _, v := range x {
		y := round(v - lost)
		t := round(sum + y)
		lost = round(round(t-sum) - y)
		sum = t
	}
	return sum
	// END SOLUTION
}

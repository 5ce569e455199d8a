package ch04d

// dualQuotient returns a/b and its derivative, where da and db are the derivatives
// of a and b along the same direction.
func dualQuotient(a, da, b, db float64) (y, dy float64) {
	// BEGIN SOLUTION
	y = a / b
	return y, (da - y*db) / b
	// END SOLUTION
}

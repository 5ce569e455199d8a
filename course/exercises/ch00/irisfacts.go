package ch00

// irisFacts returns how many samples, features and classes the data set
// datasets.Iris() has.
func irisFacts() (samples, features, classes int) {
	// BEGIN SOLUTION
	return 150, 4, 3
	// END SOLUTION
}

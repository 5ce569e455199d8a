package ch05

// breakEven returns the probability from which on a patient should be looked
// after, if to overlook a fast one costs miss, and to look after a slow one for
// nothing costs alarm.
func breakEven(miss, alarm float64) float64 {
	// BEGIN SOLUTION
	return alarm / (miss + alarm)
	// END SOLUTION
}

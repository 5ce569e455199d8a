package ch06d

// throughTime returns the derivative of the last state by each state: element t is
// ∂h[last]/∂h[t], where h[t] = tanh(w·x[t] + u·h[t−1]). That of the last state by
// itself is 1.
func throughTime(h []float64, u float64) []float64 {
	// BEGIN SOLUTION
	d := make([]float64, len(h))
	d[len(h)-1] = 1
	for t := len(h) - 2; t >= 0; t-- {
		d[t] = d[t+1] * u * (1 - h[t+1]*h[t+1])
	}
	return d
	// END SOLUTION
}

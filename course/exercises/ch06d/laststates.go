package ch06d

// lastStates reads each text on its own and returns the state at its end. step
// returns the state after a word, given the state before it; the state before the
// first word of a text is 0. Words of −1 are padding.
func lastStates(texts [][]int, step func(h float64, word int) float64) []float64 {
	// BEGIN SOLUTION
	states := make([]float64, len(texts))
	for i, text := range texts {
		h := 0.0
		for _, word := range text {
			if word >= 0 {
				h = step(h, word)
			}
		}
		states[i] = h
	}
	return states
	// END SOLUTION
}

package ch08c

import "math"

// warmRate returns the learning rate of a step, 0 ≤ step < total. In the first
// warm steps it rises linearly: peak/warm in step 0, peak in step warm−1. Then it
// falls along half a cosine: peak in step warm, and towards 0 at step total.
func warmRate(step, warm, total int, peak float64) float64 {
	// BEGIN SOLUTION
	if step < warm {
		return peak * float64(step+1) / float64(warm)
	}
	gone := float64(step-warm) / float64(total-warm)
	return peak * (1 + math.Cos(math.Pi*gone)) / 2
	// END SOLUTION
}

package ch01

// enoughSamples doubles the number of samples, beginning with start, as long as
// that pays: it returns the first number n for which 2n samples score less than
// gain higher than n samples. It never asks for more than most samples: where 2n
// is too many, n is the answer. Each call of score is a training, so ask for
// each number only once.
func enoughSamples(score func(n int) float64, start, most int, gain float64) int {
	// BEGIN SOLUTION
	n, now := start, score(start)
	for 2*n <= most {
		next := score(2 * n)
		if next-now < gain {
			break
		}
		n, now = 2*n, next
	}
	return n
	// END SOLUTION
}

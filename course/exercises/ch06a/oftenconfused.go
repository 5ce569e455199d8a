package ch06a

// oftenConfused returns the confusion that happens most often: n pictures of
// class truly were called class called. Classes are 0 to classes−1. If two are
// equally frequent it is the one with the smaller truly, then the smaller
// called; if there is no error at all, n is 0, and the other two are, too.
func oftenConfused(truth, said []int, classes int) (truly, called, n int) {
	// BEGIN SOLUTION
	count := make([]int, classes*classes)
	for i, y := range truth {
		if said[i] != y {
			count[y*classes+said[i]]++
		}
	}
	for k, c := range count {
		if c > n {
			truly, called, n = k/classes, k%classes, c
		}
	}
	return truly, called, n
	// END SOLUTION
}

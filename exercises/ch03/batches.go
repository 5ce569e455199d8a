package ch03

// batches divides the row numbers in order into batches of the given size. The
// last one is smaller where the rows do not come out even. A size of 0, or one
// above the number of rows, means a single batch of all.
func batches(order []int, size int) [][]int {
	// BEGIN SOLUTION
	if size == 0 {
		size = len(order)
	}
	var out [][]int
	for len(order) > 0 {
		n := min(size, len(order))
		out = append(out, order[:n])
		order = order[n:]
	}
	return out
	// END SOLUTION
}

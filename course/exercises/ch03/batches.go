package ch03

// batches divides an epoch, whose samples come in the given order, into batches
// of the given size. The last batch has the samples that are left. order stays as
// it is.
func batches(order []int, size int) [][]int {
	// BEGIN SOLUTION
	var out [][]int
	for from := 0; from < len(order); from += size {
		out = append(out, order[from:min(from+size, len(order))])
	}
	return out
	// END SOLUTION
}

package ch04d

// topologicalOrder returns the nodes that last depends on, and last itself: each
// once, and after all nodes that it is made from, which are from[i] for node i.
func topologicalOrder(from [][]int, last int) []int {
	// BEGIN SOLUTION
	var order []int
	seen := map[int]bool{}
	var visit func(i int)
	visit = func(i int) {
		if seen[i] {
			return
		}
		seen[i] = true
		for _, j := range from[i] {
			visit(j)
		}
		order = append(order, i)
	}
	visit(last)
	return order
	// END SOLUTION
}

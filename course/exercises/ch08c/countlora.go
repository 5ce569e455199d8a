package ch08c

// countLora returns how many parameters are trained, and how many there are in
// all, when low-rank adaptation of the given rank is added to dense layers. Each
// layer has its inputs and its units; it has a matrix and a bias for each unit,
// both frozen.
func countLora(layers [][2]int, rank int) (trained, all int) {
	// BEGIN SOLUTION
	for _, l := range layers {
		n, units := l[0], l[1]
		trained += rank * (n + units)
		all += n*units + units
	}
	return trained, all + trained
	// END SOLUTION
}

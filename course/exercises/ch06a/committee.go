package ch06a

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// committee returns, for each picture, the class to which the members together
// give the highest mean probability. A member is its matrix of probabilities: a
// row for each picture, and a column for each class. The members stay as they
// are.
func committee(members []*mat.Dense) []int {
	// BEGIN SOLUTION
	var sum mat.Dense // dividing by the number of members would change no maximum
	sum.CloneFrom(members[0])
	for _, p := range members[1:] {
		sum.Add(&sum, p)
	}
	rows, _ := sum.Dims()
	labels := make([]int, rows)
	for i := range labels {
		labels[i] = floats.MaxIdx(sum.RawRowView(i))
	}
	return labels
	// END SOLUTION
}

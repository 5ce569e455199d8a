package ch06c

import (
	"cmp"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// similar returns the numbers of the n words that are most similar to word i,
// the most similar first, without i itself; all others if there are fewer than
// n. Row j of vectors is the vector of word j, and none is all zeros. Similarity
// is the cosine of the angle between two vectors, a·b / (‖a‖‖b‖).
func similar(vectors *mat.Dense, i, n int) []int {
	// BEGIN SOLUTION
	cosine := func(j int) float64 {
		a, b := vectors.RowView(i), vectors.RowView(j)
		return mat.Dot(a, b) / (mat.Norm(a, 2) * mat.Norm(b, 2))
	}
	words, _ := vectors.Dims()
	var others []int
	for j := range words {
		if j != i {
			others = append(others, j)
		}
	}
	slices.SortStableFunc(others, func(a, b int) int { return cmp.Compare(cosine(b), cosine(a)) })
	return others[:min(n, len(others))]
	// END SOLUTION
}

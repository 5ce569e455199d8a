package datasets

import (
	"fmt"
	"math"
	"sort"
)

// splitRows divides the rows 0 to m−1 at random. classes holds the class of each row, or is nil: all of one class.
func splitRows(classes []int, k, m int, testFraction float64, seed uint64) (train, test []int) {
	if !(testFraction > 0 && testFraction < 1) {
		panic(fmt.Sprintf("datasets: Split(%v): the test fraction must lie between 0 and 1", testFraction))
	}
	want := int(math.Round(testFraction * float64(m)))
	if want == 0 || want == m {
		panic(fmt.Sprintf("datasets: Split(%v) of %d samples leaves a part empty", testFraction, m))
	}
	class := func(i int) int {
		if classes == nil {
			return 0
		}
		return classes[i]
	}
	sizes := make([]int, k)
	for i := range m {
		sizes[class(i)]++
	}
	left := shares(sizes, want, m)
	for _, i := range random(seed, streamSplit).Perm(m) {
		if k := class(i); left[k] > 0 {
			left[k]--
			test = append(test, i)
		} else {
			train = append(train, i)
		}
	}
	return train, test
}

// shares divides want among groups in proportion to their sizes, which sum to m: first the integer parts, then
// one more for those with the largest remainders.
func shares(sizes []int, want, m int) []int {
	n := make([]int, len(sizes))
	rank := make([]int, len(sizes))
	left := want
	for g, size := range sizes {
		n[g] = want * size / m
		left -= n[g]
		rank[g] = g
	}
	remainder := func(g int) int { return want * sizes[g] % m }
	sort.SliceStable(rank, func(a, b int) bool { return remainder(rank[a]) > remainder(rank[b]) })
	for _, g := range rank[:left] {
		n[g]++
	}
	return n
}

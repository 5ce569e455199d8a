// Package order finds what sorting would find, but does not compare every element
// with others. It finds single order statistics by counting, and it sorts by digits
// (radix sort).
package order

import "slices"

// Sorting is as fast as counting for fewer elements or more ranks.
const (
	fewElements = 256
	manyRanks   = 128
)

// buckets is how many intervals Place divides a range into. Two tables of that
// size fit into a core's first cache.
const buckets = 2048

// Place sets v[r] to the value that it would have if v were sorted, for each r in
// ranks. The other places then hold arbitrary elements of v. v must not contain NaN.
//
// It counts the elements in intervals of equal width between the smallest and the
// largest, and then looks only at the intervals that contain a rank. If such an
// interval holds most of the elements, as with an outlier, it is divided again, and
// sorted if that does not help either.
func Place(v []float64, ranks ...int) {
	if len(v) < fewElements || len(ranks) > manyRanks {
		slices.Sort(v)
		return
	}
	low, high := v[0], v[0]
	for _, x := range v {
		if x < low {
			low = x
		}
		if x > high {
			high = x
		}
	}
	scale := float64(buckets-1) / (high - low)
	if !(scale > 0 && scale*(high-low) < buckets) { // equal, or out of range
		if low < high {
			slices.Sort(v)
		}
		return
	}
	var count [buckets]int32
	for _, x := range v {
		count[uint(int((x-low)*scale))%buckets]++
	}
	// wanted[b] is 1 + the place of interval b among those that hold a rank.
	var wanted [buckets]uint8
	var chosen []interval
	ranks = slices.Sorted(slices.Values(ranks))
	first := 0 // the number of elements below interval b
	for b, n := range count {
		inside := 0
		for inside < len(ranks) && ranks[inside] < first+int(n) {
			inside++
		}
		if inside > 0 {
			chosen = append(chosen, interval{first, ranks[:inside], make([]float64, 0, n)})
			wanted[b] = uint8(len(chosen))
		}
		first, ranks = first+int(n), ranks[inside:]
	}
	for _, x := range v {
		if k := wanted[uint(int((x-low)*scale))%buckets]; k > 0 {
			c := &chosen[k-1]
			c.members = append(c.members, x)
		}
	}
	for _, c := range chosen {
		c.place(v)
	}
}

// An interval has the elements that stand from first on in the order, and the
// ranks that are wanted of them.
type interval struct {
	first   int
	ranks   []int
	members []float64
}

// place sets the elements of v at the ranks of the interval.
func (c interval) place(v []float64) {
	if len(c.members) > len(v)/2 {
		slices.Sort(c.members)
	} else {
		inside := make([]int, len(c.ranks))
		for k, r := range c.ranks {
			inside[k] = r - c.first
		}
		Place(c.members, inside...)
	}
	for _, r := range c.ranks {
		v[r] = c.members[r-c.first]
	}
}

package order

import (
	"cmp"
	"math"
	"slices"
)

// A radix sort looks at the digits of its keys from the last to the first, and
// deals the elements by each into as many heaps as there are digits. It keeps the
// order of equal keys. Here it looks at the upper half of the keys only: those that
// are equal there are few, or equal altogether, and are sorted by comparing.
const (
	digitBits  = 8
	heaps      = 1 << digitBits
	firstShift = 32
	digits     = (64 - firstShift) / digitBits
)

// digit returns digit d of the upper half of k.
func digit(k uint64, d int) uint64 { return k >> (firstShift + d*digitBits) % heaps }

// sameUpper calls sort for the ranges of keys that differ in their lower halves
// alone.
func sameUpper(n int, key func(i int) uint64, sort func(from, to int)) {
	from, differ := 0, false
	for i := 1; i <= n; i++ {
		if i < n && key(i)>>firstShift == key(from)>>firstShift {
			differ = differ || key(i) != key(from)
			continue
		}
		if differ {
			sort(from, i)
		}
		from, differ = i, false
	}
}

// fewKeys is the length below which comparing is faster.
const fewKeys = 1 << 11

// key returns an integer that grows with v. −0 comes before 0.
func key(v float64) uint64 {
	b := math.Float64bits(v)
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

// value is the inverse of key.
func value(k uint64) float64 {
	return math.Float64frombits(k ^ (^uint64(int64(k)>>63) | 1<<63))
}

// Sort sorts v, which must not contain NaN.
func Sort(v []float64) {
	if len(v) < fewKeys {
		slices.Sort(v)
		return
	}
	keys := make([]uint64, 2*len(v))
	from, to := keys[:len(v)], keys[len(v):]
	var count [digits][heaps]int32
	for i, x := range v {
		k := key(x)
		from[i] = k
		for d := range digits {
			count[d][digit(k, d)]++
		}
	}
	for d := range digits {
		next := &count[d]
		if !starts(next, len(v)) {
			continue
		}
		for _, k := range from {
			at := &next[digit(k, d)]
			to[*at] = k
			*at++
		}
		from, to = to, from
	}
	sameUpper(len(from), func(i int) uint64 { return from[i] }, func(lo, hi int) { slices.Sort(from[lo:hi]) })
	for i, k := range from {
		v[i] = value(k)
	}
}

// starts turns the sizes of heaps into where they begin. It returns false if all n
// elements are in one.
func starts(count *[heaps]int32, n int) bool {
	at := int32(0)
	for h, c := range count {
		if int(c) == n {
			return false
		}
		count[h] = at
		at += c
	}
	return true
}

// An entry is a row and the key that it is sorted by.
type entry struct {
	key uint64
	row int
}

// Descending sorts rows by descending score. The sort is stable, and 0 and −0 are
// equal. The scores must not contain NaN.
func Descending(rows []int, score []float64) {
	if len(rows) < fewKeys {
		slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(score[b], score[a]) })
		return
	}
	deal(rows, score, ^uint64(0))
}

// Ascending is like Descending, but sorts by ascending score.
func Ascending(rows []int, score []float64) {
	if len(rows) < fewKeys {
		slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(score[a], score[b]) })
		return
	}
	deal(rows, score, 0)
}

// deal sorts rows by the key of their score, of which it turns over the given bits.
func deal(rows []int, score []float64, turned uint64) {
	entries := make([]entry, 2*len(rows))
	from, to := entries[:len(rows)], entries[len(rows):]
	var count [digits][heaps]int32
	for i, row := range rows {
		k := key(score[row]+0) ^ turned // +0 makes 0 of −0
		from[i] = entry{k, row}
		for d := range digits {
			count[d][digit(k, d)]++
		}
	}
	for d := range digits {
		next := &count[d]
		if !starts(next, len(rows)) {
			continue
		}
		for _, e := range from {
			at := &next[digit(e.key, d)]
			to[*at] = e
			*at++
		}
		from, to = to, from
	}
	sameUpper(len(from), func(i int) uint64 { return from[i].key }, func(lo, hi int) {
		slices.SortStableFunc(from[lo:hi], func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	})
	for i, e := range from {
		rows[i] = e.row
	}
}

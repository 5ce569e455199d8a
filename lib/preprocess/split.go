package preprocess

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/descent-go/descent/internal/order"
	"github.com/descent-go/descent/internal/pages"
)

// Split lists the rows of three parts of the data: to learn from, to choose
// settings with, and to measure the result once at the end. No row is in two parts.
// The lists hold row indices; use [Rows] and [Take] to get the data.
type Split struct{ Train, Validation, Test []int }

// Fractions are the shares of the rows for validation and test; training gets the
// rest. A part has fraction·n rows, rounded to the nearest integer, and at least
// one if its fraction is not 0. (scikit-learn rounds the test set up, so that
// 100·0.07 = 7.000000000000001 becomes 8.)
type Fractions struct{ Validation, Test float64 }

// Validate returns an error unless both fractions are in [0, 1) and their sum is
// below 1.
func (f Fractions) Validate() error {
	if !(f.Validation >= 0 && f.Test >= 0 && f.Validation+f.Test < 1) {
		return fmt.Errorf("preprocess: fractions %v for validation and %v for test must not be negative and must leave something to train on", f.Validation, f.Test)
	}
	return nil
}

// sizes returns the numbers of rows of the validation and test parts.
func (f Fractions) sizes(n int, what string) (validation, test int, err error) {
	if err := f.Validate(); err != nil {
		return 0, 0, err
	}
	size := func(fraction float64) int {
		if fraction == 0 {
			return 0
		}
		return max(1, int(math.Round(fraction*float64(n))))
	}
	validation, test = size(f.Validation), size(f.Test)
	if validation+test >= n {
		return 0, 0, fmt.Errorf("preprocess: %d %s are too few for %d in validation and %d in test: nothing is left to train on", n, what, validation, test)
	}
	return validation, test, nil
}

// cut divides order into the parts: test first, validation next, the rest train.
// They are disjoint parts of its memory.
func cut(order []int, validation, test int) Split {
	return Split{
		Test:       order[:test:test],
		Validation: order[test : test+validation : test+validation],
		Train:      order[test+validation:],
	}
}

// SplitRandom shuffles n rows and divides them. The same seed gives the same
// split.
func SplitRandom(n int, f Fractions, seed uint64) (Split, error) {
	validation, test, err := f.sizes(n, "rows")
	if err != nil {
		return Split{}, err
	}
	return cut(random(seed).Perm(n), validation, test), nil
}

// SplitStratified divides the rows at random so that each part has each label in
// the same proportion, as nearly as whole rows allow (largest remainders). It
// returns an error if a label is NaN or has fewer rows than there are parts.
func SplitStratified[T cmp.Ordered](labels []T, f Fractions, seed uint64) (Split, error) {
	validation, test, err := f.sizes(len(labels), "rows")
	if err != nil {
		return Split{}, err
	}
	parts := 1 + min(validation, 1) + min(test, 1)
	values, members, err := groupRows(labels)
	if err != nil {
		return Split{}, err
	}
	counts := make([]int, len(members))
	for k, rows := range members {
		counts[k] = len(rows)
		if len(rows) < parts {
			return Split{}, fmt.Errorf("preprocess: label %v has %d rows, too few for %d parts: leave it out or join it with another", values[k], len(rows), parts)
		}
	}
	r := random(seed)
	inTest := apportion(counts, test)
	left := make([]int, len(counts))
	for k := range counts {
		left[k] = counts[k] - inTest[k]
	}
	inValidation := apportion(left, validation)
	var s Split
	for k, rows := range members {
		shuffle(r, rows)
		p := cut(rows, inValidation[k], inTest[k])
		s.Train = append(s.Train, p.Train...)
		s.Validation = append(s.Validation, p.Validation...)
		s.Test = append(s.Test, p.Test...)
	}
	shuffle(r, s.Train)
	shuffle(r, s.Validation)
	shuffle(r, s.Test)
	return s, nil
}

// SplitGrouped divides groups at random, and puts all rows of a group into the same
// part: photographs of one patient must not be in both training and test. The
// fractions are shares of the groups, not of the rows. Within a part the rows keep
// their order. It returns an error if a group is NaN.
func SplitGrouped[T cmp.Ordered](groups []T, f Fractions, seed uint64) (Split, error) {
	_, members, err := groupRows(groups)
	if err != nil {
		return Split{}, err
	}
	validation, test, err := f.sizes(len(members), "groups")
	if err != nil {
		return Split{}, err
	}
	p := cut(random(seed).Perm(len(members)), validation, test)
	part := make([]int8, len(groups)) // of each row: 0 train, 1 validation, 2 test
	for k, chosen := range [][]int{p.Train, p.Validation, p.Test} {
		for _, group := range chosen {
			for _, i := range members[group] {
				part[i] = int8(k)
			}
		}
	}
	var lists [3][]int
	for i, k := range part {
		lists[k] = append(lists[k], i)
	}
	return Split{lists[0], lists[1], lists[2]}, nil
}

// SplitByTime trains on the past and tests on the future: rows are ordered by time,
// the last ones are the test part and those before them the validation part. Rows
// with the same time are never divided; they go to the later part. For a time.Time
// use its Unix time. It returns an error if a time is NaN.
func SplitByTime[T cmp.Ordered](times []T, f Fractions) (Split, error) {
	if err := checkLabels(times); err != nil {
		return Split{}, err
	}
	n := len(times)
	validation, test, err := f.sizes(n, "rows")
	if err != nil {
		return Split{}, err
	}
	rows := sequence(n)
	if t, ok := any(times).([]float64); ok {
		order.Ascending(rows, t)
	} else {
		slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(times[a], times[b]) })
	}
	boundary := func(k int) int {
		for k > 0 && k < n && times[rows[k-1]] == times[rows[k]] {
			k--
		}
		return k
	}
	toTest := boundary(n - test)
	toValidation := toTest
	if validation > 0 {
		toValidation = boundary(max(0, toTest-validation))
	}
	if toValidation == 0 {
		return Split{}, fmt.Errorf("preprocess: too many rows have the same time: nothing is left to train on")
	}
	return Split{rows[:toValidation:toValidation], rows[toValidation:toTest:toTest], rows[toTest:]}, nil
}

// groupRows returns the distinct values in ascending order, and for each the
// rows that have it, in order. NaN is an error.
func groupRows[T cmp.Ordered](values []T) (distinct []T, members [][]int, err error) {
	if err := checkLabels(values); err != nil {
		return nil, nil, err
	}
	index := make(map[T]int32)
	group, sizes := make([]int32, len(values)), []int(nil)
	for i, v := range values {
		if i > 0 && v == values[i-1] {
			group[i] = group[i-1]
		} else if k, found := index[v]; found {
			group[i] = k
		} else {
			group[i] = int32(len(distinct))
			index[v] = group[i]
			distinct, sizes = append(distinct, v), append(sizes, 0)
		}
		sizes[group[i]]++
	}
	found := make([][]int, len(distinct))
	all := make([]int, len(values))
	for k, size := range sizes {
		found[k], all = all[:0:size], all[size:]
	}
	for i, k := range group {
		found[k] = append(found[k], i)
	}
	order := sequence(len(distinct))
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(distinct[a], distinct[b]) })
	return Take(distinct, order), Take(found, order), nil
}

// checkLabels returns an error if a value is NaN, which equals nothing, itself
// included, and so belongs to no group and has no place in an order.
func checkLabels[T cmp.Ordered](values []T) error {
	for i, v := range values {
		if v != v {
			return fmt.Errorf("preprocess: the label, group or time of row %d is NaN: remove the row or give it a value", i)
		}
	}
	return nil
}

// apportion divides total in proportion to counts by largest remainders
// (Hamilton's method), the first of equal remainders winning.
func apportion(counts []int, total int) []int {
	sum := 0
	for _, c := range counts {
		sum += c
	}
	share, remainder := make([]int, len(counts)), make([]int, len(counts))
	left := total
	for k, c := range counts {
		share[k], remainder[k] = c*total/sum, c*total%sum
		left -= share[k]
	}
	order := sequence(len(counts))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainder[b], remainder[a]) })
	for _, k := range order[:left] {
		share[k]++
	}
	return share
}

// random returns the stream of random numbers that belongs to a seed.
func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

func shuffle(r *rand.Rand, rows []int) {
	r.Shuffle(len(rows), func(a, b int) { rows[a], rows[b] = rows[b], rows[a] })
}

// sequence returns 0, 1, …, n−1.
func sequence(n int) []int {
	s := pages.UnclearedInts(n)
	for i := range s {
		s[i] = i
	}
	return s
}

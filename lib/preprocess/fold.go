package preprocess

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/descent-go/descent/internal/pages"
)

// Fold is one round of cross-validation: the rows to train on and the rows to test
// on, which are disjoint. Folds are plain data, so that any code may run them in
// any order or in parallel. Folds may share memory, so copy a list before changing
// its elements.
type Fold struct{ Train, Test []int }

// KFold shuffles n rows and divides them into k parts of nearly equal size (the
// first n mod k have one row more). Each part is the test part of one fold. The
// same seed gives the same folds.
func KFold(n, k int, seed uint64) ([]Fold, error) { return kFold(n, k, random(seed)) }

// KFoldInOrder is KFold without the shuffle: each test part is a range of rows. Use
// it only if the data are not sorted. KFoldInOrder(n, n) leaves out one row at a
// time.
func KFoldInOrder(n, k int) ([]Fold, error) { return kFold(n, k, nil) }

// kFold shuffles the rows unless r is nil.
func kFold(n, k int, r *rand.Rand) ([]Fold, error) {
	if k < 2 || k > n {
		return nil, fmt.Errorf("preprocess: cannot divide %d rows into %d folds: want 2 to %d", n, k, n)
	}
	order := sequence(n)
	if r == nil {
		return rangesOf(order, k), nil
	}
	shuffle(r, order)
	part := make([]int, n) // part[i] is the fold in which row i is tested
	from := 0
	for f := range k {
		size := foldSize(n, k, f)
		for _, i := range order[from : from+size] {
			part[i] = f
		}
		from += size
	}
	return foldsOf(part, k), nil
}

// foldSize is how many of n rows are tested in fold f of k.
func foldSize(n, k, f int) int {
	if f < n%k {
		return n/k + 1
	}
	return n / k
}

// rangesOf returns the k folds that test ranges of the rows.
func rangesOf(rows []int, k int) []Fold {
	folds, from := make([]Fold, k), 0
	for f := range folds {
		to := from + foldSize(len(rows), k, f)
		train := pages.UnclearedInts(len(rows) - (to - from))
		copy(train[copy(train, rows[:from]):], rows[to:])
		folds[f] = Fold{Train: train, Test: rows[from:to:to]}
		from = to
	}
	return folds
}

// StratifiedKFold shuffles the rows and divides them into k folds with the same
// proportions of labels, as nearly as whole rows allow. The same seed gives the
// same folds. It returns an error if a label is NaN or if no label has k rows. A
// label with fewer rows is missing from the test part of some folds.
func StratifiedKFold[T cmp.Ordered](labels []T, k int, seed uint64) ([]Fold, error) {
	return stratifiedKFold(labels, k, random(seed))
}

// StratifiedKFoldInOrder is StratifiedKFold without the shuffle: the rows of each
// label go to the folds in order, exactly as in scikit-learn.
func StratifiedKFoldInOrder[T cmp.Ordered](labels []T, k int) ([]Fold, error) {
	return stratifiedKFold(labels, k, nil)
}

// stratifiedKFold shuffles the rows of each label unless r is nil.
func stratifiedKFold[T cmp.Ordered](labels []T, k int, r *rand.Rand) ([]Fold, error) {
	_, members, err := groupRows(labels)
	if err != nil {
		return nil, err
	}
	largest := 0
	for _, rows := range members {
		largest = max(largest, len(rows))
	}
	if k < 2 || k > largest {
		return nil, fmt.Errorf("preprocess: cannot divide labels into %d stratified folds: want 2 to %d, the size of the most frequent label", k, largest)
	}
	// Classes in the order in which they first appear, as scikit-learn has it.
	slices.SortFunc(members, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	part := make([]int, len(labels))
	start := 0 // of the class, if all rows were sorted by class
	for _, rows := range members {
		// Row s of that order goes to fold s mod k, so that folds are equal in
		// size; which fold gets how many of this class follows from it.
		count := make([]int, k)
		for s := range rows {
			count[(start+s)%k]++
		}
		start += len(rows)
		folds := make([]int, 0, len(rows))
		for f, c := range count {
			folds = append(folds, slices.Repeat([]int{f}, c)...)
		}
		if r != nil {
			shuffle(r, folds)
		}
		for s, i := range rows {
			part[i] = folds[s]
		}
	}
	return foldsOf(part, k), nil
}

// GroupKFold divides the rows into k folds so that all rows of a group are in the
// same test part. The largest groups are placed first, each into the fold with the
// fewest rows so far; of equally large groups the greater value goes first. The
// result is deterministic. It returns an error if a group is NaN.
func GroupKFold[T cmp.Ordered](groups []T, k int) ([]Fold, error) {
	_, members, err := groupRows(groups)
	if err != nil {
		return nil, err
	}
	if k < 2 || k > len(members) {
		return nil, fmt.Errorf("preprocess: cannot divide %d groups into %d folds: want 2 to %d", len(members), k, len(members))
	}
	slices.Reverse(members)
	slices.SortStableFunc(members, func(a, b []int) int { return cmp.Compare(len(b), len(a)) })
	part, size := make([]int, len(groups)), make([]int, k)
	for _, rows := range members {
		lightest := slices.Index(size, slices.Min(size))
		size[lightest] += len(rows)
		for _, i := range rows {
			part[i] = lightest
		}
	}
	return foldsOf(part, k), nil
}

// RepeatedKFold returns the folds of several different shuffles in order: k·repeats
// folds. Their mean depends less on the shuffle than the mean over k folds.
func RepeatedKFold(n, k, repeats int, seed uint64) ([]Fold, error) {
	r := random(seed)
	return repeat(repeats, func() ([]Fold, error) { return kFold(n, k, r) })
}

// RepeatedStratifiedKFold is RepeatedKFold with stratified folds.
func RepeatedStratifiedKFold[T cmp.Ordered](labels []T, k, repeats int, seed uint64) ([]Fold, error) {
	r := random(seed)
	return repeat(repeats, func() ([]Fold, error) { return stratifiedKFold(labels, k, r) })
}

// repeat joins the folds of several calls, whose stream of random numbers goes on
// so that each shuffle is another.
func repeat(repeats int, once func() ([]Fold, error)) ([]Fold, error) {
	if repeats < 1 {
		return nil, fmt.Errorf("preprocess: %d repeats, want at least 1", repeats)
	}
	var all []Fold
	for range repeats {
		folds, err := once()
		if err != nil {
			return nil, err
		}
		all = append(all, folds...)
	}
	return all, nil
}

// TimeSeriesSplit makes folds for rows in order of time. Each fold tests on rows
// that come after its training rows.
type TimeSeriesSplit struct {
	Folds    int
	TestSize int // rows in each test part; 0 means n / (Folds+1)
	Gap      int // rows left out between training and test
	MaxTrain int // the most recent rows to train on; 0 means all
}

// Split returns the folds of n rows, the earliest first.
func (t TimeSeriesSplit) Split(n int) ([]Fold, error) {
	if t.Folds < 2 || t.TestSize < 0 || t.Gap < 0 || t.MaxTrain < 0 {
		return nil, fmt.Errorf("preprocess: TimeSeriesSplit %+v: want at least 2 folds and nothing negative", t)
	}
	size := t.TestSize
	if size == 0 {
		size = n / (t.Folds + 1)
	}
	if size == 0 || t.Gap >= n || size > (n-t.Gap-1)/t.Folds {
		return nil, fmt.Errorf("preprocess: %d rows are too few for %d test parts of %d rows with a gap of %d", n, t.Folds, max(size, 1), t.Gap)
	}
	rows := sequence(n) // of which each list is a range, with no room to append
	folds := make([]Fold, t.Folds)
	for f := range folds {
		start := n - (t.Folds-f)*size
		end, from := start-t.Gap, 0
		if t.MaxTrain > 0 {
			from = max(0, end-t.MaxTrain)
		}
		folds[f] = Fold{Train: rows[from:end:end], Test: rows[start : start+size : start+size]}
	}
	return folds, nil
}

// foldsOf returns the k folds in which row i is tested in fold part[i].
func foldsOf(part []int, k int) []Fold {
	size := make([]int, k)
	for _, p := range part {
		size[p]++
	}
	folds := make([]Fold, k)
	for f := range folds { // on one core: several would wait for each other's pages of memory
		// Each row is written to both lists, and counts in one.
		test, train := pages.UnclearedInts(size[f]+1), pages.UnclearedInts(len(part)-size[f]+1)
		tests := 0
		for i, p := range part {
			test[tests], train[i-tests] = i, i
			if p == f {
				tests++
			}
		}
		folds[f] = Fold{Train: train[: len(part)-tests : len(part)-tests], Test: test[:tests:tests]}
	}
	return folds
}

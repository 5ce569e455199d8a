package preprocess

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// StratifiedGroupKFold divides the rows into k folds so that all rows of a group are
// in the same test part, as [GroupKFold] does, and the folds have nearly the same
// proportions of labels, as far as whole groups allow. It suits several photographs
// of each patient where few patients are ill.
//
// Groups are placed one after the other, those with the most unequal numbers of
// labels first, and equal ones in an order drawn from the seed. Each goes into the
// fold that leaves the shares of the labels most equal over the folds: with nₓ(f)
// rows of label x in fold f, and nₓ in all, the fold for which
//
//	the mean over labels of std over folds of nₓ(f)/nₓ
//
// is least, and of folds that are as good, the one with the fewest rows. This is
// scikit-learn's algorithm. It is greedy: folds may differ in size.
//
// It returns an error if a label or a group is NaN, if there are fewer than k groups,
// or if no label has k rows.
func StratifiedGroupKFold[L, G cmp.Ordered](labels []L, groups []G, k int, seed uint64) ([]Fold, error) {
	return stratifiedGroupKFold(labels, groups, k, random(seed))
}

// StratifiedGroupKFoldInOrder is StratifiedGroupKFold without the shuffle: of equally
// unequal groups the smallest value goes first, exactly as in scikit-learn.
func StratifiedGroupKFoldInOrder[L, G cmp.Ordered](labels []L, groups []G, k int) ([]Fold, error) {
	return stratifiedGroupKFold(labels, groups, k, nil)
}

// stratifiedGroupKFold shuffles the groups unless r is nil.
func stratifiedGroupKFold[L, G cmp.Ordered](labels []L, groups []G, k int, r *rand.Rand) ([]Fold, error) {
	if len(labels) != len(groups) {
		return nil, fmt.Errorf("preprocess: %d labels and %d groups, want one of each for every row", len(labels), len(groups))
	}
	_, classes, err := groupRows(labels)
	if err != nil {
		return nil, err
	}
	_, members, err := groupRows(groups)
	if err != nil {
		return nil, err
	}
	total, class := make([]float64, len(classes)), make([]int, len(labels))
	for c, rows := range classes {
		total[c] = float64(len(rows))
		for _, i := range rows {
			class[i] = c
		}
	}
	if k < 2 || k > len(members) || float64(k) > slices.Max(total) {
		return nil, fmt.Errorf("preprocess: cannot divide %d groups into %d stratified folds: want 2 to the number of groups, and a label with that many rows", len(members), k)
	}

	if r != nil {
		r.Shuffle(len(members), func(a, b int) { members[a], members[b] = members[b], members[a] })
	}
	counts, spread := make([][]float64, len(members)), make([]float64, len(members))
	for g, rows := range members {
		counts[g] = make([]float64, len(total))
		for _, i := range rows {
			counts[g][class[i]]++
		}
		spread[g] = spreadOf(counts[g])
	}
	order := sequence(len(members))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(spread[b], spread[a]) })

	part, folds := make([]int, len(labels)), newLabelFolds(k, total)
	for _, g := range order {
		f := folds.best(counts[g])
		folds.add(f, counts[g], 1)
		for _, i := range members[g] {
			part[i] = f
		}
	}
	return foldsOf(part, k), nil
}

// labelFolds counts the labels in each fold.
type labelFolds struct {
	count [][]float64 // of each label in each fold
	rows  []float64   // of each fold
	total []float64   // of each label
	share []float64   // of one label in each fold, in memory that is used again
}

func newLabelFolds(k int, total []float64) *labelFolds {
	f := &labelFolds{count: make([][]float64, k), rows: make([]float64, k), total: total, share: make([]float64, k)}
	for i := range f.count {
		f.count[i] = make([]float64, len(total))
	}
	return f
}

// add adds a group to fold i, times 1 or −1.
func (f *labelFolds) add(i int, group []float64, times float64) {
	for c, n := range group {
		f.count[i][c] += times * n
		f.rows[i] += times * n
	}
}

// best returns the fold to which the group is to be added.
func (f *labelFolds) best(group []float64) int {
	best, least, fewest := 0, math.Inf(1), math.Inf(1)
	for i := range f.count {
		rows := f.rows[i]
		f.add(i, group, 1)
		v := f.inequality()
		f.add(i, group, -1)
		if v < least || rows < fewest && math.Abs(v-least) <= 1e-8+1e-5*least {
			best, least, fewest = i, v, rows
		}
	}
	return best
}

// inequality returns the mean over labels of the standard deviation of their shares.
func (f *labelFolds) inequality() float64 {
	sum := 0.0
	for c, n := range f.total {
		for i := range f.count {
			f.share[i] = f.count[i][c] / n
		}
		sum += spreadOf(f.share)
	}
	return sum / float64(len(f.total))
}

// spreadOf returns √(Σ(v−v̄)²/n). Groups with the same numbers of labels, in another
// order, must have the same deviation, so each product is rounded.
func spreadOf(v []float64) float64 {
	n, mean, sum := float64(len(v)), 0.0, 0.0
	for _, x := range v {
		mean += x
	}
	mean /= n
	for _, x := range v {
		sum += float64((x - mean) * (x - mean))
	}
	return math.Sqrt(sum / n)
}

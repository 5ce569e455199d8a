// Package inspect shows which features a trained model uses, and how: without looking
// into it, by changing its input.
//
// [Permutation] shuffles one feature and measures how much worse the predictions become.
// [PartialDependence] sets a feature to one value after another in all rows and averages
// the predictions.
//
//	importance, err := inspect.Permutation(x, 10, 1, func(x *mat.Dense) (float64, error) {
//		return metric.Accuracy(labels, model.Classes(m, x), nil), nil
//	})
//
// Use rows that the model was not trained on: on training rows a feature seems important
// that the model only learned by heart. Features that depend on each other share what is
// important about them, since the model finds in one what the shuffled other one lacks.
//
// Package tabular does both for the named columns of a table, and plots.Importance and
// plots.PartialDependence draw the results.
package inspect

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/order"
)

// Importance is how much a score falls when a feature is shuffled.
type Importance struct {
	Baseline float64     // the score of the rows as they are
	Scores   [][]float64 // of each feature, and each time that it was shuffled
}

// Mean returns the baseline minus the mean score of each feature: large for features
// that the model needs, near 0 for others, below 0 by luck. For a score that is small if
// predictions are good, such as a loss, the signs are the other way round.
func (i *Importance) Mean() []float64 {
	mean := make([]float64, len(i.Scores))
	for j, scores := range i.Scores {
		for _, s := range scores {
			mean[j] += (i.Baseline - s) / float64(len(scores))
		}
	}
	return mean
}

// Std returns the standard deviation √(Σ(s−s̄)²/n) of each feature's scores.
func (i *Importance) Std() []float64 {
	std := make([]float64, len(i.Scores))
	for j, mean := range i.Mean() {
		sum := 0.0
		for _, s := range i.Scores[j] {
			d := i.Baseline - s - mean
			sum += d * d
		}
		std[j] = math.Sqrt(sum / float64(len(i.Scores[j])))
	}
	return std
}

// Permutation returns the permutation importance of each column of x. Score returns the
// score of a model's predictions for x with its columns as they are, or with one of them
// shuffled; it must not change x. Each column is shuffled the given number of times. The
// same seed gives the same result.
//
// Source: Breiman, Random Forests, Machine Learning 45, 2001, §10; Fisher, Rudin and
// Dominici, All Models are Wrong, but Many are Useful, JMLR 20, 2019.
func Permutation(x *mat.Dense, repeats int, seed uint64, score func(x *mat.Dense) (float64, error)) (*Importance, error) {
	if x == nil {
		return nil, errors.New("inspect: x is nil")
	}
	rows, columns := x.Dims()
	changed := mat.DenseCopyOf(x)
	return Permute(rows, columns, repeats, seed, func(j int, order []int) (float64, error) {
		if j < 0 {
			return score(changed)
		}
		for i, from := range order {
			changed.Set(i, j, x.At(from, j))
		}
		s, err := score(changed)
		for i := range rows {
			changed.Set(i, j, x.At(i, j))
		}
		return s, err
	})
}

// Permute is [Permutation] for rows that are not a matrix. Score returns the score with
// row i of a column taken from row order[i], or for the column −1 that of the rows as
// they are.
func Permute(rows, columns, repeats int, seed uint64, score func(column int, order []int) (float64, error)) (*Importance, error) {
	r := rand.New(rand.NewPCG(seed, 0))
	order := make([]int, rows)
	for i := range order {
		order[i] = i
	}
	return permute(rows, columns, repeats, score, func(int, int) []int {
		r.Shuffle(rows, func(a, b int) { order[a], order[b] = order[b], order[a] })
		return order
	})
}

// permute is Permute with any orders.
func permute(rows, columns, repeats int, score func(column int, order []int) (float64, error), order func(column, repeat int) []int) (*Importance, error) {
	if rows < 2 || columns < 1 || repeats < 1 {
		return nil, fmt.Errorf("inspect: %d rows, %d columns and %d repeats, want at least 2, 1 and 1", rows, columns, repeats)
	}
	base, err := score(-1, nil)
	if err == nil && math.IsNaN(base) {
		err = errors.New("inspect: the score of the rows as they are is NaN")
	}
	if err != nil {
		return nil, err
	}
	out := &Importance{Baseline: base, Scores: make([][]float64, columns)}
	for j := range out.Scores {
		for k := range repeats {
			s, err := score(j, order(j, k))
			if err != nil {
				return nil, fmt.Errorf("inspect: column %d shuffled: %w", j, err)
			}
			out.Scores[j] = append(out.Scores[j], s)
		}
	}
	return out, nil
}

// Dependence is how predictions depend on one feature.
type Dependence struct {
	Grid []float64 // values of the feature
	Mean []float64 // the mean prediction with each of them in all rows
	// Individual has the prediction of each row for each value: lines that are parallel
	// say that the effect of the feature does not depend on the others.
	Individual *mat.Dense
}

// PartialDependence sets column j of x to each value of the grid, in all rows, and
// averages the predictions:
//
//	f̄(v) = 1/m Σᵢ f(xᵢ with xᵢⱼ = v)
//
// Predict returns one number for each row, such as a probability; it must not change its
// argument. Grid may come from [Quantiles]. Where features depend on each other, some of
// the rows that this makes do not exist.
//
// Source: Friedman, Greedy Function Approximation, Annals of Statistics 29, 2001, §8.2;
// for Individual Goldstein et al., Peeking Inside the Black Box, JCGS 24, 2015.
func PartialDependence(x *mat.Dense, j int, grid []float64, predict func(x *mat.Dense) ([]float64, error)) (*Dependence, error) {
	if x == nil {
		return nil, errors.New("inspect: x is nil")
	}
	rows, columns := x.Dims()
	if j < 0 || j >= columns {
		panic(fmt.Sprintf("inspect: column %d of a %d×%d matrix", j, rows, columns))
	}
	changed := mat.DenseCopyOf(x)
	d, err := Depend(rows, len(grid), func(k int) ([]float64, error) {
		for i := range rows {
			changed.Set(i, j, grid[k])
		}
		return predict(changed)
	})
	if err != nil {
		return nil, err
	}
	d.Grid = slices.Clone(grid)
	return d, nil
}

// Depend is [PartialDependence] for rows that are not a matrix. Predict returns the
// predictions of all rows with value k of the grid. The result has no Grid.
func Depend(rows, values int, predict func(k int) ([]float64, error)) (*Dependence, error) {
	if rows < 1 || values < 1 {
		return nil, fmt.Errorf("inspect: %d rows and %d values of a feature, want at least one of each", rows, values)
	}
	d := &Dependence{Mean: make([]float64, values), Individual: mat.NewDense(rows, values, nil)}
	for k := range values {
		p, err := predict(k)
		if err != nil {
			return nil, err
		}
		if len(p) != rows {
			panic(fmt.Sprintf("inspect: %d predictions for %d rows", len(p), rows))
		}
		d.Individual.SetCol(k, p)
		for _, v := range p {
			d.Mean[k] += v
		}
		d.Mean[k] /= float64(rows)
	}
	return d, nil
}

// Quantiles returns values of a feature for [PartialDependence]: its distinct values if
// there are fewer than n, otherwise n values at equal distances between its 5th and its
// 95th percentile, beyond which there are few rows to learn from. NaN is left out. It is
// the grid of scikit-learn's partial_dependence.
func Quantiles(values []float64, n int) []float64 {
	sorted := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	order.Sort(sorted)
	distinct := slices.Compact(slices.Clone(sorted))
	if len(distinct) < n || n < 2 {
		return distinct
	}
	low, high := quantile(sorted, 0.05), quantile(sorted, 0.95)
	if !(low < high) {
		low, high = sorted[0], sorted[len(sorted)-1]
	}
	grid := make([]float64, n)
	step := (high - low) / float64(n-1)
	for k := range grid {
		grid[k] = low + float64(float64(k)*step)
	}
	grid[n-1] = high
	return grid
}

// quantile interpolates between sorted values as SciPy's mquantiles does: at n·p + 0.4 +
// 0.2p, the first value being at 1.
func quantile(sorted []float64, p float64) float64 {
	n := float64(len(sorted))
	at := n*p + 0.4 + 0.2*p
	k := math.Floor(min(max(at, 1), n-1))
	share := min(max(at-k, 0), 1)
	i := int(k)
	return float64((1-share)*sorted[i-1]) + float64(share*sorted[i])
}

package ch05

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
	"github.com/descent-go/descent/lib/preprocess"
)

func TestBreakEven(t *testing.T) {
	e := checktest.New(t, check.BreakEven)
	e.Right(breakEven)
	e.Wrong("The other way round", func(miss, alarm float64) float64 { return miss / (miss + alarm) })
	e.Wrong("Those are the odds", func(miss, alarm float64) float64 { return alarm / miss })
	e.Wrong("no probability", func(miss, alarm float64) float64 { return miss / alarm })
	e.Wrong("One half", func(_, _ float64) float64 { return 0.5 })
	e.Wrong("an alarm that costs 1", func(miss, _ float64) float64 { return 1 / (1 + miss) })
	e.Wrong("Set the two mean costs equal", func(miss, alarm float64) float64 { return miss * alarm })
}

func TestRowsNeeded(t *testing.T) {
	e := checktest.New(t, check.RowsNeeded)
	e.Right(rowsNeeded)
	up := func(n float64) int { return int(math.Ceil(n)) }
	e.Wrong("round up", func(p, margin float64) int { return int(4 * p * (1 - p) / (margin * margin)) })
	e.Wrong("one standard error", func(p, margin float64) int { return up(p * (1 - p) / (margin * margin)) })
	e.Wrong("makes a 4", func(p, margin float64) int { return up(2 * p * (1 - p) / (margin * margin)) })
	e.Wrong("the root of the number", func(p, margin float64) int { return up(2 * math.Sqrt(p*(1-p)) / margin) })
	e.Wrong("The root is missing", func(p, margin float64) int { return up(2 * p * (1 - p) / margin) })
	e.Wrong("Square the margin", func(p, margin float64) int { return up(4 * p * (1 - p) / margin) })
	e.Wrong("1 − p is missing", func(p, margin float64) int { return up(4 * p / (margin * margin)) })
	e.Wrong("one row too many", func(p, margin float64) int { return rowsNeeded(p, margin) + 1 })
	e.Wrong("You take 1.96", func(p, margin float64) int { return up(1.96 * 1.96 * p * (1 - p) / (margin * margin)) })
}

func TestOutOfFold(t *testing.T) {
	type learner = func(training []int) func(row int) float64
	e := checktest.New(t, check.OutOfFold)
	e.Right(outOfFold)
	e.Wrong("in the order of the folds", func(_ int, folds []preprocess.Fold, learn learner) (out []float64) {
		for _, fold := range folds {
			predict := learn(fold.Train)
			for _, row := range fold.Test {
				out = append(out, predict(row))
			}
		}
		return out
	})
	e.Wrong("on which it was trained", func(rows int, folds []preprocess.Fold, learn learner) []float64 {
		out := make([]float64, rows)
		for _, fold := range folds {
			predict := learn(fold.Train)
			for row := range rows {
				out[row] = predict(row)
			}
		}
		return out
	})
	e.Wrong("more models than there are folds", func(rows int, folds []preprocess.Fold, learn learner) []float64 {
		out := make([]float64, rows)
		for _, fold := range folds {
			for _, row := range fold.Test {
				out[row] = learn(fold.Train)(row)
			}
		}
		return out
	})
	e.Wrong("All predictions are 0", func(rows int, _ []preprocess.Fold, _ learner) []float64 { return make([]float64, rows) })
	e.Wrong("the rows 0, 1, …", func(rows int, folds []preprocess.Fold, learn learner) []float64 {
		out := make([]float64, rows)
		for _, fold := range folds {
			predict := learn(fold.Train)
			for i, row := range fold.Test {
				if v := i; !slices.Contains(fold.Train, v) {
					out[row] = predict(v)
				} else {
					out[row] = predict(row) + float64(v-row)
				}
			}
		}
		return out
	})
	e.Wrong("You train on the test rows", func(rows int, folds []preprocess.Fold, learn learner) []float64 {
		out := make([]float64, rows)
		for _, fold := range folds {
			predict := learn(fold.Test)
			for _, row := range fold.Train {
				out[row] = predict(row)
			}
		}
		return out
	})
}

func TestBootstrap(t *testing.T) {
	// by draws with one function and takes the ends with another.
	by := func(times int, draw func(rows int, r *rand.Rand) []int, ends func(scores []float64) (low, high float64)) func(int, func([]int) float64, *rand.Rand) (float64, float64) {
		return func(rows int, score func([]int) float64, r *rand.Rand) (float64, float64) {
			var scores []float64
			for range times {
				scores = append(scores, score(draw(rows, r)))
			}
			return ends(scores)
		}
	}
	some := func(from, below int) func(rows int, r *rand.Rand) []int {
		return func(rows int, r *rand.Rand) []int {
			drawn := make([]int, rows)
			for i := range drawn {
				drawn[i] = from + r.IntN(rows+below)
			}
			return drawn
		}
	}
	right := some(0, 0)
	ends := func(i, j int) func(scores []float64) (float64, float64) {
		return func(scores []float64) (float64, float64) {
			slices.Sort(scores)
			return scores[i], scores[j]
		}
	}
	e := checktest.New(t, check.Bootstrap)
	e.Right(bootstrap)
	e.Right(by(2000, right, ends(49, 1950)))
	e.Wrong("No draw has a row twice", by(1000, func(rows int, r *rand.Rand) []int { return r.Perm(rows) }, ends(25, 974)))
	e.Wrong("Draw as many as there are", by(1000, func(rows int, r *rand.Rand) []int { return right(rows, r)[1:] }, ends(25, 974)))
	e.Wrong("You draw row", by(1000, some(1, 0), ends(25, 974)))
	e.Wrong("You compute 100 scores", by(100, right, ends(2, 97)))
	e.Wrong("the lowest and the highest", by(1000, right, ends(0, 999)))
	e.Wrong("the middle 90 %", by(1000, right, ends(50, 949)))
	e.Wrong("not sorted", by(1000, right, func(scores []float64) (float64, float64) { return scores[25], scores[974] }))
	e.Wrong("larger than high", by(1000, right, ends(974, 25)))
	e.Wrong("2.5 % of your scores", by(1000, right, ends(250, 749)))
	e.Wrong("draw anew", func(rows int, score func([]int) float64, r *rand.Rand) (float64, float64) {
		drawn := right(rows, r)
		return by(1000, func(int, *rand.Rand) []int { return drawn }, ends(25, 974))(rows, score, r)
	})
}

func TestHalving(t *testing.T) {
	type losses = func(candidate, epochs int) float64
	e := checktest.New(t, check.Halving)
	e.Right(halving)
	e.Wrong("is the best of the first round", func(n, epochs int, loss losses) int {
		best, lowest := 0, math.Inf(1)
		for i := range n {
			if v := loss(i, epochs); v < lowest {
				best, lowest = i, v
			}
		}
		return best
	})
	// rounds is halving with another factor, another share that goes on, and another order.
	rounds := func(factor, share int, sign float64) func(n, epochs int, loss losses) int {
		return func(n, epochs int, loss losses) int {
			left := make([]int, n)
			for i := range left {
				left[i] = i
			}
			for ; len(left) > 1; epochs *= factor {
				score := map[int]float64{}
				for _, i := range left {
					score[i] = sign * loss(i, epochs)
				}
				slices.SortFunc(left, func(a, b int) int { return cmp.Compare(score[a], score[b]) })
				left = left[:(len(left)+share-1)/share]
			}
			return left[0]
		}
	}
	e.Right(rounds(3, 3, 1))
	e.Wrong("three times as many as the one before", rounds(2, 3, 1))
	e.Wrong("nobody else, goes on", rounds(3, 2, 1))
	e.Wrong("highest loss of the first round", rounds(3, 3, -1))
	e.Wrong("keep its loss", func(n, epochs int, loss losses) int {
		halving(n, epochs, loss)
		return halving(n, epochs, loss)
	})
	e.Wrong("You ask for candidate", func(n, epochs int, loss losses) int {
		return int(loss(n, epochs))
	})
}

func TestSeenBefore(t *testing.T) {
	e := checktest.New(t, check.SeenBefore)
	e.Right(seenBefore)
	e.Wrong("You count pairs", func(training, test [][]float64) (n int) {
		for _, row := range test {
			for _, other := range training {
				if slices.Equal(row, other) {
					n++
				}
			}
		}
		return n
	})
	e.Wrong("You count training rows", func(training, test [][]float64) int { return seenBefore(test, training) })
	e.Wrong("how many are new", func(training, test [][]float64) int { return len(test) - seenBefore(training, test) })
	e.Wrong("You count all test rows", func(_, test [][]float64) int { return len(test) })
	e.Wrong("where two are equal", func(training, test [][]float64) int {
		return seenBefore(training, slices.CompactFunc(slices.Clone(test), slices.Equal[[]float64]))
	})
	e.Wrong("only the first number", func(training, test [][]float64) int {
		cut := func(rows [][]float64) (out [][]float64) {
			for _, row := range rows {
				out = append(out, row[:1])
			}
			return out
		}
		return seenBefore(cut(training), cut(test))
	})
}

func TestRequestRow(t *testing.T) {
	e := checktest.New(t, check.RequestRow)
	e.Right(requestRow)
	type request = map[string]float64
	// lenient only looks the names up, and fails if bad says so.
	lenient := func(bad func(names []string, r request) bool) func([]string, request) ([]float64, error) {
		return func(names []string, r request) ([]float64, error) {
			if bad(names, r) {
				return nil, errors.New("bad")
			}
			var row []float64
			for _, n := range names {
				row = append(row, r[n])
			}
			return row, nil
		}
	}
	e.Wrong("is missing. A map gives 0", lenient(func([]string, request) bool { return false }))
	e.Wrong("mistyped a name", lenient(func(names []string, r request) bool { return len(r) < len(names) }))
	e.Wrong("is NaN", lenient(func(names []string, r request) bool { return len(r) != len(names) }))
	e.Wrong("is infinite", lenient(func(names []string, r request) bool { return len(r) != len(names) || math.IsNaN(r[names[0]]) }))
	e.Wrong("The request is complete", lenient(func([]string, request) bool { return true }))
	e.Wrong("alphabetical order", func(names []string, r request) ([]float64, error) {
		slices.Sort(names)
		return requestRow(names, r)
	})
	e.Wrong("All numbers are 0", func(names []string, r request) ([]float64, error) {
		row, err := requestRow(names, r)
		clear(row)
		return row, err
	})
	e.Wrong("The shape is", func(names []string, r request) (row []float64, err error) {
		return nil, nil
	})
}

package check

import (
	"cmp"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/descent-go/descent/lib/preprocess"
)

var breakEven = Exercise{"BreakEven", []string{
	"Of a hundred patients with probability p, 100·p are fast. What does it cost to overlook them all, and what to look after all?",
	"For one patient: to overlook costs p·miss on average, to look after costs (1 − p)·alarm. At the border both are the same.",
	"p·miss = (1 − p)·alarm, so p·(miss + alarm) = alarm.",
}}

// BreakEven checks the threshold at which both errors cost the same on average:
// alarm/(miss + alarm).
func BreakEven(f func(miss, alarm float64) float64) Answer {
	return examine(breakEven, func(t *trial) {
		type sample struct{ miss, alarm float64 }
		cases(t, 0, []sample{{5, 2}, {1, 9}, {20, 3}, {2, 2}, {4, 0}}, func(r *rand.Rand) sample {
			return sample{uniform(r, 0.1, 20), uniform(r, 0.1, 20)}
		}, func(c sample, r *rand.Rand) {
			t.give("miss", c.miss, "alarm", c.alarm)
			t.equal("the threshold", f(c.miss, c.alarm), c.alarm/(c.miss+c.alarm),
				mistake{c.miss / (c.miss + c.alarm), "The other way round: the dearer it is to overlook somebody, the lower the threshold must be."},
				mistake{c.alarm / c.miss, "Those are the odds p/(1 − p) at the border. Solve for p itself."},
				mistake{c.miss / c.alarm, "That is no probability. Set p·miss equal to (1 − p)·alarm, and solve for p."},
				mistake{1 / (1 + c.miss), "That is the border for an alarm that costs 1. Here it costs alarm."},
				mistake{c.alarm * c.miss, "Set the two mean costs equal, p·miss = (1 − p)·alarm, and solve for p."},
				mistake{0.5, "One half is right only where both errors cost the same."})
		})
	})
}

var rowsNeeded = Exercise{"RowsNeeded", []string{
	"The standard error is √(p(1 − p)/n). Two of them should be no more than the margin.",
	"Square both sides of 2·√(p(1 − p)/n) = margin, and solve for n.",
	"n = 4·p·(1 − p)/margin², rounded up: math.Ceil.",
}}

// RowsNeeded checks the number of rows for which two standard errors of an
// accuracy equal the margin: 4p(1 − p)/margin², rounded up.
func RowsNeeded(f func(accuracy, margin float64) int) Answer {
	return examine(rowsNeeded, func(t *trial) {
		type sample struct{ p, margin float64 }
		cases(t, 0, []sample{{0.784, 0.02}, {0.9, 0.013}, {0.5, 0.3}, {0.99, 0.007}}, func(r *rand.Rand) sample {
			return sample{0.5 + 0.49*r.Float64(), 0.005 + 0.2*r.Float64()}
		}, func(c sample, r *rand.Rand) {
			variance := c.p * (1 - c.p)
			n := 4 * variance / (c.margin * c.margin)
			up := func(n float64) int { return int(math.Ceil(n)) }
			t.give("accuracy", c.p, "margin", c.margin)
			t.equal("the number of rows", f(c.p, c.margin), up(n),
				mistake{up(n) + 1, "That is one row too many: math.Ceil rounds up, and does nothing to a whole number. + 1 is not needed."},
				mistake{up(n * 1.96 * 1.96 / 4), "You take 1.96 standard errors. Here the margin is two of them."},
				mistake{int(n), "With one row less the margin is just missed: round up."},
				mistake{up(n / 4), "That is enough for one standard error. The margin is two of them."},
				mistake{up(n / 2), "The 2 stands outside of the root, so that squaring makes a 4 of it."},
				mistake{up(2 * math.Sqrt(variance) / c.margin), "That is the root of the number: n stands below the root, so square both sides."},
				mistake{up(2 * variance / c.margin), "The root is missing: the standard error is √(p(1 − p)/n)."},
				mistake{up(4 * variance / c.margin), "Square the margin, too."},
				mistake{up(4 * c.p / (c.margin * c.margin)), "The factor 1 − p is missing."})
		})
	})
}

var outOfFold = Exercise{"OutOfFold", []string{
	"One model for each fold. Which rows may it learn from, and for which is its prediction wanted?",
	"learn(fold.Train) gives a function predict; call it for each row in fold.Test.",
	"A prediction belongs to its row: out[row] = predict(row), with out of length rows.",
}}

// OutOfFold checks out-of-fold predictions: the prediction for a row comes from
// the model of the fold that tests the row.
func OutOfFold(f func(rows int, folds []preprocess.Fold, learn func(training []int) func(row int) float64) []float64) Answer {
	return examine(outOfFold, func(t *trial) {
		type sample struct{ rows, folds int }
		cases(t, 51, []sample{{7, 3}, {20, 5}, {4, 4}}, func(r *rand.Rand) sample {
			rows := between(r, 4, 20)
			return sample{rows, between(r, 2, min(6, rows))}
		}, func(c sample, r *rand.Rand) {
			folds, err := preprocess.KFold(c.rows, c.folds, r.Uint64())
			if err != nil {
				panic(err)
			}
			// model tells what a row is, and which rows it was trained on.
			model := func(training []int) func(row int) float64 {
				known := 0.0
				for _, row := range training {
					known += float64(row*row) / 100
				}
				return func(row int) float64 { return float64(row) + known }
			}
			want, joined := make([]float64, c.rows), []float64(nil)
			for _, fold := range folds {
				for _, row := range fold.Test {
					want[row] = model(fold.Train)(row)
					joined = append(joined, want[row])
				}
			}
			places, swapped := make([]float64, c.rows), make([]float64, c.rows)
			for _, fold := range folds {
				for i, row := range fold.Test {
					places[row] = model(fold.Train)(i)
				}
				for _, row := range fold.Train {
					swapped[row] = model(fold.Test)(row)
				}
			}
			models := 0
			t.give("rows", c.rows, "folds", folds)
			got := f(c.rows, folds, func(training []int) func(row int) float64 {
				if models++; models > len(folds) {
					t.fail("You train more models than there are folds, %d: one for each fold is enough.", len(folds))
				}
				predict := model(training)
				return func(row int) float64 {
					if slices.Contains(training, row) {
						t.fail("You ask a model for row %d, on which it was trained. That is the leak which out-of-fold predictions avoid.", row)
					}
					return predict(row)
				}
			})
			t.equal("the predictions", got, want,
				mistake{places, "You predict the rows 0, 1, … of each fold. fold.Test has the numbers of the rows that are meant."},
				mistake{swapped, "You train on the test rows. fold.Train has the rows to learn from."},
				mistake{joined, "The predictions stand in the order of the folds. Prediction i must be that of row i."},
				mistake{make([]float64, c.rows), "All predictions are 0: put each into the place of its row."})
		})
	})
}

var bootstrap = Exercise{"Bootstrap", []string{
	"A draw is a slice of as many row numbers as there are rows, each r.IntN(rows), so that some come twice and some not at all.",
	"Collect the scores of 1000 draws, and sort them.",
	"The middle 95 % of 1000 sorted scores lie between scores[25] and scores[974].",
}}

// Bootstrap checks a percentile interval from 1000 draws with replacement (Efron,
// 1979). It may draw any random numbers.
func Bootstrap(f func(rows int, score func(drawn []int) float64, r *rand.Rand) (low, high float64)) Answer {
	return examine(bootstrap, func(t *trial) {
		cases(t, 52, []int{40, 5}, func(r *rand.Rand) int {
			return between(r, 5, 50)
		}, func(rows int, r *rand.Rand) {
			value := normal(r, rows)
			var scores []float64
			repeated := false
			t.give("rows", rows)
			low, high := f(rows, func(drawn []int) float64 {
				if len(drawn) != rows {
					t.fail("You draw %d rows at a time. Draw as many as there are, %d.", len(drawn), rows)
				}
				seen, sum := map[int]bool{}, 0.0
				for _, row := range drawn {
					if row < 0 || row >= rows {
						t.fail("You draw row %d. The rows have the numbers 0 to %d: r.IntN(rows).", row, rows-1)
					}
					repeated = repeated || seen[row]
					seen[row] = true
					sum += value[row] / float64(rows)
				}
				scores = append(scores, sum)
				return sum
			}, random(r.Uint64()))
			interval(t, low, high, scores, repeated)
		})
	})
}

// interval ends the trial unless low and high are the borders of the middle 95 %
// of the scores.
func interval(t *trial, low, high float64, scores []float64, repeated bool) {
	n := len(scores)
	if n < 1000 {
		t.fail("You compute %d scores. The borders of the middle 95 %% need many: 1000.", n)
	}
	sorted := slices.Sorted(slices.Values(scores))
	// between reports whether low and high are about that far from the ends.
	between := func(share float64) bool {
		at := func(v, share float64) bool {
			i, room := int(share*float64(n)), n/200
			return v >= sorted[max(0, i-room)] && v <= sorted[min(n-1, i+room)]
		}
		return at(low, share) && at(high, 1-share)
	}
	switch {
	case !repeated:
		t.fail("No draw has a row twice. Draw with replacement: a row that was drawn may be drawn again.")
	case sorted[0] == sorted[n-1]:
		t.fail("All scores are the same: draw anew for each of them.")
	case between(0.025):
	case low == sorted[0] && high == sorted[n-1]:
		t.fail("Those are the lowest and the highest score of all. The middle 95 %% leaves out 2.5 %% at each end.")
	case between(0.05):
		t.fail("That is the middle 90 %%: 5 %% in all are left out, so 2.5 %% at each end.")
	case low == scores[25*n/1000] || high == scores[974*n/1000]:
		t.fail("You take the scores at the right places, but they are not sorted: slices.Sort.")
	case low > high:
		t.fail("low is larger than high.")
	default:
		t.fail("You return %.4g and %.4g. 2.5 %% of your scores are below %.4g, and 2.5 %% above %.4g.",
			low, high, sorted[n/40], sorted[n-1-n/40])
	}
}

var halving = Exercise{"Halving", []string{
	"Keep a slice of those that are left, at first all. A round trains each of them once, and keeps some.",
	"Sort those that are left by their loss, lowest first, and keep left[:(len(left)+2)/3].",
	"for ; len(left) > 1; epochs *= 3 { … }. Remember the losses of a round, in a map for example: each call of loss is a training.",
}}

// Halving checks successive halving (Jamieson and Talwalkar, 2016) that keeps the
// best third and gives it three times the epochs.
func Halving(f func(n, epochs int, loss func(candidate, epochs int) float64) int) Answer {
	return examine(halving, func(t *trial) {
		type sample struct{ n, epochs int }
		cases(t, 54, []sample{{27, 3}, {10, 2}, {2, 5}, {1, 4}}, func(r *rand.Rand) sample {
			return sample{between(r, 1, 40), between(r, 1, 5)}
		}, func(c sample, r *rand.Rand) {
			end, start := make([]float64, c.n), make([]float64, c.n)
			for i := range end {
				end[i], start[i] = 0.4+0.1*r.Float64(), 0.9*r.Float64()
			}
			if c.n > 3 {
				end[0], start[0] = 0.45, -0.3 // the best at first, and then it overfits
				end[1], start[1] = 0.35, 0.3
				end[3], start[3] = 0.3, 9 // slow at first, and the best in the end
			}
			loss := func(candidate, epochs int) float64 { return end[candidate] + start[candidate]/float64(epochs) }
			winner, early, spent := halved(c.n, c.epochs, loss)
			asked, used := map[[2]int]bool{}, 0
			t.give("n", c.n, "epochs", c.epochs)
			got := f(c.n, c.epochs, func(candidate, epochs int) float64 {
				if candidate < 0 || candidate >= c.n {
					t.fail("You ask for candidate %d. They have the numbers 0 to %d.", candidate, c.n-1)
				}
				if key := [2]int{candidate, epochs}; asked[key] {
					t.fail("You train candidate %d for %d epochs twice: keep its loss.", candidate, epochs)
				} else {
					asked[key] = true
				}
				used += epochs
				return loss(candidate, epochs)
			})
			switch {
			case got == winner && used == spent:
			case used > spent:
				t.fail("You spend %d epochs, and %d are enough: the best third of a round, and nobody else, goes on with three times as many.", used, spent)
			case got == winner:
				t.fail("The winner is right, but you have spent %d epochs instead of %d. Does each round give three times as many as the one before?", used, spent)
			case got == early:
				t.fail("Candidate %d is the best of the first round. Its best third gets three times the epochs, and is judged again.", got)
			case got == 3:
				t.fail("Candidate 3 has the highest loss of the first round. Keep those with the lowest. (In the end it would be the best: that is the risk of halving.)")
			}
			t.equal("the winner", got, winner)
		})
	})
}

// halved is successive halving: its winner, the best of the first round, and the
// epochs that all rounds take.
func halved(n, epochs int, loss func(candidate, epochs int) float64) (winner, early, spent int) {
	left := make([]int, n)
	for i := range left {
		left[i] = i
	}
	for round := 0; len(left) > 1; round++ {
		slices.SortFunc(left, func(a, b int) int { return cmp.Compare(loss(a, epochs), loss(b, epochs)) })
		if round == 0 {
			early = left[0]
		}
		spent += epochs * len(left)
		left, epochs = left[:(len(left)+2)/3], 3*epochs
	}
	return left[0], early, spent
}

var seenBefore = Exercise{"SeenBefore", []string{
	"For each test row, look whether some training row has the same numbers.",
	"slices.Equal(a, b) compares two rows. One that is equal is enough: then go on to the next test row.",
	"if slices.ContainsFunc(training, func(row []float64) bool { return slices.Equal(row, wanted) }) { n++ }",
}}

// SeenBefore checks the number of test rows that are also training rows.
func SeenBefore(f func(training, test [][]float64) int) Answer {
	return examine(seenBefore, func(t *trial) {
		type sample struct{ training, test [][]float64 }
		cases(t, 0, []sample{
			{[][]float64{{1, 2}, {3, 4}, {1, 2}, {5, 6}, {1, 2}}, [][]float64{{1, 2}, {3, 9}, {3, 8}, {3, 7}, {3, 4}, {3, 4}, {4, 3}, {9, 9}, {8, 8}, {7, 7}}},
			{[][]float64{{1, 2, 3}}, [][]float64{{1, 2, 4}}},
			{nil, [][]float64{{1}}},
		}, func(r *rand.Rand) sample {
			rows := func(n int) (list [][]float64) {
				for range n {
					list = append(list, wholes(r, 2, 1, 3))
				}
				return list
			}
			return sample{rows(between(r, 1, 6)), rows(between(r, 1, 6))}
		}, func(c sample, r *rand.Rand) {
			pairs, distinct, training, first := 0, map[string]bool{}, 0, 0
			want := 0
			for _, row := range c.test {
				seen, begins := 0, false
				for _, other := range c.training {
					begins = begins || other[0] == row[0]
					if slices.Equal(row, other) {
						seen++
					}
				}
				if pairs += seen; seen > 0 {
					want++
					distinct[show(row)] = true
				}
				if begins {
					first++
				}
			}
			for _, row := range c.training {
				if slices.ContainsFunc(c.test, func(other []float64) bool { return slices.Equal(row, other) }) {
					training++
				}
			}
			t.give("training", c.training, "test", c.test)
			t.equal("the number", f(c.training, c.test), want,
				mistake{pairs, "You count pairs: a test row that stands in training twice counts once. Break when it is found."},
				mistake{training, "You count training rows. How many test rows are no test?"},
				mistake{len(distinct), "Each test row counts, also where two are equal."},
				mistake{len(c.test) - want, "That is how many are new."},
				mistake{first, "You compare only the first number of the rows: slices.Equal compares all."},
				mistake{len(c.test), "You count all test rows."})
		})
	})
}

var requestRow = Exercise{"RequestRow", []string{
	"Go through names, which gives the order that the model knows, and look each up in the request.",
	"v, ok := request[name] tells whether it is there. A missing one is an error: 0 would be a value like any other.",
	"NaN and infinity: math.IsNaN(v) || math.IsInf(v, 0). Unknown names: if all of names are there and len(request) > len(names), some are left.",
}}

// RequestRow checks the conversion of a request with named values to a row of
// numbers.
func RequestRow(f func(names []string, request map[string]float64) ([]float64, error)) Answer {
	return examine(requestRow, func(t *trial) {
		type sample struct {
			names []string
			row   []float64
		}
		cases(t, 0, []sample{{[]string{"weight", "age", "power"}, []float64{1210, 7, 88}}, {[]string{"b", "a"}, []float64{0, -1}}}, func(r *rand.Rand) sample {
			n := between(r, 2, 5)
			c := sample{row: normal(r, n)}
			for _, i := range r.Perm(n) {
				c.names = append(c.names, "f"+string(rune('a'+i)))
			}
			return c
		}, func(c sample, r *rand.Rand) {
			// with returns the request with one value changed, or added.
			with := func(name string, v float64) map[string]float64 {
				m := map[string]float64{name: v}
				for i, n := range c.names {
					if n != name {
						m[n] = c.row[i]
					}
				}
				return m
			}
			first := c.names[0]
			good := with(first, c.row[0])
			t.give("names", c.names, "request", good)
			got, err := f(slices.Clone(c.names), good)
			if err != nil {
				t.fail("The request is complete, and you return the error %q.", err)
			}
			order := slices.Sorted(maps.Keys(good))
			var sorted []float64
			for _, n := range order {
				sorted = append(sorted, good[n])
			}
			t.equal("the row", got, c.row,
				mistake{sorted, "The numbers are in alphabetical order. The model knows that of names."},
				mistake{make([]float64, len(c.row)), "All numbers are 0: row[i] = request[names[i]]."})
			missing := with(first, 0)
			delete(missing, first)
			for _, bad := range []struct {
				request map[string]float64
				says    string
			}{
				{missing, first + " is missing. A map gives 0 for it, which would be taken for a measured value: return an error."},
				{with("heigth", 3), "heigth is no feature. Somebody has mistyped a name: return an error, or the value is ignored silently."},
				{with(first, math.NaN()), first + " is NaN, and every prediction from it would be: return an error."},
				{with(first, math.Inf(-1)), first + " is infinite, which nobody has measured: return an error."},
			} {
				t.give("names", c.names, "request", bad.request)
				if _, err := f(slices.Clone(c.names), bad.request); err == nil {
					t.fail("%s", bad.says)
				}
			}
		})
	})
}

package check

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

var loraStart = Exercise{"LoraStart", []string{
	"The network begins as it was if the product ab is 0. For that one of the two has to be 0, and one only.",
	"The gradient for b is aᵀ times something, that for a is something times bᵀ. a is drawn and b is 0.",
	"a[i][k] = draw() / math.Sqrt(float64(n)), row by row; b is made of rank rows of units zeros.",
}}

// LoraStart checks the start of low-rank adaptation: A drawn, B 0.
func LoraStart(f func(n, units, rank int, draw func() float64) (a, b [][]float64)) Answer {
	return examine(loraStart, func(t *trial) {
		type sample struct{ n, units, rank int }
		cases(t, 91, []sample{{4, 3, 2}, {2, 5, 1}, {9, 2, 3}}, func(r *rand.Rand) sample {
			return sample{between(r, 2, 9), between(r, 2, 6), between(r, 1, 4)}
		}, func(c sample, r *rand.Rand) {
			numbers := normal(r, 200)
			next := 0
			draw := func() float64 { next++; return numbers[(next-1)%len(numbers)] }
			t.give("n", c.n, "units", c.units, "rank", c.rank)
			a, b := f(c.n, c.units, c.rank, draw)
			matrix := func(rows, columns int, scale float64) [][]float64 {
				out := make([][]float64, rows)
				for i := range out {
					out[i] = slices.Clone(numbers[i*columns : (i+1)*columns])
					floats.Scale(scale, out[i])
				}
				return out
			}
			n := float64(c.n)
			t.equal("a", a, matrix(c.n, c.rank, 1/math.Sqrt(n)),
				mistake{matrix(c.n, c.rank, 0), "a is 0. If both are 0, both gradients are 0 as well, and the two will never learn."},
				mistake{matrix(c.n, c.rank, 1), "These numbers have the variance 1. For 1/n, divide them by the root of n."},
				mistake{matrix(c.n, c.rank, 1/n), "1/n is the variance. The standard deviation is its root."},
				mistake{matrix(c.rank, c.n, 1/math.Sqrt(n)), "a has n rows of rank numbers."})
			if len(b) == c.rank && slices.ContainsFunc(b, func(row []float64) bool {
				return slices.ContainsFunc(row, func(v float64) bool { return v != 0 })
			}) {
				t.fail("b is not 0: the network is random from the first step, and what it has learned is lost. It must begin as it was.")
			}
			t.equal("b", b, matrix(c.rank, c.units, 0),
				mistake{matrix(c.units, c.rank, 0), "b has rank rows of units numbers."})
		})
	})
}

var mergeLora = Exercise{"MergeLora", []string{
	"Three loops: over the rows of w, its columns, and the rank.",
	"The scale is alpha divided by the rank, which is len(b).",
	"sum += a[i][k] * b[k][j] over k; then out[i][j] = w[i][j] + alpha/float64(len(b))*sum.",
}}

// MergeLora checks that W + (α/r)·AB has the scale, and is a new matrix.
func MergeLora(f func(w, a, b [][]float64, alpha float64) [][]float64) Answer {
	return examine(mergeLora, func(t *trial) {
		type sample struct {
			n, units, rank int
			alpha          float64
		}
		cases(t, 92, []sample{{3, 4, 2, 5}, {1, 1, 1, 2}, {2, 2, 4, 8}}, func(r *rand.Rand) sample {
			return sample{between(r, 2, 5), between(r, 2, 5), between(r, 2, 4), uniform(r, 5, 9)}
		}, func(c sample, r *rand.Rand) {
			w, a, b := normalRows(r, c.n, c.units), normalRows(r, c.n, c.rank), normalRows(r, c.rank, c.units)
			w2, a2, b2 := cloneRows(w), cloneRows(a), cloneRows(b)
			t.give("w", w2, "a", a2, "b", b2, "alpha", c.alpha)
			got := f(w, a, b, c.alpha)
			if !near(w, w2) {
				t.fail("Your function has changed w. Return a new matrix: the frozen one may be needed again, for other adapters.")
			}
			t.unchanged("a", a, a2)
			t.unchanged("b", b, b2)
			with := func(keep, scale float64) [][]float64 {
				out := cloneRows(w2)
				for i, row := range out {
					floats.Scale(keep, row)
					for k := range b2 {
						floats.AddScaled(row, scale*a2[i][k], b2[k])
					}
				}
				return out
			}
			rank := float64(c.rank)
			t.equal("the matrix", got, with(1, c.alpha/rank),
				mistake{with(1, 1), "That is merged without the scale: the network was trained with (α/r)·ab, and would now predict something else."},
				mistake{with(1, c.alpha), "α is not divided by the rank."},
				mistake{with(1, rank/c.alpha), "The scale is upside down: α/r."},
				mistake{with(1, -c.alpha/rank), "The product is taken off; it must be added."},
				mistake{with(0, c.alpha/rank), "W is missing: that is only what has been learned in addition."},
				mistake{w2, "The product is missing: nothing of what has been learned would remain."})
		})
	})
}

var countLora = Exercise{"CountLora", []string{
	"For one layer of n inputs and m units: what shapes do a and b have?",
	"a has n·rank numbers and b has rank·m. The matrix has n·m numbers, and there are m biases.",
	"trained += rank*(n+m); all += n*m + m + rank*(n+m).",
}}

// CountLora checks the numbers of trained and of all parameters.
func CountLora(f func(layers [][2]int, rank int) (trained, all int)) Answer {
	return examine(countLora, func(t *trial) {
		type sample struct {
			layers [][2]int
			rank   int
		}
		cases(t, 93, []sample{{[][2]int{{32, 96}, {32, 75}}, 4}, {[][2]int{{4096, 4096}}, 8}, {nil, 2}}, func(r *rand.Rand) sample {
			layers := make([][2]int, between(r, 1, 4))
			for i := range layers {
				layers[i] = [2]int{between(r, 10, 90), between(r, 10, 90)}
			}
			return sample{layers, between(r, 2, 8)}
		}, func(c sample, _ *rand.Rand) {
			layers := slices.Clone(c.layers)
			t.give("layers", c.layers, "rank", c.rank)
			trained, all := f(layers, c.rank)
			t.unchanged("layers", layers, c.layers)
			sum := func(count func(n, m int) int) int {
				total := 0
				for _, l := range c.layers {
					total += count(l[0], l[1])
				}
				return total
			}
			r := c.rank
			adapters := sum(func(n, m int) int { return r * (n + m) })
			matrices, biases := sum(func(n, m int) int { return n * m }), sum(func(_, m int) int { return m })
			t.equal("the number of trained parameters", trained, adapters,
				mistake{adapters + matrices + biases, "You count the frozen ones as trained. The optimizer changes only a and b."},
				mistake{matrices + biases, "These are the frozen ones."},
				mistake{adapters + biases, "The biases are frozen, too."},
				mistake{r * matrices, "Not rank times the matrix: two thin matrices have rank·n and rank·m numbers."},
				mistake{sum(func(n, _ int) int { return r * n }), "That is only one of the two matrices."},
				mistake{sum(func(_, m int) int { return r * m }), "That is only one of the two matrices."})
			t.equal("the number of all parameters", all, adapters+matrices+biases,
				mistake{adapters + matrices, "The biases are missing."},
				mistake{matrices + biases, "a and b belong to the whole, too."})
		})
	})
}

var warmRate = Exercise{"WarmRate", []string{
	"Two parts: step < warm rises, everything else falls.",
	"In the first part peak·(step+1)/warm. In the second, first compute which share of the way from warm to total is gone.",
	"gone := float64(step-warm) / float64(total-warm); peak * (1 + math.Cos(math.Pi*gone)) / 2.",
}}

// WarmRate checks a warm-up and the half cosine after it.
func WarmRate(f func(step, warm, total int, peak float64) float64) Answer {
	return examine(warmRate, func(t *trial) {
		type sample struct {
			step, warm, total int
			peak              float64
		}
		cases(t, 94, []sample{{2, 10, 100, 0.3}, {0, 5, 40, 0.01}, {9, 10, 50, 1}, {10, 10, 50, 1}, {31, 10, 100, 0.3}, {30, 10, 90, 0.2}, {7, 0, 9, 0.1}}, func(r *rand.Rand) sample {
			warm, total := between(r, 3, 20), between(r, 40, 200)
			return sample{between(r, 0, total-1), warm, total, uniform(r, 0.01, 1)}
		}, func(c sample, _ *rand.Rand) {
			t.give("step", c.step, "warm", c.warm, "total", c.total, "peak", c.peak)
			step, warm, total := float64(c.step), float64(c.warm), float64(c.total)
			fall := func(from float64) float64 {
				return c.peak * (1 + math.Cos(math.Pi*(step-from)/(total-from))) / 2
			}
			var right float64
			late := mistake{c.peak * (step + 1) / total, "The rate is warm too late: it rises over all of the training, and is at its peak when all is over. Divide by warm."}
			mistakes := []mistake{late}
			if c.step < c.warm {
				right = c.peak * (step + 1) / warm
				mistakes = append(mistakes,
					mistake{c.peak * step / warm, "The first step is lost: its rate is 0. Step 0 has peak/warm."},
					mistake{c.peak, "There is no warm-up: the rate is at its peak from the start."},
					mistake{fall(0), "There is no warm-up: the rate falls from the start."})
			} else {
				right = fall(warm)
				mistakes = append(mistakes,
					mistake{c.peak * (step + 1) / warm, "The rate goes on rising above its peak."},
					mistake{fall(0), "The cosine is off: your fall begins at step 0. It has total − warm steps, from step warm on."},
					mistake{c.peak, "After the warm-up the rate does not fall."},
					mistake{c.peak * (total - step) / (total - warm), "That falls along a line: take half a cosine."},
					mistake{c.peak * (1 + math.Cos(math.Pi*(step-warm)/total)) / 2, "At the end the rate is not 0: the fall has total − warm steps."},
					mistake{c.peak - right, "That is upside down: it rises after the warm-up."})
			}
			t.equal("the rate", f(c.step, c.warm, c.total, c.peak), right, mistakes...)
		})
	})
}

var atBestRate = Exercise{"AtBestRate", []string{
	"First the mean over seeds, for each optimizer and each rate. What remains is a table.",
	"In each row of the table take the smallest number: each optimizer at the rate that suits it.",
	"out[o] = math.Inf(1); for each rate: compute the mean of its losses; out[o] = min(out[o], mean).",
}}

// AtBestRate checks that optimizers are compared at their own best rates, over seeds.
func AtBestRate(f func(losses [][][]float64) []float64) Answer {
	return examine(atBestRate, func(t *trial) {
		type sample struct {
			optimizers, rates, seeds int
			diverged                 bool
		}
		cases(t, 95, []sample{{3, 4, 3, false}, {2, 1, 1, false}, {2, 3, 2, true}}, func(r *rand.Rand) sample {
			return sample{between(r, 2, 4), between(r, 3, 4), between(r, 2, 4), false}
		}, func(c sample, r *rand.Rand) {
			losses, before := make([][][]float64, c.optimizers), make([][][]float64, c.optimizers)
			for o := range losses {
				losses[o] = make([][]float64, c.rates)
				for k := range losses[o] {
					losses[o][k] = make([]float64, c.seeds)
					for s := range losses[o][k] {
						// The best rate of optimizer o is about the o-th.
						d := float64(k - (o+1)%c.rates)
						losses[o][k][s] = 2 + 0.5*d*d + uniform(r, 0, 0.9)
					}
				}
				if c.diverged {
					losses[o][c.rates-1][0] = math.Inf(1)
				}
				before[o] = cloneRows(losses[o])
			}
			t.give("losses", before)
			got := f(losses)
			for o := range losses {
				t.unchanged("losses", losses[o], before[o])
			}
			each := func(g func(rates [][]float64) float64) []float64 {
				out := make([]float64, c.optimizers)
				for o := range out {
					out[o] = g(before[o])
				}
				return out
			}
			means := func(rates [][]float64) []float64 {
				m := make([]float64, len(rates))
				for k, seeds := range rates {
					m[k] = stat.Mean(seeds, nil)
				}
				return m
			}
			var mistakes []mistake
			for k := range c.rates {
				text := "You compare them at one rate for all. It suits one of them; give each optimizer its own."
				if k == 0 {
					text = "You take only the first rate of each."
				}
				mistakes = append(mistakes, mistake{each(func(rates [][]float64) float64 { return means(rates)[k] }), text})
			}
			mistakes = append(mistakes,
				mistake{each(func(rates [][]float64) float64 { return slices.Min(slices.Concat(rates...)) }), "You take the luckiest seed. That flatters whatever varies most: first the mean over seeds, then the best rate."},
				mistake{each(func(rates [][]float64) float64 { return stat.Mean(slices.Concat(rates...), nil) }), "You average over all rates, also over those that nobody would use."},
				mistake{each(func(rates [][]float64) float64 { return slices.Max(means(rates)) }), "You take the largest mean. Losses should be small."})
			t.equal("the losses", got, each(func(rates [][]float64) float64 { return slices.Min(means(rates)) }), mistakes...)
		})
	})
}

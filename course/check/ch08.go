package check

import (
	"math"
	"math/rand/v2"
	"slices"
)

var serialShare = Exercise{"SerialShare", []string{
	"Write Amdahl's law for 1/S, the time that is left, and solve it for s.",
	"1/S = s + (1 − s)/w. Times w that is w/S = 1 + s·(w − 1).",
	"s = (w/S − 1)/(w − 1), with w = float64(workers).",
}}

// SerialShare checks Amdahl's law solved for the share s that is not shared:
// s = (w/S − 1)/(w − 1) for a speed-up of S by w workers.
func SerialShare(f func(speedup float64, workers int) float64) Answer {
	return examine(serialShare, func(t *trial) {
		type sample struct {
			speedup float64
			workers int
		}
		cases(t, 0, []sample{{3.2, 5}, {1.9, 2}, {15.4, 64}, {1, 8}, {8, 8}}, func(r *rand.Rand) sample {
			workers := between(r, 2, 64)
			return sample{uniform(r, 1, float64(workers)), workers}
		}, func(c sample, r *rand.Rand) {
			w := float64(c.workers)
			s := (w/c.speedup - 1) / (w - 1)
			t.give("speedup", c.speedup, "workers", c.workers)
			t.equal("the share", f(c.speedup, c.workers), s,
				mistake{1 - s, "That is the share that can be shared: take it from 1."},
				mistake{1 / c.speedup, "That is the share of the time that is left, and a part of it is spent on work that was shared."},
				mistake{c.speedup / w, "That is how well the workers are used, 1 if nothing is serial. Solve the law for s."},
				mistake{1 / (c.speedup + (1-c.speedup)/w), "You have put the speed-up in the place of s. It is known, and s is asked for."},
				mistake{(w - c.speedup) / (w - 1), "You forget to divide by the speed-up: s = (w/S − 1)/(w − 1), that is (w − S)/(S·(w − 1))."},
				mistake{100 * s, "That is in percent. A share goes from 0 to 1."},
				mistake{w/c.speedup - 1, "Nearly: that is s·(w − 1)."},
				mistake{(w/c.speedup - 1) / w, "Nearly: in 1 + s·(w − 1) the factor of s is w − 1, not w."})
		})
	})
}

var kahan = Exercise{"Kahan", []string{
	"Four assignments, in the order in which they stand in the text.",
	"Wrap each single + and − in round: the third line has two of them, one inside the other.",
	"y := round(v - lost); t := round(sum + y); lost = round(round(t-sum) - y); sum = t.",
}}

// Kahan checks Kahan's compensated summation (1965), with every operation
// rounded.
func Kahan(f func(x []float64, round func(float64) float64) float64) Answer {
	return examine(kahan, func(t *trial) {
		r := random(81)
		large := append([]float64{600}, normal(r, 30)...)
		for i := range large {
			large[i] = elevenBits(math.Abs(large[i]))
		}
		cases(t, 0, [][]float64{large, slices.Repeat([]float64{elevenBits(0.1)}, 10_000), {2.5, 3}, nil}, func(r *rand.Rand) []float64 {
			x := append([]float64{uniform(r, 100, 900)}, normal(r, between(r, 5, 30))...)
			for i := range x {
				x[i] = elevenBits(math.Abs(x[i]))
			}
			return x
		}, func(x []float64, r *rand.Rand) {
			exact, plain := 0.0, 0.0
			for _, v := range x {
				exact, plain = exact+v, elevenBits(plain+v)
			}
			before := slices.Clone(x)
			t.give("x", x)
			rounded := 0
			got := f(x, func(v float64) float64 {
				rounded++
				return elevenBits(v)
			})
			t.unchanged("x", x, before)
			t.equal("the sum", got, compensated(x, 1, false),
				mistake{plain, "That is the plain sum: what an addition loses never comes back. Take lost off the next number."},
				mistake{exact, "Nothing is rounded: this machine has no half precision, so call round for every single + and −."},
				mistake{compensated(x, -1, false), "What was lost is lost twice: the sign is wrong. lost is what came too much, (t − sum) − y, and the next number is reduced by it."},
				mistake{compensated(x, 1, true), "You replace sum before you compute lost, which needs the old one."},
				mistake{compensated(x, 0, false), "lost is computed, and never taken off the next number: y = v − lost."},
				mistake{0.0, "The sum stays 0: set sum to t in the end."})
			if rounded < 4*len(x) {
				t.fail("The sum is right, but you round %d times only. A machine with half precision rounds after every addition and subtraction, four times for each number: round(v-lost), round(sum+y), and two in the third line.", rounded)
			}
		})
	})
}

// elevenBits rounds x as float16 does, without its limits to the exponent.
func elevenBits(x float64) float64 {
	fraction, exponent := math.Frexp(x)
	return math.Ldexp(math.RoundToEven(math.Ldexp(fraction, 11)), exponent-11)
}

// compensated is Kahan's sum; with sign −1 it corrects the wrong way, and early
// replaces the sum too early.
func compensated(x []float64, sign float64, early bool) float64 {
	sum, lost := 0.0, 0.0
	for _, v := range x {
		y := elevenBits(v - sign*lost)
		t := elevenBits(sum + y)
		if early {
			sum = t
		}
		lost = elevenBits(elevenBits(t-sum) - y)
		sum = t
	}
	return sum
}

var lottery = Exercise{"Lottery", []string{
	"How many whole steps fit below x? math.Floor knows, for negative x too.",
	"The share of the way that lies behind x is x/step − math.Floor(x/step), a number from 0 to 1.",
	"u is less than 0.3 in three of ten cases: go up if u is less than the share.",
}}

// Lottery checks stochastic rounding: x is rounded up with a probability equal to
// its distance from the lower neighbour, in steps (Forsythe, 1950). Any use of u
// with these odds is right.
func Lottery(f func(x, step, u float64) float64) Answer {
	return examine(lottery, func(t *trial) {
		type sample struct{ x, step float64 }
		cases(t, 0, []sample{{4.6, 2}, {-0.6, 0.25}, {0.1, 8}, {1.5, 0.5}, {-3, 1}, {0, 1}}, func(r *rand.Rand) sample {
			return sample{uniform(r, -10, 10), []float64{0.25, 0.5, 1, 2, 4}[r.IntN(5)]}
		}, func(c sample, r *rand.Rand) {
			const draws = 100
			below := c.step * math.Floor(c.x/c.step)
			above, ups := below+c.step, 0
			for i := range draws {
				u := (float64(i) + 0.5) / draws
				t.give("x", c.x, "step", c.step, "u", u)
				switch got := f(c.x, c.step, u); {
				case near(got, below):
				case near(got, above):
					ups++
				case near(got*c.step, below) || near(got*c.step, above):
					t.fail("You return the number of steps, %g. Multiply it by step.", got)
				case near(got, below+2*c.step):
					t.fail("%g does not lie below %g. Does your way down go towards 0? math.Floor goes down.", above, c.x)
				default:
					t.fail("You return %s. The neighbours of %g are %g and %g.", show(got), c.x, below, above)
				}
			}
			t.give("x", c.x, "step", c.step, "u", "each of 0.005, 0.015 … 0.995")
			share, up := (c.x-below)/c.step, float64(ups)/draws
			if c.x < 0 && up == 1 && share > 0 && share < 0.98 {
				t.fail("%g always becomes %g. Do you cut off with int or math.Trunc? They go towards 0, which is up for a negative number; math.Floor goes down.", c.x, above)
			}
			odds(t, share, up)
		})
	})
}

// odds ends the trial unless up, the share of all u for which x was rounded up,
// is the share of the way that lies behind x.
func odds(t *trial, share, up float64) {
	is := func(p float64) bool { return math.Abs(up-p) <= 0.0101 }
	switch {
	case is(share):
	case is(1 - share):
		t.fail("It goes up for %.3g of all u, and down for %.3g: the other way round. Near the top it must nearly always go up.", up, 1-up)
	case up == 1 && share < 0.5:
		t.fail("Whatever u is, it goes up. That is no lottery: sums would grow by themselves.")
	case up == 0 || up == 1:
		t.fail("Whatever u is, the result is the same. That is no lottery: what is small would always be lost.")
	case is(0.5):
		t.fail("It goes up for one half of all u. But x has gone %.3g of the way, and that must be the share.", share)
	default:
		t.fail("It goes up for %.3g of all u, and x has gone %.3g of the way.", up, share)
	}
}

var perUnit = Exercise{"PerUnit", []string{
	"Do for each column what quantize does for all of w: the largest absolute value, the scale, rounding.",
	"Column j is w[j], w[j+units], w[j+2*units], …: for i := j; i < len(w); i += units.",
	"The scale is the column's largest |w| divided by 2ᵇ⁻¹ − 1, in Go float64(int(1)<<(b-1)-1). If it is 0, there is nothing to do.",
}}

// PerUnit checks quantisation to b bits with one scale for each column:
// w ← s·round(w/s), s = max|w|/(2ᵇ⁻¹ − 1).
func PerUnit(f func(w []float64, units, b int)) Answer {
	return examine(perUnit, func(t *trial) {
		type sample struct {
			rows, units, b int
			noise          float64 // keeps w/s away from halves, where the order of operations would count
		}
		cases(t, 82, []sample{{4, 3, 3, 0}, {6, 2, 8, 0}, {3, 4, 2, 0}, {5, 1, 4, 0}}, func(r *rand.Rand) sample {
			return sample{between(r, 1, 6), between(r, 1, 5), between(r, 2, 8), 0.001}
		}, func(c sample, r *rand.Rand) {
			w := normal(r, c.rows*c.units)
			for i := range w {
				if c.noise > 0 {
					w[i] += c.noise * r.Float64()
				}
				switch i % c.units {
				case 1:
					w[i] *= 10
				case 3:
					w[i] = 0
				}
			}
			before := slices.Clone(w)
			column := func(i int) int { return i % c.units }
			row := func(i int) int { return i / c.units }
			whole := func(int) int { return 0 }
			levels := math.Pow(2, float64(c.b-1)) - 1
			t.give("w", before, "units", c.units, "b", c.b)
			f(w, c.units, c.b)
			t.equal("w", w, inGroups(before, c.units, column, levels, 0),
				mistake{before, "w stays as it was: set its elements, w[i] = …"},
				mistake{codes(before, c.units, levels), "Those are the whole numbers w/s. Multiply them by the scale of their column."},
				mistake{inGroups(before, c.units, column, levels-1, 0), "The largest weight is 2ᵇ⁻¹ − 1 steps, one more than yours."},
				mistake{inGroups(before, 1, whole, levels, 0), "That is one scale for all of w, which one large column makes coarse for the others."},
				mistake{inGroups(before, c.rows, row, levels, 0), "You gave each row a scale: w[0], w[1], … are a row. The weights of a unit are a column, in steps of units."},
				mistake{inGroups(before, c.units, column, levels+1, 0), "You divide by 2ᵇ⁻¹. With the largest weight as 2ᵇ⁻¹ − 1 steps, those below zero have as many, and zero is one of them."},
				mistake{inGroups(before, c.units, column, 2*levels+1, 0), "You use twice as many steps as b bits can name: one bit is the sign, hence 2ᵇ⁻¹ − 1."},
				mistake{inGroups(before, c.units, column, levels, math.NaN()), "A column of zeros has the scale 0, and 0/0 is no number: leave it as it is."})
		})
	})
}

// codes returns the integers that encode w, with a scale for each column.
func codes(w []float64, units int, levels float64) []float64 {
	out := inGroups(w, units, func(i int) int { return i % units }, levels, 0)
	for j := range min(units, len(w)) {
		largest := 0.0
		for i := j; i < len(w); i += units {
			largest = max(largest, math.Abs(w[i]))
		}
		for i := j; i < len(w) && largest > 0; i += units {
			out[i] = math.Round(out[i] / (largest / levels))
		}
	}
	return out
}

// inGroups rounds w with a scale for each group of elements; the elements of a
// group that is all 0 become zero.
func inGroups(w []float64, groups int, group func(i int) int, levels, zero float64) []float64 {
	largest, out := make([]float64, groups), make([]float64, len(w))
	for i, v := range w {
		largest[group(i)] = max(largest[group(i)], math.Abs(v))
	}
	for i, v := range w {
		if s := largest[group(i)] / levels; s > 0 {
			out[i] = s * math.Round(v/s)
		} else {
			out[i] = zero
		}
	}
	return out
}

var localSGD = Exercise{"LocalSGD", []string{
	"Three loops, one inside the other: over exchanges, over workers, over the k steps of a worker.",
	"Each worker begins with a copy of the mean, slices.Clone(mean), and walks alone.",
	"Add up where the workers have come to, and divide by their number once all have walked. That is the next mean.",
}}

// LocalSGD checks local gradient descent (Stich, 2019): all workers take k steps
// from the same θ, and the mean of their results is the next θ.
func LocalSGD(f func(theta []float64, workers []func(grad, theta []float64), alpha float64, k, exchanges int) []float64) Answer {
	return examine(localSGD, func(t *trial) {
		type sample struct{ workers, k, exchanges int }
		cases(t, 83, []sample{{3, 2, 3}, {2, 5, 4}, {1, 3, 2}, {4, 1, 5}, {2, 3, 0}}, func(r *rand.Rand) sample {
			return sample{between(r, 1, 4), between(r, 1, 4), between(r, 0, 4)}
		}, func(c sample, r *rand.Rand) {
			theta := normal(r, 2)
			start, calls := slices.Clone(theta), 0
			var workers []func(grad, theta []float64)
			for range c.workers {
				centre, curve := normal(r, 2), 1+twoDigits(r.Float64())
				workers = append(workers, func(grad, theta []float64) {
					calls++
					for j := range grad {
						grad[j] = curve * (theta[j] - centre[j])
					}
				})
			}
			// walk is a walk of the workers that begin, if together, at the last mean.
			walk := func(alpha float64, k, exchanges int, together bool, divisor float64) []float64 {
				return walkOf(start, workers, alpha, k, exchanges, together, divisor)
			}
			const alpha = 0.3
			n := float64(c.workers)
			t.give("theta", start, "workers", c.workers, "alpha", alpha, "k", c.k, "exchanges", c.exchanges)
			got := f(theta, workers, alpha, c.k, c.exchanges)
			t.unchanged("theta", theta, start)
			if all := c.workers * c.k * c.exchanges; calls != all && near(got, start) {
				t.fail("You ask for %d gradients. %d workers with %d steps and %d exchanges need %d.", calls, c.workers, c.k, c.exchanges, all)
			}
			t.equal("the result", got, walk(alpha, c.k, c.exchanges, true, n),
				mistake{walk(alpha, c.k, c.exchanges, false, n), "A worker begins where the one before it has stopped. All begin at the last mean: give each a copy of it."},
				mistake{walk(alpha, 1, c.k*c.exchanges, true, n), "You exchange after every step. The workers should walk k steps alone first."},
				mistake{walk(alpha, 1, c.exchanges, true, n), "Each worker takes a single step before the exchange. It should take k."},
				mistake{walk(alpha, c.k, 1, true, n), "You stop after the first exchange, or begin each round at theta again: the mean is where the next round begins."},
				mistake{walk(alpha, c.k, c.exchanges, true, 1), "You add up where the workers are: divide by their number, or θ grows with it."},
				mistake{walk(-alpha, c.k, c.exchanges, true, n), "The workers walk uphill: subtract the gradient."},
				mistake{start, "theta does not move: return the mean."})
		})
	})
}

func walkOf(start []float64, workers []func(grad, theta []float64), alpha float64, k, exchanges int, together bool, divisor float64) []float64 {
	mean, grad := slices.Clone(start), make([]float64, len(start))
	for range exchanges {
		sum, own := make([]float64, len(start)), slices.Clone(mean)
		for _, gradient := range workers {
			if together {
				copy(own, mean)
			}
			for range k {
				gradient(grad, own)
				own = combine(1, own, -alpha, grad)
			}
			sum = combine(1, sum, 1, own)
		}
		mean = combine(1/divisor, sum, 0, sum)
	}
	return mean
}

var parameters = Exercise{"Parameters", []string{
	"Between two neighbouring layers each number of the first has a weight to each of the second.",
	"Each number of a layer, except of the inputs, has an intercept besides.",
	"n += (sizes[i] + 1) * sizes[i+1], for i from 0 to the last layer but one.",
}}

// Parameters checks the number of parameters of a multilayer perceptron.
func Parameters(f func(sizes []int) int) Answer {
	return examine(parameters, func(t *trial) {
		cases(t, 0, [][]int{{64, 32, 10}, {3, 1}, {10, 8, 6, 2}, {5}}, func(r *rand.Rand) []int {
			return ints(r, between(r, 1, 5), 1, 99)
		}, func(sizes []int, r *rand.Rand) {
			weights, units, inputs, product, first := 0, 0, 0, 1, 0
			for i, n := range sizes {
				product *= n
				if i > 0 {
					weights, units, inputs = weights+sizes[i-1]*n, units+n, inputs+sizes[i-1]
				}
				if i == 1 {
					first = weights + units
				}
			}
			t.give("sizes", sizes)
			t.equal("the number", f(slices.Clone(sizes)), weights+units,
				mistake{weights, "The intercepts are missing: one for each number of every layer but the inputs."},
				mistake{weights + inputs, "An intercept belongs to each output of a layer, not to each input."},
				mistake{weights + units + sizes[0], "The inputs have no intercepts: they are given, not computed."},
				mistake{weights + len(sizes) - 1, "Each number of a layer has its own intercept, not each layer one."},
				mistake{units, "Those are the intercepts. The weights between the layers are missing."},
				mistake{units + sizes[0], "Those are the numbers that flow through. Parameters are between them, one for each pair of neighbours."},
				mistake{product, "You multiply all sizes. Only neighbouring layers are connected: add up the products."},
				mistake{first, "That is the first layer of weights: add up all of them."})
		})
	})
}

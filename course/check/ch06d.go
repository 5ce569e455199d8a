package check

import (
	"math"
	"math/rand/v2"
	"slices"
)

// padded returns texts of words 0 to 5 in rows of the given length, with padding of
// −1 after, before or within them, and at least one word in each.
func padded(r *rand.Rand, texts, length int) [][]int {
	rows := make([][]int, texts)
	for i := range rows {
		rows[i] = slices.Repeat([]int{-1}, length)
		count := between(r, 1, length)
		if i == 0 && length > 2 {
			count = length - 1
		}
		places := r.Perm(length)[:count]
		if i%3 == 0 { // most texts begin at the beginning
			slices.Sort(places)
			for t := range places {
				places[t] = t
			}
		}
		for _, t := range places {
			rows[i][t] = r.IntN(6)
		}
	}
	return rows
}

// textSizes are the numbers of texts and their lengths in a case.
type textSizes struct{ texts, length int }

func drawTextSizes(r *rand.Rand) textSizes { return textSizes{between(r, 2, 5), between(r, 3, 6)} }

func copied(rows [][]int) [][]int {
	c := make([][]int, len(rows))
	for i, row := range rows {
		c[i] = slices.Clone(row)
	}
	return c
}

var lastStates = Exercise{"LastStates", []string{
	"Two loops, over the texts and over the words of a text. The state belongs to the inner one.",
	"Set h to 0 where a new text begins, and not only once before all of them.",
	"A word of −1 is skipped: the state stays as it is, and the loop goes on, for words may follow.",
}}

// LastStates checks that texts are read one by one: the state begins at 0 in each, and padding does not change it.
func LastStates(f func(texts [][]int, step func(h float64, word int) float64) []float64) Answer {
	return examine(lastStates, func(t *trial) {
		cases(t, 6401, []textSizes{{3, 5}, {1, 1}, {4, 4}}, drawTextSizes, func(c textSizes, r *rand.Rand) {
			texts := padded(r, c.texts, c.length)
			if c.texts > 1 { // padding before a text and within it
				texts[1] = slices.Repeat([]int{-1}, c.length)
				texts[1][1], texts[1][c.length-1] = 2, 5
			}
			u, w := uniform(r, 0.4, 0.9), uniform(r, 0.2, 0.6)
			step := func(h float64, word int) float64 { return math.Tanh(u*h + w*float64(word+1) - 0.3*float64(word%2)) }
			before := copied(texts)
			t.give("texts", texts, "step", stepText(u, w))
			got := f(texts, step)
			t.unchanged("texts", texts, before)
			// read goes through all texts; of each it takes the words that are given.
			read := func(keep bool, words func(text []int) []int) []float64 {
				h, states := 0.0, make([]float64, len(texts))
				for i, text := range texts {
					if !keep {
						h = 0
					}
					for _, word := range words(text) {
						h = step(h, word)
					}
					states[i] = h
				}
				return states
			}
			real := func(text []int) []int {
				return slices.DeleteFunc(slices.Clone(text), func(word int) bool { return word < 0 })
			}
			t.equal("the states", got, read(false, real),
				mistake{read(true, real), "The state is kept from one text to the next: what the second text ends with depends on the first. Begin each text with 0."},
				mistake{read(false, slices.Clone[[]int]), "Padding has changed the state: a word of −1 must be skipped."},
				mistake{read(true, slices.Clone[[]int]), "The state is kept from one text to the next, and padding changes it."},
				mistake{read(false, func(text []int) []int {
					if at := slices.Index(text, -1); at >= 0 {
						return text[:at]
					}
					return text
				}), "Your loop stops at the first padding, but there may be padding before a text, or within it. Skip it and go on."},
				mistake{read(false, func(text []int) []int { w := real(text); return w[len(w)-1:] }), "Your state knows only the last word: each step must begin with the state that the step before has returned."},
				mistake{read(false, func(text []int) []int { w := real(text); slices.Reverse(w); return w }), "You read the texts backwards."})
		})
	})
}

// stepText describes the step of a case.
func stepText(u, w float64) string {
	return "tanh(" + show(u) + "·h + " + show(w) + "·(word+1) − 0.3·(word mod 2))"
}

var tokenLoss = Exercise{"TokenLoss", []string{
	"Which words count? Those whose target is not −1. Count them.",
	"Add the losses of the words that count, over all texts, and divide once, at the end, by how many there are.",
	"Word 0 is a word: ask for targets[i][t] >= 0. And 0/0 is NaN: if nothing counts, return 0.",
}}

// TokenLoss checks the mean of the losses of all words that are no padding.
func TokenLoss(f func(losses [][]float64, targets [][]int) float64) Answer {
	return examine(tokenLoss, func(t *trial) {
		cases(t, 6402, []textSizes{{3, 5}, {2, 3}, {2, 0}}, drawTextSizes, func(c textSizes, r *rand.Rand) {
			targets := padded(r, c.texts, max(c.length, 1))
			if c.length == 0 { // padding only
				targets = [][]int{{-1, -1}, {-1, -1}}
			} else {
				targets[0][0] = 0
				targets[1] = slices.Repeat([]int{-1}, c.length)
				targets[1][0] = 3
			}
			losses := make([][]float64, len(targets))
			for i, row := range targets {
				losses[i] = make([]float64, len(row))
				for j := range row {
					losses[i][j] = uniform(r, 0.5, 4)
				}
			}
			before := copied(targets)
			t.give("losses", losses, "targets", targets)
			got := f(losses, targets)
			t.unchanged("targets", targets, before)
			over := func(counts func(target int) bool) (sum, count, perText float64) {
				texts := 0.0
				for i, row := range losses {
					s, n := 0.0, 0.0
					for j, l := range row {
						if counts(targets[i][j]) {
							s += l
							n++
						}
					}
					if n > 0 {
						perText += s / n
						texts++
					}
					sum, count = sum+s, count+n
				}
				return sum, count, perText / max(texts, 1)
			}
			sum, count, perText := over(func(target int) bool { return target >= 0 })
			all, places, _ := over(func(int) bool { return true })
			positive, positives, _ := over(func(target int) bool { return target > 0 })
			if count == 0 && math.IsNaN(got) {
				t.fail("It is NaN: no word counts here, and you divide 0 by 0. Return 0 then.")
			}
			t.equal("the loss", got, sum/max(1, count),
				mistake{all / places, "Here padding counts like words. A network learns to predict padding in no time, and the loss is too good."},
				mistake{sum / places, "You leave the losses of padding out, but divide by all places: longer padding would make the loss smaller. Divide by the words that count."},
				mistake{sum, "That is the sum. Divide by the number of words that count."},
				mistake{perText, "That is the mean of the texts' means: a word in one of the short texts weighs more than a word in a long one. Add up all words, and divide once."},
				mistake{positive / max(1, positives), "Word 0 is missing: it is a word like any other. Only −1 is padding."})
		})
	})
}

var throughTime = Exercise{"ThroughTime", []string{
	"Begin at the end: d[last] = 1. Then go back, one step at a time.",
	"From h[t] to h[t+1] leads one arrow, through u and tanh: d[t] is d[t+1] times the derivative of h[t+1] by h[t].",
	"That derivative is u·(1 − h[t+1]²): the slope of tanh at the state that comes out.",
}}

// ThroughTime checks the derivatives of the last state by each state before it.
func ThroughTime(f func(h []float64, u float64) []float64) Answer {
	return examine(throughTime, func(t *trial) {
		draw := func(r *rand.Rand) int { return between(r, 3, 7) }
		cases(t, 6403, []int{4, 1, 2}, draw, func(n int, r *rand.Rand) {
			h, u := make([]float64, n), uniform(r, 0.5, 1.5)
			for i := range h {
				h[i] = uniform(r, -0.9, 0.9)
			}
			before := slices.Clone(h)
			t.give("h", h, "u", u)
			got := f(h, u)
			t.unchanged("h", h, before)
			back := func(factor func(t int) float64) []float64 {
				d := make([]float64, n)
				d[n-1] = 1
				for t := n - 2; t >= 0; t-- {
					d[t] = d[t+1] * factor(t)
				}
				return d
			}
			slope := func(h float64) float64 { return 1 - h*h }
			single := make([]float64, n)
			for t := range n - 1 {
				single[t] = u * slope(h[t+1])
			}
			single[n-1] = 1
			t.equal("the derivatives", got, back(func(t int) float64 { return u * slope(h[t+1]) }),
				mistake{back(func(int) float64 { return u }), "The slope of tanh is missing: each step multiplies by u and by 1 − h²."},
				mistake{back(func(t int) float64 { return slope(h[t+1]) }), "u is missing: the state before is multiplied by it."},
				mistake{back(func(t int) float64 { return u * slope(h[t]) }), "The slope is taken at the wrong state: the arrow from h[t] to h[t+1] ends at h[t+1], and tanh is computed there."},
				mistake{back(func(t int) float64 { return u * slope(math.Tanh(h[t+1])) }), "You compute tanh once more, but h is the tanh already: its slope is 1 − h²."},
				mistake{single, "That is the derivative of the next state, only one step. Multiply all steps up to the last state: d[t] = d[t+1]·…"})
		})
	})
}

var lstmCell = Exercise{"LSTMCell", []string{
	"Everything goes element by element: one loop over j.",
	"The cell keeps a share of what it was, and adds a share of the candidate: forget·before + in·candidate.",
	"The state is what the output gate shows of the new cell, after tanh: out·tanh(cell).",
}}

// LSTMCell checks a step of an LSTM, given its gates.
func LSTMCell(f func(before, in, forget, candidate, out []float64) (cell, state []float64)) Answer {
	return examine(lstmCell, func(t *trial) {
		draw := func(r *rand.Rand) int { return between(r, 1, 5) }
		cases(t, 6404, []int{3, 1, 4}, draw, func(n int, r *rand.Rand) {
			of := func(low, high float64) []float64 {
				v := make([]float64, n)
				for j := range v {
					v[j] = uniform(r, low, high)
				}
				return v
			}
			before, in, forget, candidate, out := of(-2, 2), of(0.1, 0.45), of(0.5, 0.95), of(-0.9, 0.9), of(0.1, 0.9)
			given := [][]float64{before, in, forget, candidate, out}
			names := []string{"before", "in", "forget", "candidate", "out"}
			var kept [][]float64
			for _, v := range given {
				kept = append(kept, slices.Clone(v))
			}
			t.give("before", before, "in", in, "forget", forget, "candidate", candidate, "out", out)
			cell, state := f(before, in, forget, candidate, out)
			for i, v := range given {
				t.unchanged(names[i], v, kept[i])
			}
			each := func(g func(j int) float64) []float64 {
				v := make([]float64, n)
				for j := range v {
					v[j] = g(j)
				}
				return v
			}
			want := each(func(j int) float64 { return forget[j]*before[j] + in[j]*candidate[j] })
			t.equal("cell", cell, want,
				mistake{each(func(j int) float64 { return before[j] + in[j]*candidate[j] }), "The forget gate is missing: the cell would never forget, and grow."},
				mistake{each(func(j int) float64 { return forget[j]*before[j] + candidate[j] }), "The input gate is missing: everything would be written."},
				mistake{each(func(j int) float64 { return in[j]*before[j] + forget[j]*candidate[j] }), "The two gates are exchanged: forget belongs to what was, in to what is new."},
				mistake{each(func(j int) float64 { return forget[j]*before[j] + (1-forget[j])*candidate[j] }), "1 − f is the rule of a GRU, which has one gate for both. An LSTM has an input gate."},
				mistake{each(func(j int) float64 { return forget[j]*before[j] + in[j]*math.Tanh(candidate[j]) }), "You compute tanh of the candidate once more: it has been through tanh."})
			t.equal("state", state, each(func(j int) float64 { return out[j] * math.Tanh(want[j]) }),
				mistake{each(func(j int) float64 { return out[j] * want[j] }), "tanh is missing: a cell may be of any size, and the state lies between −1 and 1."},
				mistake{each(func(j int) float64 { return out[j] * math.Tanh(before[j]) }), "You show the cell before the step. The state is made from the new one."},
				mistake{each(func(j int) float64 { return math.Tanh(out[j] * want[j]) }), "You take tanh of the whole product. The gate comes after tanh."})
		})
	})
}

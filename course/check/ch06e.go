package check

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// normalRows returns rows of normal numbers.
func normalRows(r *rand.Rand, rows, columns int) [][]float64 {
	out := make([][]float64, rows)
	for i := range out {
		out[i] = normal(r, columns)
	}
	return out
}

func cloneRows(rows [][]float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i, row := range rows {
		out[i] = slices.Clone(row)
	}
	return out
}

// softmaxOf returns the softmax of scores, of any size.
func softmaxOf(scores []float64) []float64 {
	p, most := make([]float64, len(scores)), slices.Max(scores)
	for i, z := range scores {
		p[i] = math.Exp(z - most)
	}
	return over(floats.Sum(p), p)
}

var attend = Exercise{"Attend", []string{
	"Three steps: scores, softmax, weighted mean. Each is a loop over the tokens.",
	"The score of token j is the dot product of q and keys[j], divided by math.Sqrt(float64(len(q))).",
	"weights[j] = math.Exp(score[j] - largest); divide by their sum; then out[i] += weights[j] * values[j][i].",
}}

// Attend checks attention for one query.
func Attend(f func(q []float64, keys, values [][]float64) []float64) Answer {
	return examine(attend, func(t *trial) {
		type sample struct {
			tokens, d, width int
			scale            float64
		}
		cases(t, 81, []sample{{3, 4, 2, 1}, {1, 2, 3, 1}, {2, 3, 1, 50000}}, func(r *rand.Rand) sample {
			return sample{between(r, 2, 5), between(r, 2, 6), between(r, 1, 4), 1}
		}, func(c sample, r *rand.Rand) {
			q, keys, values := normal(r, c.d), normalRows(r, c.tokens, c.d), normalRows(r, c.tokens, c.width)
			floats.Scale(c.scale, q)
			q2, k2, v2 := slices.Clone(q), cloneRows(keys), cloneRows(values)
			t.give("q", q2, "keys", k2, "values", v2)
			got := f(q, keys, values)
			t.unchanged("q", q, q2)
			t.unchanged("keys", keys, k2)
			t.unchanged("values", values, v2)
			mean := func(weights []float64, rows [][]float64) []float64 {
				out := make([]float64, len(rows[0]))
				for j, row := range rows {
					floats.AddScaled(out, weights[j], row)
				}
				return out
			}
			scores := make([]float64, c.tokens)
			for j, k := range k2 {
				scores[j] = floats.Dot(q2, k)
			}
			d := float64(c.d)
			scaled := over(math.Sqrt(d), scores)
			right := softmaxOf(scaled)
			mistakes := []mistake{
				{allNaN(c.width), "exp of a large score is infinite, and ∞/∞ is NaN. Subtract the largest score from all of them first: the softmax stays the same."},
				{mean(softmaxOf(scores), v2), "The scores are not divided by √d."},
				{mean(softmaxOf(over(d, scores)), v2), "Divide by the root of d, not by d."},
				{mean(softmaxOf(over(1/math.Sqrt(d), scores)), v2), "Divide by √d: you multiply."},
				{mean(scaled, v2), "The softmax is missing: the scores themselves are no weights."},
				{mean(over(1/float64(c.tokens), softmaxOf(scaled)), v2), "That is too large: the weights must sum to 1."},
			}
			if c.scale == 1 {
				raw := make([]float64, c.tokens)
				for j, s := range scaled {
					raw[j] = math.Exp(s)
				}
				mistakes = append(mistakes, mistake{mean(raw, v2), "The weights do not sum to 1: divide them by their sum."})
			}
			if c.d == c.width {
				mistakes = append(mistakes, mistake{mean(right, k2), "That is the mean of the keys: the weights are for the values."})
			}
			t.equal("the result", got, mean(right, v2), mistakes...)
		})
	})
}

var causalWeights = Exercise{"CausalWeights", []string{
	"Row i belongs to token i: it may look at j = 0 … i.",
	"Take the softmax over these only: exp of each, divided by their sum. The others stay 0.",
	"for j := range i + 1 { weights[i][j] = math.Exp(row[j]); sum += weights[i][j] }",
}}

// CausalWeights checks the softmax under a causal mask.
func CausalWeights(f func(scores [][]float64) [][]float64) Answer {
	return examine(causalWeights, func(t *trial) {
		cases(t, 82, []int{4, 1, 2}, func(r *rand.Rand) int { return between(r, 2, 6) }, func(n int, r *rand.Rand) {
			scores := normalRows(r, n, n)
			before := cloneRows(scores)
			t.give("scores", before)
			got := f(scores)
			t.unchanged("scores", scores, before)
			with := func(may func(i, j int) bool, byColumn, late bool) [][]float64 {
				out := make([][]float64, n)
				for i := range out {
					out[i] = make([]float64, n)
				}
				for i := range n {
					sum := 0.0
					for j := range n {
						a, b := i, j
						if byColumn {
							a, b = j, i
						}
						if may(a, b) || late {
							sum += math.Exp(before[a][b])
						}
					}
					for j := range n {
						a, b := i, j
						if byColumn {
							a, b = j, i
						}
						if may(a, b) {
							out[a][b] = math.Exp(before[a][b]) / sum
						}
					}
				}
				return out
			}
			past := func(i, j int) bool { return j <= i }
			zeros := make([][]float64, n) // 0 in place of −∞ before the softmax
			for i, row := range before {
				masked := slices.Clone(row)
				clear(masked[i+1:])
				zeros[i] = softmaxOf(masked)
			}
			before0 := with(func(i, j int) bool { return j < i }, false, false)
			nan := with(func(i, j int) bool { return j < i }, false, false)
			nan[0][0] = math.NaN()
			nanRow := cloneRows(before0)
			nanRow[0] = allNaN(n)
			t.equal("the weights", got, with(past, false, false),
				mistake{before0, "The mask is off by one: a token may look at itself."},
				mistake{nan, "The mask is off by one: the first token sees nothing, not even itself."},
				mistake{nanRow, "The mask is off by one: the first token sees nothing, not even itself."},
				mistake{with(func(i, j int) bool { return j <= i+1 }, false, false), "The mask is off by one: token i sees token i + 1, the very one that it has to predict."},
				mistake{with(func(i, j int) bool { return j >= i }, false, false), "You mask the past and show the future."},
				mistake{with(func(_, _ int) bool { return true }, false, false), "There is no mask: later tokens have weights, too."},
				mistake{with(past, true, false), "The softmax runs over the wrong axis: the weights of a row must sum to 1."},
				mistake{with(past, false, true), "The sum contains later tokens: mask before the softmax, not after it."},
				mistake{zeros, "A score of 0 is not a weight of 0: exp(0) = 1. Masked scores are −∞."})
		})
	})
}

var nextTokens = Exercise{"NextTokens", []string{
	"Both rows have the given length, whatever the text.",
	"At place t the input is text[t] and the label is text[t+1], if the text is that long; otherwise −1.",
	"for t := range length: in, label := -1, -1; if t < len(text) …; if t+1 < len(text) …; append both.",
}}

// NextTokens checks the rows of a language model.
func NextTokens(f func(text []int, length int) (x, y []int)) Answer {
	return examine(nextTokens, func(t *trial) {
		type sample struct {
			text   []int
			length int
		}
		cases(t, 83, []sample{{[]int{7, 3, 9}, 5}, {[]int{4, 8, 1, 5, 2}, 3}, {[]int{6, 2}, 2}, {nil, 2}, {[]int{1, 2, 3}, 2}}, func(r *rand.Rand) sample {
			return sample{r.Perm(between(r, 2, 9)), between(r, 2, 9)}
		}, func(c sample, r *rand.Rand) {
			text := slices.Clone(c.text)
			t.give("text", c.text, "length", c.length)
			x, y := f(text, c.length)
			t.unchanged("text", text, c.text)
			row := func(shift, fill int) []int {
				out := make([]int, c.length)
				for i := range out {
					out[i] = fill
					if k := i + shift; k >= 0 && k < len(c.text) {
						out[i] = c.text[k]
					}
				}
				return out
			}
			t.equal("the inputs", x, row(0, -1),
				mistake{row(0, 0), "Padding is −1. The token 0 is one of the vocabulary."},
				mistake{c.text, "The row must have the given length: fill it up with −1, or cut it off."})
			cut := row(1, -1)
			cut[c.length-1] = -1
			t.equal("the labels", y, row(1, -1),
				mistake{row(0, -1), "The label of a token is the token itself: the model has only to copy it, and its loss will be far too good."},
				mistake{row(1, 0), "Where nothing follows the label is −1, which the loss leaves out. With 0 the model learns to write token 0 after the end."},
				mistake{row(-1, -1), "That is the token before: the model learns to write backwards."},
				mistake{row(2, -1), "That is the token after the next."},
				mistake{cut, "A text that is cut off goes on: the last label is the first token that did not fit."})
		})
	})
}

var temper = Exercise{"Temper", []string{
	"Divide the scores, not the probabilities, by the temperature.",
	"The largest score can be taken off all of them: the softmax stays the same, and exp cannot overflow.",
	"p[w] = math.Exp((z - most) / temperature), and then divide by the sum.",
}}

// Temper checks the softmax at a temperature.
func Temper(f func(scores []float64, temperature float64) []float64) Answer {
	return examine(temper, func(t *trial) {
		type sample struct {
			scores      []float64
			temperature float64
		}
		cases(t, 84, []sample{{[]float64{1, 2, -1, 0.5}, 0.5}, {[]float64{3}, 2}, {[]float64{2000, 1999, 0}, 0.7}}, func(r *rand.Rand) sample {
			return sample{normal(r, between(r, 2, 6)), 0.2 + 2*r.Float64()}
		}, func(c sample, r *rand.Rand) {
			scores := slices.Clone(c.scores)
			t.give("scores", c.scores, "temperature", c.temperature)
			got := f(scores, c.temperature)
			t.unchanged("scores", scores, c.scores)
			plain := softmaxOf(c.scores)
			raw := make([]float64, len(plain))
			for i, z := range c.scores {
				raw[i] = math.Exp(z / c.temperature)
			}
			t.equal("the probabilities", got, softmaxOf(over(c.temperature, c.scores)),
				mistake{allNaN(len(plain)), "exp of a large score is infinite, and ∞/∞ is NaN: take the largest score off all of them first."},
				mistake{nanWhere(raw), "exp of a large score is infinite, and ∞/∞ is NaN: take the largest score off all of them first."},
				mistake{plain, "The temperature has no effect. Divide before the softmax."},
				mistake{softmaxOf(over(1/c.temperature, c.scores)), "You multiply by the temperature: a low one would write wildly."},
				mistake{over(c.temperature, plain), "You divide the probabilities: they do not sum to 1 any more. Divide the scores."},
				mistake{softmaxOf(over(c.temperature, plain)), "The softmax is taken twice: divide the scores by the temperature, not the probabilities."},
				mistake{raw, "They do not sum to 1: divide by their sum."})
		})
	})
}

// nanWhere is what exp(z)/Σexp gives: NaN where exp is infinite, and 0 elsewhere.
func nanWhere(raw []float64) []float64 {
	sum := floats.Sum(raw)
	out := make([]float64, len(raw))
	for i, v := range raw {
		out[i] = v / sum
	}
	return out
}

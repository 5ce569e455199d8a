package check

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/sparse"
)

var tfidf = Exercise{"TFIDF", []string{
	"Two loops: one for the products and the sum of their squares, one to divide.",
	"math.Log is ln. Turn m into a float64 first.",
	"x[j] = tf[j] * (math.Log((1+float64(m))/(1+df[j])) + 1); then divide by math.Sqrt(squares), unless that is 0.",
}}

// TFIDF checks the TF-IDF vector of one text.
func TFIDF(f func(tf, df []float64, m int) []float64) Answer {
	return examine(tfidf, func(t *trial) {
		type sample struct {
			tf, df []float64
			m      int
		}
		cases(t, 0, []sample{
			{[]float64{1, 2, 0, 1}, []float64{645, 22, 6, 29}, 1920},
			{[]float64{3}, []float64{5}, 5},
			{[]float64{1, 1}, []float64{0, 3}, 9},
			{[]float64{0, 0, 0}, []float64{1, 2, 3}, 4},
		}, func(r *rand.Rand) sample {
			n, m := between(r, 1, 6), between(r, 5, 2000)
			return sample{wholes(r, n, 0, 3), wholes(r, n, 0, m), m}
		}, func(c sample, r *rand.Rand) {
			tf, df, m := slices.Clone(c.tf), slices.Clone(c.df), float64(c.m)
			t.give("tf", c.tf, "df", c.df, "m", c.m)
			got := f(tf, df, c.m)
			t.unchanged("tf", tf, c.tf)
			t.unchanged("df", df, c.df)
			with := func(weight func(df float64) float64) []float64 {
				x := make([]float64, len(c.tf))
				for j := range x {
					x[j] = c.tf[j] * weight(c.df[j])
				}
				return x
			}
			smooth := func(df float64) float64 { return math.Log((1+m)/(1+df)) + 1 }
			products := with(smooth)
			squares := floats.Dot(products, products)
			t.equal("the numbers", got, unit(products),
				mistake{allNaN(len(c.tf)), "A text without any of the words has the length 0, and you divide by it."},
				mistake{products, "Divide them by their length, the root of the sum of squares. Otherwise long texts have large numbers."},
				mistake{over(floats.Sum(products), products), "You divide by the sum. The length of a vector is the root of the sum of its squares."},
				mistake{over(squares, products), "You divide by the sum of squares: its root is missing."},
				mistake{unit(with(func(df float64) float64 { return math.Log((1 + m) / (1 + df)) })), "The + 1 behind the logarithm is missing. A word that all texts have would count nothing."},
				mistake{unit(with(func(df float64) float64 { return math.Log(m/df) + 1 })), "The two ones inside the logarithm are missing. A word that no text has would make it infinite."},
				mistake{unit(with(func(df float64) float64 { return math.Log(m / df) })), "All three ones are missing: two inside the logarithm, one behind it."},
				mistake{unit(with(func(df float64) float64 { return math.Log10((1+m)/(1+df)) + 1 })), "That is the logarithm to base 10. ln is math.Log."},
				mistake{unit(with(func(df float64) float64 { return math.Log((1+df)/(1+m)) + 1 })), "The fraction stands on its head: the rarer a word, the larger its weight."},
				mistake{unit(with(func(float64) float64 { return 1 })), "That is tf alone, without the weight of the words."})
		})
	})
}

// unit returns v divided by its length; zeros stay.
func unit(v []float64) []float64 {
	if length := floats.Norm(v, 2); length > 0 {
		return over(length, v)
	}
	return v
}

func over(d float64, v []float64) []float64 { return combine(1/d, v, 0, v) }

func allNaN(n int) []float64 { return slices.Repeat([]float64{math.NaN()}, n) }

var nearest = Exercise{"Nearest", []string{
	"The k-th value of a row stands in column cols[k]. Two rows have their values in different columns.",
	"Write the query's values into a dense slice with a number for each column. Then the dot product with row i is one loop over what row i has.",
	"query[cols[k]] = values[k], a fresh slice for each query; dot += values[k] * query[cols[k]] with x.Row(i).",
}}

// Nearest checks the search for the most similar row of a sparse matrix.
func Nearest(f func(x, queries *sparse.CSR) []int) Answer {
	return examine(nearest, func(t *trial) {
		type sample struct{ x, queries *mat.Dense }
		cases(t, 0, []sample{
			{mat.NewDense(4, 5, []float64{
				0.6, 0.8, 0, 0, 0,
				0, 0.1, 0.7, 0, 0.7,
				0, 0.3, 0.3, 0.9, 0.1,
				0, 0, 0, 0.6, 0.8,
			}), mat.NewDense(4, 5, []float64{
				0, 0, 0, 0.8, 0.6,
				0.6, 0, 0.8, 0, 0,
				0, 0.9, 0.3, 0.2, 0.2,
				0, 0.1, 0.2, 0.97, 0,
			})},
			{mat.NewDense(3, 2, []float64{0, 0, 0, 1, 0, 1}), mat.NewDense(1, 2, []float64{0.6, 0.8})},
			{mat.NewDense(2, 3, []float64{0, 1, 0, 1, 0, 0}), mat.NewDense(1, 3, []float64{0, 0, 1})},
		}, func(r *rand.Rand) sample {
			columns := between(r, 2, 6)
			some := func(rows int) *mat.Dense {
				x := mat.NewDense(rows, columns, nil)
				x.Apply(func(_, _ int, _ float64) float64 { return max(0, r.Float64()-0.4) }, x)
				return x
			}
			return sample{some(between(r, 1, 6)), some(between(r, 1, 4))}
		}, func(c sample, r *rand.Rand) {
			x, queries := sparse.FromDense(c.x), sparse.FromDense(c.queries)
			t.give("x, as a dense matrix,", c.x, "queries", c.queries)
			got := f(x, queries)
			t.unchanged("x", mat.DenseCopyOf(x), c.x)
			t.unchanged("queries", mat.DenseCopyOf(queries), c.queries)
			by := func(score func(i, q int) float64) []int {
				rows, _ := c.queries.Dims()
				n, _ := c.x.Dims()
				out := make([]int, rows)
				for q := range out {
					for i := range n {
						if score(i, q) > score(out[q], q) {
							out[q] = i
						}
					}
				}
				return out
			}
			product := func(i, q int) float64 { return mat.Dot(c.x.RowView(i), c.queries.RowView(q)) }
			t.equal("the rows", got, by(product),
				mistake{by(func(i, q int) float64 { return inOrder(x, queries, i, q) }), "You multiply the first value of one row with the first of the other, and so on. They stand in different columns: look at cols."},
				mistake{by(func(i, q int) float64 { return shared(c.x, c.queries, i, q) }), "You count the words that both have. Multiply their values, so that rare words count more."},
				mistake{by(func(i, q int) float64 { return -product(i, q) }), "That is the most different row: the smallest dot product."},
				mistake{by(func(i, q int) float64 {
					sum := 0.0
					for earlier := range q {
						sum += leftover(c.x, c.queries, i, earlier, q)
					}
					return product(i, q) + sum
				}), "The words of earlier queries are still in your dense slice: make a fresh one for each query, or clear it."},
				mistake{by(func(i, q int) float64 {
					if n := mat.Norm(c.x.RowView(i), 2); n > 0 {
						return product(i, q) / n
					}
					return 0
				}), "You divide by the length of the row. The dot product itself is asked for; rows of TF-IDF have the length 1 already."},
				mistake{by(func(int, int) float64 { return 0 }), "The answer is row 0 for every query. Do you write := inside the loop? It makes a new variable, which ends with the block."},
				mistake{lastBest(c.x, c.queries), "Of equals the first should win: take a new one only if it is larger."})
		})
	})
}

// inOrder multiplies the stored values of two rows in their order, whatever
// their columns.
func inOrder(x, queries *sparse.CSR, i, q int) (sum float64) {
	_, a := x.Row(i)
	_, b := queries.Row(q)
	for k := range min(len(a), len(b)) {
		sum += a[k] * b[k]
	}
	return sum
}

// shared counts the columns that are not zero in both rows.
func shared(x, queries *mat.Dense, i, q int) (n float64) {
	for j, v := range x.RawRowView(i) {
		if v != 0 && queries.At(q, j) != 0 {
			n++
		}
	}
	return n
}

// leftover is what an earlier query adds to row i if its values are never
// cleared: those that no later query up to q has overwritten.
func leftover(x, queries *mat.Dense, i, earlier, q int) (sum float64) {
	for j, v := range queries.RawRowView(earlier) {
		overwritten := false
		for later := earlier + 1; later <= q; later++ {
			overwritten = overwritten || queries.At(later, j) != 0
		}
		if !overwritten {
			sum += v * x.At(i, j)
		}
	}
	return sum
}

// lastBest returns the last row of those with the largest dot product.
func lastBest(x, queries *mat.Dense) []int {
	var all mat.Dense
	all.Mul(queries, x.T())
	rows, n := all.Dims()
	out := make([]int, rows)
	for q := range out {
		for i := range n {
			if all.At(q, i) >= all.At(q, out[q]) {
				out[q] = i
			}
		}
	}
	return out
}

var mistype = Exercise{"Mistype", []string{
	"strings.Fields cuts at spaces, strings.Join puts words together again.",
	"[]rune(word) are letters that can be swapped; string(letters) is a word again.",
	"k := 1 + r.IntN(len(letters)-2) is a place from the second letter to the last but one. Swap letters k and k+1.",
}}

// Mistype checks a function that adds typing errors.
func Mistype(f func(text string, r *rand.Rand) string) Answer {
	return examine(mistype, func(t *trial) {
		places := map[int]bool{}
		cases(t, 64, slices.Concat([]string{"tool to recover deleted files", "a is not big", "bokmål žižek naïveté", "", "  two  spaces  "},
			slices.Repeat([]string{"abcdefg"}, 60)), func(r *rand.Rand) string {
			words := make([]string, between(r, 1, 5))
			for i := range words {
				for range between(r, 1, 9) {
					words[i] += string(rune('a' + r.IntN(26)))
				}
			}
			return strings.Join(words, " ")
		}, func(text string, r *rand.Rand) {
			t.give("text", text)
			was, now := strings.Fields(text), f(text, r)
			if !utf8.ValidString(now) {
				t.fail("You return %q. A letter such as å has two bytes: swap runes, not bytes.", now)
			}
			is := strings.Fields(now)
			if len(is) != len(was) {
				t.fail("You return %q, which has %d words. There were %d.", now, len(is), len(was))
			}
			for i, word := range was {
				place, wrong := swapped([]rune(word), []rune(is[i]))
				if wrong != "" {
					t.fail("From %q you make %q: %s", word, is[i], wrong)
				}
				places[place] = text == "abcdefg" || places[place]
			}
			if now != strings.Join(is, " ") {
				t.fail("You return %q. There should be one space between words, and none at the ends.", now)
			}
		})
		switch {
		case len(places) < 3:
			t.fail("It is the same place in every word: let r draw it.")
		case !places[5]:
			t.fail("In 60 times abcdefg, f and g have never changed places. The last letter may move, too.")
		case !places[1]:
			t.fail("In 60 times abcdefg, b and c have never changed places. Only the first letter stays.")
		}
	})
}

// swapped returns the place of the one pair of neighbours that has been
// swapped, 0 for none, or what is wrong.
func swapped(was, now []rune) (place int, wrong string) {
	if len(was) < 4 {
		if !slices.Equal(was, now) {
			return 0, "words of less than four letters stay."
		}
		return 0, ""
	}
	if len(was) != len(now) {
		return 0, "it has another length."
	}
	for k := range len(was) - 1 {
		try := slices.Clone(was)
		try[k], try[k+1] = try[k+1], try[k]
		if slices.Equal(try, now) {
			if k == 0 && now[0] != was[0] {
				return 0, "the first letter should stay."
			}
			return k, ""
		}
	}
	if slices.Equal(was, now) {
		return 0, "nothing has changed."
	}
	a, b := slices.Clone(was), slices.Clone(now)
	slices.Sort(a)
	slices.Sort(b)
	if slices.Equal(a, b) {
		return 0, "one pair of neighbours should change places, and all other letters stay where they are."
	}
	return 0, "it has other letters."
}

var similar = Exercise{"Similar", []string{
	"The cosine of two rows: mat.Dot(a, b) / (mat.Norm(a, 2) * mat.Norm(b, 2)), with a := vectors.RowView(i).",
	"Collect the numbers of all other words, and sort them by falling cosine: slices.SortFunc with cmp.Compare(cosine(b), cosine(a)).",
	"Leave i out while collecting, and return others[:min(n, len(others))].",
}}

// Similar checks the search for neighbours among word vectors.
func Similar(f func(vectors *mat.Dense, i, n int) []int) Answer {
	return examine(similar, func(t *trial) {
		type sample struct {
			vectors *mat.Dense
			i, n    int
		}
		cases(t, 0, []sample{
			{mat.NewDense(6, 2, []float64{2, 1, 0.4, 0.25, 6, -2, 1, 1.6, -1, -0.4, 1.5, 1}), 0, 3},
			{mat.NewDense(3, 3, []float64{1, 0, 0, 1, 5, 5, 0.1, 0.1, 0}), 2, 2},
			{mat.NewDense(3, 1, []float64{-1, -9, 3}), 1, 7},
			{mat.NewDense(1, 2, []float64{1, 2}), 0, 5},
		}, func(r *rand.Rand) sample {
			words, width := between(r, 2, 8), between(r, 2, 4)
			return sample{mat.NewDense(words, width, normal(r, words*width)), r.IntN(words), between(r, 1, words)}
		}, func(c sample, r *rand.Rand) {
			before := mat.DenseCopyOf(c.vectors)
			t.give("vectors", before, "i", c.i, "n", c.n)
			got := append([]int{}, f(c.vectors, c.i, c.n)...)
			t.unchanged("vectors", c.vectors, before)
			words, _ := before.Dims()
			by := func(score func(a, b mat.Vector) float64, itself bool) []int {
				list := []int{}
				for j := range words {
					if j != c.i || itself {
						list = append(list, j)
					}
				}
				s := func(j int) float64 { return score(before.RowView(c.i), before.RowView(j)) }
				slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(s(b), s(a)) })
				return list[:min(c.n, len(list))]
			}
			cosine := func(a, b mat.Vector) float64 { return mat.Dot(a, b) / (mat.Norm(a, 2) * mat.Norm(b, 2)) }
			distance := func(a, b mat.Vector) float64 {
				var d mat.VecDense
				d.SubVec(a, b)
				return -mat.Norm(&d, 2)
			}
			t.equal("the neighbours", got, by(cosine, false),
				mistake{by(cosine, true), "The most similar word of all is the word itself. Leave it out."},
				mistake{by(mat.Dot, false), "That is the order by dot products: long vectors win. Divide by both lengths."},
				mistake{by(mat.Dot, true), "That is the order by dot products, and the word itself is among them. Divide by both lengths, and leave i out."},
				mistake{by(distance, false), "That is the order by distance. A word that votes the same, but less decidedly, is far away and still has cosine 1."},
				mistake{by(func(a, b mat.Vector) float64 { return -cosine(a, b) }, false), "The least similar come first: sort by falling cosine."},
				mistake{by(func(a, b mat.Vector) float64 { return math.Abs(cosine(a, b)) }, false), "A vector that points the opposite way has cosine −1 and is the least similar: take no absolute value."})
		})
	})
}

var pairs = Exercise{"Pairs", []string{
	"Word i and word i+1 make a pair. Which i is the last?",
	"With n words there are n − 1 pairs, and none of a single word or of no word.",
	"for i := 0; i+1 < len(words); i++ { out = append(out, words[i]+\" \"+words[i+1]) }",
}}

// Pairs checks the pairs of neighbouring words.
func Pairs(f func(words []string) []string) Answer {
	return examine(pairs, func(t *trial) {
		vocabulary := strings.Fields("how do you list all the files of a folder that are not new")
		cases(t, 0, [][]string{strings.Fields("restore a deleted file now"), {"two", "words"}, {"one"}, nil}, func(r *rand.Rand) []string {
			words := make([]string, between(r, 0, 8))
			for i := range words {
				words[i] = vocabulary[r.IntN(len(vocabulary))]
			}
			return words
		}, func(words []string, r *rand.Rand) {
			before := slices.Clone(words)
			n := len(before)
			// every joins the words at i and i+1, for the i that it is given.
			every := func(from, step, to int, join func(a, b string) string) []string {
				out := []string{}
				for i := from; i < to; i += step {
					out = append(out, join(before[i], before[(i+1)%n]))
				}
				return out
			}
			space := func(a, b string) string { return a + " " + b }
			var each []string
			for i := range before {
				for j := i + 1; j < n; j++ {
					each = append(each, space(before[i], before[j]))
				}
			}
			want := every(0, 1, n-1, space)
			t.give("words", before)
			got := append([]string{}, f(words)...)
			t.unchanged("words", words, before)
			t.equal("the pairs", got, want,
				mistake{every(0, 2, n-1, space), "Each word but the first and the last is in two pairs: go on by one word, not by two."},
				mistake{every(0, 1, n, space), "The last word makes a pair with the first. Stop at the last but one."},
				mistake{every(0, 1, n-2, space), "The last pair is missing: there are n − 1 of them."},
				mistake{every(1, 1, n-1, space), "The first pair is missing: indices begin at 0."},
				mistake{every(0, 1, n-1, func(a, b string) string { return a + b }), "There should be a space between the two words."},
				mistake{every(0, 1, n-1, func(a, b string) string { return a + "_" + b }), "There should be a space between the two words."},
				mistake{every(0, 1, n-1, func(a, b string) string { return b + " " + a }), "The words are in the wrong order: the first stands first."},
				mistake{append(slices.Clone(before), want...), "The words themselves are there, too. Return the pairs alone."},
				mistake{append([]string{}, each...), "You pair every word with all that follow. Only neighbours make a pair."})
		})
	})
}

var textVector = Exercise{"TextVector", []string{
	"Add up the vectors of the words that have one, and count them.",
	"v, ok := vectors[word] tells whether a word has one. A word that occurs twice counts twice.",
	"Divide by the number that you counted, unless it is 0. Begin with make([]float64, width): do not add to a vector of the map.",
}}

// TextVector checks the mean of the vectors of the words of a text.
func TextVector(f func(words []string, vectors map[string][]float64, width int) []float64) Answer {
	return examine(textVector, func(t *trial) {
		type sample struct {
			words []string
			width int
		}
		vocabulary := []string{"list", "file", "delete", "network"}
		cases(t, 66, []sample{
			{[]string{"list", "file", "xyzzy", "list"}, 2}, {[]string{"plugh"}, 3}, {nil, 2}, {[]string{"delete"}, 1},
		}, func(r *rand.Rand) sample {
			c := sample{width: between(r, 1, 4)}
			for range between(r, 1, 7) {
				c.words = append(c.words, append(vocabulary, "xyzzy")[r.IntN(5)])
			}
			return c
		}, func(c sample, r *rand.Rand) {
			vectors, before := map[string][]float64{}, map[string][]float64{}
			for _, w := range vocabulary {
				vectors[w] = normal(r, c.width)
				before[w] = slices.Clone(vectors[w])
			}
			sum, once, known, different := make([]float64, c.width), make([]float64, c.width), 0.0, map[string]bool{}
			for _, w := range c.words {
				if v, ok := before[w]; ok {
					known++
					floats.Add(sum, v)
					if !different[w] {
						floats.Add(once, v)
					}
					different[w] = true
				}
			}
			t.give("words", c.words, "vectors", before, "width", c.width)
			got := f(c.words, vectors, c.width)
			for _, w := range vocabulary {
				t.unchanged("the vector of "+w, vectors[w], before[w])
			}
			if slices.ContainsFunc(got, math.IsNaN) {
				t.fail("No word of the text has a vector, and you divide by 0. Then the result is all zeros.")
			}
			t.equal("the vector", got, over(max(1, known), sum),
				mistake{sum, "That is the sum: a long text would have a long vector. Divide by the number of words that have one."},
				mistake{over(float64(max(1, len(c.words))), sum), "You divide by all words, also those without a vector. An unknown word would pull the text towards 0."},
				mistake{over(float64(max(1, len(different))), once), "A word that occurs twice counts twice."},
				mistake{over(float64(max(1, len(different))), sum), "Divide by the number of words, not of different words."},
				mistake{unit(sum), "You divide by the length of the vector. The mean is asked for."},
				mistake{make([]float64, c.width), "The result is all 0: add up the vectors."},
				mistake{[]float64(nil), "There is no result. Without a known word it is width zeros."})
		})
	})
}

var perplexity = Exercise{"Perplexity", []string{
	"The sum of −ln p over the tokens is what both come from.",
	"Perplexity: exp of the mean over the tokens, len(p). Bits: the sum in bits, divided by the characters.",
	"sum -= math.Log(v) in a loop; then math.Exp(sum/float64(len(p))) and sum / math.Ln2 / float64(characters).",
}}

// Perplexity checks the perplexity of a text and its bits per character.
func Perplexity(f func(p []float64, characters int) (perplexity, bits float64)) Answer {
	return examine(perplexity, func(t *trial) {
		type sample struct {
			p          []float64
			characters int
		}
		cases(t, 71, []sample{
			{[]float64{0.5, 0.25, 0.1, 0.4}, 13}, {[]float64{0.125}, 1}, {[]float64{1, 1}, 5},
		}, func(r *rand.Rand) sample {
			c := sample{p: make([]float64, between(r, 1, 9))}
			for i := range c.p {
				c.p[i] = 0.05 + 0.9*r.Float64()
			}
			c.characters = len(c.p) + between(r, 1, 20)
			return c
		}, func(c sample, r *rand.Rand) {
			p := slices.Clone(c.p)
			t.give("p", c.p, "characters", c.characters)
			perplexity, bits := f(p, c.characters)
			t.unchanged("p", p, c.p)
			sum, n, chars := 0.0, float64(len(c.p)), float64(c.characters)
			for _, v := range c.p {
				sum -= math.Log(v)
			}
			t.equal("the perplexity", perplexity, math.Exp(sum/n),
				mistake{math.Exp(sum), "Take the mean before exp: divide the sum by the number of tokens. Otherwise a longer text is always worse."},
				mistake{math.Exp(sum / chars), "Perplexity is for each token: divide by len(p), not by the characters."},
				mistake{math.Exp(-sum / n), "The sign is lost: −ln p is positive, and the perplexity at least 1."},
				mistake{n / floats.Sum(c.p), "That is one over the mean probability. The mean must be of the logarithms: a text has the product of the probabilities."},
				mistake{sum / n, "That is the loss. The perplexity is exp of it."},
				mistake{math.Exp(sum / n / math.Ln2), "exp undoes ln, 2ˣ undoes log2: do not mix them."})
			t.equal("the bits per character", bits, sum/math.Ln2/chars,
				mistake{sum / chars, "Those are nats. One bit is ln 2 nats: divide by math.Ln2."},
				mistake{sum * math.Ln2 / chars, "One bit is ln 2 nats: divide by math.Ln2, do not multiply."},
				mistake{sum / math.Ln2 / n, "Those are bits per token. Divide the sum by the characters."},
				mistake{sum / math.Ln2, "Those are the bits of the whole text. Divide them by the characters."})
		})
	})
}

var addK = Exercise{"AddK", []string{
	"Every token of the vocabulary gets k, also those that were never seen.",
	"The sum of all smoothed counts is the sum of the counts plus k for each token of the vocabulary.",
	"p[w] = (counts[w] + k) / (sum + k*float64(len(counts))).",
}}

// AddK checks additive smoothing.
func AddK(f func(counts []float64, k float64) []float64) Answer {
	return examine(addK, func(t *trial) {
		type sample struct {
			counts []float64
			k      float64
		}
		cases(t, 72, []sample{
			{[]float64{3, 0, 1, 5}, 0.5}, {[]float64{0, 0}, 1}, {[]float64{7}, 0.1},
		}, func(r *rand.Rand) sample {
			return sample{wholes(r, between(r, 2, 7), 0, 5), 0.01 + r.Float64()}
		}, func(c sample, r *rand.Rand) {
			counts := slices.Clone(c.counts)
			t.give("counts", c.counts, "k", c.k)
			got := f(counts, c.k)
			t.unchanged("counts", counts, c.counts)
			n, sum := float64(len(c.counts)), floats.Sum(c.counts)
			of := func(total float64, smooth func(c float64) float64) []float64 {
				p := make([]float64, len(c.counts))
				for w, v := range c.counts {
					p[w] = smooth(v) / total
				}
				return p
			}
			add := func(v float64) float64 { return v + c.k }
			seen := 0.0
			for _, v := range c.counts {
				if v > 0 {
					seen++
				}
			}
			t.equal("the probabilities", got, of(sum+c.k*n, add),
				mistake{of(sum+c.k, add), "They sum to more than 1: k was added once for each token of the vocabulary, not once."},
				mistake{of(sum, add), "They sum to more than 1: what was added to the counts belongs into the denominator as well."},
				mistake{of(sum+n, add), "That is the denominator for k = 1. It grows by k for each token."},
				mistake{of(sum+c.k*seen, add), "Unseen tokens get k, too, so that they belong into the denominator."},
				mistake{of(sum, func(v float64) float64 { return v }), "Those are the plain frequencies: an unseen token has the probability 0, and a text with it an infinite loss."},
				mistake{of(sum+c.k*(n-seen), func(v float64) float64 {
					if v == 0 {
						return c.k
					}
					return v
				}), "You give k to the unseen tokens only. Add it to every count."})
		})
	})
}

var continuations = Exercise{"Continuations", []string{
	"Not how often a token occurs: how many different tokens come before it.",
	"A map with the pair [2]int{before, token} as its key remembers which pairs were seen.",
	"For i from 1: if the pair of text[i-1] and text[i] is new, remember it and add 1 to kinds[text[i]].",
}}

// Continuations checks the counts of Kneser and Ney.
func Continuations(f func(text []int, v int) []int) Answer {
	return examine(continuations, func(t *trial) {
		type sample struct {
			text []int
			v    int
		}
		cases(t, 73, []sample{
			{[]int{0, 1, 0, 1, 0, 1, 2, 4, 3, 4, 4, 1}, 6}, {[]int{0}, 1}, {nil, 2}, {[]int{1, 1, 1}, 2},
		}, func(r *rand.Rand) sample {
			c := sample{v: between(r, 2, 5)}
			for range between(r, 2, 20) {
				c.text = append(c.text, r.IntN(c.v))
			}
			return c
		}, func(c sample, r *rand.Rand) {
			text := slices.Clone(c.text)
			t.give("text", c.text, "v", c.v)
			got := f(text, c.v)
			t.unchanged("text", text, c.text)
			count := func(first bool, key func(before, now int) [2]int, of func(before, now int) int) []int {
				seen, out := map[[2]int]bool{}, make([]int, c.v)
				for i, now := range c.text {
					before := -1
					if i > 0 {
						before = c.text[i-1]
					} else if !first {
						continue
					}
					if k := key(before, now); !seen[k] {
						seen[k] = true
						out[of(before, now)]++
					}
				}
				return out
			}
			pair := func(before, now int) [2]int { return [2]int{before, now} }
			now := func(_, now int) int { return now }
			position := 0
			each := func(int, int) [2]int { position++; return [2]int{position, -1} }
			others := make([]int, c.v)
			seen := map[[2]int]bool{}
			for i := 1; i < len(c.text); i++ {
				if p := pair(c.text[i-1], c.text[i]); p[0] != p[1] && !seen[p] {
					seen[p] = true
					others[p[1]]++
				}
			}
			t.equal("the kinds", got, count(false, pair, now),
				mistake{count(false, each, now), "You count every occurrence. A pair that was seen before counts no more."},
				mistake{count(true, each, now), "Those are the plain frequencies. Count the different tokens before each."},
				mistake{count(false, pair, func(before, _ int) int { return before }), "You count what comes after each token. Kneser and Ney ask what comes before."},
				mistake{count(true, pair, now), "The first token has none before it: begin with i = 1."},
				mistake{others, "A token that follows itself has itself before it: that counts as well."})
		})
	})
}

var mergePair = Exercise{"MergePair", []string{
	"Go through the tokens with an index that you can move on by two.",
	"Where tokens[i] is a and tokens[i+1] is b, append ab and skip both. Otherwise append tokens[i].",
	"for i := 0; i < len(tokens); i++ { if i+1 < len(tokens) && … { out = append(out, ab); i++; continue }; out = append(out, tokens[i]) }",
}}

// MergePair checks a step of byte-pair encoding.
func MergePair(f func(tokens []int, a, b, ab int) []int) Answer {
	return examine(mergePair, func(t *trial) {
		type sample struct {
			tokens   []int
			a, b, ab int
		}
		cases(t, 74, []sample{
			{[]int{1, 2, 3, 1, 1, 2, 2, 1}, 1, 2, 9}, {[]int{4, 4, 4, 4, 4}, 4, 4, 9}, {nil, 1, 2, 9}, {[]int{1}, 1, 2, 9}, {[]int{2, 1, 1, 2}, 1, 2, 9},
		}, func(r *rand.Rand) sample {
			c := sample{a: r.IntN(2), b: r.IntN(3), ab: 9}
			for range between(r, 2, 14) {
				c.tokens = append(c.tokens, r.IntN(3))
			}
			return c
		}, func(c sample, r *rand.Rand) {
			tokens := slices.Clone(c.tokens)
			t.give("tokens", c.tokens, "a", c.a, "b", c.b, "ab", c.ab)
			got := f(tokens, c.a, c.b, c.ab)
			t.unchanged("tokens", tokens, c.tokens)
			merge := func(keepB, swap, first bool) []int {
				out, done := []int{}, false
				for i := 0; i < len(c.tokens); i++ {
					is := i+1 < len(c.tokens) && (c.tokens[i] == c.a && c.tokens[i+1] == c.b || swap && c.tokens[i] == c.b && c.tokens[i+1] == c.a)
					if is && !(first && done) {
						out, done = append(out, c.ab), true
						if !keepB {
							i++
						}
						continue
					}
					out = append(out, c.tokens[i])
				}
				return out
			}
			want := merge(false, false, false)
			if len(want) == 0 && len(got) == 0 {
				return
			}
			t.equal("the tokens", got, want,
				mistake{merge(true, false, false), "The second token of a pair is still there: skip both, i++ once more."},
				mistake{merge(false, true, false), "The order matters: b a is another pair."},
				mistake{merge(false, false, true), "Only the first pair is merged: go on to the end."},
				mistake{dropLast(want, c.tokens), "The last token is lost where it is not part of a pair."},
				mistake{slices.Clone(c.tokens), "Nothing was merged."})
		})
	})
}

// dropLast returns want without its last token if that is the last of tokens.
func dropLast(want, tokens []int) []int {
	if len(want) > 0 && want[len(want)-1] == tokens[len(tokens)-1] {
		return want[:len(want)-1]
	}
	return want
}

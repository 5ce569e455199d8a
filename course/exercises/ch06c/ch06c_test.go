package ch06c

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
	"github.com/descent-go/descent/lib/sparse"
)

func TestTFIDF(t *testing.T) {
	e := checktest.New(t, check.TFIDF)
	e.Right(tfidf)
	// variant has another weight of a word, or another length.
	variant := func(weight func(m, df float64) float64, length func(x []float64) float64) func(tf, df []float64, m int) []float64 {
		return func(tf, df []float64, m int) []float64 {
			x := make([]float64, len(tf))
			for j := range x {
				x[j] = tf[j] * weight(float64(m), df[j])
			}
			if n := length(x); n != 0 {
				floats.Scale(1/n, x)
			}
			return x
		}
	}
	smooth := func(m, df float64) float64 { return math.Log((1+m)/(1+df)) + 1 }
	norm := func(x []float64) float64 { return floats.Norm(x, 2) }
	e.Wrong("Divide them by their length", variant(smooth, func([]float64) float64 { return 1 }))
	e.Wrong("divide by the sum. The", variant(smooth, floats.Sum))
	e.Wrong("its root is missing", variant(smooth, func(x []float64) float64 { return floats.Dot(x, x) }))
	e.Wrong("The + 1 behind", variant(func(m, df float64) float64 { return math.Log((1 + m) / (1 + df)) }, norm))
	e.Wrong("two ones inside", variant(func(m, df float64) float64 { return math.Log(m/df) + 1 }, norm))
	e.Wrong("All three ones", variant(func(m, df float64) float64 { return math.Log(m / df) }, norm))
	e.Wrong("base 10", variant(func(m, df float64) float64 { return math.Log10((1+m)/(1+df)) + 1 }, norm))
	e.Wrong("on its head", variant(func(m, df float64) float64 { return math.Log((1+df)/(1+m)) + 1 }, norm))
	e.Wrong("tf alone", variant(func(_, _ float64) float64 { return 1 }, norm))
	e.Wrong("has the length 0", func(tf, df []float64, m int) []float64 {
		x := tfidf(tf, df, m)
		floats.Scale(1/floats.Norm(x, 2), x)
		return x
	})
	e.Wrong("changes tf", func(tf, df []float64, m int) []float64 {
		copy(tf, tfidf(tf, df, m))
		return tf
	})
}

func TestNearest(t *testing.T) {
	e := checktest.New(t, check.Nearest)
	e.Right(nearest)
	e.Right(func(x, queries *sparse.CSR) []int { // all products at once
		var all mat.Dense
		all.Mul(mat.DenseCopyOf(queries), mat.DenseCopyOf(x).T())
		rows := make([]int, all.RawMatrix().Rows)
		for q := range rows {
			rows[q] = floats.MaxIdx(all.RawRowView(q))
		}
		return rows
	})
	// search takes the row with the best score; query is dense, and made by fill.
	search := func(clean bool, score func(query, values []float64, cols []int, q []float64) float64, better func(a, b float64) bool) func(x, queries *sparse.CSR) []int {
		return func(x, queries *sparse.CSR) []int {
			texts, columns := x.Dims()
			n, _ := queries.Dims()
			rows, query := make([]int, n), make([]float64, columns)
			for q := range rows {
				if clean {
					clear(query)
				}
				cols, raw := queries.Row(q)
				for k, j := range cols {
					query[j] = raw[k]
				}
				best := 0.0
				for i := range texts {
					cols, values := x.Row(i)
					if s := score(query, values, cols, raw); i == 0 || better(s, best) {
						best, rows[q] = s, i
					}
				}
			}
			return rows
		}
	}
	dot := func(query, values []float64, cols []int, _ []float64) (sum float64) {
		for k, j := range cols {
			sum += values[k] * query[j]
		}
		return sum
	}
	more := func(a, b float64) bool { return a > b }
	e.Wrong("earlier queries", search(false, dot, more))
	e.Wrong("most different", search(true, dot, func(a, b float64) bool { return a < b }))
	e.Wrong("Of equals the first", search(true, dot, func(a, b float64) bool { return a >= b }))
	e.Wrong("look at cols", search(true, func(_, values []float64, _ []int, q []float64) (sum float64) {
		for k := range min(len(values), len(q)) {
			sum += values[k] * q[k]
		}
		return sum
	}, more))
	e.Wrong("count the words", search(true, func(query, _ []float64, cols []int, _ []float64) (n float64) {
		for _, j := range cols {
			if query[j] != 0 {
				n++
			}
		}
		return n
	}, more))
	e.Wrong("row 0 for every query", func(_, queries *sparse.CSR) []int {
		n, _ := queries.Dims()
		return make([]int, n)
	})
	e.Wrong("by the length of the row", search(true, func(query, values []float64, cols []int, q []float64) float64 {
		return dot(query, values, cols, q) / max(1e-9, floats.Norm(values, 2))
	}, more))
}

func TestMistype(t *testing.T) {
	e := checktest.New(t, check.Mistype)
	e.Right(mistype)
	// words changes each word of least letters or more.
	words := func(least int, change func(letters []rune, r *rand.Rand)) func(text string, r *rand.Rand) string {
		return func(text string, r *rand.Rand) string {
			words := strings.Fields(text)
			for i, w := range words {
				if letters := []rune(w); len(letters) >= least {
					change(letters, r)
					words[i] = string(letters)
				}
			}
			return strings.Join(words, " ")
		}
	}
	swap := func(l []rune, k int) { l[k], l[k+1] = l[k+1], l[k] }
	anywhere := func(l []rune, r *rand.Rand) { swap(l, 1+r.IntN(len(l)-2)) }
	e.Wrong("nothing has changed", func(text string, _ *rand.Rand) string { return text })
	e.Wrong("less than four letters", words(3, anywhere))
	e.Wrong("the first letter should stay", words(4, func(l []rune, r *rand.Rand) { swap(l, r.IntN(len(l)-1)) }))
	e.Wrong("let r draw", words(4, func(l []rune, _ *rand.Rand) { swap(l, 1) }))
	e.Wrong("f and g", words(4, func(l []rune, r *rand.Rand) { swap(l, 1+r.IntN(max(1, len(l)-3))) }))
	e.Wrong("b and c", words(4, func(l []rune, r *rand.Rand) { swap(l, 2+r.IntN(max(1, len(l)-3))) }))
	e.Wrong("one pair", words(4, func(l []rune, _ *rand.Rand) { slices.Reverse(l[1:]) }))
	e.Wrong("other letters", words(4, func(l []rune, _ *rand.Rand) { l[1] = 'x' }))
	e.Wrong("not bytes", func(text string, r *rand.Rand) string {
		words := strings.Fields(text)
		for i, w := range words {
			if letters := []byte(w); len(letters) >= 4 {
				k := 1 + r.IntN(len(letters)-2)
				letters[k], letters[k+1] = letters[k+1], letters[k]
				words[i] = string(letters)
			}
		}
		return strings.Join(words, " ")
	})
	e.Wrong("one space", func(text string, r *rand.Rand) string { return mistype(text, r) + " " })
	e.Wrong("There were", func(text string, r *rand.Rand) string { return strings.ReplaceAll(mistype(text, r), " ", "") })
}

func TestSimilar(t *testing.T) {
	e := checktest.New(t, check.Similar)
	e.Right(similar)
	// sorted sorts by another similarity.
	sorted := func(score func(a, b mat.Vector) float64, itself bool) func(vectors *mat.Dense, i, n int) []int {
		return func(vectors *mat.Dense, i, n int) []int {
			words, _ := vectors.Dims()
			var list []int
			for j := range words {
				if j != i || itself {
					list = append(list, j)
				}
			}
			s := func(j int) float64 { return score(vectors.RowView(i), vectors.RowView(j)) }
			slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(s(b), s(a)) })
			return list[:min(n, len(list))]
		}
	}
	cosine := func(a, b mat.Vector) float64 { return mat.Dot(a, b) / (mat.Norm(a, 2) * mat.Norm(b, 2)) }
	e.Wrong("the word itself. Leave", sorted(cosine, true))
	e.Wrong("long vectors win", sorted(mat.Dot, false))
	e.Wrong("and leave i out", sorted(mat.Dot, true))
	e.Wrong("least similar come first", sorted(func(a, b mat.Vector) float64 { return -cosine(a, b) }, false))
	e.Wrong("no absolute value", sorted(func(a, b mat.Vector) float64 { return math.Abs(cosine(a, b)) }, false))
	e.Wrong("by distance", sorted(func(a, b mat.Vector) float64 {
		var d mat.VecDense
		d.SubVec(a, b)
		return -mat.Norm(&d, 2)
	}, false))
	e.Wrong("out of range", func(vectors *mat.Dense, i, n int) []int {
		return similar(vectors, i, n)[:n:n]
	})
}

func TestPairs(t *testing.T) {
	e := checktest.New(t, check.Pairs)
	e.Right(pairs)
	e.Wrong("not by two", func(words []string) (out []string) {
		for i := 0; i+1 < len(words); i += 2 {
			out = append(out, words[i]+" "+words[i+1])
		}
		return out
	})
	e.Wrong("a pair with the first", func(words []string) (out []string) {
		for i := range words {
			out = append(out, words[i]+" "+words[(i+1)%len(words)])
		}
		return out
	})
	e.Wrong("index out of range", func(words []string) (out []string) {
		for i := range words {
			out = append(out, words[i]+" "+words[i+1])
		}
		return out
	})
	e.Wrong("The last pair is missing", func(words []string) []string { return pairs(words[:max(0, len(words)-1)]) })
	e.Wrong("a space between", func(words []string) []string {
		out := pairs(words)
		for i := range out {
			out[i] = strings.ReplaceAll(out[i], " ", "")
		}
		return out
	})
	e.Wrong("the wrong order", func(words []string) (out []string) {
		for i := 0; i+1 < len(words); i++ {
			out = append(out, words[i+1]+" "+words[i])
		}
		return out
	})
	e.Wrong("The words themselves", func(words []string) []string { return slices.Concat(words, pairs(words)) })
	e.Wrong("Only neighbours", func(words []string) (out []string) {
		for i := range words {
			for _, w := range words[i+1:] {
				out = append(out, words[i]+" "+w)
			}
		}
		return out
	})
}

func TestTextVector(t *testing.T) {
	e := checktest.New(t, check.TextVector)
	type vectors = map[string][]float64
	e.Right(textVector)
	// scaled is the mean times a number that depends on the words, known and different.
	scaled := func(f func(all, known, different float64) float64) func([]string, vectors, int) []float64 {
		return func(words []string, v vectors, width int) []float64 {
			known, different := 0.0, map[string]bool{}
			for _, w := range words {
				if _, ok := v[w]; ok {
					known++
					different[w] = true
				}
			}
			mean := textVector(words, v, width)
			floats.Scale(f(float64(len(words)), known, float64(len(different))), mean)
			return mean
		}
	}
	e.Wrong("That is the sum", scaled(func(_, known, _ float64) float64 { return known }))
	e.Wrong("also those without a vector", scaled(func(all, known, _ float64) float64 { return known / all }))
	e.Wrong("not of different words", scaled(func(_, known, different float64) float64 { return known / different }))
	e.Wrong("you divide by 0", scaled(func(_, known, _ float64) float64 { return known / max(known, 0) }))
	e.Wrong("counts twice", func(words []string, v vectors, width int) []float64 {
		words = slices.Clone(words)
		slices.Sort(words)
		return textVector(slices.Compact(words), v, width)
	})
	e.Wrong("changes the vector of list", func(words []string, v vectors, width int) []float64 {
		mean := textVector(words, v, width)
		copy(v["list"], mean)
		return mean
	})
	e.Wrong("all 0", func(_ []string, _ vectors, width int) []float64 { return make([]float64, width) })
}

func TestPerplexity(t *testing.T) {
	e := checktest.New(t, check.Perplexity)
	e.Right(perplexity)
	sum := func(p []float64) (s float64) {
		for _, v := range p {
			s -= math.Log(v)
		}
		return s
	}
	with := func(f func(s, tokens, characters float64) (float64, float64)) func(p []float64, characters int) (float64, float64) {
		return func(p []float64, characters int) (float64, float64) {
			return f(sum(p), float64(len(p)), float64(characters))
		}
	}
	e.Wrong("Take the mean before exp", with(func(s, n, c float64) (float64, float64) { return math.Exp(s), s / c }))
	e.Wrong("not by the characters", with(func(s, n, c float64) (float64, float64) { return math.Exp(s / c), s / c }))
	e.Wrong("exp undoes ln", with(func(s, n, c float64) (float64, float64) { return math.Exp(s / n / math.Ln2), s / c }))
	e.Wrong("That is the loss", with(func(s, n, c float64) (float64, float64) { return s / n, s / c }))
	e.Wrong("The sign is lost", with(func(s, n, c float64) (float64, float64) { return math.Exp(-s / n), s / c }))
	e.Wrong("Those are nats", with(func(s, n, c float64) (float64, float64) { return math.Exp(s / n), s / c }))
	e.Wrong("bits per token", with(func(s, n, c float64) (float64, float64) { return math.Exp(s / n), s / math.Ln2 / n }))
	e.Wrong("do not multiply", with(func(s, n, c float64) (float64, float64) { return math.Exp(s / n), s * math.Ln2 / c }))
	e.Wrong("whole text", with(func(s, n, c float64) (float64, float64) { return math.Exp(s / n), s / math.Ln2 }))
	e.Wrong("one over the mean", func(p []float64, c int) (float64, float64) {
		return float64(len(p)) / floats.Sum(p), sum(p) / math.Ln2 / float64(c)
	})
}

func TestAddK(t *testing.T) {
	e := checktest.New(t, check.AddK)
	e.Right(addK)
	by := func(total func(sum, k, n float64) float64) func(counts []float64, k float64) []float64 {
		return func(counts []float64, k float64) []float64 {
			p := make([]float64, len(counts))
			for w, c := range counts {
				p[w] = (c + k) / total(floats.Sum(counts), k, float64(len(counts)))
			}
			return p
		}
	}
	e.Wrong("not once", by(func(sum, k, n float64) float64 { return sum + k }))
	e.Wrong("belongs into the denominator as well", by(func(sum, k, n float64) float64 { return sum }))
	e.Wrong("denominator for k = 1", by(func(sum, k, n float64) float64 { return sum + n }))
	e.Wrong("plain frequencies", func(counts []float64, k float64) []float64 {
		p := slices.Clone(counts)
		floats.Scale(1/floats.Sum(counts), p)
		return p
	})
	e.Wrong("to the unseen tokens only", func(counts []float64, k float64) []float64 {
		p := slices.Clone(counts)
		for w, c := range p {
			if c == 0 {
				p[w] = k
			}
		}
		floats.Scale(1/floats.Sum(p), p)
		return p
	})
	e.Wrong("changes counts", func(counts []float64, k float64) []float64 {
		copy(counts, addK(counts, k))
		return counts
	})
}

func TestContinuations(t *testing.T) {
	e := checktest.New(t, check.Continuations)
	e.Right(continuations)
	e.Wrong("You count every occurrence", func(text []int, v int) []int {
		kinds := make([]int, v)
		for i := 1; i < len(text); i++ {
			kinds[text[i]]++
		}
		return kinds
	})
	e.Wrong("plain frequencies", func(text []int, v int) []int {
		kinds := make([]int, v)
		for _, w := range text {
			kinds[w]++
		}
		return kinds
	})
	pairs := func(text []int, v, from int, which func(before, now int) int) []int {
		kinds, seen := make([]int, v), map[[2]int]bool{}
		for i := from; i < len(text); i++ {
			before := -1
			if i > 0 {
				before = text[i-1]
			}
			if pair := [2]int{before, text[i]}; !seen[pair] {
				seen[pair] = true
				if k := which(before, text[i]); k >= 0 {
					kinds[k]++
				}
			}
		}
		return kinds
	}
	e.Wrong("what comes after each token", func(text []int, v int) []int {
		return pairs(text, v, 1, func(before, _ int) int { return before })
	})
	e.Wrong("begin with i = 1", func(text []int, v int) []int { return pairs(text, v, 0, func(_, now int) int { return now }) })
	e.Wrong("A token that follows itself", func(text []int, v int) []int {
		return pairs(text, v, 1, func(before, now int) int {
			if before == now {
				return -1
			}
			return now
		})
	})
}

func TestMergePair(t *testing.T) {
	e := checktest.New(t, check.MergePair)
	e.Right(mergePair)
	e.Wrong("skip both", func(tokens []int, a, b, ab int) []int {
		var out []int
		for i := range tokens {
			if i+1 < len(tokens) && tokens[i] == a && tokens[i+1] == b {
				out = append(out, ab)
			} else {
				out = append(out, tokens[i])
			}
		}
		return out
	})
	e.Wrong("The order matters", func(tokens []int, a, b, ab int) []int {
		var out []int
		for i := 0; i < len(tokens); i++ {
			if i+1 < len(tokens) && (tokens[i] == a && tokens[i+1] == b || tokens[i] == b && tokens[i+1] == a) {
				out = append(out, ab)
				i++
			} else {
				out = append(out, tokens[i])
			}
		}
		return out
	})
	e.Wrong("Only the first pair", func(tokens []int, a, b, ab int) []int {
		for i := 0; i+1 < len(tokens); i++ {
			if tokens[i] == a && tokens[i+1] == b {
				return slices.Concat(tokens[:i], []int{ab}, tokens[i+2:])
			}
		}
		return slices.Clone(tokens)
	})
	e.Wrong("Nothing was merged", func(tokens []int, a, b, ab int) []int { return slices.Clone(tokens) })
	e.Wrong("The last token is lost", func(tokens []int, a, b, ab int) []int {
		var out []int
		for i := 0; i+1 < len(tokens); i++ {
			if tokens[i] == a && tokens[i+1] == b {
				out = append(out, ab)
				i++
			} else {
				out = append(out, tokens[i])
			}
		}
		return out
	})
}

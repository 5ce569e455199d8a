package check

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

var maxPool = Exercise{"MaxPool", []string{
	"The result has size/2 rows and columns. Which four pixels does its row i, column j come from?",
	"From rows 2i and 2i+1, columns 2j and 2j+1. Row r, column c of x is x[r*size+c].",
	"With a := 2*i*size + 2*j the four are x[a], x[a+1], x[a+size] and x[a+size+1]. The built-in max takes all four.",
}}

// MaxPool checks max-pooling of squares of 2×2 pixels.
func MaxPool(f func(x []float64, size int) []float64) Answer {
	return examine(maxPool, func(t *trial) {
		cases(t, 61, []int{4, 6, 2}, func(r *rand.Rand) int {
			return 2 * between(r, 1, 5)
		}, func(size int, r *rand.Rand) {
			x := normal(r, size*size)
			if size == 6 {
				for i := range x {
					x[i] -= 10
				}
			}
			before := slices.Clone(x)
			squares := func(f func(four []float64) float64) []float64 {
				var y []float64
				for i := 0; i < size; i += 2 {
					for j := 0; j < size; j += 2 {
						a := i*size + j
						y = append(y, f([]float64{before[a], before[a+1], before[a+size], before[a+size+1]}))
					}
				}
				return y
			}
			t.give("x", x, "size", size)
			got := f(x, size)
			t.unchanged("x", x, before)
			t.equal("the pooled picture", got, squares(floats.Max),
				mistake{squares(func(v []float64) float64 { return floats.Sum(v) / 4 }), "That is the mean of each square. An edge that fills one of four pixels should count fully: take the largest."},
				mistake{squares(floats.Sum), "That is the sum of each square. Take the largest."},
				mistake{squares(func(v []float64) float64 { return math.Max(math.Abs(floats.Max(v)), math.Abs(floats.Min(v))) }), "You take the largest size without its sign. A strongly negative pixel is not a bright one."},
				mistake{squares(floats.Min), "That is the smallest of each square."},
				mistake{squares(func(v []float64) float64 { return v[0] }), "You take the upper left pixel of each square and look at no other."},
				mistake{squares(func(v []float64) float64 { return max(v[0], v[1]) }), "The lower two pixels of each square are missing."},
				mistake{squares(func(v []float64) float64 { return max(v[0], v[2]) }), "The right two pixels of each square are missing."},
				mistake{squares(func(v []float64) float64 { return max(0, floats.Max(v)) }), "All four pixels are negative in some square, and you say 0. Begin the maximum with one of the four."},
				mistake{overlapping(before, size), "The squares overlap: they should begin at every second row and column."},
				mistake{make([]float64, size*size/4), "The result is all 0: write the maxima into it."})
		})
	})
}

// overlapping returns the maxima of squares that begin at every row and column, as many as
// pooling gives.
func overlapping(x []float64, size int) []float64 {
	var y []float64
	for i := range size / 2 {
		for j := range size / 2 {
			a := i*size + j
			y = append(y, max(x[a], x[a+1], x[a+size], x[a+size+1]))
		}
	}
	return y
}

var shifted = Exercise{"Shifted", []string{
	"Go through the pixels of the new picture, and ask of each where its ink comes from.",
	"What is at row i, column j now was at row i − down, column j − right.",
	"Copy only if both are from 0 to size−1; all others stay 0 in a slice that you have just made.",
}}

// Shifted checks a shift of an image by whole pixels.
func Shifted(f func(x []float64, size, right, down int) []float64) Answer {
	return examine(shifted, func(t *trial) {
		type sample struct{ size, right, down int }
		cases(t, 62, []sample{{4, 1, 2}, {4, -2, 1}, {3, 0, 0}, {3, 0, -1}, {3, 3, 0}, {2, -5, 7}}, func(r *rand.Rand) sample {
			size := between(r, 1, 5)
			return sample{size, between(r, -size, size), between(r, -size, size)}
		}, func(c sample, r *rand.Rand) {
			x := normal(r, c.size*c.size)
			before := slices.Clone(x)
			move := func(right, down int, wrap bool) []float64 {
				y := make([]float64, len(before))
				for i := range before {
					row, col := i/c.size+down, i%c.size+right
					if wrap {
						row, col = ((row%c.size)+c.size)%c.size, ((col%c.size)+c.size)%c.size
					}
					if row >= 0 && row < c.size && col >= 0 && col < c.size {
						y[row*c.size+col] = before[i]
					}
				}
				return y
			}
			t.give("x", before, "size", c.size, "right", c.right, "down", c.down)
			got := f(x, c.size, c.right, c.down)
			t.unchanged("x", x, before)
			t.equal("the shifted picture", got, move(c.right, c.down, false),
				mistake{move(-c.right, -c.down, false), "It moves the other way: what is at row i now was at row i − down."},
				mistake{move(c.down, c.right, false), "Right and down are exchanged."},
				mistake{move(-c.down, -c.right, false), "Right and down are exchanged, and it moves the other way."},
				mistake{move(c.right, c.down, true), "What leaves on one side comes in on the other. It should be paper, 0."},
				mistake{alongRows(before, c.down*c.size+c.right), "What leaves at the end of a row comes in at the beginning of another. Check row and column each, before you turn them into one index."},
				mistake{move(c.right, -c.down, false), "Down is the wrong way round: rows count from the top, so that down makes the row larger."},
				mistake{move(-c.right, c.down, false), "Right is the wrong way round: to the right the column becomes larger."},
				mistake{move(c.right, 0, false), "It moves to the side only: down is not used."},
				mistake{move(0, c.down, false), "It moves up and down only: right is not used."},
				mistake{make([]float64, len(before)), "The picture is empty."},
				mistake{before, "The ink has not moved."})
		})
	})
}

// alongRows shifts a picture as if it were one long row.
func alongRows(x []float64, by int) []float64 {
	y := make([]float64, len(x))
	for i := range x {
		if j := i + by; j >= 0 && j < len(y) {
			y[j] = x[i]
		}
	}
	return y
}

var oftenConfused = Exercise{"OftenConfused", []string{
	"Count every pair (truth, said) in a table of classes × classes. Then look for its largest number. Which numbers must not win?",
	"The diagonal is what was right: leave it out, while counting or while looking.",
	"Look through the table row by row, and take a new largest only if it is larger, not if it is equal: then the first of equals stays.",
}}

// OftenConfused checks the search for the largest number off the diagonal of a
// confusion matrix.
func OftenConfused(f func(truth, said []int, classes int) (truly, called, n int)) Answer {
	return examine(oftenConfused, func(t *trial) {
		type sample struct {
			truth, said []int
			classes     int
			want, other [3]int // other: with the last of equals
		}
		cases(t, 0, []sample{
			{[]int{3, 3, 3, 8, 8, 8, 8, 8, 8, 5, 5, 5, 0}, []int{8, 8, 3, 8, 8, 8, 8, 3, 3, 3, 3, 3, 0}, 10, [3]int{5, 3, 3}, [3]int{5, 3, 3}},
			{[]int{1, 1, 0, 0, 2, 2}, []int{0, 0, 2, 2, 2, 1}, 3, [3]int{0, 2, 2}, [3]int{1, 0, 2}},
			{[]int{0, 1, 2, 1}, []int{0, 1, 2, 1}, 3, [3]int{}, [3]int{2, 2, 0}},
			{[]int{1, 0}, []int{0, 0}, 2, [3]int{1, 0, 1}, [3]int{1, 0, 1}},
			{nil, nil, 4, [3]int{}, [3]int{3, 3, 0}},
		}, func(r *rand.Rand) sample {
			classes, n := between(r, 2, 5), between(r, 0, 30)
			c := sample{truth: ints(r, n, 0, classes-1), said: ints(r, n, 0, classes-1), classes: classes}
			c.want, c.other = worstConfusions(c.truth, c.said, classes)
			return c
		}, func(c sample, r *rand.Rand) {
			t.give("truth", c.truth, "said", c.said, "classes", c.classes)
			truth, said := slices.Clone(c.truth), slices.Clone(c.said)
			truly, called, n := f(truth, said, c.classes)
			t.unchanged("truth", truth, c.truth)
			t.unchanged("said", said, c.said)
			wrong := 0
			for i, y := range c.truth {
				if c.said[i] != y {
					wrong++
				}
			}
			merged := eitherWay(c.truth, c.said)
			t.equal("(truly, called, n)", [3]int{truly, called, n}, c.want,
				mistake{[3]int{0, 0, 0}, "You return zeros, and there are confusions. Do you write := inside the loop? It makes new variables, which end with the block."},
				mistake{[3]int{c.want[0], c.want[1], wrong}, "n is the number of all errors here. It is that of this confusion alone."},
				mistake{c.other, "Of equals the first should stay: take a new one only if it is larger. And the order of a map is no order."},
				mistake{[3]int{c.want[1], c.want[0], c.want[2]}, "Truth and answer are exchanged: truly is what the picture is, called is what the model said."},
				mistake{[3]int(mostFrequent(c.truth, c.said)), "The most frequent pair is one that is right: the diagonal is no confusion. Leave it out."},
				mistake{[3]int(merged), "You count a 3 called 8 and an 8 called 3 as the same. They are two confusions, with two causes perhaps."},
				mistake{[3]int{merged[1], merged[0], merged[2]}, "You count a 3 called 8 and an 8 called 3 as the same. They are two confusions, with two causes perhaps."})
		})
	})
}

// worstConfusions returns the most frequent confusion: the first of equals, and
// the last.
func worstConfusions(truth, said []int, classes int) (first, last [3]int) {
	for a := range classes {
		for b := range classes {
			n := 0
			for i := range truth {
				if truth[i] == a && said[i] == b && a != b {
					n++
				}
			}
			if n > first[2] {
				first = [3]int{a, b, n}
			}
			if n >= last[2] {
				last = [3]int{a, b, n}
			}
		}
	}
	return first, last
}

// mostFrequent returns the most frequent pair, whether it is right or not.
func mostFrequent(truth, said []int) (best [3]int) {
	count := map[[2]int]int{}
	for i := range truth {
		p := [2]int{truth[i], said[i]}
		if count[p]++; count[p] > best[2] {
			best = [3]int{p[0], p[1], count[p]}
		}
	}
	return best
}

// eitherWay returns the two classes that are confused most often, in both
// directions together.
func eitherWay(truth, said []int) (best [3]int) {
	count := map[[2]int]int{}
	for i, y := range truth {
		p := [2]int{min(y, said[i]), max(y, said[i])}
		if y == said[i] {
			continue
		}
		if count[p]++; count[p] > best[2] {
			best = [3]int{p[0], p[1], count[p]}
		}
	}
	return best
}

var committee = Exercise{"Committee", []string{
	"Add up the matrices of all members. Dividing by their number changes no maximum.",
	"Do not add to members[0] itself: var sum mat.Dense; sum.CloneFrom(members[0]).",
	"sum.Add(&sum, p) for the others; then floats.MaxIdx(sum.RawRowView(i)) for each row i.",
}}

// Committee checks classification by the mean probability of several models.
func Committee(f func(members []*mat.Dense) []int) Answer {
	return examine(committee, func(t *trial) {
		type sample struct {
			members []*mat.Dense
			want    []int
		}
		cases(t, 0, []sample{
			{[]*mat.Dense{
				mat.NewDense(4, 3, []float64{0.40, 0.35, 0.25, 0.1, 0.8, 0.1, 0.5, 0.3, 0.2, 0.9, 0.1, 0}),
				mat.NewDense(4, 3, []float64{0.40, 0.35, 0.25, 0.3, 0.2, 0.5, 0.2, 0.3, 0.5, 0.9, 0.1, 0}),
				mat.NewDense(4, 3, []float64{0.01, 0.94, 0.05, 0.3, 0.25, 0.45, 0.1, 0.3, 0.6, 0, 0.9, 0.1}),
			}, []int{1, 1, 2, 0}},
			{[]*mat.Dense{mat.NewDense(2, 2, []float64{0.3, 0.7, 0.6, 0.4})}, []int{1, 0}},
			{[]*mat.Dense{mat.NewDense(1, 4, []float64{0.1, 0.2, 0.6, 0.1}), mat.NewDense(1, 4, []float64{0, 0, 0.1, 0.9})}, []int{3}},
		}, func(r *rand.Rand) sample {
			rows, classes := between(r, 1, 5), between(r, 2, 4)
			var c sample
			sum := mat.NewDense(rows, classes, nil)
			for range between(r, 1, 5) {
				p := mat.NewDense(rows, classes, nil)
				for i := range rows {
					p.SetRow(i, shares(r, classes))
				}
				c.members = append(c.members, p)
				sum.Add(sum, p)
			}
			c.want = each(sum)
			return c
		}, func(c sample, r *rand.Rand) {
			var given []any
			var before []*mat.Dense
			for i, p := range c.members {
				given = append(given, "member "+string(rune('A'+i)), p)
				before = append(before, mat.DenseCopyOf(p))
			}
			t.give(given...)
			got := f(c.members)
			for i, p := range c.members {
				t.unchanged("a member", p, before[i])
			}
			surest, unlikely := mat.DenseCopyOf(before[0]), mat.NewDense(before[0].RawMatrix().Rows, before[0].RawMatrix().Cols, nil)
			for _, p := range before {
				surest.Apply(func(i, j int, v float64) float64 { return max(v, p.At(i, j)) }, surest)
				unlikely.Sub(unlikely, p)
			}
			first, last := each(before[0]), each(before[len(before)-1])
			t.equal("the labels", got, c.want,
				mistake{votes(before), "Each member has one vote here, however sure it is. Add up the probabilities instead: one that is sure may overrule two that are not."},
				mistake{products(before), "You multiply the probabilities. Add them up: in a product one member that says 0 decides alone."},
				mistake{each(surest), "The one that is surest decides alone. Add up what all say."},
				mistake{each(unlikely), "You take the least probable class. The most probable has the largest sum."},
				mistake{first, "Only the first member is asked."},
				mistake{last, "Only the last member is asked. Does every round of your loop begin anew?"})
		})
	})
}

// each returns the most probable class of each row.
func each(p *mat.Dense) []int {
	rows, _ := p.Dims()
	labels := make([]int, rows)
	for i := range labels {
		labels[i] = floats.MaxIdx(p.RawRowView(i))
	}
	return labels
}

// votes returns the class that most members hold the most probable.
func votes(members []*mat.Dense) []int {
	rows, classes := members[0].Dims()
	count := mat.NewDense(rows, classes, nil)
	for _, p := range members {
		for i, k := range each(p) {
			count.Set(i, k, count.At(i, k)+1)
		}
	}
	return each(count)
}

func products(members []*mat.Dense) []int {
	product := mat.DenseCopyOf(members[0])
	for _, p := range members[1:] {
		product.MulElem(product, p)
	}
	return each(product)
}

var occlusion = Exercise{"Occlusion", []string{
	"For each pixel: a fresh copy of x, nine zeros in it, one call of p.",
	"Rows go from max(0, r−1) to min(size−1, r+1), columns alike.",
	"lost[r*size+c] = before − p(covered), with before := p(x) and covered := slices.Clone(x).",
}}

// Occlusion checks an occlusion map: the pixels on which a classifier
// depends.
func Occlusion(f func(p func(x []float64) float64, x []float64, size int) []float64) Answer {
	return examine(occlusion, func(t *trial) {
		cases(t, 63, []int{4, 5, 1}, func(r *rand.Rand) int {
			return between(r, 1, 6)
		}, func(size int, r *rand.Rand) {
			x, w := normal(r, size*size), normal(r, size*size)
			before := slices.Clone(x)
			p := func(x []float64) float64 { return dot(w, x) + 1 } // no probability, but it tells all pixels apart
			lost := func(reach int) []float64 {
				y := make([]float64, len(x))
				for a := range y {
					for b := range y {
						if distance(a, b, size) <= reach {
							y[a] += w[b] * before[b]
						}
					}
				}
				return y
			}
			want := lost(1)
			left := make([]float64, len(x))
			for i := range left {
				left[i] = p(before) - want[i]
			}
			t.give("x", before, "size", size, "p(x)", p(before))
			got := f(func(v []float64) float64 {
				if len(v) != len(before) {
					t.fail("You ask p for a picture of %d pixels; x has %d.", len(v), len(before))
				}
				return p(v)
			}, x, size)
			t.unchanged("x", x, before)
			t.equal("what is lost", got, want,
				mistake{left, "That is what remains, p(covered). Lost is p(x) − p(covered)."},
				mistake{combine(-1, want, 0, want), "The sign is wrong: lost is p(x) − p(covered)."},
				mistake{lost(0), "Only one pixel is covered. It should be the square of 3×3 around it."},
				mistake{lost(2), "Too much is covered: the square goes one pixel in each direction."},
				mistake{growing(w, before, size), "The covers of earlier places are still there: begin each place with a fresh copy of x."},
				mistake{atCorner(w, before, size), "The square begins at the pixel; it should lie around it, from r−1 to r+1."},
				mistake{make([]float64, len(x)), "Nothing is lost anywhere: is it the covered picture that you give to p?"})
		})
	})
}

// distance returns how many steps a king needs from pixel a to pixel b.
func distance(a, b, size int) int {
	dr, dc := a/size-b/size, a%size-b%size
	return max(dr, -dr, dc, -dc)
}

// growing returns what is lost when covers are never taken away.
func growing(w, x []float64, size int) []float64 {
	x = slices.Clone(x)
	before, y := dot(w, x), make([]float64, len(x))
	for a := range y {
		for b := range x {
			if distance(a, b, size) <= 1 {
				x[b] = 0
			}
		}
		y[a] = before - dot(w, x)
	}
	return y
}

// atCorner returns what is lost when the square lies right of and below a pixel.
func atCorner(w, x []float64, size int) []float64 {
	y := make([]float64, len(x))
	for a := range y {
		for b := range x {
			if b/size >= a/size && b%size >= a%size && distance(a, b, size) <= 2 {
				y[a] += w[b] * x[b]
			}
		}
	}
	return y
}

var softmax = Exercise{"Softmax", []string{
	"Exponentials, divided by their sum. But e to the power of 1000 is +Inf.",
	"Subtract the same number from all scores: the shares stay the same. Which number makes all exponents at most 0?",
	"p[k] = math.Exp(z[k] - slices.Max(z)); then divide each by the sum.",
}}

// Softmax checks the softmax of scores of any size.
func Softmax(f func(z []float64) []float64) Answer {
	return examine(softmax, func(t *trial) {
		cases(t, 0, [][]float64{{2, -1, 0.5}, {1000, 999, 0}, {-1000, -1001}, {7}}, func(r *rand.Rand) []float64 {
			z, by := normal(r, between(r, 2, 6)), float64(between(r, -1, 1))
			floats.AddConst(900*by, z)
			return z
		}, func(z []float64, r *rand.Rand) {
			before := slices.Clone(z)
			of := func(f func(v float64) float64) []float64 {
				p := make([]float64, len(before))
				for k, v := range before {
					p[k] = f(v)
				}
				return p
			}
			share := func(p []float64) []float64 { return combine(1/floats.Sum(p), p, 0, p) }
			high := slices.Max(before)
			want := share(of(func(v float64) float64 { return math.Exp(v - high) }))
			t.give("z", before)
			got := f(z)
			t.unchanged("z", z, before)
			if slices.ContainsFunc(got, math.IsNaN) {
				t.fail("There is a NaN, since exponentials of large scores are +Inf, or all of them 0. Subtract the largest score from all first: no share changes.")
			}
			t.equal("the probabilities", got, want,
				mistake{of(math.Exp), "These are exponentials. Divide each by their sum."},
				mistake{of(func(v float64) float64 { return math.Exp(v - high) }), "These are exponentials. Divide each by their sum."},
				mistake{share(before), "You divide the scores themselves by their sum. Take exponentials first: scores may be negative."},
				mistake{of(func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }), "That is the sigmoid of each score alone. The classes share one probability of 1."},
				mistake{share(of(func(v float64) float64 { return math.Exp(high - v) })), "The largest score has the lowest probability: the sign of the exponent is wrong."},
				mistake{share(of(func(v float64) float64 { return math.Exp2(v - high) })), "The base is e, math.Exp, not 2."},
				mistake{of(func(v float64) float64 {
					return v - high - math.Log(floats.Sum(of(func(v float64) float64 { return math.Exp(v - high) })))
				}), "These are the logarithms of the probabilities."})
		})
	})
}

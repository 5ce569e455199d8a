package ch06a

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
)

func TestMaxPool(t *testing.T) {
	e := checktest.New(t, check.MaxPool)
	e.Right(maxPool)
	// of pools with another function of the four pixels, from squares that begin a step apart.
	of := func(step int, f func(a, b, c, d float64) float64) func(x []float64, size int) []float64 {
		return func(x []float64, size int) []float64 {
			y := make([]float64, size*size/4)
			for i := range size / 2 {
				for j := range size / 2 {
					a := step * (i*size + j)
					y[i*(size/2)+j] = f(x[a], x[a+1], x[a+size], x[a+size+1])
				}
			}
			return y
		}
	}
	e.Wrong("the mean of each square", of(2, func(a, b, c, d float64) float64 { return (a + b + c + d) / 4 }))
	e.Wrong("the smallest", of(2, func(a, b, c, d float64) float64 { return min(a, b, c, d) }))
	e.Wrong("upper left", of(2, func(a, _, _, _ float64) float64 { return a }))
	e.Wrong("lower two", of(2, func(a, b, _, _ float64) float64 { return max(a, b) }))
	e.Wrong("right two", of(2, func(a, _, c, _ float64) float64 { return max(a, c) }))
	e.Wrong("squares overlap", of(1, func(a, b, c, d float64) float64 { return max(a, b, c, d) }))
	e.Wrong("Begin the maximum with one of the four", of(2, func(a, b, c, d float64) float64 { return max(0, a, b, c, d) }))
	e.Wrong("all 0", func(_ []float64, size int) []float64 { return make([]float64, size*size/4) })
	e.Wrong("shape", func(x []float64, _ int) []float64 { return x })
	e.Wrong("the sum of each square", of(2, func(a, b, c, d float64) float64 { return a + b + c + d }))
	e.Wrong("without its sign", of(2, func(a, b, c, d float64) float64 { return max(a, -a, b, -b, c, -c, d, -d) }))
}

func TestShifted(t *testing.T) {
	e := checktest.New(t, check.Shifted)
	e.Right(shifted)
	e.Wrong("moves the other way: what is", func(x []float64, size, right, down int) []float64 { return shifted(x, size, -right, -down) })
	e.Wrong("Right and down are exchanged.", func(x []float64, size, right, down int) []float64 { return shifted(x, size, down, right) })
	e.Wrong("exchanged, and it moves", func(x []float64, size, right, down int) []float64 { return shifted(x, size, -down, -right) })
	e.Wrong("paper, 0", func(x []float64, size, right, down int) []float64 {
		y := make([]float64, len(x))
		for i := range x {
			r, c := i/size+down, i%size+right
			y[(r+8*size)%size*size+(c+8*size)%size] = x[i]
		}
		return y
	})
	e.Wrong("the beginning of another", func(x []float64, size, right, down int) []float64 {
		y := make([]float64, len(x))
		for i := range x {
			if j := i + down*size + right; j >= 0 && j < len(x) {
				y[j] = x[i]
			}
		}
		return y
	})
	e.Wrong("has not moved", func(x []float64, _, _, _ int) []float64 { return x })
	e.Wrong("changes x", func(x []float64, size, right, down int) []float64 {
		copy(x, shifted(x, size, right, down))
		return x
	})
	e.Wrong("index out of range", func(x []float64, size, right, down int) []float64 {
		y := make([]float64, len(x))
		for i := range x {
			y[i] = x[i-down*size-right]
		}
		return y
	})
	e.Wrong("Down is the wrong way", func(x []float64, size, right, down int) []float64 { return shifted(x, size, right, -down) })
	e.Wrong("Right is the wrong way", func(x []float64, size, right, down int) []float64 { return shifted(x, size, -right, down) })
	e.Wrong("down is not used", func(x []float64, size, right, _ int) []float64 { return shifted(x, size, right, 0) })
	e.Wrong("right is not used", func(x []float64, size, _, down int) []float64 { return shifted(x, size, 0, down) })
	e.Wrong("is empty", func(x []float64, _, _, _ int) []float64 { return make([]float64, len(x)) })
}

func TestOftenConfused(t *testing.T) {
	e := checktest.New(t, check.OftenConfused)
	e.Right(oftenConfused)
	// counting finds the largest number of a table, which counts what keep says.
	counting := func(keep func(truth, said int) (row, col int, ok bool), better func(n, best int) bool) func(truth, said []int, classes int) (int, int, int) {
		return func(truth, said []int, classes int) (truly, called, n int) {
			count := make([]int, classes*classes)
			for i := range truth {
				if r, c, ok := keep(truth[i], said[i]); ok {
					count[r*classes+c]++
				}
			}
			for k, c := range count {
				if better(c, n) {
					truly, called, n = k/classes, k%classes, c
				}
			}
			return truly, called, n
		}
	}
	more := func(n, best int) bool { return n > best }
	e.Wrong("one that is right", counting(func(y, s int) (int, int, bool) { return y, s, true }, more))
	e.Wrong("exchanged", counting(func(y, s int) (int, int, bool) { return s, y, s != y }, more))
	e.Wrong("two causes", counting(func(y, s int) (int, int, bool) { return min(y, s), max(y, s), s != y }, more))
	e.Wrong("the first should stay", counting(func(y, s int) (int, int, bool) { return y, s, s != y }, func(n, best int) bool { return n >= best }))
	e.Wrong(":= inside the loop", func([]int, []int, int) (int, int, int) { return 0, 0, 0 })
	e.Wrong("the number of all errors", func(truth, said []int, classes int) (int, int, int) {
		a, b, _ := oftenConfused(truth, said, classes)
		n := 0
		for i := range truth {
			if truth[i] != said[i] {
				n++
			}
		}
		return a, b, n
	})
}

func TestCommittee(t *testing.T) {
	e := checktest.New(t, check.Committee)
	e.Right(committee)
	e.Wrong("one vote", func(members []*mat.Dense) []int {
		rows, classes := members[0].Dims()
		labels := make([]int, rows)
		for i := range labels {
			votes := make([]float64, classes)
			for _, p := range members {
				votes[floats.MaxIdx(p.RawRowView(i))]++
			}
			labels[i] = floats.MaxIdx(votes)
		}
		return labels
	})
	e.Wrong("one member that says 0", func(members []*mat.Dense) []int {
		product := mat.DenseCopyOf(members[0])
		for _, p := range members[1:] {
			product.MulElem(product, p)
		}
		return committee([]*mat.Dense{product})
	})
	e.Wrong("Only the first", func(members []*mat.Dense) []int { return committee(members[:1]) })
	e.Wrong("Only the last", func(members []*mat.Dense) []int { return committee(members[len(members)-1:]) })
	e.Wrong("changes a member", func(members []*mat.Dense) []int {
		for _, p := range members[1:] {
			members[0].Add(members[0], p)
		}
		return committee(members[:1])
	})
	e.Wrong("surest decides alone", func(members []*mat.Dense) []int {
		most := mat.DenseCopyOf(members[0])
		for _, p := range members {
			most.Apply(func(i, j int, v float64) float64 { return max(v, p.At(i, j)) }, most)
		}
		return committee([]*mat.Dense{most})
	})
	e.Wrong("least probable class", func(members []*mat.Dense) []int {
		var less []*mat.Dense
		for _, p := range members {
			var q mat.Dense
			q.Scale(-1, p)
			less = append(less, &q)
		}
		return committee(less)
	})
}

func TestOcclusion(t *testing.T) {
	e := checktest.New(t, check.Occlusion)
	e.Right(occlusion)
	type probability = func([]float64) float64
	// covering covers from so many pixels before to so many behind each place.
	covering := func(from, to int, fresh bool) func(p probability, x []float64, size int) []float64 {
		return func(p probability, x []float64, size int) []float64 {
			lost, covered := make([]float64, len(x)), slices.Clone(x)
			for a := range x {
				if fresh {
					covered = slices.Clone(x)
				}
				for i := max(0, a/size-from); i <= min(size-1, a/size+to); i++ {
					for j := max(0, a%size-from); j <= min(size-1, a%size+to); j++ {
						covered[i*size+j] = 0
					}
				}
				lost[a] = p(x) - p(covered)
			}
			return lost
		}
	}
	e.Wrong("Only one pixel", covering(0, 0, true))
	e.Wrong("Too much", covering(2, 2, true))
	e.Wrong("fresh copy", covering(1, 1, false))
	e.Wrong("around it", covering(0, 2, true))
	e.Wrong("what remains", func(p probability, x []float64, size int) []float64 {
		lost, before := occlusion(p, x, size), p(x)
		for i := range lost {
			lost[i] = before - lost[i]
		}
		return lost
	})
	e.Wrong("sign is wrong", func(p probability, x []float64, size int) []float64 {
		lost := occlusion(p, x, size)
		floats.Scale(-1, lost)
		return lost
	})
	e.Wrong("Nothing is lost", func(_ probability, x []float64, _ int) []float64 { return make([]float64, len(x)) })
	e.Wrong("a picture of 3 pixels", func(p probability, _ []float64, _ int) []float64 { return []float64{p(make([]float64, 3))} })
	e.Wrong("changes x", func(p probability, x []float64, size int) []float64 {
		lost := occlusion(p, x, size)
		clear(x)
		return lost
	})
}

func TestSoftmax(t *testing.T) {
	e := checktest.New(t, check.Softmax)
	e.Right(softmax)
	by := func(f func(v float64) float64, divide bool) func([]float64) []float64 {
		return func(z []float64) []float64 {
			p := make([]float64, len(z))
			for k, v := range z {
				p[k] = f(v)
			}
			if divide {
				floats.Scale(1/floats.Sum(p), p)
			}
			return p
		}
	}
	e.Wrong("Subtract the largest", by(math.Exp, true))
	e.Wrong("These are exponentials", by(math.Exp, false))
	e.Wrong("the scores themselves", by(func(v float64) float64 { return v }, true))
	e.Wrong("sigmoid of each", by(func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }, false))
	e.Wrong("sign of the exponent", by(func(v float64) float64 { return math.Exp(-v) }, true))
	e.Wrong("not 2", by(math.Exp2, true))
	e.Wrong("logarithms of the", func(z []float64) []float64 { return by(math.Log, false)(softmax(z)) })
	e.Wrong("changes z", func(z []float64) []float64 {
		copy(z, softmax(z))
		return z
	})
}

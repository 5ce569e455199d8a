package loss

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/internal/accurate"
)

// matrix returns a matrix of which some elements of a row belong to nothing.
func matrix(rows, cols, more int, fill func(i, j int) float64) blas64.General {
	m := blas64.General{Rows: rows, Cols: cols, Stride: cols + more, Data: make([]float64, (rows-1)*(cols+more)+cols)}
	for i := range m.Data {
		m.Data[i] = 77
	}
	for i := range rows {
		for j := range cols {
			m.Data[i*m.Stride+j] = fill(i, j)
		}
	}
	return m
}

// sameBits compares all but the bits of a NaN.
func sameBits(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
}

// TestBlocks: losses and gradients of blocks have the bits of the plain rows, whatever the numbers.
func TestBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	odd := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 1e308, -1e308, 700, -700, -745, 1e-310, -720.5}
	for _, scores := range []string{"usual", "equal", "far", "odd"} {
		score := func(_, _ int) float64 {
			switch v := r.NormFloat64(); {
			case scores == "equal":
				return float64(r.IntN(2))
			case scores == "far":
				return 300 * v
			case scores == "odd" && r.IntN(3) == 0:
				return odd[r.IntN(len(odd))]
			default:
				return 3 * v
			}
		}
		for _, shape := range [][3]int{{8, 2, 0}, {9, 3, 1}, {40, 4, 0}, {64, 5, 0}, {31, 7, 3}, {128, 8, 0}, {150, 9, 0}, {201, 10, 2}, {60, 13, 0}, {17, 16, 0}, {25, 31, 0}, {23, 33, 5}, {16, 64, 0}} {
			rows, n, more := shape[0], shape[1], shape[2]
			pred := matrix(rows, n, more, score)
			class := matrix(rows, 1, more, func(int, int) float64 { return float64(r.IntN(n)) })
			some := matrix(rows, 1, 0, func(int, int) float64 { return float64(r.IntN(n+1) - 1) })
			shares := matrix(rows, n, more, func(int, int) float64 { return max(0, r.NormFloat64()) })
			classWeight, weights := make([]float64, n), make([]float64, rows)
			for j := range classWeight {
				classWeight[j] = float64(r.IntN(3)) + r.Float64()
			}
			for i := range weights {
				weights[i] = float64(r.IntN(3)-1) * r.Float64()
			}
			for _, c := range []struct {
				loss   softmaxLoss
				target blas64.General
			}{
				{CrossEntropy{}, class}, {CrossEntropy{AllowUnlabelled: true}, some}, {CrossEntropy{LabelSmoothing: 0.1}, class},
				{CrossEntropy{ClassWeight: classWeight, AllowUnlabelled: true}, some}, {CrossEntropy{}, shares},
				{CrossEntropy{LabelSmoothing: 0.2, ClassWeight: classWeight}, shares}, {KLDivergence{}, shares}, {nil, class},
			} {
				for _, weight := range [][]float64{nil, weights} {
					name := fmt.Sprintf("%T %+v, %s scores, %v, weighted: %t", c.loss, c.loss, scores, shape, weight != nil)
					got, want := matrix(rows, n, more, score), matrix(rows, n, more, score)
					var a, none, b accurate.Sum
					total := 3.7
					if c.loss == nil {
						a, none = sumHinge(got, pred, c.target, weight, total), sumHinge(blas64.General{}, pred, c.target, weight, total)
						addRows(&b, want, pred, c.target, weight, total, hingeRow)
					} else {
						a, none = sumSoftmax(got, pred, c.target, weight, total, c.loss), sumSoftmax(blas64.General{}, pred, c.target, weight, total, c.loss)
						addSoftmax(&b, new(softmaxRoom), want, pred, c.target, weight, total, c.loss)
					}
					if a != b && !math.IsNaN(a.Low) || !sameBits(a.Value(), b.Value()) || !sameBits(none.Value(), b.Value()) {
						t.Errorf("%s: the sum is %v, without a gradient %v, want %v", name, a, none, b)
					}
					for i, v := range want.Data {
						if !sameBits(got.Data[i], v) {
							t.Fatalf("%s: row %d, column %d of the gradient is %v, want %v", name, i/want.Stride, i%want.Stride, got.Data[i], v)
						}
					}
				}
			}
		}
	}
}

// TestBlocksOfNoWeight: rows of weight 0 are not looked at.
func TestBlocksOfNoWeight(t *testing.T) {
	pred := matrix(16, 3, 0, func(i, j int) float64 { return float64(i * j) })
	target := matrix(16, 1, 0, func(int, int) float64 { return 99 }) // not looked at
	d := matrix(16, 3, 0, func(int, int) float64 { return 1 })
	for _, total := range []float64{0, 1} {
		if sum := sumSoftmax(d, pred, target, make([]float64, 16), total, CrossEntropy{}); sum.Value() != 0 || d.Data[4] != 0 {
			t.Errorf("rows that weigh nothing have the loss %v and the gradient %v", sum, d.Data)
		}
	}
}

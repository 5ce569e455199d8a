package ch04d

import (
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
)

func TestTopologicalOrder(t *testing.T) {
	e := checktest.New(t, check.TopologicalOrder)
	e.Right(topologicalOrder)
	e.Right(func(from [][]int, last int) []int { // another order: the inputs from the last to the first
		var order []int
		var visit func(i int)
		visit = func(i int) {
			if slices.Contains(order, i) {
				return
			}
			for _, j := range slices.Backward(from[i]) {
				visit(j)
			}
			order = append(order, i)
		}
		visit(last)
		return order
	})
	e.Wrong("twice", func(from [][]int, last int) (order []int) {
		var visit func(i int)
		visit = func(i int) {
			for _, j := range from[i] {
				visit(j)
			}
			order = append(order, i)
		}
		visit(last)
		return order
	})
	e.Wrong("Inputs come first", func(from [][]int, last int) []int {
		order := topologicalOrder(from, last)
		slices.Reverse(order)
		return order
	})
	e.Wrong("itself is missing", func(from [][]int, last int) []int {
		order := topologicalOrder(from, last)
		return order[:len(order)-1]
	})
	e.Wrong("is missing", func(from [][]int, last int) []int { return append(slices.Clone(from[last]), last) })
	e.Wrong("does not depend on it", func(from [][]int, last int) []int {
		var order []int
		for i := range from {
			for _, j := range topologicalOrder(from, i) {
				if !slices.Contains(order, j) {
					order = append(order, j)
				}
			}
		}
		return order
	})
	e.Wrong("comes before it", func(from [][]int, last int) []int {
		order := topologicalOrder(from, last)
		slices.Reverse(order[:len(order)-1])
		return order
	})
}

func TestSweep(t *testing.T) {
	e := checktest.New(t, check.Sweep)
	e.Right(sweep)
	pass := func(up bool, seed float64, give func(old, local, grad float64) float64) func([][]int, [][]float64) []float64 {
		return func(from [][]int, local [][]float64) []float64 {
			grad := make([]float64, len(from))
			grad[len(from)-1] = seed
			for i := range from {
				if !up {
					i = len(from) - 1 - i
				}
				for k, j := range from[i] {
					grad[j] = give(grad[j], local[i][k], grad[i])
				}
			}
			return grad
		}
	}
	chain := func(old, local, grad float64) float64 { return old + local*grad }
	e.Wrong("overwritten", pass(false, 1, func(_, local, grad float64) float64 { return local * grad }))
	e.Wrong("begin at the end", pass(true, 1, chain))
	e.Wrong("of the node itself is missing", pass(false, 1, func(old, local, _ float64) float64 { return old + local }))
	e.Wrong("not added to it", pass(false, 1, func(old, local, grad float64) float64 { return old + local + grad }))
	e.Wrong("All is 0", pass(false, 0, chain))
	e.Wrong("Wait until all", func(from [][]int, local [][]float64) []float64 {
		grad := make([]float64, len(from))
		grad[len(from)-1] = 1
		queue := []int{len(from) - 1}
		for i := 0; i < len(queue); i++ {
			for k, j := range from[queue[i]] {
				grad[j] += local[queue[i]][k] * grad[queue[i]]
				if !slices.Contains(queue, j) {
					queue = append(queue, j)
				}
			}
		}
		return grad
	})
}

func TestDualQuotient(t *testing.T) {
	e := checktest.New(t, check.DualQuotient)
	e.Right(dualQuotient)
	slope := func(f func(a, da, b, db float64) float64) func(a, da, b, db float64) (float64, float64) {
		return func(a, da, b, db float64) (float64, float64) { return a / b, f(a, da, b, db) }
	}
	e.Wrong("You divide b by a", func(a, da, b, db float64) (float64, float64) { return b / a, 0 })
	e.Wrong("divide the derivatives", slope(func(a, da, b, db float64) float64 { return da / db }))
	e.Wrong("sign is wrong", slope(func(a, da, b, db float64) float64 { return (a*db - da*b) / (b * b) }))
	e.Wrong("is subtracted", slope(func(a, da, b, db float64) float64 { return (da*b + a*db) / (b * b) }))
	e.Wrong("Divide by b²", slope(func(a, da, b, db float64) float64 { return (da*b - a*db) / b }))
	e.Wrong("rule for products", slope(func(a, da, b, db float64) float64 { return da*b + a*db }))
	e.Wrong("b moves, too", slope(func(a, da, b, db float64) float64 { return da / b }))
}

func TestUnbroadcast(t *testing.T) {
	e := checktest.New(t, check.Unbroadcast)
	e.Right(unbroadcast)
	e.Wrong("take the sum", func(dy *mat.Dense, rows, cols int) *mat.Dense {
		dx := unbroadcast(dy, rows, cols)
		m, n := dy.Dims()
		dx.Scale(float64(rows*cols)/float64(m*n), dx)
		return dx
	})
	e.Wrong("overwritten", func(dy *mat.Dense, rows, cols int) *mat.Dense {
		dx := mat.NewDense(rows, cols, nil)
		m, n := dy.Dims()
		for i := range m {
			for j := range n {
				dx.Set(min(i, rows-1), min(j, cols-1), dy.At(i, j))
			}
		}
		return dx
	})
	e.Wrong("Only the first place", func(dy *mat.Dense, rows, cols int) *mat.Dense {
		return mat.DenseCopyOf(dy.Slice(0, rows, 0, cols))
	})
	e.Wrong("wrong axis", func(dy *mat.Dense, rows, cols int) *mat.Dense {
		return unbroadcast(mat.DenseCopyOf(dy.T()), rows, cols)
	})
	e.Wrong("dy itself", func(dy *mat.Dense, rows, cols int) *mat.Dense { return mat.DenseCopyOf(dy) })
}

package model_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
)

// TestScan compares with Forward and Backward, for short rows and long ones, and
// for rows that lie apart in memory.
func TestScan(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 15, 16, 100, 190, 300, 900} {
		for _, rows := range []int{1, 7, 8, 300} {
			wide := fill(rows, n+3, r.NormFloat64)
			x := wide.Slice(0, rows, 1, n+1).(*mat.Dense)
			for _, l := range []*model.Linear{model.NewLinear(n, 1), model.NewLinearNoIntercept(n, 1)} {
				name := fmt.Sprintf("%d×%d, intercept %t: ", rows, n, l.HasIntercept())
				l.Init(1)
				for j := range l.Intercept() {
					l.Intercept()[j] = 0.5
				}
				f := forward(l, x)
				d := fill(rows, 1, r.NormFloat64)
				got, want := make([]float64, len(l.Params())), make([]float64, len(l.Params()))
				got[0], want[0] = 3, 3
				l.Backward(want, d)
				next := 0
				l.Scan(got, x, func(k int, scores []float64) {
					if k != next {
						t.Fatalf("%srow %d is visited, want row %d", name, k, next)
					}
					for i := range scores {
						golden.Close(t, name+"a prediction", scores[i], f.At(k+i, 0), 1e-12)
						scores[i] = d.At(k+i, 0)
					}
					next += len(scores)
				})
				if next != rows {
					t.Fatalf("%s%d rows are visited", name, next)
				}
				golden.CloseSlice(t, name+"the gradient", got, want, 1e-12)
			}
		}
	}
}

func TestScanPanics(t *testing.T) {
	x := fill(5, 3, func() float64 { return 1 })
	none := func(int, []float64) {}
	mustPanic(t, "needs a model with 1 output", func() { model.NewLinear(3, 2).Scan(make([]float64, 8), x, none) })
	mustPanic(t, "x has 3 columns, want 4", func() { model.NewLinear(4, 1).Scan(make([]float64, 5), x, none) })
}

func TestScanAllocatesOnce(t *testing.T) {
	x := fill(500, 30, func() float64 { return 1 })
	l, grad := model.NewLinear(30, 1), make([]float64, 31)
	visit := func(int, []float64) {}
	if n := testing.AllocsPerRun(20, func() { l.Scan(grad, x, visit) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func ExampleScanner() {
	x := mat.NewDense(3, 1, []float64{1, 2, 3})
	y := []float64{2, 4, 6}
	var m model.Scanner = model.NewLinearNoIntercept(1, 1)
	grad := make([]float64, 1)
	m.Scan(grad, x, func(k int, f []float64) {
		for i := range f {
			f[i] -= y[k+i] // the derivative of (f−y)²/2
		}
	})
	fmt.Println(grad) // Σ (f−y)·x
	// Output: [-28]
}

package loss_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/lib/loss"
)

// many returns predictions for rows × cols, and a target of the number of a class, or of 0 and 1.
func many(rows, cols int) (pred, target *mat.Dense, weight []float64) {
	r := rand.New(rand.NewPCG(1, 2))
	pred, target, weight = mat.NewDense(rows, cols, nil), mat.NewDense(rows, 1, nil), make([]float64, rows)
	for i := range rows {
		for j := range cols {
			pred.Set(i, j, r.NormFloat64())
		}
		target.Set(i, 0, float64(r.IntN(max(cols, 2))))
		weight[i] = float64(r.IntN(3))
	}
	return pred, target, weight
}

// TestManyOnAnyCores: losses of many rows are divided, and the bits do not depend on among how many
// cores. They are those of the rows on their own.
func TestManyOnAnyCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	defer crew.Fix(1)() // everything is shared
	for _, c := range []struct {
		loss loss.Loss
		cols int
	}{
		{loss.Huber{Delta: 1}, 1}, {loss.BinaryCrossEntropy{}, 1}, {loss.Poisson{}, 1},
		{loss.CrossEntropy{}, 10}, {loss.CrossEntropy{LabelSmoothing: 0.1}, 7}, {loss.MulticlassHinge{}, 5},
	} {
		name := fmt.Sprintf("%T, %d columns", c.loss, c.cols)
		pred, target, weight := many(50_001, c.cols)
		for _, w := range [][]float64{nil, weight} {
			var first []float64
			for _, cores := range []int{1, 2, 3, 8} {
				runtime.GOMAXPROCS(cores)
				var d mat.Dense
				got := []float64{c.loss.Loss(&d, pred, target, w)}
				got = append(got, d.RawMatrix().Data...)
				if first == nil {
					first = got
				}
				if !slices.Equal(got, first) {
					t.Errorf("%s: loss and gradient on %d cores differ from those on one", name, cores)
				}
			}
		}
		// A row has the same gradient among few: 50,001 times as large.
		var all, few mat.Dense
		c.loss.Loss(&all, pred, target, nil)
		const from, n = 30_000, 40
		c.loss.Loss(&few, pred.Slice(from, from+n, 0, c.cols).(*mat.Dense), target.Slice(from, from+n, 0, 1).(*mat.Dense), nil)
		for i := range n {
			for j := range c.cols {
				got, want := all.At(from+i, j)*50_001, few.At(i, j)*n
				if diff := got - want; diff > 4e-16*(1+want*want) || -diff > 4e-16*(1+want*want) {
					t.Errorf("%s: the gradient of row %d is %g, on its own %g", name, i, got, want)
				}
			}
		}
	}
}

// TestManyPanic: what a part finds wrong can be recovered by the caller.
func TestManyPanic(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	defer crew.Fix(1)()
	pred, target, _ := many(50_000, 10)
	target.Set(49_000, 0, 11)
	defer func() {
		if r := recover(); r == nil {
			t.Error("a class that is not there is no panic")
		}
	}()
	loss.CrossEntropy{}.Loss(nil, pred, target, nil)
}

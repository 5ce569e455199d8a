package loss_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/loss"
)

// timedLosses has what each type of loss does with n rows; the first of its subjects
// stands for a type.
func timedLosses() timed.List {
	list := timed.List{}
	for _, s := range subjects {
		name := reflect.TypeOf(s.loss).Name()
		if list[name+".Loss"] != nil {
			continue
		}
		of := func(run func(dst, pred, target *mat.Dense, weight []float64)) func(n int) func() {
			return func(n int) func() {
				pred, target := s.draw(1, n, 1)
				weight := make([]float64, n)
				for i := range weight {
					weight[i] = float64(1 + i%3)
				}
				dst := mat.NewDense(n, s.cols, nil)
				return func() { run(dst, pred, target, weight) }
			}
		}
		list[name+".Loss"] = of(func(dst, pred, target *mat.Dense, _ []float64) { s.loss.Loss(dst, pred, target, nil) })
		list[name+".CheckTarget"] = of(func(_, _, target *mat.Dense, _ []float64) {
			if err := s.loss.(loss.TargetChecker).CheckTarget(target, s.cols); err != nil {
				panic(err)
			}
		})
		if l, ok := s.loss.(loss.Smooth); ok {
			list[name+".HessianProduct"] = of(func(dst, pred, target *mat.Dense, weight []float64) {
				l.HessianProduct(dst, pred, target, weight, pred)
			})
		}
		if l, ok := s.loss.(loss.Separable); ok {
			list[name+".Total"] = of(func(_, _, target *mat.Dense, weight []float64) { l.Total(target, weight) })
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	targets := func(n, classes int) *mat.Dense {
		y := mat.NewDense(n, 1, nil)
		for i := range n {
			y.Set(i, 0, float64((i+r.IntN(2))%classes))
		}
		return y
	}
	list["Points"] = func(n int) func() {
		f, y := make([]float64, n), make([]float64, n)
		for i := range f {
			f[i], y[i] = r.NormFloat64(), float64(i%2)
		}
		l, d := make([]float64, n), make([]float64, n)
		return func() { loss.Points(loss.BinaryCrossEntropy{}, l, d, f, y) }
	}
	list["BalancedWeights"] = func(n int) func() {
		y := targets(n, 5)
		return func() {
			if _, err := loss.BalancedWeights(y, 5, nil); err != nil {
				panic(err)
			}
		}
	}
	list["BalancedPositiveWeight"] = func(n int) func() {
		y := targets(n, 2)
		return func() {
			if _, err := loss.BalancedPositiveWeight(y, nil); err != nil {
				panic(err)
			}
		}
	}
	return list
}

func BenchmarkLosses(b *testing.B) { timedLosses().Run(b) }

// TestEveryLossIsTimed: what a loss does with all rows has a benchmark at three sizes.
func TestEveryLossIsTimed(t *testing.T) {
	list := timedLosses()
	list.Check(t,
		".Point", ".Curvature", ".Ignores", // of one prediction, of none, of one row
		"AsSeparable",
	)
	list.Once()
}

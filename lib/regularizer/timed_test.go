package regularizer_test

import (
	"math"
	"reflect"
	"testing"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/regularizer"
)

func timedPenalties() timed.List {
	list := timed.List{}
	for _, r := range []regularizer.Regularizer{
		regularizer.L1{Lambda: 0.1}, regularizer.L2{Lambda: 0.1}, regularizer.ElasticNet{Lambda: 0.1, L1Ratio: 0.5},
		regularizer.GroupLasso{Lambda: 0.1, Size: 10}, regularizer.MaxNorm{Max: 1, Columns: 10},
		regularizer.Sum{regularizer.L1{Lambda: 0.1}, regularizer.L2{Lambda: 0.1}},
		regularizer.Chain{regularizer.L1{Lambda: 0.1}, regularizer.L2{Lambda: 0.1}},
	} {
		name := reflect.TypeOf(r).Name()
		of := func(do func(theta, grad []float64)) func(n int) func() {
			return func(n int) func() {
				theta, grad := make([]float64, n), make([]float64, n)
				for i := range theta {
					theta[i] = math.Sin(float64(i))
				}
				return func() { do(theta, grad) }
			}
		}
		list[name+".Penalty"] = of(func(theta, _ []float64) { r.Penalty(theta) })
		list[name+".AddGradient"] = of(func(theta, grad []float64) { r.AddGradient(grad, theta) })
		if p, ok := r.(regularizer.Proximal); ok {
			list[name+".Prox"] = of(func(theta, _ []float64) { p.Prox(theta, 1e-9) })
		}
	}
	return list
}

// BenchmarkRegularizer is at three numbers of weights.
func BenchmarkRegularizer(b *testing.B) { timedPenalties().Run(b) }

// TestEveryRegularizerIsTimed: what is done with all weights has a benchmark at
// three sizes.
func TestEveryRegularizerIsTimed(t *testing.T) {
	list := timedPenalties()
	list.Check(t, ".CheckBlock") // one division
	list.Once()
}

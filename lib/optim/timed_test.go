package optim_test

import (
	"math"
	"reflect"
	"testing"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/optim"
)

// timedSteps has what each type of optimizer does with all parameters; the first of
// its members stands for a type.
func timedSteps() timed.List {
	list := timed.List{}
	for _, m := range members {
		typ := reflect.TypeOf(m.new())
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		name := typ.Name()
		if list[name+".Step"] != nil {
			continue
		}
		prepare := func(n int) (opt optim.Optimizer, theta, grad []float64) {
			opt = m.new()
			if name == "Muon" { // its matrix is all of θ
				n -= n % 10
				opt = optim.NewMuon(optim.Matrix{Rows: n / 10, Cols: 10})
			}
			theta, grad = make([]float64, n), make([]float64, n)
			for i := range grad {
				grad[i] = math.Sin(float64(i))
			}
			opt.Init(n)
			return opt, theta, grad
		}
		list[name+".Step"] = func(n int) func() {
			opt, theta, grad := prepare(n)
			return func() { opt.Step(theta, grad, 1e-6) }
		}
		if _, ok := m.new().(optim.Perturber); ok {
			list[name+".Perturb"] = func(n int) func() {
				opt, theta, grad := prepare(n)
				return func() { opt.(optim.Perturber).Perturb(theta, grad) }
			}
			list[name+".Restore"] = func(n int) func() {
				opt, theta, grad := prepare(n)
				opt.(optim.Perturber).Perturb(theta, grad)
				return func() { opt.(optim.Perturber).Restore(theta) }
			}
		}
		if _, ok := m.new().(optim.Averager); ok {
			list[name+".Swap"] = func(n int) func() {
				opt, theta, grad := prepare(n)
				for range 200 { // the average of some wrappers begins late
					opt.Step(theta, grad, 1e-6)
				}
				if opt.(optim.Averager).Average() == nil {
					panic(name + " has no average to swap")
				}
				return func() { opt.(optim.Averager).Swap(theta) }
			}
		}
	}
	list["StepNarrow"] = func(n int) func() {
		opt, theta, grad, rounded := optim.NewAdam(), make([]float64, n), make([]float32, n), make([]float32, n)
		opt.Init(n)
		return func() { optim.StepNarrow(opt, theta, grad, rounded, 1e-6) }
	}
	return list
}

// BenchmarkOptim steps at three numbers of parameters.
func BenchmarkOptim(b *testing.B) { timedSteps().Run(b) }

// TestEveryOptimizerIsTimed: what an optimizer does with all parameters has a
// benchmark at three sizes.
func TestEveryOptimizerIsTimed(t *testing.T) {
	list := timedSteps()
	list.Check(t,
		".Rate", ".Observe", "Range.Len", // a number of each step or epoch
		".Init",                               // once in a training: it clears what Step reads and writes
		".State", ".Unwrap", ".Average", "As", // views
		".SetMomentum",                                                                      // sets a field
		"Span", "NewASGD", "NewEMA", "NewLookahead", "NewMuon", "NewOneCycle", "NewPlateau", // constructors
		"NewSAM", "NewSWA", "NewScheduleFree", "NewOneCycleMomentum", "NewScheduleFreeAdamW",
	)
	list.Once()
}

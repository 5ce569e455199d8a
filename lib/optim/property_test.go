package optim_test

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/lib/optim"
)

// near reports whether the optimizer can come only near the optimum, because a
// penalty or the wish for flat surroundings moves it, or because its own decay
// of the rate ends the descent early.
func (m member) near() bool {
	for _, word := range []string{"coupled", "adamw", "lion_options", "groups", "sam", "adagrad_options", "asgd_options", "muon_options", "schedule_free_adamw"} {
		if strings.Contains(m.name, word) {
			return true
		}
	}
	return false
}

func TestConvergesOnAParabola(t *testing.T) {
	for _, m := range members {
		t.Run(m.name, func(t *testing.T) {
			theta := []float64{-1, 2.5, 0.3, 3}
			start, end := bowl(theta), descend(m.new(), theta, bowlGradient, m.bowl, 1000)
			limit := 1e-6 * start
			if m.near() {
				limit = 5e-2 * start
			}
			if !(bowl(theta) <= limit) {
				t.Errorf("f(%.4g) = %.3g, want at most %.3g of %.3g", end, bowl(theta), limit, start)
			}
		})
	}
}

func TestConvergesOnRosenbrock(t *testing.T) {
	for _, m := range members {
		t.Run(m.name, func(t *testing.T) {
			theta := []float64{-1.2, 1, 0, 0.5}
			start, end := valley(theta), descend(m.new(), theta, valleyGradient, m.valley, 20000)
			limit := 1e-4 * start
			if m.near() {
				limit = 0.1 * start
			}
			if !(valley(theta) <= limit) {
				t.Errorf("f(%.4g) = %.3g, want at most %.3g of %.3g", end, valley(theta), limit, start)
			}
		})
	}
}

// descend takes steps under a cosine and returns θ.
func descend(opt optim.Optimizer, theta []float64, g gradient, rate float64, steps int) []float64 {
	grad := make([]float64, len(theta))
	schedule := optim.Cosine{Initial: rate, Steps: steps}
	opt.Init(len(theta))
	for step := range steps {
		advance(opt, theta, grad, g, schedule.Rate(step))
	}
	return theta
}

// walk takes steps on a wavy function at a rate that changes, from the step
// numbered first on.
func walk(opt optim.Optimizer, theta []float64, first, steps int) {
	grad := make([]float64, len(theta))
	for i := range steps {
		advance(opt, theta, grad, wave, 0.01*(1+0.5*math.Cos(float64(first+i))))
	}
}

func TestStateRestoredGivesTheSameSteps(t *testing.T) {
	for _, m := range members {
		t.Run(m.name, func(t *testing.T) {
			for resume := range 14 {
				theta := []float64{0.5, -1, 2, 0.1}
				first := m.new()
				first.Init(dim)
				walk(first, theta, 0, resume)

				again, second := slices.Clone(theta), m.new()
				second.Init(dim)
				copyState(t, second.State(), first.State())
				walk(first, theta, resume, 9)
				walk(second, again, resume, 9)
				if !slices.Equal(theta, again) {
					t.Fatalf("resumed at step %d: θ is %v, want %v to the bit", resume, again, theta)
				}
				if !slices.Equal(flatten(first.State()), flatten(second.State())) {
					t.Fatalf("resumed at step %d: the states differ", resume)
				}
			}
		})
	}
}

type states = func(yield func(string, []float64) bool)

// copyState restores dst from src, as a checkpoint does.
func copyState(t *testing.T, dst, src states) {
	t.Helper()
	saved := map[string][]float64{}
	for name, v := range src {
		if _, twice := saved[name]; twice {
			t.Fatalf("State has two vectors called %q", name)
		}
		saved[name] = slices.Clone(v)
	}
	for name, v := range dst {
		if len(saved[name]) != len(v) {
			t.Fatalf("%q has %d elements, want %d", name, len(saved[name]), len(v))
		}
		copy(v, saved[name])
		delete(saved, name)
	}
	if len(saved) != 0 {
		t.Fatalf("%v cannot be restored", slices.Sorted(maps.Keys(saved)))
	}
}

func flatten(s states) (all []float64) {
	for _, v := range s {
		all = append(all, v...)
	}
	return all
}

func TestStateCountsSteps(t *testing.T) {
	for _, m := range members {
		opt := m.new()
		for _, steps := range []int{0, 6, 2} {
			opt.Init(dim)
			walk(opt, []float64{0.5, -1, 2, 0.1}, 0, steps)
			found := false
			for name, v := range opt.State() {
				if !strings.HasSuffix(name, "steps") {
					continue
				}
				found = true
				want := steps
				if strings.HasPrefix(name, "accumulate.") {
					want /= 4
				}
				if v[0] != float64(want) {
					t.Errorf("%s: %q is %g after %d steps, want %d", m.name, name, v[0], steps, want)
				}
			}
			if !found {
				t.Errorf("%s: no state is called steps", m.name)
			}
		}
	}
}

// State ends wherever the caller breaks off.
func TestStateStopsWhenAsked(t *testing.T) {
	for _, m := range members {
		o := m.new()
		o.Init(dim)
		var names []string
		for name := range o.State() {
			names = append(names, name)
		}
		for stop := range names {
			var got []string
			for name := range o.State() {
				got = append(got, name)
				if len(got) == stop+1 {
					break
				}
			}
			if !slices.Equal(got, names[:stop+1]) {
				t.Errorf("%s: broken off after %d names: %v, want %v", m.name, stop+1, got, names[:stop+1])
			}
		}
	}
}

func TestInitForgets(t *testing.T) {
	for _, m := range members {
		t.Run(m.name, func(t *testing.T) {
			opt := m.new()
			var runs [3][]float64
			for i := range runs {
				if i == 2 && !strings.HasPrefix(m.name, "muon") { // which knows the length of θ
					// A run on a longer θ in between leaves nothing either.
					opt.Init(dim + 3)
					walk(opt, make([]float64, dim+3), 0, 5)
				}
				runs[i] = []float64{0.5, -1, 2, 0.1}
				opt.Init(dim)
				walk(opt, runs[i], 0, 25)
			}
			if !slices.Equal(runs[0], runs[1]) || !slices.Equal(runs[0], runs[2]) {
				t.Errorf("the runs end at %v, want the same bits", runs)
			}
		})
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	for _, m := range members {
		theta, grad := []float64{0.5, -1, 2, 0.1}, make([]float64, dim)
		opt := m.new()
		opt.Init(dim)
		if n := testing.AllocsPerRun(100, func() {
			wave(grad, theta)
			opt.Step(theta, grad, 0.01)
		}); n != 0 {
			t.Errorf("%s: a step allocates %v times, want 0", m.name, n)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	for _, m := range members {
		b.Run(m.name, func(b *testing.B) {
			const n = 10_000
			theta, grad := make([]float64, n), make([]float64, n)
			for i := range grad {
				grad[i] = math.Sin(float64(i))
			}
			opt := m.new()
			opt.Init(n)
			b.SetBytes(8 * n)
			b.ReportAllocs()
			for b.Loop() {
				opt.Step(theta, grad, 1e-6)
			}
		})
	}
}

// What a group does depends on nothing outside it, and it touches nothing there.
func TestIgnoresOtherGroups(t *testing.T) {
	for _, m := range members {
		t.Run(m.name, func(t *testing.T) {
			alone := []float64{0.5, -1, 2, 0.1}
			opt := m.new()
			opt.Init(dim)
			theta := []float64{7, 0.5, -1, 7, 2, 7, 0.1} // alone, in two ranges and one
			groups := &optim.Groups{Groups: []optim.Group{
				{Ranges: []optim.Range{{Lo: 1, Hi: 3}, {Lo: 4, Hi: 5}, {Lo: 6, Hi: 7}}, Rate: 1, Optimizer: m.new()},
				{Ranges: []optim.Range{{Lo: 0, Hi: 1}}, Rate: 1, Optimizer: optim.NewAdam()},
				{Ranges: []optim.Range{{Lo: 5, Hi: 6}}, Rate: 1, Optimizer: momentum()},
			}}
			groups.Init(len(theta))
			grad := make([]float64, dim)
			for step := range 30 {
				wave(grad, alone)
				huge := 1e6 * math.Sin(float64(step))
				all := []float64{huge, grad[0], grad[1], huge, grad[2], huge, grad[3]}
				opt.Step(alone, grad, 0.01)
				groups.Step(theta, all, 0.01)
			}
			if got := []float64{theta[1], theta[2], theta[4], theta[6]}; !slices.Equal(got, alone) {
				t.Errorf("in a group θ is %v, want %v to the bit", got, alone)
			}
			if theta[3] != 7 {
				t.Errorf("a parameter in no group has moved from 7 to %g", theta[3])
			}
			if theta[0] == 7 || theta[5] == 7 {
				t.Error("the other groups have not moved")
			}
		})
	}
}

func TestZeroGradientIsFinite(t *testing.T) {
	for _, m := range members {
		theta := []float64{0.5, -1, 0, 0.1}
		opt := m.new()
		opt.Init(dim)
		for range 10 {
			advance(opt, theta, make([]float64, dim), func(grad, _ []float64) { clear(grad) }, 0.01)
		}
		for i, x := range theta {
			if math.IsNaN(x) || math.Abs(x) > 1 {
				t.Errorf("%s: zero gradients lead to θ[%d] = %g", m.name, i, x)
			}
		}
	}
}

func TestNaNIsNotHidden(t *testing.T) {
	for _, m := range members {
		theta := []float64{0.5, -1, 2, 0.1}
		opt := m.new()
		opt.Init(dim)
		for range 8 {
			opt.Step(theta, []float64{math.NaN(), 1, 1, 1}, 0.01)
		}
		if !math.IsNaN(theta[0]) {
			t.Errorf("%s: NaN gradients leave θ at %g, want NaN so that training sees it", m.name, theta[0])
		}
	}
}

func TestStepRefusesOtherLengths(t *testing.T) {
	for _, m := range members {
		for _, lengths := range [][2]int{{dim, dim - 1}, {dim - 1, dim}, {dim + 1, dim + 1}} {
			opt := m.new()
			opt.Init(dim)
			mustPanic(t, m.name, func() { opt.Step(make([]float64, lengths[0]), make([]float64, lengths[1]), 0.01) })
		}
	}
}

func TestStepBeforeInitSaysWhatToDo(t *testing.T) {
	late := &optim.SGD{}
	late.Init(2)
	late.Momentum = 0.9
	for want, opt := range map[string]optim.Optimizer{
		"call Init(2) first": &optim.SGD{Momentum: 0.9},
		"call Init again":    late,
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("the panic is %q, want one with %q", got, want)
				}
			}()
			opt.Step(make([]float64, 2), make([]float64, 2), 0.1)
		}()
	}
}

func mustPanic(t *testing.T, name string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if recover() == nil {
			t.Errorf("%s does not panic", name)
		}
	}()
	f()
}

type validator interface{ Validate() error }

func TestMembersValidate(t *testing.T) {
	for _, m := range members {
		if err := m.new().(validator).Validate(); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
		checkRefusals(t, m.name, m.new())
	}
}

// checkRefusals sets each number among the exported fields of v to what it must
// not be, and asks for an error that names the field.
func checkRefusals(t *testing.T, name string, v any) {
	t.Helper()
	original := reflect.Indirect(reflect.ValueOf(v))
	if original.Kind() != reflect.Struct {
		return
	}
	for _, field := range reflect.VisibleFields(original.Type()) {
		if !field.IsExported() {
			continue
		}
		var bad []any
		switch field.Type.Kind() {
		case reflect.Float64:
			bad = []any{math.NaN(), -1.0, math.Inf(1), math.Inf(-1)}
		case reflect.Int:
			bad = []any{-1}
		default:
			continue
		}
		for _, b := range bad {
			changed := reflect.New(original.Type())
			changed.Elem().Set(original)
			target := changed.Elem().FieldByIndex(field.Index)
			target.Set(reflect.ValueOf(b).Convert(field.Type))
			err := changed.Interface().(validator).Validate()
			if err == nil || !strings.HasPrefix(err.Error(), "optim: ") || !strings.Contains(err.Error(), field.Name) {
				t.Errorf("%s with %s = %v: error %v, want one that names %[2]s", name, field.Name, b, err)
			}
		}
	}
}

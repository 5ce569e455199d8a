package optim_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/optim"
)

// fakeOptimizer writes down what reaches it.
type fakeOptimizer struct {
	optim.SGD
	grads [][]float64
	rates []float64
	err   error
}

func (f *fakeOptimizer) Step(theta, grad []float64, lr float64) {
	f.grads, f.rates = append(f.grads, slices.Clone(grad)), append(f.rates, lr)
}

func (f *fakeOptimizer) Validate() error { return f.err }

// wrappers holds each type that wraps another optimizer, around one that is
// given.
var wrappers = map[string]func(optim.Optimizer) optim.Optimizer{
	"ClipValue":    func(o optim.Optimizer) optim.Optimizer { return optim.ClipValue{Max: 1, Optimizer: o} },
	"ClipNorm":     func(o optim.Optimizer) optim.Optimizer { return optim.ClipNorm{Max: 1, Optimizer: o} },
	"WeightDecay":  func(o optim.Optimizer) optim.Optimizer { return optim.WeightDecay{Optimizer: o} },
	"SignDecay":    func(o optim.Optimizer) optim.Optimizer { return optim.SignDecay{Optimizer: o} },
	"Accumulate":   func(o optim.Optimizer) optim.Optimizer { return &optim.Accumulate{Steps: 2, Optimizer: o} },
	"Lookahead":    func(o optim.Optimizer) optim.Optimizer { return optim.NewLookahead(o) },
	"EMA":          func(o optim.Optimizer) optim.Optimizer { return optim.NewEMA(o) },
	"SWA":          func(o optim.Optimizer) optim.Optimizer { return optim.NewSWA(0, o) },
	"SAM":          func(o optim.Optimizer) optim.Optimizer { return optim.NewSAM(o) },
	"ScheduleFree": func(o optim.Optimizer) optim.Optimizer { return optim.NewScheduleFree(o) },
	"ScheduledMomentum": func(o optim.Optimizer) optim.Optimizer {
		return optim.NewOneCycleMomentum(optim.NewOneCycle(1, 10), o)
	},
	"Groups": func(o optim.Optimizer) optim.Optimizer {
		return &optim.Groups{Groups: []optim.Group{{Ranges: []optim.Range{{Hi: dim}}, Rate: 1, Optimizer: o}}}
	},
}

func TestWrappersValidateWhatIsInside(t *testing.T) {
	wrong := errors.New("something is wrong inside")
	for name, wrap := range wrappers {
		if err := wrap(struct{ optim.Optimizer }{&optim.SGD{}}).(validator).Validate(); err != nil && name != "ScheduledMomentum" {
			t.Errorf("%s around an optimizer that cannot validate: %v", name, err)
		}
		if err := wrap(&fakeOptimizer{SGD: optim.SGD{Momentum: 0.9}}).(validator).Validate(); err != nil {
			t.Errorf("%s around a sound optimizer: %v", name, err)
		}
		if err := wrap(&fakeOptimizer{err: wrong}).(validator).Validate(); !errors.Is(err, wrong) {
			t.Errorf("%s: error %v, want that of the optimizer inside", name, err)
		}
		if err := wrap(nil).(validator).Validate(); err == nil || !strings.Contains(err.Error(), "nothing inside") {
			t.Errorf("%s around nothing: error %v", name, err)
		}
	}
}

// Any wrapper goes around any other, keeps names of states apart, and resumes.
func TestWrappersNest(t *testing.T) {
	for outer, wrapOuter := range wrappers {
		for inner, wrapInner := range wrappers {
			build := func() optim.Optimizer { return wrapOuter(wrapInner(optim.NewAdam())) }
			theta := []float64{0.5, -1, 2, 0.1}
			first, second := build(), build()
			first.Init(dim)
			second.Init(dim)
			walk(first, theta, 0, 7)
			again := slices.Clone(theta)
			copyState(t, second.State(), first.State())
			if outer == "SAM" && inner == "SAM" || outer == "Groups" && slices.Contains([]string{"SAM", "EMA", "SWA", "ScheduleFree"}, inner) {
				if build().(validator).Validate() == nil {
					t.Errorf("%s around %s is not refused", outer, inner)
				}
				continue
			}
			walk(first, theta, 7, 7)
			walk(second, again, 7, 7)
			if !slices.Equal(theta, again) {
				t.Errorf("%s around %s: resumed to %v, want %v", outer, inner, again, theta)
			}
		}
	}
}

func TestAsLooksInside(t *testing.T) {
	adam := optim.NewAdam()
	for name, wrap := range wrappers {
		found, ok := optim.As[*optim.Adam](wrap(adam))
		if want := name != "Groups"; ok != want || (ok && found != adam) {
			t.Errorf("in %s: found %v, want %v", name, ok, want)
		}
	}
	if _, ok := optim.As[optim.Averager](optim.ClipNorm{Max: 1, Optimizer: optim.NewSAM(adam)}); ok {
		t.Error("found an Averager where there is none")
	}
	if _, ok := optim.As[*optim.Adam](nil); ok {
		t.Error("found an Adam in nothing")
	}
}

func TestClipNormKeepsTheDirection(t *testing.T) {
	inner := &fakeOptimizer{}
	clip := optim.ClipNorm{Max: 2, Optimizer: inner}
	clip.Step(nil, []float64{3, -4}, 0.1)
	clip.Step(nil, []float64{0.3, -0.4}, 0.1)
	clip.Step(nil, []float64{3e200, -4e200}, 0.1)     // whose square overflows
	clip.Step(nil, []float64{1.2e308, -1.6e308}, 0.1) // whose norm overflows
	golden.CloseSlice(t, "clipped", inner.grads[0], []float64{6 / 5.000001, -8 / 5.000001}, 1e-15)
	golden.CloseSlice(t, "short enough", inner.grads[1], []float64{0.3, -0.4}, 0)
	golden.CloseSlice(t, "huge", inner.grads[2], []float64{1.2, -1.6}, 1e-15)
	golden.CloseSlice(t, "as large as can be", inner.grads[3], []float64{1.2, -1.6}, 1e-15)
	optim.ClipNorm{Max: 1e308, Optimizer: inner}.Step(nil, []float64{1.2e308, -1.6e308}, 0.1)
	golden.CloseSlice(t, "and the limit nearly so", inner.grads[4], []float64{0.6e308, -0.8e308}, 1e-15)
}

// TestSAMNormsOfAnySize: the perturbation has length ρ, however long the gradient.
func TestSAMNormsOfAnySize(t *testing.T) {
	for _, size := range []float64{1e-200, 1e-162, 1, 1e160, 1.7e308} {
		opt := optim.NewSAM(&optim.SGD{})
		opt.Init(2)
		theta := []float64{0, 0}
		opt.Perturb(theta, []float64{0.6 * size, -0.8 * size})
		golden.CloseSlice(t, "perturbation", theta, []float64{0.6 * 0.05, -0.8 * 0.05}, 1e-15)
	}
	opt := optim.NewSAM(&optim.SGD{})
	opt.Init(2)
	theta := []float64{0, 0}
	opt.Perturb(theta, []float64{1.2e308, -1.6e308})
	golden.CloseSlice(t, "perturbation", theta, []float64{0.6 * 0.05, -0.8 * 0.05}, 1e-15)
}

// Decay leaves the exceptions alone and treats the rest alike.
func TestDecayExcept(t *testing.T) {
	except := []optim.Range{optim.Span(0, 1), optim.Span(2, 2)}
	tests := []struct {
		name string
		opt  optim.Optimizer
		want []float64
	}{
		{"coupled", optim.WeightDecay{Lambda: 0.5, Except: except, Optimizer: &optim.SGD{}}, []float64{1, -1.9, 3, 4, 4.75}},
		{"decoupled", optim.WeightDecay{Lambda: 0.5, Decoupled: true, Except: except, Optimizer: &optim.SGD{}}, []float64{1, -1.9, 3, 4, 4.75}},
		{"sign", optim.SignDecay{Lambda: 0.5, Except: except, Optimizer: &optim.SGD{}}, []float64{1, -1.95, 3, 4, 4.95}},
		{"AdamW", &optim.AdamW{Adam: *optim.NewAdam(), Lambda: 0.5, Except: except}, []float64{1, -1.9, 3, 4, 4.75}},
	}
	for _, test := range tests {
		theta := []float64{1, -2, 3, 4, 5}
		test.opt.Init(len(theta))
		test.opt.Step(theta, make([]float64, len(theta)), 0.1)
		golden.CloseSlice(t, test.name, theta, test.want, 1e-15)
		mustPanic(t, test.name+" with exceptions beyond θ", func() { test.opt.Init(3) })
	}
}

// AdamW and decoupled decay around Adam are the same to the last digits.
func TestAdamWIsDecoupledDecay(t *testing.T) {
	except := []optim.Range{{Lo: 1, Hi: 2}}
	for _, e := range [][]optim.Range{nil, except} {
		a, b := []float64{0.5, -1, 2, 0.1}, []float64{0.5, -1, 2, 0.1}
		adamw := &optim.AdamW{Adam: *optim.NewAdam(), Lambda: 0.3, Except: e}
		decay := optim.WeightDecay{Lambda: 0.3, Decoupled: true, Except: e, Optimizer: optim.NewAdam()}
		adamw.Init(dim)
		decay.Init(dim)
		walk(adamw, a, 0, 50)
		walk(decay, b, 0, 50)
		golden.CloseSlice(t, "AdamW", a, b, 1e-14)
	}
}

// With β₁ = 0 and ε = 0, Adam is RMSprop whose rate corrects the bias.
func TestRMSpropIsAdamWithoutMomentum(t *testing.T) {
	a, b := []float64{0.5, -1, 2, 0.1}, []float64{0.5, -1, 2, 0.1}
	adam, rms := &optim.Adam{Beta2: 0.9}, &optim.RMSprop{Rho: 0.9}
	adam.Init(dim)
	rms.Init(dim)
	grad := make([]float64, dim)
	for step := range 50 {
		wave(grad, a)
		adam.Step(a, grad, 0.01)
		wave(grad, b)
		rms.Step(b, grad, 0.01*math.Sqrt(1-math.Pow(0.9, float64(step+1))))
	}
	golden.CloseSlice(t, "θ", a, b, 1e-13)
}

// Rounding can make v − a² negative; PyTorch has NaN there.
func TestCenteredRMSpropOfAConstantGradient(t *testing.T) {
	for _, g := range []float64{0.1, 0.3, 1e-3, 7} {
		opt := &optim.RMSprop{Rho: 0.5, Epsilon: 1e-8, Centered: true}
		opt.Init(1)
		theta := []float64{1}
		for range 200 {
			opt.Step(theta, []float64{g}, 1e-10)
		}
		if math.IsNaN(theta[0]) {
			t.Errorf("gradient %g leads to NaN", g)
		}
	}
}

func TestAccumulatePassesTheMeanOn(t *testing.T) {
	inner := &fakeOptimizer{}
	opt := &optim.Accumulate{Steps: 3, Optimizer: inner}
	opt.Init(2)
	theta := make([]float64, 2)
	for i := range 7 {
		opt.Step(theta, []float64{float64(i), 1}, float64(i))
	}
	if len(inner.grads) != 2 {
		t.Fatalf("%d steps, want 2", len(inner.grads))
	}
	golden.CloseSlice(t, "first mean", inner.grads[0], []float64{1, 1}, 1e-15)
	golden.CloseSlice(t, "second mean", inner.grads[1], []float64{4, 1}, 1e-15)
	golden.CloseSlice(t, "rates", inner.rates, []float64{2, 5}, 0)
}

func TestSwap(t *testing.T) {
	for name, opt := range map[string]optim.Averager{
		"EMA":          &optim.EMA{Decay: 0.5, Optimizer: &optim.SGD{}},
		"SWA":          optim.NewSWA(1, &optim.SGD{}),
		"ASGD":         &optim.ASGD{},
		"ScheduleFree": &optim.ScheduleFree{Optimizer: &optim.SGD{}}, // θ is the walk, and the average its mean
	} {
		opt.Init(1)
		theta := []float64{10}
		if opt.Swap(theta); theta[0] != 10 || opt.Average() != nil {
			t.Errorf("%s has an average before the first step", name)
		}
		want := map[string]float64{"EMA": 0.25*9 + 0.25*8 + 0.5*7, "SWA": 7.5, "ASGD": 7.5, "ScheduleFree": 8}[name]
		for range 3 {
			opt.Step(theta, []float64{1}, 1)
		}
		golden.CloseSlice(t, name, opt.Average(), []float64{want}, 1e-15)
		opt.Swap(theta)
		if theta[0] != want {
			t.Errorf("%s swaps %g into θ, want %g", name, theta[0], want)
		}
		mustPanic(t, name+" stepping while swapped", func() { opt.Step(theta, []float64{1}, 1) })
		opt.Swap(theta)
		if theta[0] != 7 || opt.Average()[0] != want {
			t.Errorf("%s swaps back to %g and keeps %g, want 7 and %g", name, theta[0], opt.Average()[0], want)
		}
		opt.Step(theta, []float64{1}, 1)
		mustPanic(t, name+" swapping another length", func() { opt.Swap(nil) })
		opt.Swap(theta)
		opt.Init(1)
		opt.Step(theta, []float64{1}, 1)
	}
}

// On ½c‖θ‖² the gradient of SAM is that at θ·(1 + ρ/‖θ‖).
func TestSAMOnAParabola(t *testing.T) {
	opt := optim.NewSAM(&optim.SGD{})
	opt.Init(2)
	theta, grad := []float64{3, -4}, make([]float64, 2)
	advance(opt, theta, grad, func(grad, theta []float64) {
		grad[0], grad[1] = 2*theta[0], 2*theta[1]
	}, 0.1)
	shrunk := 1 - 0.2*(1+0.05/5)
	golden.CloseSlice(t, "θ", theta, []float64{3 * shrunk, -4 * shrunk}, 1e-15)
}

func TestSAMRestoresToTheBit(t *testing.T) {
	opt := optim.NewSAM(optim.NewAdam())
	opt.Init(3)
	theta := []float64{0.1, 0.2, 1e-20}
	before := slices.Clone(theta)
	opt.Perturb(theta, []float64{1e-3, 2e200, 3})
	if slices.Equal(theta, before) {
		t.Error("Perturb has not moved θ")
	}
	mustPanic(t, "Step from the perturbed θ", func() { opt.Step(theta, make([]float64, 3), 1) })
	mustPanic(t, "a second Perturb", func() { opt.Perturb(theta, make([]float64, 3)) })
	mustPanic(t, "Restore of another length", func() { opt.Restore(nil) })
	opt.Restore(theta)
	if !slices.Equal(theta, before) {
		t.Errorf("restored %v, want %v", theta, before)
	}
	mustPanic(t, "Restore without Perturb", func() { opt.Restore(theta) })
	opt.Perturb(theta, make([]float64, 3))
	opt.Restore(theta)
	if !slices.Equal(theta, before) {
		t.Errorf("a zero gradient moves θ to %v", theta)
	}
}

func TestOptimizersRefuse(t *testing.T) {
	sgd := func() optim.Optimizer { return &optim.SGD{} }
	overlap := []optim.Range{{Lo: 0, Hi: 3}, {Lo: 2, Hi: 4}}
	shared := momentum()
	shared.Init(2)
	tests := []struct {
		name string
		v    validator
		want string
	}{
		{"Nesterov without momentum", &optim.SGD{Nesterov: true}, "Nesterov"},
		{"Nesterov with dampening", &optim.SGD{Momentum: 0.9, Dampening: 0.1, Nesterov: true}, "Nesterov"},
		{"dampening above 1", &optim.SGD{Momentum: 0.9, Dampening: 1.1}, "Dampening"},
		{"β of 1", &optim.Adam{Beta1: 1}, "Beta1"},
		{"two mistakes", &optim.Adam{Beta1: 1, Beta2: 2}, "Beta2"},
		{"factors turned round", &optim.Rprop{EtaMinus: 1.2, EtaPlus: 0.5, MinStep: 1e-6, MaxStep: 50}, "EtaMinus"},
		{"bounds turned round", &optim.Rprop{EtaMinus: 0.5, EtaPlus: 1.2, MinStep: 1, MaxStep: 0.1}, "MinStep"},
		{"no room", optim.ClipNorm{Optimizer: sgd()}, "Max"},
		{"no fraction", &optim.Lookahead{Steps: 5, Optimizer: sgd()}, "Fraction"},
		{"a sign change that shrinks nothing", &optim.Rprop{EtaMinus: 1, EtaPlus: 1.2, MinStep: 1e-6, MaxStep: 50}, "EtaMinus"},
		{"fraction above 1", &optim.Lookahead{Steps: 5, Fraction: 1.5, Optimizer: sgd()}, "Fraction"},
		{"no steps", &optim.Accumulate{Optimizer: sgd()}, "Steps"},
		{"exceptions that overlap", optim.WeightDecay{Except: overlap, Optimizer: sgd()}, "[2,4)"},
		{"exceptions turned round", optim.SignDecay{Except: []optim.Range{{Lo: 2, Hi: 1}}, Optimizer: sgd()}, "[2,1)"},
		{"negative exception", &optim.AdamW{Adam: *optim.NewAdam(), Except: []optim.Range{{Lo: -2, Hi: 1}}}, "[-2,1)"},
		{"forgotten rate", &optim.Groups{Groups: []optim.Group{{Optimizer: sgd()}}}, "group 0's Rate"},
		{"groups that overlap", &optim.Groups{Groups: []optim.Group{
			{Rate: 1, Optimizer: sgd(), Ranges: overlap[1:]},
			{Rate: 1, Optimizer: sgd(), Ranges: overlap[:1]},
		}}, "do not overlap"},
		{"Muon without matrices", optim.NewMuon(), "Matrices"},
		{"Muon with an empty matrix", optim.NewMuon(optim.Matrix{Rows: 2}), "2×0"},
		{"Muon without a polynomial", &optim.Muon{Matrices: []optim.Matrix{{Rows: 1, Cols: 1}}, Steps: 5, Epsilon: 1e-7}, "Coefficients"},
		{"Muon with a coefficient of NaN", &optim.Muon{Matrices: []optim.Matrix{{Rows: 1, Cols: 1}}, Steps: 5, Epsilon: 1e-7, Coefficients: [3]float64{1, math.NaN()}}, "Coefficients"},
		{"Muon with a scale that is none", &optim.Muon{Matrices: []optim.Matrix{{Rows: 1, Cols: 1}}, Scale: 3}, "Scale"},
		{"the gradient at the average alone", &optim.ScheduleFree{Beta: 1, Optimizer: sgd()}, "Beta"},
		{"momentum of what has none", optim.NewOneCycleMomentum(optim.NewOneCycle(1, 9), optim.NewLion()), "no momentum"},
		{"momentum from nothing", optim.NewOneCycleMomentum(optim.NewOneCycle(1, 9), sgd()), "above 0"},
		{"momentum of one group only", optim.NewOneCycleMomentum(optim.NewOneCycle(1, 9), &optim.Groups{Groups: []optim.Group{
			{Rate: 1, Optimizer: momentum()}, {Rate: 1, Optimizer: sgd()}}}), "above 0"},
		{"momentum that follows a metric", &optim.ScheduledMomentum{Momentum: optim.Warmup{Steps: 3, Schedule: optim.NewPlateau(0.9)}, Optimizer: momentum()}, "follows a metric"},
		{"no momentum schedule", &optim.ScheduledMomentum{Optimizer: momentum()}, "Momentum is not set (optim.NewOneCycleMomentum"},
		{"bounds of momentum turned round", optim.CycleMomentum{Cycle: optim.NewOneCycle(1, 9), Low: 0.9, High: 0.8}, "Low ≤ High"},
		{"momentum along a cycle without steps", optim.CycleMomentum{Cycle: optim.OneCycle{}, Low: 0.8, High: 0.9}, "OneCycle"},
		{"momentum along no cycle", optim.CycleMomentum{Low: 0.8, High: 0.9}, "Cycle is not set"},
		{"a group that follows a metric", &optim.Groups{Groups: []optim.Group{{Rate: 1, Optimizer: sgd(), Schedule: optim.NewPlateau(0.1)}}}, "group 0 has a *optim.Plateau"},
		{"a group with half a schedule", &optim.Groups{Groups: []optim.Group{{Rate: 1, Optimizer: sgd(), Schedule: optim.OneCycle{}}}}, "OneCycle"},
		{"an average that nobody finds", &optim.Groups{Groups: []optim.Group{{Rate: 1, Optimizer: optim.NewEMA(sgd())}}}, "Averager"},
		{"shared optimizer", &optim.Groups{Groups: []optim.Group{
			{Rate: 1, Optimizer: shared, Ranges: []optim.Range{{Lo: 0, Hi: 2}}},
			{Rate: 1, Optimizer: optim.ClipNorm{Max: 1, Optimizer: shared}, Ranges: []optim.Range{{Lo: 2, Hi: 4}}},
		}}, "shares its optimizer with group 0"},
	}
	for _, test := range tests {
		if err := test.v.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
}

// A literal that leaves out what must not be 0 is told where the customary
// settings are.
func TestLiteralsAreSentToTheConstructor(t *testing.T) {
	sgd := &optim.SGD{}
	for want, v := range map[string]validator{
		"NewAdam":         &optim.Adam{},
		"NewAMSGrad":      &optim.Adam{AMSGrad: true},
		"NewAdamW":        &optim.AdamW{Lambda: 0.01},
		"NewAdamax":       &optim.Adamax{},
		"NewNAdam":        &optim.NAdam{Beta1: 0.9, Beta2: 0.999},
		"NewRAdam":        &optim.RAdam{},
		"NewAdaBelief":    &optim.AdaBelief{},
		"NewAdagrad":      &optim.Adagrad{},
		"NewAdadelta":     &optim.Adadelta{Rho: 0.9},
		"NewRMSprop":      &optim.RMSprop{Rho: 0.9},
		"NewRprop":        &optim.Rprop{},
		"NewLookahead":    &optim.Lookahead{Optimizer: sgd},
		"NewSWA":          &optim.SWA{Optimizer: sgd},
		"NewEMA":          &optim.EMA{Decay: 1, Optimizer: sgd},
		"NewSAM":          &optim.SAM{Rho: -1, Optimizer: sgd},
		"NewLion":         &optim.Lion{Beta1: 1},
		"NewMuon":         &optim.Muon{Matrices: []optim.Matrix{{Rows: 2, Cols: 2}}},
		"NewASGD":         &optim.ASGD{Lambda: -1},
		"NewScheduleFree": &optim.ScheduleFree{Beta: -1, Optimizer: sgd},
		"NewOneCycle":     optim.OneCycle{Max: 0.1, Steps: 100},
		"NewPlateau":      &optim.Plateau{Initial: 0.1},
	} {
		for _, v := range []validator{v, optim.ClipNorm{Max: 1, Optimizer: asOptimizer(v)}} {
			if c, ok := v.(optim.ClipNorm); ok && c.Optimizer == nil {
				continue
			}
			if err := v.Validate(); err == nil || !strings.Contains(err.Error(), "optim."+want+" ") {
				t.Errorf("%T: error %v, want one that names %s", v, err, want)
			}
		}
	}
}

func asOptimizer(v any) optim.Optimizer {
	o, _ := v.(optim.Optimizer)
	return o
}

// What lies just on the border is allowed.
func TestValidateAcceptsBorders(t *testing.T) {
	sgd := &optim.SGD{}
	for name, v := range map[string]validator{
		"full dampening":     &optim.SGD{Momentum: 0.9, Dampening: 1},
		"no memories":        &optim.Adam{Epsilon: 1e-8},
		"no ε from the 2nd":  &optim.Adagrad{Initial: 0.1},
		"sign of gradients":  &optim.Lion{Beta2: 0.99},
		"no exceptions":      optim.WeightDecay{Optimizer: sgd},
		"touching ranges":    optim.WeightDecay{Except: []optim.Range{{Lo: 0, Hi: 2}, {Lo: 2, Hi: 4}}, Optimizer: sgd},
		"one step size":      &optim.Rprop{EtaMinus: 0.5, EtaPlus: 1.2, MinStep: 0.1, MaxStep: 0.1},
		"whole way":          &optim.Lookahead{Steps: 1, Fraction: 1, Optimizer: sgd},
		"from the start":     &optim.SWA{Every: 1, Optimizer: sgd},
		"single step":        &optim.Accumulate{Steps: 1, Optimizer: sgd},
		"milestone at 0":     optim.MultiStep{Initial: 1, Factor: 1, Milestones: []int{0}},
		"flat cycle":         optim.Cyclic{Min: 1, Max: 1, Up: 1, Down: 1},
		"exponential of 1":   optim.Cyclic{Max: 1, Up: 1, Down: 1, Mode: optim.ExpRange, Gamma: 1},
		"cycle falls only":   optim.OneCycle{Max: 1, Steps: 2, Div: 1, FinalDiv: 1},
		"a group's warm-up":  &optim.Groups{Groups: []optim.Group{{Rate: 1, Optimizer: sgd, Schedule: optim.Warmup{Steps: 1, Schedule: optim.Constant(1)}}}},
		"no interpolation":   &optim.ScheduleFree{Optimizer: sgd},
		"no decay of rates":  &optim.ASGD{},
		"momentum down to 0": optim.CycleMomentum{Cycle: optim.Cyclic{Max: 1, Up: 1, Down: 1}},
		"no patience":        &optim.Plateau{Initial: 1, Factor: 0.5},
		"warm-up from zero":  optim.Warmup{Steps: 1, Schedule: optim.Constant(1)},
	} {
		if err := v.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGroupsRates(t *testing.T) {
	a, b := &fakeOptimizer{}, &fakeOptimizer{}
	opt := &optim.Groups{Groups: []optim.Group{
		{Ranges: []optim.Range{{Lo: 2, Hi: 3}, {Lo: 0, Hi: 1}}, Rate: 2, Optimizer: a},
		{Ranges: []optim.Range{{Lo: 1, Hi: 2}}, Rate: 0.1, Optimizer: b},
		{Rate: 1, Optimizer: &optim.SGD{}}, // empty
	}}
	opt.Init(4)
	opt.Step(make([]float64, 4), []float64{0, 1, 2, 3}, 0.5)
	golden.CloseSlice(t, "gradient of the first group", a.grads[0], []float64{2, 0}, 0)
	golden.CloseSlice(t, "gradient of the second group", b.grads[0], []float64{1}, 0)
	golden.CloseSlice(t, "rates", append(a.rates, b.rates...), []float64{1, 0.05}, 1e-15)
	mustPanic(t, "a group beyond θ", func() { opt.Init(2) })
	opt.Groups[1].Ranges[0].Hi = 3
	mustPanic(t, "groups that overlap", func() { opt.Init(4) })
}

// TestMuonOrthogonalizes compares a step with the polar factor UVᵀ of the gradient,
// by coefficients with which Newton–Schulz converges: for matrices of either shape,
// of gradients as small and as large as there are, and one beside the other.
func TestMuonOrthogonalizes(t *testing.T) {
	const rows, cols = 3, 5
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range []float64{1e-200, 1, 1e200, 6e307} {
		g := mat.NewDense(rows, cols, nil)
		for i := range rows {
			for j := range cols {
				g.Set(i, j, r.NormFloat64())
			}
		}
		var svd mat.SVD
		svd.Factorize(g, mat.SVDThin)
		var u, v, polar mat.Dense
		svd.UTo(&u)
		svd.VTo(&v)
		polar.Mul(&u, v.T())

		opt := &optim.Muon{
			Matrices:     []optim.Matrix{{Rows: rows, Cols: cols}, {Rows: cols, Cols: rows, OutputRows: true}},
			Coefficients: [3]float64{1.5, -0.5, 0}, Steps: 60, Epsilon: 1e-300,
		}
		opt.Init(2 * rows * cols)
		theta := make([]float64, 2*rows*cols)
		grad := slices.Concat(g.RawMatrix().Data, mat.DenseCopyOf(g.T()).RawMatrix().Data)
		for i := range grad {
			grad[i] *= size
		}
		opt.Step(theta, grad, -1)
		scale := math.Sqrt(5.0 / 3)
		for i := range rows {
			for j := range cols {
				want := polar.At(i, j) * scale // 5 outputs of 3 inputs in both
				golden.Close(t, fmt.Sprintf("size %g, element %d, %d", size, i, j), theta[i*cols+j], want, 1e-12)
				golden.Close(t, fmt.Sprintf("size %g, transposed element %d, %d", size, i, j), theta[rows*cols+j*rows+i], want, 1e-12)
			}
		}
	}
}

// TestMuonIsTheSameOnAllCores, for matrices that are large enough to be divided, and
// allocates nothing for them.
func TestMuonIsTheSameOnAllCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const rows, cols = 150, 90
	r := rand.New(rand.NewPCG(3, 4))
	grad := make([]float64, rows*cols)
	for i := range grad {
		grad[i] = r.NormFloat64()
	}
	var want []float64
	for _, cores := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(cores)
		opt := optim.NewMuon(optim.Matrix{Rows: rows, Cols: cols})
		opt.Init(len(grad))
		theta := make([]float64, len(grad))
		opt.Step(theta, grad, 0.1)
		if want == nil {
			want = theta
		}
		if !slices.Equal(theta, want) {
			t.Errorf("%d cores give other bits than one", cores)
		}
	}
	runtime.GOMAXPROCS(1)
	opt := optim.NewMuon(optim.Matrix{Rows: rows, Cols: cols})
	opt.Init(len(grad))
	theta := make([]float64, len(grad))
	if n := testing.AllocsPerRun(3, func() { opt.Step(theta, grad, 0.1) }); n != 0 {
		t.Errorf("a step allocates %v times, want 0", n)
	}
}

func TestMuonKnowsTheLength(t *testing.T) {
	mustPanic(t, "Muon of 4 parameters for 5", func() { optim.NewMuon(optim.Matrix{Rows: 2, Cols: 2}).Init(5) })
}

// TestScheduleFreeKeepsWhatOthersDo: what moves θ between the steps moves the walk,
// so that a decay around ScheduleFree is not lost, and a walk that nobody disturbs
// does not move by itself.
func TestScheduleFreeKeepsWhatOthersDo(t *testing.T) {
	opt := optim.NewScheduleFree(&optim.SGD{})
	opt.Init(2)
	theta := []float64{0.3, -0.7}
	for range 5 {
		opt.Step(theta, []float64{0.1, 0.2}, 0.1)
	}
	z := func() []float64 {
		for name, v := range opt.State() {
			if name == "z" {
				return slices.Clone(v)
			}
		}
		return nil
	}
	before := z()
	opt.Step(theta, []float64{0, 0}, 0.1)
	if !slices.Equal(z(), before) {
		t.Errorf("without a gradient z moves from %v to %v", before, z())
	}
	theta[0] += 0.25
	opt.Step(theta, []float64{0, 0}, 0.1)
	golden.CloseSlice(t, "z after θ was moved", z(), []float64{before[0] + 0.25, before[1]}, 1e-15)
}

// The weights of the average are squares of the largest rate so far.
func TestScheduleFreeWeights(t *testing.T) {
	opt := optim.NewScheduleFree(&optim.SGD{})
	opt.Init(1)
	theta := []float64{5}
	z, sum, total := 5.0, 0.0, 0.0
	for _, step := range []struct{ rate, weight float64 }{{0.1, 0.01}, {0.3, 0.09}, {0.2, 0.09}, {0.4, 0.16}} {
		opt.Step(theta, []float64{1}, step.rate)
		z -= step.rate
		sum, total = sum+step.weight*z, total+step.weight
		golden.Close(t, "average", opt.Average()[0], sum/total, 1e-14)
		golden.Close(t, "θ", theta[0], 0.1*z+0.9*sum/total, 1e-14)
	}
}

// At a rate of 0, as at the start of a warm-up, nothing moves and nothing is NaN.
func TestScheduleFreeWarmsUpFromZero(t *testing.T) {
	opt := optim.NewScheduleFreeAdamW(0.1)
	opt.Init(1)
	theta := []float64{2}
	opt.Step(theta, []float64{1}, 0)
	if a, _ := optim.As[optim.Averager](opt); theta[0] != 2 || a.Average()[0] != 2 {
		t.Errorf("θ is %g, the average %g, want 2", theta[0], a.Average()[0])
	}
	opt.Step(theta, []float64{1}, 0.1)
	golden.Close(t, "θ", theta[0], 2-0.1*0.1*2-0.1/(1+1e-8), 1e-12)
}

// TestScheduledMomentum: each step has its momentum, in all groups, and between the
// steps the settings are what they were.
func TestScheduledMomentum(t *testing.T) {
	sgd, adam, muon := momentum(), optim.NewAdamW(), optim.NewMuon(optim.Matrix{Rows: 1, Cols: 1})
	opt := &optim.ScheduledMomentum{
		Momentum: optim.ScheduleFunc(func(step int) float64 { return 0.1 + 0.5*float64(step) }),
		Optimizer: optim.ClipNorm{Max: 1e9, Optimizer: &optim.Groups{Groups: []optim.Group{
			{Ranges: []optim.Range{{Lo: 0, Hi: 1}}, Rate: 1, Optimizer: sgd},
			{Ranges: []optim.Range{{Lo: 1, Hi: 2}}, Rate: 1, Optimizer: adam},
			{Ranges: []optim.Range{{Lo: 2, Hi: 3}}, Rate: 1, Optimizer: optim.NewLion()},
			{Ranges: []optim.Range{{Lo: 3, Hi: 4}}, Rate: 1, Optimizer: muon},
		}}},
	}
	mustPanic(t, "Step before Init", func() { opt.Step(make([]float64, 4), make([]float64, 4), 1) })
	for range 2 {
		opt.Init(4)
		theta := make([]float64, 4)
		opt.Step(theta, []float64{1, 0, 0, 1}, 1)
		opt.Step(theta, []float64{1, 0, 0, 1}, 1)
		golden.Close(t, "θ₀", theta[0], -1-(0.6*1+1), 1e-15)
		if sgd.Momentum != 0.9 || adam.Beta1 != 0.9 || muon.Momentum != 0.95 {
			t.Fatalf("the settings are %g, %g and %g after a step, want 0.9, 0.9 and 0.95", sgd.Momentum, adam.Beta1, muon.Momentum)
		}
	}
	mustPanic(t, "Init around what has no momentum", func() {
		(&optim.ScheduledMomentum{Momentum: optim.Constant(0.9), Optimizer: optim.NewLion()}).Init(1)
	})
}

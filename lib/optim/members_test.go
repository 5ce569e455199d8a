package optim_test

import (
	"math"

	"github.com/descent-go/descent/lib/optim"
)

// A member is one optimizer with one choice of options. All stand in the one
// list below, and each property is asserted for each of them. The name is that
// of the golden case. The rates are those at which it converges, under a cosine,
// on a parabola and on Rosenbrock's valley.
type member struct {
	name         string
	bowl, valley float64
	new          func() optim.Optimizer
}

func momentum() *optim.SGD { return &optim.SGD{Momentum: 0.9} }

var members = []member{
	{"sgd", 0.2, 2e-3, func() optim.Optimizer { return &optim.SGD{} }},
	{"sgd_momentum", 0.05, 1e-3, func() optim.Optimizer { return momentum() }},
	{"sgd_dampening", 0.05, 1e-3, func() optim.Optimizer { return &optim.SGD{Momentum: 0.9, Dampening: 0.5} }},
	{"sgd_nesterov", 0.05, 1e-3, func() optim.Optimizer { return &optim.SGD{Momentum: 0.9, Nesterov: true} }},
	{"sgd_coupled", 0.05, 1e-3, func() optim.Optimizer {
		return optim.WeightDecay{Lambda: 0.1, Optimizer: momentum()}
	}},
	{"sgd_decoupled", 0.05, 1e-3, func() optim.Optimizer {
		return optim.WeightDecay{Lambda: 0.1, Decoupled: true, Optimizer: momentum()}
	}},
	{"sgd_sign_decay", 0.05, 1e-3, func() optim.Optimizer {
		return optim.SignDecay{Lambda: 1e-6, Optimizer: momentum()}
	}},
	{"adam", 0.1, 0.1, func() optim.Optimizer { return optim.NewAdam() }},
	{"adam_options", 0.1, 0.1, func() optim.Optimizer {
		return &optim.Adam{Beta1: 0.8, Beta2: 0.99, Epsilon: 1e-6}
	}},
	{"adam_beta1_zero", 0.1, 0.05, func() optim.Optimizer {
		return &optim.Adam{Beta1: 0, Beta2: 0.99, Epsilon: 1e-8}
	}},
	{"adam_coupled", 0.1, 0.1, func() optim.Optimizer {
		return optim.WeightDecay{Lambda: 1e-3, Optimizer: optim.NewAdam()}
	}},
	{"amsgrad", 0.1, 0.5, func() optim.Optimizer { return optim.NewAMSGrad() }},
	{"amsgrad_options", 0.1, 0.5, func() optim.Optimizer {
		return &optim.Adam{Beta1: 0.9, Beta2: 0.9, Epsilon: 1e-8, AMSGrad: true}
	}},
	{"adamw", 0.1, 0.1, func() optim.Optimizer { return optim.NewAdamW() }},
	{"adamw_options", 0.1, 0.1, func() optim.Optimizer {
		return &optim.AdamW{Adam: *optim.NewAMSGrad(), Lambda: 0.1}
	}},
	{"adamw_except", 0.1, 0.1, func() optim.Optimizer {
		return &optim.AdamW{Adam: *optim.NewAdam(), Lambda: 0.1, Except: []optim.Range{{Lo: 1, Hi: 3}}}
	}},
	{"adamax", 0.1, 0.1, func() optim.Optimizer { return optim.NewAdamax() }},
	{"adamax_options", 0.1, 0.1, func() optim.Optimizer {
		return &optim.Adamax{Beta1: 0.8, Beta2: 0.9, Epsilon: 1e-6}
	}},
	{"nadam", 0.1, 0.1, func() optim.Optimizer { return optim.NewNAdam() }},
	{"nadam_options", 0.1, 0.1, func() optim.Optimizer {
		o := optim.NewNAdam()
		o.MomentumDecay = 0.5
		return o
	}},
	{"radam", 0.1, 5e-3, func() optim.Optimizer { return optim.NewRAdam() }},
	{"radam_options", 0.1, 5e-3, func() optim.Optimizer {
		return &optim.RAdam{Beta1: 0.8, Beta2: 0.9, Epsilon: 1e-7}
	}},
	{"adabelief", 0.1, 0.1, func() optim.Optimizer { return optim.NewAdaBelief() }},
	{"adabelief_options", 0.1, 0.1, func() optim.Optimizer {
		return &optim.AdaBelief{Beta1: 0.8, Beta2: 0.99, Epsilon: 1e-14}
	}},
	{"adagrad", 0.5, 0.5, func() optim.Optimizer { return optim.NewAdagrad() }},
	{"adagrad_options", 5, 1.5, func() optim.Optimizer {
		return &optim.Adagrad{Epsilon: 1e-7, Initial: 1e-12, RateDecay: 0.05}
	}},
	{"adadelta", 10, 5, func() optim.Optimizer { return optim.NewAdadelta() }},
	{"adadelta_options", 3e3, 1e3, func() optim.Optimizer { return &optim.Adadelta{Rho: 0.5, Epsilon: 1e-12} }},
	{"rmsprop", 0.1, 0.05, func() optim.Optimizer { return optim.NewRMSprop() }},
	{"rmsprop_momentum", 0.01, 0.01, func() optim.Optimizer {
		o := optim.NewRMSprop()
		o.Momentum = 0.9
		return o
	}},
	{"rmsprop_centered", 0.1, 0.01, func() optim.Optimizer {
		o := optim.NewRMSprop()
		o.Centered = true
		return o
	}},
	{"rmsprop_options", 0.02, 0.005, func() optim.Optimizer {
		return &optim.RMSprop{Rho: 0.9, Epsilon: 1e-7, Momentum: 0.5, Centered: true}
	}},
	{"rprop", 0.1, 0.1, func() optim.Optimizer { return optim.NewRprop() }},
	{"rprop_options", 0.1, 0.1, func() optim.Optimizer {
		return &optim.Rprop{EtaMinus: 0.3, EtaPlus: 1.5, MinStep: 1e-4, MaxStep: 0.05}
	}},
	{"lion", 0.05, 0.01, func() optim.Optimizer { return optim.NewLion() }},
	{"lion_options", 0.05, 0.01, func() optim.Optimizer {
		return optim.WeightDecay{Lambda: 0.1, Decoupled: true, Optimizer: &optim.Lion{Beta1: 0.8, Beta2: 0.9}}
	}},
	{"clip_value", 1e3, 1e3, func() optim.Optimizer { return optim.ClipValue{Max: 1e-6, Optimizer: momentum()} }},
	{"clip_norm", 1e3, 1e3, func() optim.Optimizer { return optim.ClipNorm{Max: 3e-6, Optimizer: momentum()} }},
	{"accumulate", 0.05, 1e-3, func() optim.Optimizer {
		return &optim.Accumulate{Steps: 4, Optimizer: momentum()}
	}},
	{"lookahead", 0.1, 0.1, func() optim.Optimizer { return optim.NewLookahead(optim.NewAdam()) }},
	{"lookahead_options", 0.05, 1e-3, func() optim.Optimizer {
		return &optim.Lookahead{Steps: 3, Fraction: 0.8, Optimizer: momentum()}
	}},
	{"sam", 0.05, 1e-3, func() optim.Optimizer { return optim.NewSAM(momentum()) }},
	{"ema", 0.05, 1e-3, func() optim.Optimizer { return &optim.EMA{Decay: 0.95, Optimizer: momentum()} }},
	{"swa", 0.05, 1e-3, func() optim.Optimizer {
		return &optim.SWA{Start: 40, Every: 3, Optimizer: momentum()}
	}},
	{"groups", 0.05, 1e-3, func() optim.Optimizer {
		return &optim.Groups{Groups: []optim.Group{
			{Ranges: []optim.Range{{Lo: 0, Hi: 2}, {Lo: 3, Hi: 4}}, Rate: 1, Optimizer: momentum()},
			{Ranges: []optim.Range{{Lo: 2, Hi: 3}}, Rate: 0.1,
				Optimizer: optim.WeightDecay{Lambda: 0.1, Optimizer: &optim.SGD{Momentum: 0.5}}},
		}}
	}},
	{"groups_schedule", 0.05, 1e-3, func() optim.Optimizer {
		return &optim.Groups{Groups: []optim.Group{
			{Ranges: []optim.Range{{Lo: 0, Hi: 1}, {Lo: 2, Hi: 3}}, Rate: 1, Optimizer: momentum()},
			{Ranges: []optim.Range{{Lo: 1, Hi: 2}, {Lo: 3, Hi: 4}}, Rate: 0.5, Optimizer: &optim.SGD{},
				Schedule: optim.LinearRamp{Initial: 4e-4, Final: 2e-3, Steps: 50}},
		}}
	}},
	{"muon", 0.1, 0.02, func() optim.Optimizer { return optim.NewMuon(optim.Matrix{Rows: 2, Cols: 2}) }},
	{"muon_options", 0.1, 0.02, func() optim.Optimizer {
		return optim.WeightDecay{Lambda: 0.1, Decoupled: true, Optimizer: &optim.Muon{
			Matrices: []optim.Matrix{{Rows: 2, Cols: 1, OutputRows: true}, {Rows: 2, Cols: 1}},
			Momentum: 0.8, Coefficients: [3]float64{2, -1.5, 0.5}, Steps: 3, Epsilon: 1e-5, Scale: optim.ScaleLikeAdamW,
		}}
	}},
	{"muon_spectral", 0.1, 0.02, func() optim.Optimizer {
		o := optim.NewMuon(optim.Matrix{Rows: 4, Cols: 1})
		o.Scale = optim.ScaleSpectral
		return o
	}},
	{"schedule_free", 0.2, 2e-3, func() optim.Optimizer { return optim.NewScheduleFree(&optim.SGD{}) }},
	{"schedule_free_options", 0.2, 2e-3, func() optim.Optimizer {
		return &optim.ScheduleFree{Beta: 0.5, Power: 1, Optimizer: &optim.SGD{}}
	}},
	{"schedule_free_polyak", 0.2, 2e-3, func() optim.Optimizer { return &optim.ScheduleFree{Optimizer: &optim.SGD{}} }},
	{"schedule_free_adamw", 0.1, 0.1, func() optim.Optimizer { return optim.NewScheduleFreeAdamW(0.1) }},
	{"asgd", 0.2, 2e-3, func() optim.Optimizer { return optim.NewASGD(20) }},
	{"asgd_options", 0.2, 2e-3, func() optim.Optimizer { return &optim.ASGD{Lambda: 0.5, Power: 0.6} }},
	{"momentum_one_cycle", 0.05, 1e-3, func() optim.Optimizer {
		return optim.NewOneCycleMomentum(optim.NewOneCycle(1, 100), momentum())
	}},
	{"momentum_three_phase", 0.1, 0.1, func() optim.Optimizer {
		cycle := optim.OneCycle{Max: 1, Steps: 100, Start: 0.25, Div: 25, FinalDiv: 1e4, Linear: true, ThreePhase: true}
		return &optim.ScheduledMomentum{Momentum: optim.CycleMomentum{Cycle: cycle, Low: 0.7, High: 0.95}, Optimizer: optim.NewAdam()}
	}},
	{"momentum_cyclic", 0.05, 1e-3, func() optim.Optimizer {
		cycle := optim.Cyclic{Min: 0.1, Max: 0.5, Up: 4, Down: 7, Mode: optim.Triangular2}
		return &optim.ScheduledMomentum{Momentum: optim.CycleMomentum{Cycle: cycle, Low: 0.8, High: 0.9},
			Optimizer: &optim.SGD{Momentum: 0.9, Nesterov: true}}
	}},
}

// dim is the number of parameters in all tests of members.
const dim = 4

// A gradient sets grad ← ∇f(θ).
type gradient func(grad, theta []float64)

// advance is one step as a training loop does it, with the second gradient for
// those that want it.
func advance(opt optim.Optimizer, theta, grad []float64, g gradient, lr float64) {
	g(grad, theta)
	if p, ok := optim.As[optim.Perturber](opt); ok {
		p.Perturb(theta, grad)
		g(grad, theta)
		p.Restore(theta)
	}
	opt.Step(theta, grad, lr)
}

// rosenbrock is the gradient of Σ 100(θᵢ₊₁ − θᵢ²)² + (1 − θᵢ)².
func rosenbrock(grad, theta []float64) {
	clear(grad)
	for i := range len(theta) - 1 {
		d := theta[i+1] - theta[i]*theta[i]
		grad[i] += -400*theta[i]*d - 2*(1-theta[i])
		grad[i+1] += 200 * d
	}
}

// valley is Rosenbrock's function of two pairs of variables.
func valley(theta []float64) (f float64) {
	for i := 0; i < len(theta); i += 2 {
		x, y := theta[i], theta[i+1]
		f += 100*(y-x*x)*(y-x*x) + (1-x)*(1-x)
	}
	return f
}

func valleyGradient(grad, theta []float64) {
	for i := 0; i < len(theta); i += 2 {
		rosenbrock(grad[i:i+2], theta[i:i+2])
	}
}

// bowl is ½Σ i(θᵢ − 1)², i from 1.
func bowl(theta []float64) (f float64) {
	for i, x := range theta {
		f += float64(i+1) / 2 * (x - 1) * (x - 1)
	}
	return f
}

func bowlGradient(grad, theta []float64) {
	for i, x := range theta {
		grad[i] = float64(i+1) * (x - 1)
	}
}

// wave is a gradient that depends on θ and has all signs.
func wave(grad, theta []float64) {
	for i, x := range theta {
		grad[i] = math.Sin(3*x+float64(i)) + 0.1*x
	}
}

package optim_test

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/lib/optim"
)

// slope is the gradient of f(θ) = ½(θ₀² + 25·θ₁²), a narrow valley along θ₀.
func slope(grad, theta []float64) {
	grad[0], grad[1] = theta[0], 25*theta[1]
}

// minimize takes 100 steps from (4, 1) and prints how far from the minimum at 0
// they lead.
func minimize(opt optim.Optimizer, rate optim.Schedule) {
	theta, grad := []float64{4, 1}, make([]float64, 2)
	opt.Init(len(theta))
	for step := range 100 {
		slope(grad, theta)
		opt.Step(theta, grad, rate.Rate(step))
	}
	fmt.Printf("‖θ‖ = %.2f\n", math.Hypot(theta[0], theta[1]))
}

func ExampleOptimizer() {
	var opt optim.Optimizer = optim.NewAdam()
	theta, grad := []float64{4, 1}, make([]float64, 2)
	opt.Init(len(theta))
	for range 3 {
		slope(grad, theta) // where a model would compute ∂L/∂θ
		opt.Step(theta, grad, 0.1)
	}
	fmt.Printf("θ = %.2f\n", theta)
	for name, v := range opt.State() {
		fmt.Println(name, len(v))
	}
	// Output:
	// θ = [3.70 0.70]
	// steps 1
	// m 2
	// v 2
}

func ExampleSGD() {
	minimize(&optim.SGD{}, optim.Constant(0.02))
	minimize(&optim.SGD{Momentum: 0.9}, optim.Constant(0.02))
	fmt.Println((&optim.SGD{Nesterov: true}).Validate())
	// Output:
	// ‖θ‖ = 0.53
	// ‖θ‖ = 0.02
	// optim: SGD with Nesterov needs a Momentum and no Dampening, got 0 and 0
}

func ExampleAdam() {
	minimize(optim.NewAdam(), optim.Cosine{Initial: 0.2, Steps: 100})
	// A larger ε makes Adam more like SGD with momentum.
	adam := optim.NewAdam()
	adam.Epsilon = 1
	minimize(adam, optim.Cosine{Initial: 0.2, Steps: 100})
	// Output:
	// ‖θ‖ = 0.03
	// ‖θ‖ = 0.08
}

func ExampleNewAMSGrad() {
	minimize(optim.NewAMSGrad(), optim.Cosine{Initial: 0.2, Steps: 100})
	// Output: ‖θ‖ = 0.03
}

func ExampleAdamW() {
	opt := optim.NewAdamW()
	opt.Lambda = 0.1
	opt.Except = []optim.Range{optim.Span(1, 1)} // θ₁ is a bias, say
	minimize(opt, optim.Cosine{Initial: 0.2, Steps: 100})
	// Output: ‖θ‖ = 0.02
}

func ExampleAdamax() {
	minimize(optim.NewAdamax(), optim.Cosine{Initial: 0.2, Steps: 100})
	// Output: ‖θ‖ = 0.01
}

func ExampleNAdam() {
	minimize(optim.NewNAdam(), optim.Cosine{Initial: 0.2, Steps: 100})
	// Output: ‖θ‖ = 0.02
}

func ExampleRAdam() {
	minimize(optim.NewRAdam(), optim.Constant(0.2))
	// Output: ‖θ‖ = 0.62
}

func ExampleAdaBelief() {
	minimize(optim.NewAdaBelief(), optim.Cosine{Initial: 0.2, Steps: 100})
	// Output: ‖θ‖ = 0.05
}

func ExampleAdagrad() {
	minimize(optim.NewAdagrad(), optim.Constant(1))
	// Output: ‖θ‖ = 0.00
}

func ExampleAdadelta() {
	// Adadelta starts with steps of about √ε, and takes long to grow them.
	minimize(optim.NewAdadelta(), optim.Constant(10))
	// Output: ‖θ‖ = 1.22
}

func ExampleRMSprop() {
	minimize(optim.NewRMSprop(), optim.Cosine{Initial: 0.1, Steps: 100})
	minimize(&optim.RMSprop{Rho: 0.9, Epsilon: 1e-8, Momentum: 0.5, Centered: true}, optim.Cosine{Initial: 0.05, Steps: 100})
	// Output:
	// ‖θ‖ = 0.00
	// ‖θ‖ = 0.00
}

func ExampleRprop() {
	minimize(optim.NewRprop(), optim.Constant(0.1)) // the size of the first step
	// Output: ‖θ‖ = 0.00
}

func ExampleLion() {
	minimize(optim.NewLion(), optim.Cosine{Initial: 0.08, Steps: 100})
	// Output: ‖θ‖ = 0.04
}

func ExampleClipValue() {
	opt := optim.ClipValue{Max: 1, Optimizer: &optim.SGD{}}
	theta := []float64{0, 0}
	opt.Init(2)
	opt.Step(theta, []float64{30, -0.4}, 1)
	fmt.Println(theta)
	// Output: [-1 0.4]
}

func ExampleClipNorm() {
	opt := optim.ClipNorm{Max: 1, Optimizer: &optim.SGD{}}
	theta := []float64{0, 0}
	opt.Init(2)
	opt.Step(theta, []float64{30, -40}, 1)
	fmt.Printf("%.3f\n", theta)
	// Output: [-0.600 0.800]
}

func ExampleWeightDecay() {
	// The L2 penalty of torch's weight_decay, which spares the bias θ₁.
	coupled := optim.WeightDecay{Lambda: 0.5, Except: []optim.Range{optim.Span(1, 1)}, Optimizer: &optim.SGD{}}
	theta := []float64{4, 1}
	coupled.Init(2)
	coupled.Step(theta, []float64{0, 0}, 0.1)
	fmt.Println(theta)

	// AdamW, written as a composition.
	minimize(optim.WeightDecay{Lambda: 0.01, Decoupled: true, Optimizer: optim.NewAdam()}, optim.Constant(0.1))
	// Output:
	// [3.8 1]
	// ‖θ‖ = 0.02
}

func ExampleSignDecay() {
	opt := optim.SignDecay{Lambda: 0.5, Optimizer: &optim.SGD{}}
	theta := []float64{4, -1}
	opt.Init(2)
	opt.Step(theta, []float64{0, 0}, 0.1)
	fmt.Println(theta)
	// Output: [3.95 -0.95]
}

func ExampleAccumulate() {
	opt := &optim.Accumulate{Steps: 2, Optimizer: &optim.SGD{}}
	theta := []float64{0}
	opt.Init(1)
	for _, g := range []float64{1, 3, 5, 7} {
		opt.Step(theta, []float64{g}, 1)
		fmt.Println(theta)
	}
	// Output:
	// [0]
	// [-2]
	// [-2]
	// [-8]
}

func ExampleLookahead() {
	minimize(optim.NewLookahead(&optim.SGD{Momentum: 0.9}), optim.Constant(0.02))
	// Output: ‖θ‖ = 0.00
}

func ExampleEMA() {
	opt := &optim.EMA{Decay: 0.9, Optimizer: &optim.SGD{}}
	theta := []float64{0}
	opt.Init(1)
	for _, g := range []float64{-1, 1, -1, 1, -1} { // θ goes to and fro between 1 and 0
		opt.Step(theta, []float64{g}, 1)
	}
	opt.Swap(theta)
	fmt.Printf("average %.3f, ", theta)
	opt.Swap(theta)
	fmt.Println("last", theta)
	// Output: average [0.837], last [1]
}

func ExampleSWA() {
	opt := optim.NewSWA(2, &optim.SGD{}) // after the first two steps
	theta := []float64{0}
	opt.Init(1)
	for _, g := range []float64{-1, 1, -1, 1, -1, 1} {
		opt.Step(theta, []float64{g}, 1)
	}
	fmt.Println("last", theta, "average", opt.Average())
	// Output: last [0] average [0.5]
}

func ExampleAverager() {
	// The average is found wherever it stands in the nest.
	var opt optim.Optimizer = optim.ClipNorm{Max: 1, Optimizer: optim.NewEMA(optim.NewAdam())}
	theta := []float64{4, 1}
	opt.Init(2)
	opt.Step(theta, []float64{1, 1}, 0.1)
	if a, ok := optim.As[optim.Averager](opt); ok {
		a.Swap(theta)
		fmt.Printf("evaluate at %.1f\n", theta)
		a.Swap(theta)
	}
	// Output: evaluate at [3.9 0.9]
}

func ExampleSAM() {
	opt := optim.NewSAM(&optim.SGD{})
	theta, grad := []float64{4, 1}, make([]float64, 2)
	opt.Init(2)
	for range 100 {
		slope(grad, theta)
		opt.Perturb(theta, grad)
		slope(grad, theta) // the gradient at the worst point nearby
		opt.Restore(theta)
		opt.Step(theta, grad, 0.02)
	}
	fmt.Printf("‖θ‖ = %.2f\n", math.Hypot(theta[0], theta[1]))
	// Output: ‖θ‖ = 0.49
}

func ExamplePerturber() {
	// What a training loop does, whatever the optimizer.
	step := func(opt optim.Optimizer, theta, grad []float64) {
		slope(grad, theta)
		if p, ok := optim.As[optim.Perturber](opt); ok {
			p.Perturb(theta, grad)
			slope(grad, theta)
			p.Restore(theta)
		}
		opt.Step(theta, grad, 0.02)
	}
	for _, opt := range []optim.Optimizer{&optim.SGD{}, optim.NewSAM(&optim.SGD{})} {
		theta := []float64{4, 1}
		opt.Init(2)
		step(opt, theta, make([]float64, 2))
		fmt.Printf("%.4f\n", theta)
	}
	// Output:
	// [3.9200 0.5000]
	// [3.9198 0.4753]
}

func ExampleAs() {
	opt := optim.ClipNorm{Max: 1, Optimizer: optim.NewLookahead(optim.NewAdam())}
	adam, ok := optim.As[*optim.Adam](opt)
	fmt.Println(adam.Beta1, ok)
	// Output: 0.9 true
}

func ExampleGroups() {
	// Fine-tuning: the head learns fast, the body slowly and with decay, and the
	// embedding in front not at all.
	opt := &optim.Groups{Groups: []optim.Group{
		{Ranges: []optim.Range{{Lo: 2, Hi: 4}}, Rate: 0.1,
			Optimizer: optim.WeightDecay{Lambda: 0.01, Decoupled: true, Optimizer: optim.NewAdam()}},
		{Ranges: []optim.Range{{Lo: 4, Hi: 5}}, Rate: 1, Optimizer: optim.NewAdam()},
	}}
	theta := []float64{1, 1, 1, 1, 1}
	opt.Init(len(theta))
	opt.Step(theta, []float64{1, 1, 1, 1, 1}, 0.1)
	fmt.Printf("%.4f\n", theta)
	// Output: [1.0000 1.0000 0.9899 0.9899 0.9000]
}

func ExampleGroup() {
	g := optim.Group{Ranges: []optim.Range{{Lo: 0, Hi: 3}}, Optimizer: optim.NewAdam()}
	fmt.Println((&optim.Groups{Groups: []optim.Group{g}}).Validate())
	// Output: optim: group 0's Rate is 0, want a finite number > 0
}

func ExampleRange() {
	r := optim.Range{Lo: 3, Hi: 7}
	fmt.Println(r, r.Len(), r == optim.Span(3, 4))
	// Output: [3,7) 4 true
}

func ExampleMuon() {
	// A layer of 3 inputs and 2 outputs, and its biases behind it.
	opt := &optim.Groups{Groups: []optim.Group{
		{Ranges: []optim.Range{{Lo: 0, Hi: 6}}, Rate: 1, Optimizer: optim.NewMuon(optim.Matrix{Rows: 3, Cols: 2})},
		{Ranges: []optim.Range{{Lo: 6, Hi: 8}}, Rate: 0.1, Optimizer: optim.NewAdamW()},
	}}
	theta := make([]float64, 8)
	opt.Init(len(theta))
	// One input hardly ever speaks; its weights learn as fast as the others.
	opt.Step(theta, []float64{1, 0, 0, 0.02, 0, 0, 1, 1}, 0.1)
	fmt.Printf("weights %.2f\nbiases %.3f\n", theta[:6], theta[6:])
	// Output:
	// weights [-0.07 0.00 0.00 -0.07 0.00 0.00]
	// biases [-0.010 -0.010]
}

func ExampleMatrix() {
	m := optim.Matrix{Rows: 3, Cols: 0}
	fmt.Println(optim.NewMuon(m).Validate())
	// Output: optim: Muon's matrix 0 is 3×0, want at least one row and column (optim.NewMuon has the customary settings)
}

func ExampleScheduleFree() {
	// The rate stays as it is, and the average is as good as with a schedule.
	opt := optim.NewScheduleFree(&optim.SGD{})
	theta, grad := []float64{4, 1}, make([]float64, 2)
	opt.Init(2)
	for step := range 1000 {
		slope(grad, theta)
		grad[0] += 10 * math.Sin(float64(step*step)) // noise
		opt.Step(theta, grad, 0.05)
	}
	fmt.Printf("‖average‖ = %.1f\n", math.Hypot(opt.Average()[0], opt.Average()[1]))
	// Output: ‖average‖ = 0.0
}

func ExampleASGD() {
	opt := optim.NewASGD(100)
	theta, grad := []float64{4, 1}, make([]float64, 2)
	opt.Init(2)
	for step := range 1000 {
		slope(grad, theta)
		grad[0] += 10 * math.Sin(float64(step*step)) // noise
		opt.Step(theta, grad, 0.05)
	}
	fmt.Printf("‖average‖ = %.1f\n", math.Hypot(opt.Average()[0], opt.Average()[1]))
	// Output: ‖average‖ = 0.0
}

func ExampleMuonScale() {
	// The step of a matrix of 4 inputs and 1 output, whose gradient is 1.
	for _, scale := range []optim.MuonScale{optim.ScaleOriginal, optim.ScaleLikeAdamW, optim.ScaleSpectral} {
		opt := optim.NewMuon(optim.Matrix{Rows: 4, Cols: 1})
		opt.Scale = scale
		theta := make([]float64, 4)
		opt.Init(4)
		opt.Step(theta, []float64{1, 1, 1, 1}, 0.1)
		fmt.Printf("%.4f\n", theta[0])
	}
	// Output:
	// -0.0348
	// -0.0139
	// -0.0174
}

func ExampleScheduledMomentum() {
	cycle := optim.NewOneCycle(0.1, 100)
	minimize(optim.NewOneCycleMomentum(cycle, &optim.SGD{Momentum: 0.95}), cycle)
	// Output: ‖θ‖ = 0.02
}

func ExampleCycleMomentum() {
	cycle := optim.NewOneCycle(0.1, 100)
	for _, step := range []int{0, 29, 99} {
		m := optim.CycleMomentum{Cycle: cycle, Low: 0.85, High: 0.95}
		fmt.Printf("step %d: rate %.3f, momentum %.2f\n", step, cycle.Rate(step), m.Rate(step))
	}
	// Output:
	// step 0: rate 0.004, momentum 0.95
	// step 29: rate 0.100, momentum 0.85
	// step 99: rate 0.000, momentum 0.95
}

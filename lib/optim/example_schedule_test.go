package optim_test

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/lib/optim"
)

// show prints the rates of the first n steps.
func show(s optim.Schedule, n int) {
	rates := make([]float64, n)
	for step := range n {
		rates[step] = s.Rate(step)
	}
	fmt.Printf("%.3g\n", rates)
}

func ExampleSchedule() {
	var s optim.Schedule = optim.Cosine{Initial: 1, Steps: 4}
	show(s, 6)
	// Output: [1 0.854 0.5 0.146 0 0]
}

func ExampleScheduleFunc() {
	// The 1/√t of the theory of stochastic gradients.
	show(optim.ScheduleFunc(func(step int) float64 { return 1 / math.Sqrt(float64(step+1)) }), 4)
	// Output: [1 0.707 0.577 0.5]
}

func ExampleConstant() {
	show(optim.Constant(0.1), 3)
	fmt.Println(optim.Constant(-1).Validate())
	// Output:
	// [0.1 0.1 0.1]
	// optim: Constant's rate is -1, want a finite number > 0
}

func ExampleStepDecay() {
	show(optim.StepDecay{Initial: 1, Factor: 0.5, Every: 2}, 6)
	// Output: [1 1 0.5 0.5 0.25 0.25]
}

func ExampleMultiStep() {
	show(optim.MultiStep{Initial: 1, Factor: 0.1, Milestones: []int{1, 4}}, 6)
	// Output: [1 0.1 0.1 0.1 0.01 0.01]
}

func ExampleExponential() {
	show(optim.Exponential{Initial: 1, Factor: 0.5}, 4)
	// Output: [1 0.5 0.25 0.125]
}

func ExampleSweep() {
	show(optim.Sweep{Initial: 1e-4, Final: 1, Steps: 4}, 5)
	// Output: [0.0001 0.001 0.01 0.1 1]
}

func ExampleLinearRamp() {
	show(optim.LinearRamp{Initial: 1, Final: 0, Steps: 4}, 6)
	// Output: [1 0.75 0.5 0.25 0 0]
}

func ExamplePolynomial() {
	show(optim.Polynomial{Initial: 1, Power: 2, Steps: 4}, 6)
	// Output: [1 0.562 0.25 0.0625 0 0]
}

func ExampleCosine() {
	show(optim.Cosine{Initial: 1, Final: 0.1, Steps: 4}, 6)
	// Output: [1 0.868 0.55 0.232 0.1 0.1]
}

func ExampleCosineRestarts() {
	show(optim.CosineRestarts{Initial: 1, Steps: 2, Growth: 2}, 7)
	// Output: [1 0.5 1 0.854 0.5 0.146 1]
}

func ExampleOneCycle() {
	show(optim.NewOneCycle(1, 10), 10)
	// Output: [0.04 0.52 1 0.95 0.812 0.611 0.389 0.188 0.0495 4e-06]
}

func ExampleCyclic() {
	show(optim.Cyclic{Min: 0.1, Max: 0.5, Up: 2, Down: 2}, 9)
	// Output: [0.1 0.3 0.5 0.3 0.1 0.3 0.5 0.3 0.1]
}

func ExampleCyclicMode() {
	show(optim.Cyclic{Max: 1, Up: 2, Down: 2, Mode: optim.Triangular2}, 9)
	show(optim.Cyclic{Max: 1, Up: 2, Down: 2, Mode: optim.ExpRange, Gamma: 0.9}, 9)
	// Output:
	// [0 0.5 1 0.5 0 0.25 0.5 0.25 0]
	// [0 0.45 0.81 0.365 0 0.295 0.531 0.239 0]
}

func ExamplePlateau() {
	s := optim.NewPlateau(0.1)
	s.Patience = 1
	for _, loss := range []float64{3, 2, 2, 2, 1} {
		s.Observe(loss)
		fmt.Printf("after a loss of %g: %.3g\n", loss, s.Rate(0))
	}
	// Output:
	// after a loss of 3: 0.1
	// after a loss of 2: 0.1
	// after a loss of 2: 0.1
	// after a loss of 2: 0.01
	// after a loss of 1: 0.01
}

func ExampleObserver() {
	// A schedule inside others is told all the same.
	plateau := &optim.Plateau{Initial: 1, Factor: 0.5}
	var s optim.Schedule = optim.Warmup{Steps: 2, Schedule: plateau}
	for step, loss := range []float64{3, 2, 1, 1, 1} {
		fmt.Printf("rate %g, then a loss of %g\n", s.Rate(step), loss)
		if o, ok := s.(optim.Observer); ok {
			o.Observe(loss)
		}
	}
	// Output:
	// rate 0, then a loss of 3
	// rate 0.5, then a loss of 2
	// rate 1, then a loss of 1
	// rate 1, then a loss of 1
	// rate 0.5, then a loss of 1
}

func ExampleObserver_state() {
	var s optim.Observer = &optim.Plateau{Initial: 1, Factor: 0.5}
	s.Observe(3)
	s.Observe(4)
	for name, v := range s.State() {
		fmt.Println(name, v[0])
	}
	s.Init()
	fmt.Println("again", s.Rate(0))
	// Output:
	// observed 2
	// rate 0.5
	// best 3
	// bad 0
	// cooling 0
	// again 1
}

func ExampleSequence() {
	show(optim.Sequence{
		Schedules:  []optim.Schedule{optim.LinearRamp{Initial: 0, Final: 1, Steps: 2}, optim.Constant(1), optim.Exponential{Initial: 1, Factor: 0.5}},
		Milestones: []int{2, 4},
	}, 8)
	// Output: [0 0.5 1 1 1 0.5 0.25 0.125]
}

func ExampleWarmup() {
	show(optim.Warmup{Steps: 4, Schedule: optim.Cosine{Initial: 1, Steps: 4}}, 9)
	// Output: [0 0.25 0.5 0.75 1 0.854 0.5 0.146 0]
}

func ExamplePerEpoch() {
	batches := 3
	show(optim.PerEpoch{StepsPerEpoch: batches, Schedule: optim.Exponential{Initial: 1, Factor: 0.5}}, 7)
	// Output: [1 1 1 0.5 0.5 0.5 0.25]
}

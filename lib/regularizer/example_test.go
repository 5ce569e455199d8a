package regularizer_test

import (
	"fmt"

	"github.com/descent-go/descent/lib/regularizer"
)

// The same penalty as a gradient and as a proximal step.
func Example() {
	r := regularizer.L1{Lambda: 0.5}
	theta := []float64{2, -0.25, 0}

	grad := make([]float64, 3)
	r.AddGradient(grad, theta)
	fmt.Println("penalty ", r.Penalty(theta))
	fmt.Println("gradient", grad)

	r.Prox(theta, 1)
	fmt.Println("step    ", theta)
	// Output:
	// penalty  1.125
	// gradient [0.5 -0.5 0]
	// step     [1.5 0 0]
}

// What λ is called in scikit-learn, for a loss.MSE or loss.BinaryCrossEntropy
// over m samples and one output.
func Example_scikitLearn() {
	const m = 100
	fmt.Println("    λ   Ridge   Lasso  LogisticRegression  SGDClassifier  SGDRegressor")
	fmt.Println("        alpha   alpha                   C          alpha         alpha")
	for _, lambda := range []float64{0.001, 0.01, 0.1, 1} {
		fmt.Printf("%5g %7g %7g %19g %14g %13g\n", lambda,
			m*lambda/2,   // Σe² + alpha‖w‖² is m times MSE + (alpha/m)‖w‖², and ½λ = alpha/m
			lambda/2,     // (1/2m)Σe² + alpha‖w‖₁ is half of MSE + 2·alpha‖w‖₁; ElasticNet too
			1/(m*lambda), // C·Σℓ + ½‖w‖² is C·m times the mean of ℓ + (1/Cm)·½‖w‖²
			lambda,       // the mean of ℓ + alpha·½‖w‖²
			lambda/2)     // the mean of ½e² + alpha·½‖w‖² is half of MSE + 2·alpha·½‖w‖²
	}
	// Output:
	//     λ   Ridge   Lasso  LogisticRegression  SGDClassifier  SGDRegressor
	//         alpha   alpha                   C          alpha         alpha
	// 0.001    0.05  0.0005                  10          0.001        0.0005
	//  0.01     0.5   0.005                   1           0.01         0.005
	//   0.1       5    0.05                 0.1            0.1          0.05
	//     1      50     0.5                0.01              1           0.5
}

// towards pulls the weights towards others than 0, such as those of a model
// trained before: ½λ‖θ − θ₀‖².
type towards struct {
	lambda float64
	start  []float64
}

func (r towards) Penalty(theta []float64) float64 {
	sum := 0.0
	for i, v := range theta {
		sum += (v - r.start[i]) * (v - r.start[i])
	}
	return r.lambda / 2 * sum
}

func (r towards) AddGradient(grad, theta []float64) {
	for i, v := range theta {
		grad[i] += r.lambda * (v - r.start[i])
	}
}

// A penalty of your own is two methods.
func ExampleRegularizer() {
	var r regularizer.Regularizer = towards{lambda: 0.5, start: []float64{1, 1}}
	theta, grad := []float64{3, 1}, make([]float64, 2)
	r.AddGradient(grad, theta)
	fmt.Println(r.Penalty(theta), grad)
	// Output: 1 [1 0]
}

// positive allows no negative weights. Like MaxNorm it is a constraint, without
// a gradient to follow; its proximal step projects.
type positive struct{}

func (positive) Penalty([]float64) float64  { return 0 }
func (positive) AddGradient(_, _ []float64) {}
func (positive) Prox(theta []float64, _ float64) {
	for i := range theta {
		theta[i] = max(theta[i], 0)
	}
}

// A constraint of your own is a projection. In a chain it follows a penalty.
func ExampleProximal() {
	var r regularizer.Proximal = regularizer.Chain{regularizer.L1{Lambda: 1}, positive{}}
	theta := []float64{0.75, 0.05, -0.5}
	r.Prox(theta, 0.25)
	fmt.Println(theta)
	// Output: [0.5 0 0]
}

// Groups of 3 do not divide a block of 10 weights. Training finds that out
// before it starts.
func ExampleBlockChecker() {
	var r regularizer.BlockChecker = regularizer.GroupLasso{Lambda: 0.1, Size: 3}
	fmt.Println(r.CheckBlock(9))
	fmt.Println(r.CheckBlock(10))
	// Output:
	// <nil>
	// regularizer: GroupLasso of groups of 3 does not fit a block of 10 weights: choose a Size that divides it
}

func ExampleL2() {
	r := regularizer.L2{Lambda: 0.5}
	theta := []float64{2, -4}
	fmt.Println(r.Penalty(theta))
	r.Prox(theta, 2) // divides by 1 + 2·0.5
	fmt.Println(theta)
	// Output:
	// 5
	// [1 -2]
}

// Each weight moves by step·λ, and stops at 0.
func ExampleL1() {
	theta := []float64{2, -0.75, 0.5}
	regularizer.L1{Lambda: 0.5}.Prox(theta, 1)
	fmt.Println(theta)
	// Output: [1.5 -0.25 0]
}

func ExampleElasticNet() {
	theta := []float64{2.5, -0.75, 0.5}
	regularizer.ElasticNet{Lambda: 1, L1Ratio: 0.5}.Prox(theta, 1)
	fmt.Printf("%.3f\n", theta)
	// Output: [1.333 -0.167 0.000]
}

// A feature (a row of W) is kept for all outputs or dropped for all.
func ExampleGroupLasso() {
	w := []float64{ // 3 features × 2 outputs
		3, 4,
		0.6, -0.8,
		0, 2,
	}
	regularizer.GroupLasso{Lambda: 1, Size: 2}.Prox(w, 1)
	fmt.Printf("%.1f\n", w)
	// Output: [2.4 3.2 0.0 0.0 0.0 1.0]
}

// The first unit's weights (a column of W) have length 5, the second's ½.
func ExampleMaxNorm() {
	w := []float64{ // 2 inputs × 2 units
		3, 0.3,
		4, 0.4,
	}
	regularizer.MaxNorm{Max: 1, Columns: 2}.Prox(w, 1)
	fmt.Printf("%.1f\n", w)
	// Output: [0.6 0.3 0.8 0.4]
}

func ExampleSum() {
	r := regularizer.Sum{regularizer.L1{Lambda: 0.5}, regularizer.L2{Lambda: 2}}
	grad := make([]float64, 2)
	r.AddGradient(grad, []float64{1, -1})
	fmt.Println(r.Penalty([]float64{1, -1}), grad)
	// Output: 3 [2.5 -2.5]
}

func ExampleChain() {
	theta := []float64{2.5, -0.25}
	regularizer.Chain{regularizer.L1{Lambda: 0.5}, regularizer.L2{Lambda: 1}}.Prox(theta, 1)
	fmt.Println(theta)

	err := regularizer.Chain{regularizer.L2{Lambda: 1}, regularizer.L1{Lambda: 0.5}}.Validate()
	fmt.Println(err)
	// Output:
	// [1 0]
	// regularizer: part 1 of the chain, regularizer.L1, is out of order: want L1, then GroupLasso from small groups to whole multiples of them, then L2, then MaxNorm
}

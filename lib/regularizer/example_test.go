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

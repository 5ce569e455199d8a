package solve_test

import (
	"context"
	"fmt"
	"log"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"github.com/descent-go/descent/lib/grad"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/train"
)

// hours of study and of sleep, and the marks after them.
func marks() (x, y *mat.Dense) {
	x = mat.NewDense(6, 2, []float64{1, 7, 2, 8, 3, 6, 4, 8, 5, 5, 6, 7})
	y = mat.NewDense(6, 1, []float64{35, 45, 47, 61, 60, 74})
	return x, y
}

// passed says who passed the exam after the hours in the column.
func passed() (x, y *mat.Dense) {
	x = mat.NewDense(8, 1, []float64{1, 2, 3, 4, 5, 6, 7, 8})
	y = mat.NewDense(8, 1, []float64{0, 0, 0, 1, 0, 1, 1, 1})
	return x, y
}

func ExampleLeastSquares() {
	x, y := marks()
	m := model.NewLinear(2, 1)
	if err := solve.LeastSquares(m, x, y, nil); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f + %.3f·study + %.3f·sleep\n", m.Params()[0], m.Params()[1], m.Params()[2])
	// Output: 6.076 + 7.846·study + 2.946·sleep
}

func ExampleRidge() {
	x, y := marks()
	m := model.NewLinear(2, 1)
	for _, lambda := range []float64{0, 1, 10} {
		if err := solve.Ridge(m, x, y, nil, lambda); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("λ = %2g: %.3f + %.3f·study + %.3f·sleep\n", lambda, m.Params()[0], m.Params()[1], m.Params()[2])
	}
	// Output:
	// λ =  0: 6.076 + 7.846·study + 2.946·sleep
	// λ =  1: 20.438 + 6.460·study + 1.554·sleep
	// λ = 10: 43.916 + 2.678·study + 0.055·sleep
}

// The lasso leaves out what helps too little.
func ExampleElasticNet() {
	x, y := marks()
	m := model.NewLinear(2, 1)
	report, err := solve.ElasticNet(m, x, y, solve.ElasticNetOptions{Lambda: 10, L1Ratio: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f + %.3f·study + %.3f·sleep\n", m.Params()[0], m.Params()[1], m.Params()[2])
	fmt.Println("gap below 1e-10:", report.Gap <= 1e-10)
	// Output:
	// 34.267 + 5.543·study + 0.000·sleep
	// gap below 1e-10: true
}

// Options in full: scikit-learn's ElasticNet(alpha=0.5, l1_ratio=0.5, tol=1e-4).
func ExampleElasticNetOptions() {
	x, y := marks()
	m := model.NewLinear(2, 1)
	opt := solve.ElasticNetOptions{Lambda: 2 * 0.5, L1Ratio: 0.5, Tolerance: 1e-4, MaxIterations: 1000}
	if _, err := solve.ElasticNet(m, x, y, opt); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f %.2f\n", m.Params()[1], m.Params()[2])
	// Output: 6.95 1.86
}

func ExampleCoordinateReport() {
	x, y := marks()
	report, err := solve.ElasticNet(model.NewLinear(2, 1), x, y, solve.ElasticNetOptions{
		Lambda: 0.1, L1Ratio: 1, Tolerance: 1e-15, MaxIterations: 3,
	})
	fmt.Println(report.Cycles, err != nil)
	// Output: 3 true
}

func ExamplePath() {
	x, y := marks()
	path, err := solve.Path(x, y, solve.PathOptions{L1Ratio: 1, N: 5, Eps: 0.01})
	if err != nil {
		log.Fatal(err)
	}
	for i, lambda := range path.Lambdas {
		fmt.Printf("λ = %6.3f: %6.3f %6.3f\n", lambda, path.Coefficients[i][0], path.Coefficients[i][1])
	}
	// Output:
	// λ = 42.333:  0.000  0.000
	// λ = 13.387:  4.962  0.000
	// λ =  4.233:  6.624  0.461
	// λ =  1.339:  7.460  2.160
	// λ =  0.423:  7.724  2.697
}

func ExamplePathOptions() {
	x, y := marks()
	path, err := solve.Path(x, y, solve.PathOptions{L1Ratio: 0.5, Lambdas: []float64{1, 10}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(path.Lambdas)
	// Output: [10 1]
}

func ExampleRegularizationPath() {
	x, y := marks()
	path, err := solve.Path(x, y, solve.PathOptions{L1Ratio: 1, N: 5, Eps: 0.01})
	if err != nil {
		log.Fatal(err)
	}
	m := model.NewLinear(2, 1)
	path.Set(m, 1)
	fmt.Println(path.NonZeros())
	fmt.Printf("%.3f\n", m.Params())
	// Output:
	// [0 1 2 2 2]
	// [36.299 4.962 0.000]
}

func ExampleLogistic() {
	x, y := passed()
	m := model.NewLogistic(1)
	report, err := solve.Logistic(m, x, y, solve.NewtonOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("log-odds %.4f + %.4f·hours\n", m.Params()[0], m.Params()[1])
	fmt.Println("converged:", report.GradNorm <= 1e-10)

	_, err = solve.Logistic(m, x, mat.NewDense(8, 1, []float64{0, 0, 0, 0, 1, 1, 1, 1}), solve.NewtonOptions{})
	fmt.Println(err)
	// Output:
	// log-odds -5.7703 + 1.2823·hours
	// converged: true
	// solve: a plane separates the classes, so that larger weights are always better and there is no minimum: set Lambda
}

// scikit-learn's LogisticRegression(C=1) on 8 samples.
func ExampleNewtonOptions() {
	x, y := passed()
	m := model.NewLogistic(1)
	if _, err := solve.Logistic(m, x, y, solve.NewtonOptions{Lambda: 1.0 / (1 * 8)}); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f\n", m.Params())
	// Output: [-3.9051 0.8678]
}

func ExampleReport() {
	x, y := passed()
	report, err := solve.Logistic(model.NewLogistic(1), x, y, solve.NewtonOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for i, f := range report.Objective[:4] {
		fmt.Printf("%d %.6f\n", i, f)
	}
	// Output:
	// 0 0.693147
	// 1 0.363116
	// 2 0.319892
	// 3 0.313183
}

func ExampleMinimize() {
	x, y := passed()
	m := model.NewLogistic(1)
	history, err := solve.Minimize(context.Background(), m, x, y, solve.MinimizeOptions{Loss: loss.BinaryCrossEntropy{}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %.3f\n", history.Status, m.Params())
	fmt.Println("in fewer than 40 passes:", history.Last().Passes < 40)
	// Output:
	// converged: [-5.770 1.282]
	// in fewer than 40 passes: true
}

// A loss with a kink has no gradient where its minimum is, but the simplex
// method of Nelder and Mead needs none.
func ExampleMinimizeOptions() {
	x, y := marks()
	m := model.NewLinear(2, 1)
	history, err := solve.Minimize(context.Background(), m, x, y, solve.MinimizeOptions{
		Loss:   loss.Quantile{Tau: 0.5},
		Method: &optimize.NelderMead{},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", history.Last().Loss)
	// Output: 0.08
}

func ExampleISTA() {
	x, y := marks()
	m := model.NewLinear(2, 1)
	history, err := solve.ISTA(context.Background(), m, x, y, solve.ProximalOptions{
		Loss: loss.MSE{}, Proximal: regularizer.L1{Lambda: 10}, MaxIterations: 100000,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %.3f\n", history.Status, m.Params())
	// Output: converged: [34.267 5.543 0.000]
}

func ExampleFISTA() {
	x, y := marks()
	var passes [2]float64
	for i, f := range []func(context.Context, model.Model, mat.Matrix, *mat.Dense, solve.ProximalOptions) (*train.History, error){
		solve.ISTA, solve.FISTA,
	} {
		m := model.NewLinear(2, 1)
		history, err := f(context.Background(), m, x, y, solve.ProximalOptions{
			Loss: loss.MSE{}, Proximal: regularizer.L1{Lambda: 10}, Restart: true, MaxIterations: 100000,
		})
		if err != nil {
			log.Fatal(err)
		}
		passes[i] = history.Last().Passes
		fmt.Printf("%.3f\n", m.Params())
	}
	fmt.Println("at least 5 times faster:", passes[1] < passes[0]/5)
	// Output:
	// [34.267 5.543 0.000]
	// [34.267 5.543 0.000]
	// at least 5 times faster: true
}

func ExampleProximalOptions() {
	x, y := marks()
	m := model.NewLinear(2, 1)
	step, err := solve.StepBound(m, x, nil, loss.MSE{})
	if err != nil {
		log.Fatal(err)
	}
	history, err := solve.FISTA(context.Background(), m, x, y, solve.ProximalOptions{
		Loss:     loss.MSE{},
		Proximal: regularizer.ElasticNet{Lambda: 1, L1Ratio: 0.5},
		Step:     step,
		Restart:  true,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %.2f %.2f\n", history.Status, m.Params()[1], m.Params()[2])
	// Output: converged: 6.95 1.86
}

// Gradient descent is stable below twice the bound.
func ExampleStepBound() {
	x, y := marks()
	m := model.NewLinear(2, 1)
	bound, err := solve.StepBound(m, x, nil, loss.MSE{})
	if err != nil {
		log.Fatal(err)
	}
	for _, rate := range []float64{1.9 * bound, 2.1 * bound} {
		m := model.NewLinear(2, 1)
		history, err := train.Fit(context.Background(), m, x, y, train.Options{
			Loss: loss.MSE{}, Schedule: optim.Constant(rate), Epochs: 2000,
		})
		if err != nil {
			fmt.Println("diverged, or nearly")
			continue
		}
		losses := history.Losses()
		fmt.Println("falls:", losses[len(losses)-1] < losses[0])
	}
	// Output:
	// falls: true
	// falls: false
}

// Newton's method on a model of which only the forward is written: how fast coffee cools.
func ExampleNewtonCGOptions() {
	minutes := mat.NewDense(6, 1, []float64{0, 5, 10, 15, 20, 25})
	degrees := mat.NewDense(6, 1, []float64{90, 66, 50, 40, 33.5, 29})
	m, err := grad.NewModel(1, 1, func(g *grad.Graph, x *grad.Node) *grad.Node {
		room, above, rate := g.Weights("room", 1), g.Weights("above", 1), g.Weights("rate", 1)
		return x.Mul(rate).Neg().Exp().Mul(above).Add(room)
	})
	if err != nil {
		log.Fatal(err)
	}
	copy(m.Params(), []float64{20, 50, 0.1})
	history, err := solve.NewtonCG(context.Background(), m, minutes, degrees, solve.NewtonCGOptions{Loss: loss.MSE{}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(history.Status)
	fmt.Printf("%.1f + %.1f·e^(−%.4f·t)\n", m.Params()[0], m.Params()[1], m.Params()[2])
	// Output:
	// converged
	// 21.1 + 68.9·e^(−0.0863·t)
}

package tune_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/must"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
)

// parabola is y = x² − x with some noise, at 60 points of [−1, 1].
func parabola() train.Data {
	rng := rand.New(rand.NewPCG(1, 2))
	x, y := mat.NewDense(60, 1, nil), mat.NewDense(60, 1, nil)
	for i := range 60 {
		v := 2*rng.Float64() - 1
		x.Set(i, 0, v)
		y.Set(i, 0, v*v-v+0.2*rng.NormFloat64())
	}
	return train.Data{X: x, Y: y}
}

// polynomial fits a polynomial by ridge regression.
func polynomial(degree int, lambda float64) tune.Learner {
	return tune.Learner{
		Transform: func() preprocess.Transformer {
			return preprocess.NewPipeline(&preprocess.PolynomialFeatures{Degree: degree}, preprocess.NewStandardScaler())
		},
		Train: func(_ context.Context, d train.Data) (model.Model, error) {
			_, columns := d.X.Dims()
			m := model.NewLinear(columns, 1)
			return m, solve.Ridge(m, d.X, d.Y, d.SampleWeights, lambda)
		},
		Score: tune.Regression(metric.RMSE),
	}
}

// From the data to the degree and the penalty of a polynomial.
func Example() {
	ctx, data := context.Background(), parabola()
	folds := must.Get(preprocess.KFold(60, 5, 3))

	objective := func(ctx context.Context, t tune.Trial) (float64, error) {
		s, err := tune.CrossValidate(ctx, folds, polynomial(t.Int("degree"), t.Float("lambda")).On(data), 1)
		if err != nil {
			return 0, err
		}
		return s.Mean(), nil
	}
	grid := tune.Grid{"degree": {1, 2, 9}, "lambda": {1e-4, 1e-1}}
	result := must.Get(tune.Minimize(ctx, grid, objective, tune.Options{}))
	best := must.Get(result.Best())
	fmt.Println("degree", best.Int("degree"), "with lambda", best.Float("lambda"))
	// Output: degree 2 with lambda 0.0001
}

// Three folds, scored by the root mean squared error of the rows left out.
func ExampleLearner() {
	folds := must.Get(preprocess.KFoldInOrder(60, 3))
	for _, degree := range []int{1, 2} {
		scores := must.Get(tune.CrossValidate(context.Background(), folds, polynomial(degree, 0).On(parabola()), 0))
		fmt.Println(degree, scores)
	}
	// Output:
	// 1 0.408 ± 0.038 in 3 folds
	// 2 0.209 ± 0.024 in 3 folds
}

// A FoldFunc of one's own: the mean of the training rows as the prediction.
func ExampleFoldFunc() {
	y := []float64{1, 2, 3, 4, 5, 6}
	var mean tune.FoldFunc = func(_ context.Context, fold preprocess.Fold) (trainScore, testScore float64, err error) {
		sum := 0.0
		for _, i := range fold.Train {
			sum += y[i] / float64(len(fold.Train))
		}
		for _, i := range fold.Test {
			testScore += math.Abs(y[i]-sum) / float64(len(fold.Test))
		}
		return math.NaN(), testScore, nil
	}
	folds := must.Get(preprocess.KFoldInOrder(len(y), 3))
	scores := must.Get(tune.CrossValidate(context.Background(), folds, mean, 2))
	fmt.Println(scores.Test)
	// Output: [3 0.5 3]
}

func ExampleScores() {
	s := tune.Scores{Test: []float64{0.8, 0.9, 1}}
	fmt.Printf("%.2f %.4f\n", s.Mean(), s.Std())
	// Output: 0.90 0.0816
}

// A Scorer of one's own: the share of the rows that are off by more than 0.5.
func ExampleScorer() {
	learner := polynomial(2, 0)
	learner.Score = func(m model.Model, d train.Data) (float64, error) {
		var pred mat.Dense
		m.Predict(&pred, d.X)
		off, rows := 0, d.Y.RawMatrix().Rows
		for i := range rows {
			if math.Abs(pred.At(i, 0)-d.Y.At(i, 0)) > 0.5 {
				off++
			}
		}
		return float64(off) / float64(rows), nil
	}
	folds := must.Get(preprocess.KFoldInOrder(60, 3))
	scores := must.Get(tune.CrossValidate(context.Background(), folds, learner.On(parabola()), 0))
	fmt.Printf("%.2f\n", scores.Test)
	// Output: [0.05 0.00 0.00]
}

// Too simple, right, and too complex for the data.
func ExampleCurve() {
	folds := must.Get(preprocess.KFoldInOrder(60, 5))
	curve := must.Get(tune.ValidationCurve(context.Background(), folds, []float64{1, 2, 20}, func(degree float64) tune.FoldFunc {
		return polynomial(int(degree), 1e-9).On(parabola())
	}, 0))
	fmt.Print(curve)
	// Output:
	// x  train      ±   test      ±
	//  1  0.384  0.010  0.406  0.037
	//  2  0.202  0.010  0.211  0.031
	// 20  0.181  0.012  0.452  0.443
}

// With few rows the model fits them and little else.
func ExampleLearningCurve() {
	folds := must.Get(preprocess.KFoldInOrder(60, 5))
	sizes := tune.Sizes(folds, 0.25, 0.5, 1)
	curve := must.Get(tune.LearningCurve(context.Background(), folds, sizes, polynomial(6, 1e-6).On(parabola()), 2, 0))
	for i, n := range curve.X {
		fmt.Printf("%2.0f rows: %.2f on them, %.2f on others\n", n, curve.TrainMean[i], curve.TestMean[i])
	}
	// Output:
	// 12 rows: 0.17 on them, 1.31 on others
	// 24 rows: 0.20 on them, 0.25 on others
	// 48 rows: 0.20 on them, 0.22 on others
}

// valley is lowest, 0, at rate 0.01 and depth 3.
func valley(_ context.Context, t tune.Trial) (float64, error) {
	digits := float64(math.Log10(t.Float("rate"))) // rounded, so that the minimum is 0 on every machine
	return math.Pow(digits+2, 2) + math.Abs(t.Float("depth")-3), nil
}

func ExampleGrid() {
	grid := tune.Grid{"rate": {0.001, 0.01}, "depth": {2, 3}}
	fmt.Print(must.Get(tune.Minimize(context.Background(), grid, valley, tune.Options{})))
	// Output:
	// trial  score  depth   rate
	//     3      0      3   0.01
	//     1      1      2   0.01
	//     2      1      3  0.001
	//     0      2      2  0.001
	// completed: 4 trials, the method has nothing more to try
}

var valleySpace = tune.Space{
	"rate":  tune.LogUniform{Low: 1e-5, High: 1},
	"depth": tune.IntUniform{Low: 1, High: 10},
}

func ExampleRandom() {
	method := tune.Random{Space: valleySpace, Trials: 200, Seed: 1}
	best := must.Get(must.Get(tune.Minimize(context.Background(), method, valley, tune.Options{})).Best())
	fmt.Printf("depth %d, a score below 0.1: %t\n", best.Int("depth"), best.Score < 0.1)
	// Output: depth 3, a score below 0.1: true
}

func ExampleTPE() {
	method := tune.NewTPE(valleySpace, 60, 1)
	best := must.Get(must.Get(tune.Minimize(context.Background(), method, valley, tune.Options{})).Best())
	fmt.Printf("depth %d, a score below 0.01: %t\n", best.Int("depth"), best.Score < 0.01)
	// Output: depth 3, a score below 0.01: true
}

// Nine rates for 10 epochs, the best three for 30, the best one for 90.
func ExampleSuccessiveHalving() {
	method := tune.NewSuccessiveHalving(tune.Random{Space: valleySpace, Trials: 9, Seed: 1}, 10, 90)
	objective := func(ctx context.Context, t tune.Trial) (float64, error) {
		score, err := valley(ctx, t)
		return score + 1/t.Budget, err // more epochs, less loss
	}
	epochs := map[float64]int{}
	for _, t := range must.Get(tune.Minimize(context.Background(), method, objective, tune.Options{})).Trials {
		epochs[t.Budget]++
	}
	fmt.Println(epochs)
	// Output: map[10:9 30:3 90:1]
}

// A Method of one's own: halve a step until it is small.
func ExampleMethod() {
	result := must.Get(tune.Minimize(context.Background(), halving{}, func(_ context.Context, t tune.Trial) (float64, error) {
		return math.Abs(t.Float("step") - 0.2), nil
	}, tune.Options{}))
	fmt.Println(len(result.Trials), must.Get(result.Best()))
	// Output: 5 trial 2: 0.05 step=0.25
}

type halving struct{}

func (halving) Propose(r *tune.Result) ([]tune.Trial, error) {
	if len(r.Trials) == 5 {
		return nil, nil
	}
	step := math.Pow(0.5, float64(len(r.Trials)))
	return []tune.Trial{{Params: tune.Params{"step": step}}}, nil
}

// The search goes on where the file ends.
func ExampleOptions() {
	folder := must.Get(os.MkdirTemp("", ""))
	defer os.RemoveAll(folder)
	options := tune.Options{Workers: 1, File: folder + "/search.json"}
	method := tune.Random{Space: valleySpace, Trials: 50, Seed: 7}

	ctx, cancel := context.WithCancel(context.Background())
	options.OnTrial = func(_ *tune.Result, t tune.Trial) error {
		if t.ID == 19 {
			cancel() // the stop button
		}
		return nil
	}
	part := must.Get(tune.Minimize(ctx, method, valley, options))
	options.OnTrial = nil
	all := must.Get(tune.Minimize(context.Background(), method, valley, options))
	fmt.Println(part.Status, len(part.Trials) < 50, all.Status, len(all.Trials))
	// Output: interrupted true completed 50
}

// A failed trial does not end the search.
func ExampleResult() {
	result := must.Get(tune.Maximize(context.Background(), tune.Grid{"a": {0, 1, 2}}, func(_ context.Context, t tune.Trial) (float64, error) {
		return float64(4 / t.Int("a")), nil
	}, tune.Options{}))
	fmt.Print(result)
	var p *tune.PanicError
	fmt.Println(errors.As(result.Trials[0].Err, &p))
	// Output:
	// trial   score  a
	//     1       4  1
	//     2       2  2
	//     0  failed  0  "panic: runtime error: integer divide by zero"
	// completed: 3 trials, the method has nothing more to try
	// true
}

func ExamplePanicError() {
	err := &tune.PanicError{Value: "index out of range"}
	fmt.Println(err)
	// Output: panic: index out of range
}

// The file of a search, to look at later.
func ExampleLoad() {
	result := must.Get(tune.Minimize(context.Background(), tune.Grid{"rate": {0.01}, "depth": {3}}, valley, tune.Options{}))
	var file bytes.Buffer
	if err := result.Save(&file); err != nil {
		log.Fatal(err)
	}
	fmt.Print(file.String())
	fmt.Println(must.Get(must.Get(tune.Load(&file)).Best()))
	// Output:
	// {"format":"descent/tune","version":2,"goal":"minimize","trials":[
	// {"id":0,"params":{"depth":3,"rate":0.01},"score":0}
	// ],"sha256":"a513337bbccb4ee9b7c2c0b11248df000c29aa7e5cdb327fd7f830c6a3ee76fd"}
	// trial 0: 0 depth=3 rate=0.01
}

func ExamplePrintProgress() {
	options := tune.Options{OnTrial: tune.PrintProgress(os.Stdout)}
	must.Get(tune.Minimize(context.Background(), tune.Grid{"rate": {0.1, 0.01}, "depth": {3}}, valley, options))
	// Output:
	// trial 0: 1 depth=3 rate=0.1 (best: 1 in trial 0)
	// trial 1: 0 depth=3 rate=0.01 (best: 0 in trial 1)
}

func ExampleTrial() {
	t := tune.Trial{ID: 4, Params: tune.Params{"rate": 0.1, "adam": true}, Budget: 9, Score: 0.75, Status: train.Completed}
	fmt.Println(t)
	fmt.Println(t.Float("rate"), t.Bool("adam"))
	// Output:
	// trial 4: 0.75 budget=9 adam=true rate=0.1
	// 0.1 true
}

func ExampleParams() {
	p := tune.Params{"layers": 2, "rate": 0.5, "activation": "relu"}
	fmt.Println(p)
	fmt.Println(p.Int("layers"), p.Float("rate"), p.Text("activation"))
	// Output:
	// activation=relu layers=2 rate=0.5
	// 2 0.5 relu
}

func ExampleSpace() {
	space := tune.Space{
		"rate":  tune.LogUniform{Low: 1e-4, High: 1},
		"noise": tune.Uniform{Low: 0, High: 0.5},
		"depth": tune.IntUniform{Low: 1, High: 6},
		"kind":  tune.Choice{"relu", "tanh"},
	}
	p := space.Sample(rand.New(rand.NewPCG(1, 1)))
	fmt.Println(len(p), space.Validate())
	// Output: 4 <nil>
}

func ExampleDistribution() {
	for _, d := range []tune.Distribution{
		tune.Uniform{Low: 0, High: 10}, tune.IntUniform{Low: 1, High: 3}, tune.Choice{"a", "b"},
	} {
		fmt.Println(d.Quantile(0), d.Quantile(0.5), d.Unit(d.Quantile(0.5)))
	}
	// Output:
	// 0 5 0.5
	// 1 2 0.5
	// a b 0.75
}

func ExampleUniform() {
	fmt.Println(tune.Uniform{Low: 2, High: 4}.Quantile(0.25))
	// Output: 2.5
}

func ExampleLogUniform() {
	fmt.Printf("%.3f\n", tune.LogUniform{Low: 0.01, High: 1}.Quantile(0.5))
	// Output: 0.100
}

func ExampleIntUniform() {
	fmt.Println(tune.IntUniform{Low: 1, High: 6}.Quantile(0.99))
	// Output: 6
}

func ExampleChoice() {
	fmt.Println(tune.Choice{"relu", "tanh", "gelu"}.Quantile(0.4))
	// Output: tanh
}

func ExampleValues() {
	rates := []float64{0.001, 0.01, 0.1}
	grid := tune.Grid{"rate": tune.Values(rates...)}
	fmt.Println(grid.Validate(), len(grid["rate"]))
	// Output: <nil> 3
}

// The goal comes with the name of the function.
func ExampleGoal() {
	result := must.Get(tune.Maximize(context.Background(), tune.Grid{"rate": {0.1}, "depth": {3}}, valley, tune.Options{}))
	fmt.Println(result.Goal == tune.Greatest, result.Goal)
	// Output: true maximize
}

// An objective draws its random numbers from the number of the trial, so that
// the order in which trials run does not matter.
func ExampleObjective() {
	var noisy tune.Objective = func(ctx context.Context, t tune.Trial) (float64, error) {
		score, err := valley(ctx, t)
		return score + 0.01*rand.New(rand.NewPCG(1, uint64(t.ID))).NormFloat64(), err
	}
	method := tune.Random{Space: valleySpace, Trials: 30, Seed: 1}
	one := must.Get(tune.Minimize(context.Background(), method, noisy, tune.Options{Workers: 1}))
	four := must.Get(tune.Minimize(context.Background(), method, noisy, tune.Options{Workers: 4}))
	fmt.Println(one.String() == four.String())
	// Output: true
}

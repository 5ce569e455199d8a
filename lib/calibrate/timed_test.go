package calibrate_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/calibrate"
)

// timedScores are n scores of two classes, and what is true.
func timedScores(n int) (score, y []float64, truth []int) {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	for i := range n {
		truth, y = append(truth, i%2), append(y, float64(i%2))
		score = append(score, r.NormFloat64()+y[i])
	}
	return score, y, truth
}

var benchmarks = timed.List{
	"FitPlatt": func(n int) func() {
		score, _, truth := timedScores(n)
		return func() { must(calibrate.FitPlatt(score, truth, nil)) }
	},
	"FitIsotonic": func(n int) func() {
		score, y, _ := timedScores(n)
		return func() { must(calibrate.FitIsotonic(score, y, nil)) }
	},
	"Fit": func(n int) func() {
		score, _, truth := timedScores(n)
		x := mat.NewDense(n, 1, score)
		return func() { must(calibrate.Fit(calibrate.Sigmoid, x, truth, nil)) }
	},
	"Classifier.Probabilities": func(n int) func() {
		score, _, truth := timedScores(n)
		x := mat.NewDense(n, 1, score)
		c := must(calibrate.Fit(calibrate.Monotone, x, truth, nil))
		return func() { must(c.Probabilities(x)) }
	},
	"Isotonic.At": func(n int) func() { // grows with the steps of the function
		score, y, _ := timedScores(n)
		p := must(calibrate.FitIsotonic(score, y, nil))
		return func() { p.At(0.5) }
	},
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func BenchmarkCalibrate(b *testing.B) { benchmarks.Run(b) }

// TestEveryCalibrationIsTimed: what grows with the scores has a benchmark at three
// sizes.
func TestEveryCalibrationIsTimed(t *testing.T) {
	benchmarks.Check(t, "Platt.At") // one exponential
	benchmarks.Once()
}

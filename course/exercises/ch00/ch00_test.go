package ch00

import (
	"testing"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/course/check/checktest"
	"github.com/descent-go/descent/datasets"
)

func TestMean(t *testing.T) {
	e := checktest.New(t, check.Mean)
	e.Right(mean)
	e.Wrong("the sum", func(v []float64) float64 { return mean(v) * float64(len(v)) })
	e.Wrong("n − 1", func(v []float64) float64 { return mean(v) * float64(len(v)) / float64(len(v)-1) })
	e.Wrong("inside the loop", func(v []float64) float64 { return v[0] / float64(len(v)) })
	e.Wrong("The last number", func(v []float64) float64 { return mean(v[:len(v)-1]) * float64(len(v)-1) / float64(len(v)) })
	e.Wrong("int() cuts off", func(v []float64) float64 {
		sum := 0
		for _, x := range v {
			sum += int(x)
		}
		return float64(sum / len(v))
	})
	e.Wrong("Keep the sum a float64", func(v []float64) float64 { return float64(int(mean(v)*float64(len(v))) / len(v)) })
	e.Wrong("The first number is missing", func(v []float64) float64 { return mean(v[1:]) * float64(len(v)-1) / float64(len(v)) })
}

func TestIrisFacts(t *testing.T) {
	e := checktest.New(t, check.IrisFacts)
	e.Right(irisFacts)
	e.Wrong("counted the target", func() (int, int, int) { return 150, 5, 3 })
	e.Wrong("another order", func() (int, int, int) { return 4, 150, 3 })
	e.Wrong("of one class", func() (int, int, int) { return 50, 4, 3 })
	e.Wrong("classes", func() (int, int, int) { return 150, 4, 2 })

	// What the check wants is what the data say.
	d := datasets.Iris()
	samples, features := d.Dims()
	if s, f, c := irisFacts(); s != samples || f != features || c != len(d.Classes) {
		t.Errorf("the solution is %d, %d, %d, and the data have %d, %d, %d", s, f, c, samples, features, len(d.Classes))
	}
	e.Wrong("the line with the names", func() (int, int, int) { return 151, 4, 3 })
	e.Wrong("are all numbers", func() (int, int, int) { return 600, 4, 3 })
}

func TestSteps(t *testing.T) {
	e := checktest.New(t, check.Steps)
	e.Right(steps)
	e.Wrong("is forgotten", func(samples, batch, epochs int) int {
		if batch == 0 {
			return epochs
		}
		return epochs * (samples / batch)
	})
	e.Wrong("of one epoch", func(samples, batch, _ int) int { return steps(samples, batch, 1) })
	e.Wrong("a step for each sample", func(samples, _, epochs int) int { return samples * epochs })
	e.Wrong("go on over the end", func(samples, batch, epochs int) int {
		if batch == 0 {
			return epochs
		}
		return (samples*epochs + batch - 1) / batch
	})
	e.Wrong("integer divide by zero", func(samples, batch, epochs int) int { return epochs * ((samples + batch - 1) / batch) })
	e.Wrong("all samples at once", func(samples, batch, epochs int) int {
		if batch == 0 {
			return 0
		}
		return steps(samples, batch, epochs)
	})
	e.Wrong("come out even", func(samples, batch, epochs int) int {
		if batch == 0 {
			return epochs
		}
		return epochs * (samples/batch + 1)
	})
	e.Wrong("Multiply the steps of one epoch", func(samples, batch, epochs int) int { return steps(samples, batch, 1) + epochs })
}

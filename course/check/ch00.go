package check

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
)

var meanOf = Exercise{"Mean", []string{
	"Add the numbers up in a loop: for _, x := range v.",
	"After the loop, divide the sum by how many there are: float64(len(v)).",
}}

// Mean checks the mean of some numbers.
func Mean(f func(v []float64) float64) Answer {
	return examine(meanOf, func(t *trial) {
		cases(t, 1, []int{4, 9, 2}, func(r *rand.Rand) int {
			return between(r, 1, 30)
		}, func(n int, r *rand.Rand) {
			v := normal(r, n)
			sum, count, cut := floats.Sum(v), float64(n), 0.0
			for _, x := range v {
				cut += math.Trunc(x)
			}
			const whole = "int() cuts off what stands behind the point. Keep the sum a float64, and turn the number of values into one: float64(len(v))."
			t.give("v", v)
			t.equal("the mean", f(slices.Clone(v)), sum/count,
				mistake{sum, "That is the sum: divide it by the number of values, float64(len(v))."},
				mistake{sum / (count - 1), "You divide by n − 1: the mean divides by n."},
				mistake{v[0] / count, "You return inside the loop, after the first number."},
				mistake{(sum - v[n-1]) / count, "The last number is missing: range v goes through all of them."},
				mistake{math.Trunc(sum) / count, whole}, mistake{math.Trunc(sum / count), whole},
				mistake{math.Trunc(math.Trunc(sum) / count), whole}, mistake{cut / count, whole}, mistake{math.Trunc(cut / count), whole},
				mistake{(sum - v[0]) / count, "The first number is missing: slices begin at 0."})
		})
	})
}

var irisFacts = Exercise{"IrisFacts", []string{
	"fmt.Println(datasets.Iris()), below %% in a cell of its own, describes the data.",
	"The first line says it: so many samples, so many features, a target of so many classes. Return the three numbers.",
}}

// IrisFacts checks the numbers of samples, features and classes of the iris
// data.
func IrisFacts(f func() (samples, features, classes int)) Answer {
	return examine(irisFacts, func(t *trial) {
		samples, features, classes := f()
		got, want := []int{samples, features, classes}, []int{150, 4, 3}
		switch {
		case slices.Equal(got, want):
		case features == 5:
			t.fail("You have counted the target as a feature: the features are what the model is given.")
		case slices.Equal(slices.Sorted(slices.Values(got)), []int{3, 4, 150}):
			t.fail("These are the numbers, in another order: samples, features, classes.")
		case samples == 151:
			t.fail("You have counted the line with the names. 150 flowers were measured.")
		case samples == 600:
			t.fail("600 are all numbers. A sample is a flower, with four of them.")
		case samples == 50:
			t.fail("50 are the flowers of one class. How many are there in all?")
		case samples == 150 && features == 4:
			t.fail("Samples and features are right. The classes are what the target can be: read their names.")
		default:
			t.fail("That is not what datasets.Iris() says. Print it.")
		}
	})
}

var steps = Exercise{"Steps", []string{
	"How many batches does one epoch have? Try it with 10 samples and batches of 4: 4, 4 and 2.",
	"It is the quotient, rounded up: (samples + batch − 1) / batch, since Go rounds down.",
	"Multiply by the number of epochs. A batch of 0 is one step for each epoch.",
}}

// Steps checks the number of updates in the given number of epochs; the last
// batch of an epoch may be smaller.
func Steps(f func(samples, batch, epochs int) int) Answer {
	return examine(steps, func(t *trial) {
		type sample struct{ samples, batch, epochs int }
		cases(t, 0, []sample{
			{10, 4, 5}, {100, 32, 3}, {100, 10, 2}, {7, 1, 4}, {5, 8, 6}, {100, 0, 50},
		}, func(r *rand.Rand) sample {
			return sample{between(r, 1, 200), between(r, 0, 40), between(r, 1, 9)}
		}, func(c sample, r *rand.Rand) {
			t.give("samples", c.samples, "batch", c.batch, "epochs", c.epochs)
			batch := c.batch
			if batch == 0 {
				batch = c.samples
			}
			batches := (c.samples + batch - 1) / batch
			t.equal("the number of steps", f(c.samples, c.batch, c.epochs), c.epochs*batches,
				mistake{c.epochs * (c.samples / batch), "The last batch of each epoch is forgotten. It is smaller, but it is a step, too."},
				mistake{c.epochs * (c.samples/batch + 1), "Where the batches come out even there is no smaller one at the end: round up, instead of adding 1 always."},
				mistake{c.epochs + batches, "Multiply the steps of one epoch by the number of epochs."},
				mistake{0, "A batch of 0 means all samples at once, one step for each epoch."},
				mistake{batches, "These are the steps of one epoch: multiply by the number of epochs."},
				mistake{c.samples * c.epochs, "You count a step for each sample. There is one for each batch."},
				mistake{(c.samples*c.epochs + batch - 1) / batch, "Your batches go on over the end of an epoch. Each epoch begins a new one: round up first, then multiply."})
		})
	})
}

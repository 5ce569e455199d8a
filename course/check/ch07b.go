package check

import (
	"math"
	"math/rand/v2"
	"slices"
)

var kerasAdam = Exercise{"KerasAdam", []string{
	"The moments are those of any Adam. Only the last line differs, and it uses m[j] and v[j] uncorrected.",
	"Compute the rate first: alpha * math.Sqrt(1-math.Pow(beta2, float64(t))) / (1-math.Pow(beta1, float64(t))).",
	"theta[j] -= rate * m[j] / (math.Sqrt(v[j]) + epsilon).",
}}

// KerasAdam checks the t-th step of Adam with both bias corrections in the rate, which changes theta, m and v in place.
func KerasAdam(f func(theta, m, v, grad []float64, t int, alpha, beta1, beta2, epsilon float64)) Answer {
	return examine(kerasAdam, func(t *trial) {
		cases(t, 7201, []int{3, 1, 100}, func(r *rand.Rand) int { return between(r, 1, 20) }, func(step int, r *rand.Rand) {
			theta, m, v, grad := normal(r, 3), normal(r, 3), normal(r, 3), normal(r, 3)
			alpha, beta1, beta2, epsilon := 0.1+twoDigits(r.Float64()), 0.8, 0.95, 0.1
			for j := range v {
				v[j] *= v[j]
			}
			if step == 1 {
				clear(m)
				clear(v)
			}
			square := make([]float64, 3)
			for j, g := range grad {
				square[j] = g * g
			}
			theta0, m0, v0, grad0 := slices.Clone(theta), slices.Clone(m), slices.Clone(v), slices.Clone(grad)
			m1, v1 := combine(beta1, m, 1-beta1, grad), combine(beta2, v, 1-beta2, square)
			c1, c2 := 1-math.Pow(beta1, float64(step)), 1-math.Pow(beta2, float64(step))
			t.give("theta", theta0, "m", m0, "v", v0, "grad", grad0, "t", step, "alpha", alpha, "beta1", beta1, "beta2", beta2, "epsilon", epsilon)
			f(theta, m, v, grad, step, alpha, beta1, beta2, epsilon)
			t.unchanged("grad", grad, grad0)
			t.equal("m", m, m1,
				mistake{combine(1/c1, m1, 0, m1), "m is corrected in place. Don't store corrected moments: here not even the step uses them."},
				mistake{m0, "m stays as it was: step 4 of Adam changes it."})
			t.equal("v", v, v1,
				mistake{combine(1/c2, v1, 0, v1), "v is corrected in place. Don't store corrected moments: here not even the step uses them."},
				mistake{combine(beta2, v0, 1-beta2, grad), "v averages the squares of the gradient."})
			to := func(by func(m, v float64) float64) []float64 {
				out := slices.Clone(theta0)
				for j := range out {
					out[j] -= alpha * by(m1[j], v1[j])
				}
				return out
			}
			rate := math.Sqrt(c2) / c1
			t.equal("theta", theta, to(func(m, v float64) float64 { return rate * m / (math.Sqrt(v) + epsilon) }),
				mistake{to(func(m, v float64) float64 { return m / c1 / (math.Sqrt(v/c2) + epsilon) }), "That is PyTorch's Adam, and the paper's algorithm: ε is added to the corrected root. Keras adds it to the uncorrected one."},
				mistake{to(func(m, v float64) float64 { return rate * m / math.Sqrt(v+epsilon) }), "ε stands inside the root. It belongs outside."},
				mistake{to(func(m, v float64) float64 { return c2 / c1 * m / (math.Sqrt(v) + epsilon) }), "The rate has the root of 1 − β₂ᵗ, as v itself is under a root."},
				mistake{to(func(m, v float64) float64 { return m / rate / (math.Sqrt(v) + epsilon) }), "The rate's fraction is upside down: 1 − β₁ᵗ divides."},
				mistake{to(func(m, v float64) float64 { return m / (math.Sqrt(v) + epsilon) }), "There is no bias correction: alpha must be multiplied by √(1 − β₂ᵗ)/(1 − β₁ᵗ)."},
				mistake{to(func(m, v float64) float64 { return -rate * m / (math.Sqrt(v) + epsilon) }), "theta moves uphill: subtract the step."},
				mistake{theta0, "theta does not move."})
		})
	})
}

var epochLoss = Exercise{"EpochLoss", []string{
	"The mean of a batch times its size is the sum over the batch.",
	"Add these sums, and divide by the number of all samples.",
	"sum += losses[i] * float64(sizes[i]) and n += sizes[i]; then sum / float64(n).",
}}

// EpochLoss checks the mean loss over samples from the means and sizes of batches.
func EpochLoss(f func(losses []float64, sizes []int) float64) Answer {
	return examine(epochLoss, func(t *trial) {
		cases(t, 7202, []int{3, 1, 5}, func(r *rand.Rand) int { return between(r, 2, 6) }, func(n int, r *rand.Rand) {
			losses, sizes := normal(r, n), make([]int, n)
			size, all, last := between(r, 4, 9), 0, n-1
			sum, plain := 0.0, 0.0
			for i := range losses {
				losses[i] = twoDigits(0.1 + losses[i]*losses[i])
				sizes[i] = size
				if i == last {
					sizes[i] = between(r, 1, size-1)
				}
				sum, plain, all = sum+losses[i]*float64(sizes[i]), plain+losses[i], all+sizes[i]
			}
			t.give("losses", losses, "sizes", sizes)
			wrong := []mistake{
				{plain / float64(n), "That is the mean of the means: the last, smaller batch counts as much as the others. Weigh each batch by its size."},
				{sum, "That is the sum over all samples. Divide by their number."},
				{sum / float64(n), "You divide by the number of batches, and the sum needs the number of samples."},
				{losses[last], "That is the loss of the last batch alone, as the article's code has it. An epoch has all of them."},
			}
			if n > 1 {
				wrong = append(wrong, mistake{(sum - losses[last]*float64(sizes[last])) / float64(all-sizes[last]), "You leave the last batch out. It is smaller, but it belongs to the epoch."})
			}
			t.equal("the loss", f(slices.Clone(losses), slices.Clone(sizes)), sum/float64(all), wrong...)
		})
	})
}

var startStd = Exercise{"StartStd", []string{
	"First the bound a of the uniform distribution, then its standard deviation.",
	"The uniform distribution on ±a has the variance a²/3.",
	"So return bound / math.Sqrt(3), with 1/math.Sqrt(float64(inputs)) or math.Sqrt(6/float64(inputs+outputs)) as the bound.",
}}

// StartStd checks the standard deviation of a dense layer's first weights: 1/√(3·inputs) in PyTorch, √(2/(inputs + outputs))
// in Keras.
func StartStd(f func(tool string, inputs, outputs int) float64) Answer {
	return examine(startStd, func(t *trial) {
		type layer struct {
			tool    string
			in, out int
		}
		draw := func(r *rand.Rand) layer {
			in := between(r, 2, 100)
			return layer{[]string{"pytorch", "keras"}[r.IntN(2)], in, in + between(r, 20, 200)}
		}
		cases(t, 7203, []layer{{"pytorch", 50, 30}, {"keras", 64, 32}, {"keras", 3, 1}}, draw, func(l layer, r *rand.Rand) {
			t.give("tool", l.tool, "inputs", l.in, "outputs", l.out)
			std := func(tool string, in, out int) float64 {
				if tool == "keras" {
					return math.Sqrt(2 / float64(in+out))
				}
				return 1 / math.Sqrt(3*float64(in))
			}
			want, other := std(l.tool, l.in, l.out), std(map[string]string{"keras": "pytorch", "pytorch": "keras"}[l.tool], l.in, l.out)
			t.equal("the standard deviation", f(l.tool, l.in, l.out), want,
				mistake{want * math.Sqrt(3), "That is the bound of the distribution. Its standard deviation is the bound divided by √3."},
				mistake{want * want, "That is the variance. Take the root."},
				mistake{2 * want, "The interval is twice as long as the bound; a² / 3 is the variance for ±a, and (2a)²/12 is the same."},
				mistake{other, "You have exchanged the two tools."},
				mistake{std(l.tool, l.out, l.out), "You use the number of outputs in the place of the inputs."},
				mistake{std(l.tool, l.out, l.in), "You use the number of outputs in the place of the inputs."},
				mistake{want * 3, "You divide too little: the variance is a²/3, so divide the bound by √3."})
		})
	})
}

var digits = Exercise{"Digits", []string{
	"First the largest difference, each divided by max(1, |want[i]|).",
	"−log₁₀ of it is the number of digits, as a number with a fraction: round it down.",
	"Begin with worst := 1e-16, so that equal vectors give 16 and not infinity.",
}}

// Digits checks the number of decimal digits to which two vectors agree, 16 at the most.
func Digits(f func(got, want []float64) int) Answer {
	return examine(digits, func(t *trial) {
		type pair struct {
			n, digits int
			large     float64
		}
		draw := func(r *rand.Rand) pair { return pair{between(r, 3, 5), between(r, 2, 9), 100} }
		cases(t, 7204, []pair{{3, 4, 100}, {3, 7, 1}, {3, 16, 10}}, draw, func(c pair, r *rand.Rand) {
			want := normal(r, c.n)
			last := c.n - 1
			want[last] = c.large * (1.5 + r.Float64())
			got := slices.Clone(want)
			part := uniform(r, 0.3, 0.7) * math.Pow(10, -float64(c.digits)) // of the last one: far from a power of ten
			if c.digits < 16 {
				got[0] += 0.00005 * part
				got[1] += 0.005 * part
				got[last] -= part * want[last]
			}
			t.give("got", got, "want", want)
			k := f(slices.Clone(got), slices.Clone(want))
			worst := func(scale func(w float64) float64, sign bool) float64 {
				d := 1e-16
				for i, w := range want {
					e := got[i] - w
					if !sign {
						e = math.Abs(e)
					}
					d = max(d, e/scale(w))
				}
				return -math.Log10(d)
			}
			relative := func(w float64) float64 { return max(1, math.Abs(w)) }
			right := int(math.Floor(worst(relative, false)))
			switch {
			case k == right:
			case k > 16:
				t.fail("You return %d. A float64 has 16 digits: 16 at the most.", k)
			case k < 0 && right >= 0:
				t.fail("You return %d. Take minus the logarithm: 10⁻⁴ means four digits.", k)
			case k == int(math.Ceil(worst(relative, false))):
				t.fail("You return %d and it should be %d. Round down: the next digit differs.", k, right)
			case k == int(math.Floor(worst(func(float64) float64 { return 1 }, false))):
				t.fail("You return %d and it should be %d. Divide each difference by the size of the numbers, max(1, |want[i]|).", k, right)
			case k == int(math.Floor(worst(relative, true))):
				t.fail("You return %d and it should be %d. Take the absolute value of each difference.", k, right)
			case c.digits < 16 && k == int(math.Floor(-math.Log10(max(1e-16, math.Abs(got[0]-want[0])/relative(want[0]))))):
				t.fail("You return %d and it should be %d. It must hold for all pairs: look for the largest difference.", k, right)
			default:
				t.equal("the number of digits", k, right)
			}
		})
	})
}

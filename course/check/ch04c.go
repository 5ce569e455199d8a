package check

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
)

// normalMatrix returns a matrix of numbers from normal.
func normalMatrix(r *rand.Rand, rows, cols int) *mat.Dense {
	return mat.NewDense(rows, cols, normal(r, rows*cols))
}

// product returns ab, where a transposed factor is given as a.T().
func product(a, b mat.Matrix) *mat.Dense {
	var c mat.Dense
	c.Mul(a, b)
	return &c
}

// productOrNil returns ab, or nil where the shapes do not fit: the value of a mistake that is impossible then.
func productOrNil(a, b mat.Matrix) *mat.Dense {
	_, inner := a.Dims()
	if rows, _ := b.Dims(); rows != inner {
		return nil
	}
	return product(a, b)
}

// scaledBy returns m·s.
func scaledBy(m *mat.Dense, s float64) *mat.Dense {
	var out mat.Dense
	out.Scale(s, m)
	return &out
}

// mapped returns f(i, j, value) of each element.
func mapped(m *mat.Dense, f func(i, j int, v float64) float64) *mat.Dense {
	var out mat.Dense
	out.Apply(f, m)
	return &out
}

// sums returns the sums of the columns and of the rows.
func sums(m *mat.Dense) (ofColumns, ofRows []float64) {
	rows, cols := m.Dims()
	ofColumns, ofRows = make([]float64, cols), make([]float64, rows)
	for i := range rows {
		for j := range cols {
			ofColumns[j] += m.At(i, j)
			ofRows[i] += m.At(i, j)
		}
	}
	return ofColumns, ofRows
}

// oblong are the shapes of a layer's cases: m samples, n inputs, k outputs. Where all are equal, a wrong transposition
// or a sum over the wrong axis has the right shape.
type oblong struct{ m, n, k int }

func drawOblong(r *rand.Rand) oblong {
	if r.IntN(2) == 0 {
		n := between(r, 2, 4)
		return oblong{n, n, n}
	}
	return oblong{between(r, 1, 5), between(r, 1, 4), between(r, 1, 4)}
}

var oblongs = []oblong{{3, 3, 3}, {4, 2, 3}, {1, 3, 2}, {3, 1, 1}}

var denseGradient = Exercise{"DenseGradient", []string{
	"Write down the three shapes. W is n×k: which product of X (m×n) and Ȳ (m×k) is n×k?",
	"dw is XᵀȲ and dx is ȲWᵀ: dw.Mul(x.T(), dy) and dx.Mul(dy, w.T()).",
	"b was added to each row, so db[j] is the sum of column j of dy.",
}}

// DenseGradient checks the gradients of a dense layer Y = XW + b: W̄ = XᵀȲ, b̄ = Σᵢ Ȳᵢ, X̄ = ȲWᵀ.
func DenseGradient(f func(x, w, dy *mat.Dense) (dw *mat.Dense, db []float64, dx *mat.Dense)) Answer {
	return examine(denseGradient, func(t *trial) {
		cases(t, 4301, oblongs, drawOblong, func(c oblong, r *rand.Rand) {
			x, w, dy := normalMatrix(r, c.m, c.n), normalMatrix(r, c.n, c.k), normalMatrix(r, c.m, c.k)
			before := []*mat.Dense{mat.DenseCopyOf(x), mat.DenseCopyOf(w), mat.DenseCopyOf(dy)}
			t.give("x", x, "w", w, "dy", dy)
			dw, db, dx := f(x, w, dy)
			for i, m := range []*mat.Dense{x, w, dy} {
				t.unchanged([]string{"x", "w", "dy"}[i], m, before[i])
			}
			mean := 1 / float64(c.m)
			over, across := sums(dy)
			want := product(x.T(), dy)
			t.equal("dw", dw, want,
				mistake{productOrNil(x, dy), "The transposition of X is missing: an entry of W̄ is a sum over the samples, and those are the rows of both factors."},
				mistake{productOrNil(dy.T(), x), "That is the transpose of W̄: it must have a row for each input, as W has."},
				mistake{scaledBy(want, mean), "You divide by the number of samples. The mean is in dy already; a layer only adds."},
				mistake{scaledBy(want, 0), "W̄ is still 0."})
			t.equal("db", db, over,
				mistake{across, "b̄ is summed over the wrong axis: b was added to every row, so each of its numbers gets the sum of a column of dy, over the samples."},
				mistake{combine(mean, over, 0, over), "That is the mean over the samples. The mean is in dy already; b gets the sum."},
				mistake{dy.RawRowView(c.m - 1), "b̄ is overwritten: it has the last row of dy, and should have the sum of all rows. Write += and not =."},
				mistake{dy.RawRowView(0), "b̄ has the first row of dy only. It should have the sum of all rows."})
			t.equal("dx", dx, product(dy, w.T()),
				mistake{productOrNil(dy, w), "The transposition of W is missing: in the forward pass W leads from inputs to outputs, and the gradient goes the other way."},
				mistake{productOrNil(w, dy.T()), "That is the transpose of X̄: it must have a row for each sample, as X has."})
		})
	})
}

var hiddenGradient = Exercise{"HiddenGradient", []string{
	"Two steps: from the gradient of Z to that of H, and from there to that of A.",
	"H̄ is Z̄Wᵀ. It has the shape of H.",
	"Ā is H̄ times the slope of tanh, element by element, and the slope is 1 − h².",
}}

// HiddenGradient checks the gradient of A for Z = HW, H = tanh A: Ā = (Z̄Wᵀ) ⊙ (1 − H²).
func HiddenGradient(f func(h, w, dz *mat.Dense) *mat.Dense) Answer {
	return examine(hiddenGradient, func(t *trial) {
		cases(t, 4302, oblongs, drawOblong, func(c oblong, r *rand.Rand) {
			h := mapped(normalMatrix(r, c.m, c.n), func(_, _ int, v float64) float64 { return twoDigits(math.Tanh(v)) })
			w, dz := normalMatrix(r, c.n, c.k), normalMatrix(r, c.m, c.k)
			before := []*mat.Dense{mat.DenseCopyOf(h), mat.DenseCopyOf(w), mat.DenseCopyOf(dz)}
			t.give("h", h, "w", w, "dz", dz)
			got := f(h, w, dz)
			for i, m := range []*mat.Dense{h, w, dz} {
				t.unchanged([]string{"h", "w", "dz"}[i], m, before[i])
			}
			dh := product(dz, w.T())
			through := func(g *mat.Dense, slope func(h float64) float64) *mat.Dense {
				if g == nil {
					return nil
				}
				return mapped(g, func(i, j int, v float64) float64 { return v * slope(h.At(i, j)) })
			}
			tanh := func(h float64) float64 { return 1 - h*h }
			t.equal("the gradient of A", got, through(dh, tanh),
				mistake{dh, "That is the gradient of H. Between A and H lies tanh: its slope is missing."},
				mistake{through(productOrNil(dz, w), tanh), "The transposition of W is missing: W leads from hidden units to outputs, and the gradient comes back the other way. With square matrices nothing complains."},
				mistake{through(dh, func(h float64) float64 { return 1 - math.Tanh(h)*math.Tanh(h) }),
					"The slope is taken at the wrong point: you compute tanh once more, but h is the tanh already."},
				mistake{through(dh, func(h float64) float64 { return h * (1 - h) }), "h(1 − h) is the slope of the sigmoid. That of tanh is 1 − h²."},
				mistake{through(dh, func(h float64) float64 { return 1 - h }), "The slope of tanh is 1 − h², not 1 − h."},
				mistake{through(dh, math.Tanh), "You multiply by tanh itself. The gradient is multiplied by its slope."})
		})
	})
}

var skipGradient = Exercise{"SkipGradient", []string{
	"There are two ways from xᵢ to yᵢ. What comes back along each of them is added.",
	"Along the shortcut dyᵢ comes back as it is; through tanh(w·xᵢ) it is multiplied by w(1 − t²), with t = tanh(w·xᵢ).",
	"w is used for every i: dw += dyᵢ · xᵢ · (1 − t²).",
}}

// SkipGradient checks the gradients of x and w for yᵢ = xᵢ + tanh(w·xᵢ).
func SkipGradient(f func(x []float64, w float64, dy []float64) (dx []float64, dw float64)) Answer {
	return examine(skipGradient, func(t *trial) {
		cases(t, 4303, []int{3, 1, 6}, func(r *rand.Rand) int { return between(r, 2, 6) }, func(n int, r *rand.Rand) {
			x, dy, w := normal(r, n), normal(r, n), uniform(r, 0.5, 1.5)
			beforeX, beforeY := combine(1, x, 0, x), combine(1, dy, 0, dy)
			t.give("x", x, "w", w, "dy", dy)
			dx, dw := f(x, w, dy)
			t.unchanged("x", x, beforeX)
			t.unchanged("dy", dy, beforeY)
			each := func(f func(x, dy, slope float64) float64) []float64 {
				v := make([]float64, n)
				for i := range v {
					s := math.Tanh(w * x[i])
					v[i] = f(x[i], dy[i], 1-s*s)
				}
				return v
			}
			t.equal("dx", dx, each(func(_, d, slope float64) float64 { return d * (1 + w*slope) }),
				mistake{each(func(_, d, slope float64) float64 { return d * w * slope }), "The way through tanh has overwritten the shortcut: what comes back along both ways is added."},
				mistake{dy, "Only the shortcut is there. What comes back through tanh has to be added."},
				mistake{each(func(_, d, slope float64) float64 { return d * w * slope * d }), "Along two ways the gradients are added, not multiplied."},
				mistake{each(func(_, d, slope float64) float64 { return d * (1 + slope) }), "Through tanh(w·x) the chain has two links: the slope of tanh, and w, the derivative of w·x by x."},
				mistake{each(func(x, d, _ float64) float64 { return d * (1 + w*(1-math.Tanh(x)*math.Tanh(x))) }), "The slope is taken at the wrong point: at x, and tanh was computed at w·x."})
			parts := each(func(x, d, slope float64) float64 { return d * x * slope })
			all := 0.0
			for _, p := range parts {
				all += p
			}
			t.equal("dw", dw, all,
				mistake{parts[n-1], "dw is overwritten: it has what comes from the last i only. w is used for every i, so write += and not =."},
				mistake{all / float64(n), "That is the mean over i. All ways back are added; a mean would be in dy already."},
				mistake{0.0, "dw is 0: it gets dyᵢ·xᵢ·(1 − t²) from each i."})
		})
	})
}

var softmaxGradient = Exercise{"SoftmaxGradient", []string{
	"First the probabilities of each row: math.Exp of each score, divided by their sum.",
	"Subtract 1 from the probability of the true class, and nothing from the others.",
	"The loss is the mean over the samples: divide everything by len(z).",
}}

// SoftmaxGradient checks the gradient by the scores of the mean cross-entropy: (p − y)/m, where y is 1 at the label.
func SoftmaxGradient(f func(z [][]float64, labels []int) [][]float64) Answer {
	return examine(softmaxGradient, func(t *trial) {
		cases(t, 4304, []oblong{{3, 0, 4}, {1, 0, 2}, {5, 0, 3}}, func(r *rand.Rand) oblong {
			return oblong{between(r, 2, 5), 0, between(r, 2, 5)}
		}, func(c oblong, r *rand.Rand) {
			labels := ints(r, c.m, 0, c.k-1)
			z, before := make([][]float64, c.m), make([][]float64, c.m)
			for i := range z {
				z[i] = normal(r, c.k)
				before[i] = combine(1, z[i], 0, z[i])
			}
			t.give("z", z, "labels", labels)
			got := f(z, labels)
			t.unchanged("z", z, before)
			grad := func(scale float64, change func(p, y float64) float64) [][]float64 {
				out := make([][]float64, c.m)
				for i, row := range before {
					p := make([]float64, c.k)
					model.Softmax(p, row)
					for k := range p {
						y := 0.0
						if k == labels[i] {
							y = 1
						}
						p[k] = scale * change(p[k], y)
					}
					out[i] = p
				}
				return out
			}
			m := float64(c.m)
			t.equal("the gradient", got, grad(1/m, func(p, y float64) float64 { return p - y }),
				mistake{grad(1, func(p, y float64) float64 { return p - y }), "The mean over the samples is missing: divide by their number, once."},
				mistake{grad(1/m, func(p, y float64) float64 { return y - p }), "The sign is wrong: too high a probability must be pulled down, so the gradient is p minus the truth."},
				mistake{grad(1/m, func(p, _ float64) float64 { return p }), "Those are the probabilities. Subtract 1 at the true class."},
				mistake{grad(1/m, func(p, y float64) float64 { return (p - y) * p * (1 - p) }), "There is a slope too many: that of the softmax has cancelled with the logarithm of the loss, and p − y is all that is left."},
				mistake{grad(1/m, func(p, y float64) float64 { return -y / p }), "That is the gradient by the probabilities. Go one step further back, through the softmax to the scores."},
				mistake{grad(1/(m*float64(c.k)), func(p, y float64) float64 { return p - y }), "You divide by the number of all entries. The mean goes over the samples only."})
		})
	})
}

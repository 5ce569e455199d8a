package train

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/objective"
)

// augmented computes the gradient on batches that Options.Augment has changed: that of
// an objective whose data are the changed batch.
type augmented struct {
	run       *run
	stream    rand.PCG
	objective *objective.Objective
	most      int // rows of the largest batch, for which the objective was made
	changed   mat.Dense

	samples, targets rows.Buffer
	weights          []float64
}

// newAugmented returns nil without Options.Augment.
func newAugmented(r *run) *augmented {
	if r.opt.Augment == nil {
		return nil
	}
	return &augmented{run: r}
}

// checkAugment returns an error for data that cannot be augmented.
func (o *Options) checkAugment(data Data) error {
	if o.Augment != nil && rows.Of(data.X).Sparse() != nil {
		return errors.New("train: Options.Augment changes dense rows, but x is sparse: pass preprocess.Dense(x)")
	}
	return nil
}

// gradient sets grad to ∂L/∂θ for the changed rows from lo to hi, and returns L.
func (a *augmented) gradient(grad []float64, lo, hi int) float64 {
	r := a.run
	data := r.objective.Data
	order := r.objective.Rows(lo, hi)
	x, ok := a.samples.Take(rows.Of(data.X), order, lo, hi).(*mat.Dense)
	if !ok {
		x = mat.DenseCopyOf(a.samples.Take(rows.Of(data.X), order, lo, hi))
	}
	y := a.targets.Take(rows.Of(data.Y), order, lo, hi).(*mat.Dense)
	a.changed.Reset()
	r.opt.Augment(&a.changed, x, a.seed())
	if n, c := a.changed.Dims(); n != hi-lo || c != x.RawMatrix().Cols {
		panic(fmt.Sprintf("train: Options.Augment made %d×%d of a batch of %d×%d", n, c, hi-lo, x.RawMatrix().Cols))
	}
	batch := Data{X: &a.changed, Y: y, SampleWeights: a.weightsOf(order, lo, hi)}
	if most := r.feed.largest(); most != a.most {
		a.most = most
		a.objective = objective.New(r.state.Model, r.opt.Loss, batch, objective.Options{Batch: most})
	} else {
		a.objective.SetData(batch)
	}
	return a.objective.Gradient(grad, 0, hi-lo)
}

// seed returns the seed of the step: the first number of a stream of (Seed, step), which
// is another one than that of the model's random layers.
func (a *augmented) seed() uint64 {
	const augment = 0x6175676d656e7400
	a.stream.Seed(a.run.opt.Seed^augment, uint64(a.run.state.Step))
	return a.stream.Uint64()
}

func (a *augmented) weightsOf(order []int, lo, hi int) []float64 {
	w := a.run.objective.Data.SampleWeights
	switch {
	case w == nil:
		return nil
	case order == nil:
		return w[lo:hi]
	}
	a.weights = a.weights[:0]
	for _, i := range order {
		a.weights = append(a.weights, w[i])
	}
	return a.weights
}

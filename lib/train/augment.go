package train

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
)

// augmented computes the gradient on batches that Options.Augment has changed. It is
// the plain evaluation of package objective with one more line.
type augmented struct {
	run     *run
	x, y    rows.Matrix
	stream  rand.PCG
	changed mat.Dense
	pred    mat.Dense
	dPred   mat.Dense

	samples, targets rows.Buffer
	weights          []float64
}

// newAugmented returns nil without Options.Augment.
func newAugmented(r *run) *augmented {
	if r.opt.Augment == nil {
		return nil
	}
	x, ok := r.batches.data.X.(*mat.Dense)
	if !ok {
		x = mat.DenseCopyOf(r.batches.data.X)
	}
	return &augmented{run: r, x: rows.Of(x), y: rows.Of(r.batches.data.Y)}
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
	var order []int
	if r.batches.order != nil {
		order = r.batches.order[lo:hi]
	}
	x := a.samples.Take(a.x, order, lo, hi).(*mat.Dense)
	y := a.targets.Take(a.y, order, lo, hi).(*mat.Dense)
	a.changed.Reset()
	r.opt.Augment(&a.changed, x, a.seed())
	if n, c := a.changed.Dims(); n != hi-lo || c != x.RawMatrix().Cols {
		panic(fmt.Sprintf("train: Options.Augment made %d×%d of a batch of %d×%d", n, c, hi-lo, x.RawMatrix().Cols))
	}

	m := r.state.Model
	a.pred.Reset()
	m.Forward(&a.pred, &a.changed)
	a.dPred.Reset()
	value := r.opt.Loss.Loss(&a.dPred, &a.pred, y, a.weightsOf(order, lo, hi))
	clear(grad)
	m.Backward(grad, &a.dPred)
	return value
}

// seed returns the seed of the step: the first number of a stream of (Seed, step), which
// is another one than that of the model's random layers.
func (a *augmented) seed() uint64 {
	const augment = 0x6175676d656e7400
	a.stream.Seed(a.run.opt.Seed^augment, uint64(a.run.state.Step))
	return a.stream.Uint64()
}

func (a *augmented) weightsOf(order []int, lo, hi int) []float64 {
	w := a.run.batches.data.SampleWeights
	if w == nil || order == nil {
		return w
	}
	a.weights = a.weights[:0]
	for _, i := range order {
		a.weights = append(a.weights, w[i])
	}
	return a.weights
}

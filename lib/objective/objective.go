// Package objective computes the loss of a model on samples, which training
// minimises, and its gradient with respect to θ.
//
// Training, solvers and gradient checks ask an [Objective] for the loss and the
// gradient on some rows of the data. The plain evaluation is the definition:
//
//	take the rows
//	f ← f(x; θ)             Model.Forward
//	L, ∂L/∂f ← L(f, y)      Loss.Loss
//	g ← ∂L/∂θ               Model.Backward
//
// Faster evaluations for special cases are in separate files. Each may decline,
// and [Objective.Gradient] then tries the next one; the plain one never
// declines. The tests compare each with the plain one. They agree to about 13
// digits, and none depends on the number of cores.
//
//   - Blocks (blocks.go). The rows are cut into blocks: prediction, loss and
//     gradient of a block are computed while it is in the cache, on all cores.
//     They are for models that can be shared, such as model.Linear, separable
//     losses and more than 256 kB of rows. They need a copy of the gradient for
//     each of up to 64 parts, together less than an eighth of the data.
//   - A scan (scan.go) computes a block for a model.Affine of one output on
//     dense rows: a few rows at a time, which stay in the first-level cache.
//   - The Gram matrix (gram.go). For squared error, a model.Affine, all rows of a
//     dense matrix of n ≤ 1024 columns and at least 4n rows, and n/8 + 4 gradients
//     or more (times outputs), loss and gradient follow from X̃ᵀX̃. It is computed
//     once, at the cost of about n/12 passes; a gradient then costs n² instead of
//     m·n operations.
//
// A model of sequences predicts several rows for each row of the data. [Tokens] pairs
// them with their targets.
//
// Second derivatives follow the same rule: [Objective.Hessian] multiplies by their matrix,
// by differences of gradients or, where model and loss know more, exactly.
//
// # What models, losses and optimizers may offer
//
// A Model, a Loss, an Optimizer or a Schedule needs only its own interface.
// These optional interfaces tell training more:
//
//	interface           purpose                                          implementations
//	model.Affine        f = b + xW: scans, the Gram matrix, sweeps       Linear
//	model.Sharer        blocks, on several cores                         Linear
//	model.Stateful      random draws and statistics, to save and resume  Network
//	model.InputChecker  reports invalid input                            Network, MatrixFactorization
//	model.SecondOrder   exact products with the Hessian matrix           Linear
//	loss.Pointwise      a function of one prediction and one target      all but CrossEntropy, MulticlassHinge, KLDivergence
//	loss.Separable      blocks, if it is not Pointwise or ignores rows   CrossEntropy, MulticlassHinge, KLDivergence, BinaryCrossEntropy
//	loss.Smooth         a second derivative: its bound, exact products   MSE, Huber, LogCosh, Poisson, SquaredHinge, BinaryCrossEntropy, CrossEntropy, KLDivergence
//	loss.TargetChecker  reports invalid labels                           all
//	optim.Perturber     a second gradient in each step                   SAM
//	optim.Averager      an average of θ, to predict with                 EMA, SWA, ASGD, ScheduleFree
//	optim.Observer      a rate that follows a metric                     Plateau, Sequence, Warmup, PerEpoch
//
// A type that embeds one of these types has its methods too. If it changes
// Forward or Backward, embed the interface model.Model instead, which hides
// the others.
package objective

import (
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
)

// An Objective is the loss of a model on data, as a function of the model's
// parameters θ.
type Objective struct {
	Model model.Model
	Loss  loss.Loss
	Data  Data

	seeder      model.Stateful // nil unless the model is one
	seed, step  uint64         // of the last Seed
	order       []int
	rows        int
	block       block
	tokens      Tokens
	pred, dPred mat.Dense
	blocks      *blocks // nil if it would always decline
	gram        *gram   // likewise
}

// Options say how an objective will be used. The zero value is for a few
// evaluations on all rows.
type Options struct {
	// Order lists the rows of the data in the order that lo and hi refer to.
	// It may change between evaluations. nil is the order of the data.
	Order []int
	// Batch is the largest number of rows of an evaluation; 0 means all.
	Batch int
	// Gradients is the expected number of gradients on all rows. If it is
	// large, a Gram matrix may pay off.
	Gradients int
	// Keep returns a vector of dim numbers that is saved when training is
	// interrupted, or zeros if there is none yet (fresh). nil means that
	// nothing is saved.
	Keep func(name string, dim int) (v []float64, fresh bool)
	// Plain disables all faster evaluations.
	Plain bool
}

// New returns the objective of m and l on data, which must have passed
// [Data.Check].
func New(m model.Model, l loss.Loss, data Data, opt Options) *Objective {
	count, _ := data.X.Dims()
	if opt.Batch == 0 {
		opt.Batch = count
	}
	o := &Objective{Model: m, Loss: l, Data: data, order: opt.Order, rows: count}
	o.seeder, _ = m.(model.Stateful)
	if !opt.Plain {
		o.blocks, o.gram = newBlocks(o, opt), newGram(o, opt)
	}
	return o
}

// SetData replaces the data by others of the same kind, which must have passed
// [Data.Check], with at most as many rows as Options.Batch said, or the first data had:
// the next batch of a stream. The order becomes that of the data. An objective that
// has formed a Gram matrix cannot have its data replaced: with Options.Gradients 0 it
// forms none.
func (o *Objective) SetData(data Data) {
	if o.gram != nil {
		panic("objective: SetData after a Gram matrix was formed: set Options.Gradients to 0")
	}
	o.Data, o.order = data, nil
	o.rows, _ = data.X.Dims()
}

// Gradient sets grad to ∂L/∂θ for the rows from lo to hi of the order, and returns
// L.
func (o *Objective) Gradient(grad []float64, lo, hi int) float64 {
	if value, ok := o.gram.gradient(grad, lo, hi); ok {
		return value
	}
	return o.pass(grad, lo, hi)
}

// pass is Gradient from the data.
func (o *Objective) pass(grad []float64, lo, hi int) float64 {
	if value, ok := o.blocks.gradient(grad, lo, hi); ok {
		return value
	}
	return o.plain(grad, lo, hi)
}

// plain is the definition of Gradient.
func (o *Objective) plain(grad []float64, lo, hi int) float64 {
	value := o.slope(lo, hi)
	clear(grad)
	o.Model.Backward(grad, &o.dPred)
	return value
}

// slope sets dPred to ∂L/∂f for rows, and returns L.
func (o *Objective) slope(lo, hi int) float64 {
	o.forward(lo, hi)
	o.dPred.Reset()
	y, weights := o.targets()
	return o.Loss.Loss(&o.dPred, &o.pred, y, weights)
}

// Narrow is Gradient for a model.Network that computes in float32: the gradient as
// model.Network.BackwardNarrow returns it. It panics for other models.
func (o *Objective) Narrow(lo, hi int) (value float64, grad []float32) {
	value = o.slope(lo, hi)
	return value, o.Model.(*model.Network).BackwardNarrow(&o.dPred)
}

// Value returns the loss for the rows from lo to hi of the order, as Gradient
// does: in training mode, with dropout.
func (o *Objective) Value(lo, hi int) float64 {
	if value, ok := o.blocks.value(lo, hi); ok {
		return value
	}
	o.forward(lo, hi)
	y, weights := o.targets()
	return o.Loss.Loss(nil, &o.pred, y, weights)
}

// targets returns the targets and weights of the last predictions.
func (o *Objective) targets() (y *mat.Dense, weights []float64) {
	return o.tokens.Of(&o.pred, o.block.y, o.block.weights)
}

// forward takes rows and computes the predictions for them.
func (o *Objective) forward(lo, hi int) {
	o.pred.Reset()
	if o.scattered(lo, hi) {
		return
	}
	o.block.take(o, lo, hi)
	o.Model.Forward(&o.pred, o.block.x)
}

// scattered is forward for a network and rows that lie scattered in a dense
// matrix: it takes them from there. It declines all else.
func (o *Objective) scattered(lo, hi int) bool {
	n, isNetwork := o.Model.(*model.Network)
	x, isDense := o.Data.X.(*mat.Dense)
	if !isNetwork || !isDense || o.order == nil {
		return false
	}
	o.block.takeTargets(o, lo, hi)
	n.ForwardRows(&o.pred, x, o.order[lo:hi])
	return true
}

// Seed sets what a model with random layers draws in the next evaluation.
func (o *Objective) Seed(seed, step uint64) {
	o.seed, o.step = seed, step
	o.again()
}

// again has the model draw once more what it drew after the last Seed.
func (o *Objective) again() {
	if o.seeder != nil {
		o.seeder.Seed(o.seed, o.step)
	}
}

// A block is some of the rows with their targets and weights: a view of the data
// where it can be one, else gathered into memory that is used again.
type block struct {
	x       mat.Matrix
	y       *mat.Dense
	weights []float64

	samples, targets rows.Buffer
	buffer           []float64
}

// take sets the block to the rows from lo to hi.
func (b *block) take(o *Objective, lo, hi int) {
	b.takeTargets(o, lo, hi)
	b.x = b.samples.Take(rows.Of(o.Data.X), o.Rows(lo, hi), lo, hi)
}

// takeTargets is take without the samples.
func (b *block) takeTargets(o *Objective, lo, hi int) {
	part := o.Rows(lo, hi)
	b.y = b.targets.Take(rows.Of(o.Data.Y), part, lo, hi).(*mat.Dense)
	switch w := o.Data.SampleWeights; {
	case w == nil:
	case part == nil:
		b.weights = w[lo:hi]
	default:
		b.weights = grow(b.buffer, len(part))
		b.buffer = b.weights
		for i, r := range part {
			b.weights[i] = w[r]
		}
	}
}

// Rows returns the rows from lo to hi of the order, nil for those of the data.
func (o *Objective) Rows(lo, hi int) []int {
	if o.order == nil {
		return nil
	}
	return o.order[lo:hi]
}

// grow returns v with n elements of any value.
func grow(v []float64, n int) []float64 {
	if cap(v) < n {
		return make([]float64, n)
	}
	return v[:n]
}

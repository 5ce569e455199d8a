// Package train moves the parameters of a model to where the loss is small.
//
// The loop is always the same. For each batch: predict, measure the loss, turn
// its gradient into the gradient with respect to the parameters, add the
// regularizer's, and let the optimizer step.
//
//	for s, err := range train.Epochs(ctx, m, x, y, options) {
//		if err != nil { … }
//		fmt.Println(s.Epoch, s.Loss)   // break to stop
//	}
//
// [Fit] is that loop with nothing in it; it returns the [History]. What else
// one may want during training (early stopping, progress, checkpoints, live
// charts) is a [Callback], a plain function.
//
// A batch of all samples makes it gradient descent, a batch of one stochastic
// gradient descent. The input is checked once, before the first step. The same
// seed gives the same parameters, bit for bit, on the same machine, also when
// training was interrupted and resumed. A step allocates no memory.
//
// # Short cuts
//
// What a model and a loss offer beyond their interfaces, training uses by
// itself. The results are those of the plain loop to about 13 digits, and do not
// depend on the number of cores; [History], callbacks and checkpoints are the
// same.
//
//   - One pass. For a model.Sharer, such as model.Linear, and a loss.Separable
//     (all of package loss), a batch of more than 256 kB is cut into blocks of
//     rows. Prediction, loss and gradient of a block are computed while it is in
//     the cache, so that the data are read from memory once a step and not
//     twice, and on all cores. It costs a copy of the gradient for each of up to
//     64 parts, together less than an eighth of the data.
//   - Least squares. With loss.MSE, all samples in a batch and a dense matrix of
//     n ≤ 1024 columns and at least 4n rows, and at least n/8 + 4 epochs (times
//     outputs), G = Σ w x̃ᵀx̃ is formed once, for the price of some n/12 passes.
//     A step then costs n² and not m·n: it starts from the loss and gradient at
//     an anchor, where they were computed from the data. Where rounding could
//     reach the 13th digit of the loss, the anchor is moved, which takes one
//     pass; badly conditioned columns or a residual of almost nothing make that
//     happen at each step, which is then no faster than a pass, and no worse.
//   - Single samples. With BatchSize 1, a model.Sweeper (model.Linear of one
//     output), a loss.Pointwise, plain optim.SGD, no Proximal, no Regularizer
//     other than regularizer.L2 and no OnStep, a step is a dot product and an
//     addition. On sparse rows it costs time proportional to the non-zeros,
//     with L2 too.
//
// Everything else, optimizers with a state and sparse mini-batches among them,
// costs at least the length of θ in each step: with a large vocabulary take
// single samples, or batches so large that their words outnumber it.
package train

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
)

// Fit trains m on the rows of x with targets y until the options say stop, the
// context ends or the loss diverges.
//
// An ended context is no error: Fit returns what it has, and the history's
// Status is Interrupted. It returns an error for data or options that cannot
// work, for divergence, and for a callback's failure; the history is nil only
// if training did not begin.
func Fit(ctx context.Context, m model.Model, x mat.Matrix, y *mat.Dense, opt Options) (*History, error) {
	var history *History
	for s, err := range Epochs(ctx, m, x, y, opt) {
		if s != nil {
			history = s.History
		}
		if err != nil {
			return history, err
		}
	}
	return history, nil
}

// Epochs trains as Fit does and yields after each epoch; breaking out of the
// loop ends training in good order. The State is the same each time. An error
// is yielded last; the state is nil if training did not begin.
func Epochs(ctx context.Context, m model.Model, x mat.Matrix, y *mat.Dense, opt Options) iter.Seq2[*State, error] {
	return func(yield func(*State, error) bool) {
		r, err := newRun(m, Data{x, y, opt.Weights}, opt)
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.end()
		if r.state.History.Status != Running { // resumed where nothing was left to do
			yield(r.state, nil)
			return
		}
		for r.state.History.Status == Running {
			err := r.epoch(ctx)
			if !yield(r.state, err) {
				r.finish(Stopped, "the caller left the loop")
			}
		}
	}
}

// run is one training from start to end.
type run struct {
	opt      Options
	state    *State
	batches  *batches
	layout   []model.Param
	theta    []float64
	grad     []float64
	batch    block
	pred     mat.Dense
	dPred    mat.Dense
	valPred  mat.Dense
	parts    *pass              // nil where a batch is computed as a whole
	square   *quadratic         // nil unless the loss is, and that pays
	sweep    *sweep             // nil unless the steps are plain and on single samples
	rows     model.RowForwarder // nil unless the model is one and the batches are scattered
	dense    *mat.Dense         // in which they are
	sums     *epochSums
	lost     []float64 // what the sums would have lost, in the memory of checkpoints
	patience []float64 // best objective, epochs without progress
	closed   int       // epochs that are done and recorded
	start    time.Time
	before   time.Duration // spent before a resume

	perturber optim.Perturber // nil unless the optimizer is one
	averager  optim.Averager  // likewise
	buffers   []float64       // of the model, while a perturber looks around
}

// epochSums are the weighted sums of what the epoch's batches reported. They
// are part of a checkpoint, so that it may be taken in mid-epoch.
type epochSums struct {
	Weight, Loss, Penalty accurate.Sum
}

func (s *epochSums) add(weight, loss, penalty float64) {
	s.Weight.Add(weight)
	s.Loss.Add(weight * loss)
	if penalty != 0 {
		s.Penalty.Add(weight * penalty)
	}
}

func newRun(m model.Model, data Data, opt Options) (*run, error) {
	if m == nil {
		return nil, errors.New("train: the model is nil")
	}
	if err := opt.check(m, data); err != nil {
		return nil, err
	}
	data = data.Used()
	opt.Weights = data.Weights
	if opt.Validation != nil {
		used := opt.Validation.Used()
		opt.Validation = &used
	}
	if opt.Optimizer == nil {
		opt.Optimizer = &optim.SGD{}
	}
	theta := m.Params()
	r := &run{
		opt:     opt,
		batches: newBatches(data, opt.BatchSize, opt.KeepOrder, opt.Seed),
		layout:  m.Layout(),
		theta:   theta,
		grad:    make([]float64, len(theta)),
		sums:    new(epochSums),
		start:   time.Now(),
	}
	r.state = &State{
		Epochs:    opt.Epochs,
		Batches:   r.batches.count(),
		Model:     m,
		Optimizer: opt.Optimizer,
		History:   &History{Status: Running, Records: make([]Record, 0, min(opt.Epochs, 1<<16))},
		memory:    map[string][]float64{},
		run:       r,
	}
	opt.Optimizer.Init(len(theta))
	if s, ok := opt.Schedule.(optim.StatefulSchedule); ok {
		s.Init()
	}
	r.averager, _ = optim.As[optim.Averager](opt.Optimizer)
	if r.perturber, _ = optim.As[optim.Perturber](opt.Optimizer); r.perturber != nil {
		r.buffers = make([]float64, buffersSize(m))
	}
	if opt.Resume != nil {
		if err := r.resume(opt.Resume); err != nil {
			return nil, err
		}
	} else if opt.RecordPath {
		r.recordPath()
	}
	r.parts, r.square, r.sweep = newPass(m, opt.Loss, r.batches), newQuadratic(r), newSweep(r)
	if dense, ok := data.X.(*mat.Dense); ok && r.batches.order != nil {
		r.rows, _ = m.(model.RowForwarder)
		r.dense = dense
	}
	r.lost, _ = r.state.Keep("train/sums", 3)
	r.sums.Weight.Low, r.sums.Loss.Low, r.sums.Penalty.Low = r.lost[0], r.lost[1], r.lost[2]
	var fresh bool
	if r.patience, fresh = r.state.Keep("train/tolerance", 2); fresh {
		r.patience[0] = math.Inf(1)
	}
	return r, nil
}

// epoch trains for one epoch, or for the rest of one that was resumed, and
// decides whether it was the last.
func (r *run) epoch(ctx context.Context) error {
	s := r.state
	if r.closed == s.Epoch {
		s.Epoch++
		s.Batch = 0
		s.ValLoss, s.GradNorm = math.NaN(), math.NaN() // until they are known
		*r.sums = epochSums{}
	}
	r.batches.shuffle(s.Epoch)
	for s.Batch < s.Batches {
		if ctx.Err() != nil {
			r.record()
			r.finish(Interrupted, context.Cause(ctx).Error())
			return nil
		}
		if r.sweep != nil && s.Batch < s.Batches-1 {
			if err := r.sweep.epoch(ctx); err != nil {
				r.record()
				return err
			}
			continue
		}
		if err := r.step(); err != nil {
			r.record()
			return err
		}
		if err := r.call(r.opt.OnStep); err != nil || s.History.Status != Running {
			r.record()
			return err
		}
	}
	return r.endEpoch()
}

// step makes one update.
func (r *run) step() error {
	s := r.state
	if err := r.setRate(); err != nil {
		return err
	}
	penalty := r.gradient()
	weight := r.batches.weight(s.Batch)
	if sum := weight * (s.BatchLoss + penalty); !isFinite(sum) {
		return r.diverged("the loss", sum, s.Batch+1)
	}
	if s.Batch == s.Batches-1 {
		s.GradNorm = floats.Norm(r.grad, 2)
	}
	r.sums.add(weight, s.BatchLoss, penalty)
	if r.perturber != nil {
		r.perturb()
	}
	r.opt.Optimizer.Step(r.theta, r.grad, s.Rate)
	if r.opt.Proximal != nil {
		for _, p := range r.layout {
			if p.Decay {
				r.opt.Proximal.Prox(p.In(r.theta), s.Rate)
			}
		}
	}
	s.Step++
	s.Batch++
	return nil
}

// setRate asks the schedule for the learning rate of the next step.
func (r *run) setRate() error {
	s := r.state
	s.Rate = r.opt.Schedule.Rate(s.Step)
	if !(s.Rate >= 0) || math.IsInf(s.Rate, 1) {
		return r.fail(Failed, fmt.Errorf("train: the schedule gives a learning rate of %g at step %d", s.Rate, s.Step))
	}
	return nil
}

// gradient computes the batch's loss and the gradient of the objective, and
// returns the penalty.
func (r *run) gradient() (penalty float64) {
	s := r.state
	if m, ok := s.Model.(model.Seeder); ok {
		m.Seed(r.opt.Seed, uint64(s.Step))
	}
	if r.square != nil {
		s.BatchLoss = r.square.gradient(r)
	} else {
		s.BatchLoss = r.pass(r.batches.bounds(s.Batch))
	}
	for _, p := range r.layout {
		if !p.Decay {
			continue
		}
		if r.opt.Regularizer != nil {
			penalty += r.opt.Regularizer.Penalty(p.In(r.theta))
			r.opt.Regularizer.AddGradient(p.In(r.grad), p.In(r.theta))
		}
		if r.opt.Proximal != nil {
			penalty += r.opt.Proximal.Penalty(p.In(r.theta))
		}
	}
	return penalty
}

// pass sets the gradient to that of the loss on the rows from lo to hi of the
// epoch's order, and returns the loss.
func (r *run) pass(lo, hi int) float64 {
	if r.parts != nil {
		return r.parts.gradient(r.grad, lo, hi)
	}
	m, b := r.state.Model, &r.batch
	r.pred.Reset()
	if r.rows != nil {
		b.takeTargets(r.batches, lo, hi)
		r.rows.ForwardRows(&r.pred, r.dense, r.batches.order[lo:hi])
	} else {
		b.take(r.batches, lo, hi)
		m.Forward(&r.pred, b.x)
	}
	r.dPred.Reset()
	value := r.opt.Loss.Loss(&r.dPred, &r.pred, b.y, b.weights)
	clear(r.grad)
	m.Backward(r.grad, &r.dPred)
	return value
}

// perturb replaces the gradient by that at the place to which the optimizer
// moves θ for a look. The batch is the same, dropout too, and statistics that
// the model keeps do not count it twice.
func (r *run) perturb() {
	seen := r.state.BatchLoss
	takeBuffers(r.buffers, r.state.Model)
	r.perturber.Perturb(r.theta, r.grad)
	r.gradient()
	r.perturber.Restore(r.theta)
	restoreBuffers(r.state.Model, r.buffers)
	r.state.BatchLoss = seen
}

// endEpoch validates, records, calls the callbacks and looks for a reason to
// stop.
func (r *run) endEpoch() error {
	s := r.state
	for i, v := range r.theta {
		if !isFinite(v) {
			r.record()
			return r.diverged(fmt.Sprintf("parameter %d", i), v, s.Batch)
		}
	}
	s.ValLoss = r.validate()
	r.record()
	r.closed = s.Epoch
	if o, ok := r.opt.Schedule.(optim.Observer); ok {
		if r.opt.Validation != nil {
			o.Observe(s.ValLoss)
		} else {
			o.Observe(s.Loss + s.Penalty)
		}
	}
	converged := r.noProgress()
	if err := r.call(r.opt.OnEpoch); err != nil || s.History.Status != Running {
		return err
	}
	switch {
	case converged:
		r.finish(Converged, fmt.Sprintf("the objective fell by no more than %g", r.opt.Tolerance))
	case s.Epoch == s.Epochs:
		r.finish(Completed, fmt.Sprintf("all %d epochs are done", s.Epochs))
	}
	return nil
}

// noProgress reports that the tolerance was met.
func (r *run) noProgress() bool {
	objective := r.state.Loss + r.state.Penalty
	if objective < r.patience[0]-r.opt.Tolerance {
		r.patience[0], r.patience[1] = objective, 0
		return false
	}
	r.patience[1]++
	limit := 5.0
	if r.state.Batches == 1 {
		limit = 1
	}
	return r.opt.Tolerance > 0 && r.patience[1] >= limit
}

func (r *run) validate() float64 {
	v := r.opt.Validation
	if v == nil {
		return math.NaN()
	}
	r.valPred.Reset()
	r.state.averaged(func() { r.state.Model.Predict(&r.valPred, v.X) })
	return r.opt.Loss.Loss(nil, &r.valPred, v.Y, v.Weights)
}

// record closes the epoch's record and adds it to the history. An epoch that
// was cut short counts with the batches that it had; one without is left out.
func (r *run) record() {
	s := r.state
	if s.Batch == 0 {
		return
	}
	s.Passes = float64(s.Epoch-1) + float64(s.Batch)/float64(s.Batches)
	if weight := r.sums.Weight.Value(); weight > 0 {
		s.Loss = r.sums.Loss.Value() / weight
		s.Penalty = r.sums.Penalty.Value() / weight
	}
	s.Elapsed = r.before + time.Since(r.start)
	s.History.Records = append(s.History.Records, s.Record)
	if r.opt.RecordPath {
		r.recordPath()
	}
}

func (r *run) recordPath() {
	h := r.state.History
	h.Path = append(h.Path, append([]float64(nil), r.theta...))
}

// call runs callbacks until one has had enough.
func (r *run) call(callbacks []Callback) error {
	for _, f := range callbacks {
		err := f(r.state)
		switch {
		case errors.Is(err, ErrStop):
			r.finish(Stopped, err.Error())
			return nil
		case err != nil:
			return r.fail(Failed, fmt.Errorf("train: callback at epoch %d: %w", r.state.Epoch, err))
		}
	}
	return nil
}

func (r *run) fail(status Status, err error) error {
	r.finish(status, err.Error())
	return err
}

func (r *run) finish(status Status, reason string) {
	if r.state.History.Status == Running {
		r.state.History.Status, r.state.History.Reason = status, reason
	}
}

// end runs once, whichever way training ended: also if the loop's body
// panicked. It leaves the model with the parameters to predict with: the best,
// if a callback kept them, else the average, if the optimizer has one.
func (r *run) end() {
	r.finish(Stopped, "the loop was left")
	for _, e := range r.state.atEnd {
		e.f()
	}
	switch {
	case r.state.best != nil:
		restoreSnapshot(r.state.Model, r.state.best)
	case r.averager != nil:
		r.averager.Swap(r.theta)
	}
}

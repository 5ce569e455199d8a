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
// [Fit] is this loop with an empty body; it returns the [History]. Early
// stopping, progress, checkpoints and live charts are Callbacks, plain
// functions.
//
// With a batch of all samples this is gradient descent, with a batch of one it
// is stochastic gradient descent. The input is checked once, before the first
// step. On the same machine the same seed gives the same parameters, bit for
// bit, even if training was interrupted and resumed. A step allocates no
// memory.
//
// # What a step costs
//
// Loss and gradient come from an objective.Objective, which uses faster methods for
// special cases by itself; [History], callbacks and checkpoints are the same.
// Package train has one more. With BatchSize 1, a model.Affine of one output, a
// loss.Pointwise, plain optim.SGD, no Proximal, no Regularizer other than
// regularizer.L2 and no OnStep, a step is one dot product and one vector addition.
// On sparse rows its time is proportional to the non-zeros, with L2 too.
//
// The time of any other step is at least proportional to the length of θ. With a
// large vocabulary, use single samples, or batches with more words than the
// vocabulary.
package train

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
	"github.com/descent-go/descent/lib/optim"
)

// Fit trains m on the rows of x with targets y until the options end training,
// the context ends or the loss diverges.
//
// The end of the context is not an error: Fit returns the history so far,
// with Status Interrupted. It returns an error for invalid data or options,
// for divergence, and for a callback's failure. The history is nil only if
// training did not begin.
//
// Fit begins anew each time: the optimizer, the schedule and the count of epochs
// forget what came before, only θ stays. To call it for one part of the data after
// the other is therefore not training on all of them. For data that do not fit into
// memory, use [Stream].
func Fit(ctx context.Context, m model.Model, x mat.Matrix, y *mat.Dense, opt Options) (*History, error) {
	return finish(Epochs(ctx, m, x, y, opt))
}

// finish trains to the end.
func finish(epochs iter.Seq2[*State, error]) (history *History, err error) {
	for s, err := range epochs {
		if s != nil {
			history = s.History
		}
		if err != nil {
			return history, err
		}
	}
	return history, nil
}

// Epochs trains as Fit does and yields the state after each epoch. Breaking
// out of the loop stops training without an error. Every iteration yields the
// same State. An error is yielded last; its state is nil if training did not
// begin.
func Epochs(ctx context.Context, m model.Model, x mat.Matrix, y *mat.Dense, opt Options) iter.Seq2[*State, error] {
	return epochs(ctx, func() (*run, error) {
		return newFit(m, Data{X: x, Y: y, SampleWeights: opt.SampleWeights}, opt)
	})
}

// epochs makes a run and yields its state after each epoch.
func epochs(ctx context.Context, begin func() (*run, error)) iter.Seq2[*State, error] {
	return func(yield func(*State, error) bool) {
		r, err := begin()
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.end()
		if r.opt.Resume != nil {
			if err := r.callPending(); err != nil || r.state.History.Status != Running { // nothing is left to do
				yield(r.state, err)
				return
			}
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
	opt       Options
	state     *State
	feed      feed
	layout    []model.Param
	theta     []float64
	grad      []float64
	objective *objective.Objective
	augmented *augmented // nil without Options.Augment
	measured  []float64  // the metrics of an epoch that is not recorded yet
	narrow    *narrow    // nil unless a network in float32 and its optimizer are for it
	sweep     *sweep     // nil unless the steps are plain and on single samples
	valPred   mat.Dense
	valTokens objective.Tokens
	sums      *epochSums
	lost      []float64 // what the sums would have lost, in the memory of checkpoints
	best      float64   // objective so far
	stalled   int       // epochs since then
	closed    int       // epochs that are done and recorded
	pending   int       // callbacks that have not seen this update or epoch
	ended     bool      // the model has the parameters to predict with
	start     time.Time
	before    time.Duration // spent before a resume

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

// newFit returns a run on data in memory.
func newFit(m model.Model, data Data, opt Options) (*run, error) {
	if err := opt.check(m); err != nil {
		return nil, err
	}
	if err := data.Check(m, opt.Loss); err != nil {
		return nil, fmt.Errorf("train: training data: %w", err)
	}
	if err := opt.checkAugment(data); err != nil {
		return nil, err
	}
	all, _ := data.X.Dims()
	data = data.Used().Labelled(opt.Loss)
	if err := checkWords(m, data.X); err != nil {
		return nil, fmt.Errorf("train: training data: %w", err)
	}
	used, _ := data.X.Dims()
	if err := checkCarry(m, opt.BatchSize, used, all, opt.KeepOrder); err != nil {
		return nil, err
	}
	opt.SampleWeights = data.SampleWeights
	b := newBatches(data, data.TokenWeights(m, opt.Loss), opt.BatchSize, opt.KeepOrder, opt.Seed)
	r, err := newRun(m, opt, b, b.count())
	if err != nil {
		return nil, err
	}
	r.objective = objective.New(m, opt.Loss, data, objective.Options{
		Order: b.order, Batch: b.size, Gradients: opt.Epochs, Keep: r.state.Keep,
	})
	r.sweep = newSweep(r, b)
	return r, nil
}

// newRun returns a run on what the feed deals, for options that have been checked.
// count is the number of batches in an epoch, 0 if it is not known yet.
func newRun(m model.Model, opt Options, f feed, count int) (*run, error) {
	if opt.Validation != nil {
		used := opt.Validation.Used()
		opt.Validation = &used
	}
	if opt.Optimizer == nil {
		opt.Optimizer = &optim.SGD{}
	}
	theta := m.Params()
	r := &run{
		opt:    opt,
		feed:   f,
		layout: m.Layout(),
		theta:  theta,
		grad:   make([]float64, len(theta)),
		sums:   new(epochSums),
		best:   math.Inf(1),
		start:  time.Now(),
	}
	r.state = &State{
		Epochs:    opt.Epochs,
		Batches:   count,
		Model:     m,
		Optimizer: opt.Optimizer,
		History:   &History{Status: Running, Records: make([]Record, 0, min(opt.Epochs, 1<<16))},
		memory:    map[string][]float64{},
		run:       r,
	}
	if opt.Resume != nil {
		if err := r.resume(opt.Resume); err != nil {
			return nil, err
		}
	} else {
		r.init()
		if opt.RecordPath {
			r.recordPath()
		}
	}
	r.initMetrics()
	for _, record := range r.state.History.Records {
		r.track(record)
	}
	r.averager, _ = optim.As[optim.Averager](opt.Optimizer)
	if r.perturber, _ = optim.As[optim.Perturber](opt.Optimizer); r.perturber != nil {
		r.buffers = make([]float64, buffersSize(m))
	}
	r.lost, _ = r.state.Keep("train/sums", 3)
	r.sums.Weight.Low, r.sums.Loss.Low, r.sums.Penalty.Low = r.lost[0], r.lost[1], r.lost[2]
	r.augmented = newAugmented(r)
	r.narrow = newNarrow(r)
	return r, nil
}

// init has the optimizer and the schedule forget what came before.
func (r *run) init() {
	r.opt.Optimizer.Init(len(r.theta))
	if s, ok := r.opt.Schedule.(optim.Observer); ok {
		s.Init()
	}
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

// beginEpoch forgets what is known of the epoch before.
func (r *run) beginEpoch() {
	s := r.state
	s.Epoch++
	s.Batch = 0
	s.ValLoss, s.GradNorm = math.NaN(), math.NaN() // until they are known
	*r.sums = epochSums{}
}

// endEpoch validates, records, calls the callbacks and looks for a reason to
// stop.
func (r *run) endEpoch() error {
	s := r.state
	for i, v := range r.theta {
		if !number.IsFinite(v) {
			r.record()
			return r.diverged(fmt.Sprintf("parameter %d", i), v, s.Batch)
		}
	}
	s.ValLoss = r.validate()
	err := r.measure()
	r.record()
	if err != nil {
		return r.fail(Failed, err)
	}
	r.closed = s.Epoch
	if o, ok := r.opt.Schedule.(optim.Observer); ok {
		if r.opt.Validation != nil {
			o.Observe(s.ValLoss)
		} else {
			o.Observe(s.Loss + s.Penalty)
		}
	}
	r.track(s.Record)
	return r.closeEpoch(r.opt.OnEpoch)
}

// closeEpoch calls the callbacks and looks for a reason to stop.
func (r *run) closeEpoch(callbacks []Callback) error {
	s, inherited := r.state, r.state.best
	s.best = nil // unless a callback keeps it
	err := r.call(callbacks)
	if s.best == nil && (len(callbacks) < len(r.opt.OnEpoch) || s.History.Status != Running) {
		s.best = inherited // not all of them were asked
	}
	if err != nil || s.History.Status != Running {
		return err
	}
	switch {
	case r.converged():
		r.finish(Converged, fmt.Sprintf("the objective fell by no more than %g", r.opt.Tolerance))
	case s.Epoch >= s.Epochs:
		r.finish(Completed, fmt.Sprintf("all %d epochs are done", s.Epochs))
	}
	return nil
}

// callPending continues where the checkpoint of a resumed run was taken, with
// the callbacks that had not been called for the last update or epoch. The run
// may have ended.
func (r *run) callPending() error {
	afterEpoch := r.closed == r.state.Epoch
	callbacks := r.opt.OnStep
	if afterEpoch {
		callbacks = r.opt.OnEpoch
	}
	callbacks = callbacks[max(0, len(callbacks)-r.pending):]
	if afterEpoch {
		return r.closeEpoch(callbacks)
	}
	err := r.call(callbacks)
	if err != nil || r.state.History.Status != Running {
		r.record()
	}
	return err
}

// track follows the objective for the tolerance.
func (r *run) track(epoch Record) {
	if objective := epoch.Loss + epoch.Penalty; objective < r.best-r.opt.Tolerance {
		r.best, r.stalled = objective, 0
	} else {
		r.stalled++
	}
}

// converged reports that the tolerance was met.
func (r *run) converged() bool {
	limit := 5
	if r.state.Batches == 1 {
		limit = 1
	}
	return r.opt.Tolerance > 0 && r.stalled >= limit
}

func (r *run) validate() float64 {
	v := r.opt.Validation
	if v == nil {
		return math.NaN()
	}
	r.valPred.Reset()
	r.state.averaged(func() { r.state.Model.Predict(&r.valPred, v.X) })
	y, weights := r.valTokens.Of(&r.valPred, v.Y, v.SampleWeights)
	return r.opt.Loss.Loss(nil, &r.valPred, y, weights)
}

// record closes the epoch's record and adds it to the history. An epoch that
// was cut short counts with the batches that it had; one without is left out.
func (r *run) record() {
	s := r.state
	if s.Batch == 0 {
		return
	}
	s.Passes = float64(s.Epoch-1) + float64(s.Batch)/float64(s.Batches) // +Inf in the first epoch of a stream
	if weight := r.sums.Weight.Value(); weight > 0 {
		s.Loss = r.sums.Loss.Value() / weight
		s.Penalty = r.sums.Penalty.Value() / weight
	}
	s.Elapsed = r.before + time.Since(r.start)
	s.History.Records = append(s.History.Records, s.Record)
	r.recordMetrics()
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
	for i, f := range callbacks {
		r.pending = len(callbacks) - i - 1
		err := f(r.state)
		if err != nil {
			r.pending++ // a resumed run asks this one again
		}
		switch {
		case errors.Is(err, ErrStop):
			r.finish(Stopped, err.Error())
			return nil
		case err != nil:
			return r.fail(Failed, fmt.Errorf("train: callback at epoch %d: %w", r.state.Epoch, err))
		}
	}
	r.pending = 0
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
	r.feed.end()
	r.finish(Stopped, "the loop was left")
	for _, e := range r.state.atEnd {
		e.f()
	}
	r.exchange()
	r.ended = true
}

// exchange exchanges the parameters that training works on for those to predict
// with, if these are others. Calling it again exchanges them back.
func (r *run) exchange() {
	switch {
	case r.state.best != nil:
		swapSnapshot(r.state.Model, r.state.best)
	case r.averager != nil:
		r.averager.Swap(r.theta)
	}
}

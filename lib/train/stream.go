package train

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/batch"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
)

// Stream trains m as [Fit] does, on data that need not fit into memory: it takes one
// step for each batch of source, and calls source again for each epoch. A batch is
// read on another goroutine while the step before it is taken. It is the same loop:
// schedules, validation, callbacks, early stopping, checkpoints in the middle of an
// epoch and errors are those of Fit. On the batches that Fit makes of the same dense
// rows, the results are the same, bit for bit, except where Fit uses a method that
// needs all rows: a Gram matrix for the full batch, or a sweep over single samples.
// Those agree to about 13 digits.
//
// What differs:
//
//   - BatchSize n > 0 cuts and joins the batches of source, as stream.Batches does;
//     0 takes them as they are. KeepOrder has no effect, since source has the order:
//     see stream.Shuffle.
//   - Sample weights are those of the batches; Options.SampleWeights is an error.
//   - Options.Metrics need Options.Validation.
//   - Data are checked when they are read: an error names the epoch, the batch and the
//     row in it. The history is then valid up to there.
//   - Rows of weight 0 and rows without a label are left out of their batch, and a
//     batch without other rows is left out.
//   - State.Batches is 0 until the last batch of the first epoch: before, State.Done is
//     0. If training ends before that, Passes of the record is infinite.
//   - Each epoch must have the same number of batches.
//
// A checkpoint resumes as with Fit. Source is read from the beginning of the epoch, and
// its batches are passed over up to the place of the checkpoint, so it must yield the
// same batches for the same epoch.
func Stream(ctx context.Context, m model.Model, source objective.Source, opt Options) (*History, error) {
	return finish(StreamEpochs(ctx, m, source, opt))
}

// StreamEpochs trains as [Stream] does and yields the state after each epoch, as
// [Epochs] does.
func StreamEpochs(ctx context.Context, m model.Model, source objective.Source, opt Options) iter.Seq2[*State, error] {
	return epochs(ctx, func() (*run, error) { return newStream(m, source, opt) })
}

// newStream returns a run on a source.
func newStream(m model.Model, source objective.Source, opt Options) (*run, error) {
	if err := opt.check(m); err != nil {
		return nil, err
	}
	switch {
	case source == nil:
		return nil, errors.New("train: the source is nil")
	case opt.SampleWeights != nil:
		return nil, errors.New("train: a stream has its sample weights in its batches: leave Options.SampleWeights nil")
	case len(opt.Metrics) > 0 && opt.Validation == nil:
		return nil, errors.New("train: the metrics of a stream are those of Options.Validation, which is not set: the training data are not kept")
	}
	if opt.BatchSize > 0 {
		source = batch.Join(source, opt.BatchSize)
	}
	f := &streamed{source: source, model: m, loss: opt.Loss}
	r, err := newRun(m, opt, f, 0)
	if err != nil {
		return nil, err
	}
	f.run = r
	return r, nil
}

// A streamed feed deals the batches of a source.
type streamed struct {
	source objective.Source
	run    *run
	model  model.Model
	loss   loss.Loss
	reader *batch.Reader // of the epoch
	data   Data          // the batch

	most int    // rows of the largest batch of the epoch so far
	made [2]int // rows and elements of the batch for which the objective was made
}

// begin passes over the batches before the given one.
func (f *streamed) begin(epoch, number int) error {
	f.end()
	f.reader = batch.Read(f.source(epoch))
	f.most = 0
	for range number {
		more, err := f.read()
		if err != nil {
			return err
		}
		if !more {
			return fmt.Errorf("the source has less than the %d batches after which the checkpoint was taken: it must yield the same ones again", number)
		}
	}
	return nil
}

func (f *streamed) next(number int) (more bool, err error) {
	more, err = f.read()
	total := f.run.state.Batches
	switch {
	case err != nil:
		return false, err
	case !more && number == 0:
		return false, errors.New("the source has no samples")
	case !more && total == 0: // the last batch was passed over
		f.run.state.Batches = number
	case more && total > 0 && number >= total || !more && number < total:
		return false, fmt.Errorf("the source does not have %d batches as in the first epoch: it must yield as many in each", total)
	}
	return more, nil
}

// read goes to the next batch that has samples.
func (f *streamed) read() (more bool, err error) {
	for {
		data, more, err := f.reader.Next()
		if err != nil || !more {
			return false, err
		}
		if !data.Counts(f.loss) {
			continue
		}
		if err := data.Check(f.model, f.loss); err != nil {
			return false, err
		}
		if err := f.run.opt.checkAugment(data); err != nil {
			return false, err
		}
		f.data = data.Used().Labelled(f.loss)
		all, _ := data.X.Dims()
		used, _ := f.data.X.Dims()
		if err := checkCarry(f.model, used, used, all, true); err != nil {
			return false, err
		}
		f.show()
		return true, nil
	}
}

// show makes the objective one of the batch. How it divides rows among the cores
// depends on the largest batch of the epoch so far, which a resumed run sees, too.
func (f *streamed) show() {
	count, _ := f.data.X.Dims()
	if count > f.most {
		f.most = count
		if size := [2]int{count, rows.Of(f.data.X).Stored()}; size != f.made {
			f.made = size
			f.run.objective = objective.New(f.model, f.loss, f.data, objective.Options{Batch: count})
			return
		}
	}
	f.run.objective.SetData(f.data)
}

func (f *streamed) last(number int) bool {
	last := f.reader.Last()
	if s := f.run.state; last && s.Batches == 0 {
		s.Batches = number + 1
	}
	return last
}

func (f *streamed) bounds(int) (lo, hi int) {
	hi, _ = f.data.X.Dims()
	return 0, hi
}

func (f *streamed) largest() int { return f.most }

func (f *streamed) weight(int) float64 {
	weights := f.data.TokenWeights(f.model, f.loss)
	if weights == nil {
		count, _ := f.data.X.Dims()
		return float64(count)
	}
	var sum accurate.Sum
	for _, w := range weights {
		sum.Add(w)
	}
	return sum.Value()
}

func (f *streamed) end() {
	if f.reader != nil {
		f.reader.Close()
	}
}

package train

import (
	"errors"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/regularizer"
)

// Options say how to train. Loss, Schedule and Epochs must be set.
type Options struct {
	Loss loss.Loss
	// Optimizer defaults to plain gradient descent, &optim.SGD{}. If it is an
	// optim.Averager, validation uses the average, early stopping keeps the
	// best average, and the model ends with it.
	Optimizer optim.Optimizer
	Schedule  optim.Schedule // the learning rate, such as optim.Constant(0.1)

	// Regularizer adds its penalty and its gradient to those of the loss.
	Regularizer regularizer.Regularizer
	// Proximal adds its penalty, and takes its proximal step, with the
	// learning rate as step, after each update. Only this way does L1 give
	// exact zeros.
	Proximal regularizer.Proximal

	Epochs int // the largest number of passes over the data
	// BatchSize is the number of samples in an update: 0 means all of them
	// (gradient descent), 1 is stochastic gradient descent, and more is a
	// mini-batch. The last batch of an epoch may be smaller.
	BatchSize int
	// KeepOrder leaves the samples in their order. Otherwise epoch e (from 1)
	// takes them in the order in which rand.New(rand.NewPCG(Seed, e)).Shuffle
	// leaves 0, 1, …
	KeepOrder bool
	// Seed seeds shuffling and the model's random layers.
	Seed uint64

	// Tolerance ends training once the objective has not fallen by more than
	// this below its best: in one epoch for the full batch, in five epochs in
	// a row for batches, whose losses are noisy. 0 means never.
	Tolerance float64

	SampleWeights []float64 // sample weights ≥ 0; nil means all 1
	Validation    *Data     // does not influence training, except through callbacks

	// Metrics are recorded after each epoch in History.Metrics: on the Validation data
	// if there are any, otherwise on the training data.
	Metrics []Metric
	// Augment sets dst to changed rows of x, a batch: noise, shifted images. It must
	// not change x, and must keep the shape and what the targets are. The seed follows
	// from Seed and the step, so that a resumed run sees the same. dst is empty.
	// preprocess.Augment.Apply and preprocess.GaussianNoise.Apply are such functions.
	// Validation is not augmented. x must be dense.
	Augment func(dst, x *mat.Dense, seed uint64)

	OnStep     []Callback // called after each update
	OnEpoch    []Callback // called after each epoch
	RecordPath bool       // keep θ after each epoch in History.Path

	// Resume continues from a checkpoint of the same model, data and options,
	// with the same result as if training had never stopped. If training had
	// already ended, nothing more is done; to continue it, allow more epochs, a
	// smaller tolerance or more patience. A checkpoint that does not fit is an
	// error, and the model, the optimizer and the schedule do not change.
	Resume *Checkpoint
}

// Data is a set of samples with their targets.
type Data = objective.Data

// A validator is anything with settings that can be wrong.
type validator interface{ Validate() error }

// check returns an error for options that would make training fail or, worse,
// do something else.
func (o *Options) check(m model.Model) error {
	if m == nil {
		return errors.New("train: the model is nil")
	}
	switch {
	case o.Loss == nil:
		return errors.New("train: Options.Loss is not set: choose one from package loss")
	case o.Schedule == nil:
		return errors.New("train: Options.Schedule is not set: a constant learning rate is optim.Constant(0.1)")
	case o.Epochs < 1:
		return fmt.Errorf("train: Options.Epochs is %d, want at least 1", o.Epochs)
	case o.BatchSize < 0:
		return fmt.Errorf("train: Options.BatchSize is %d, want 0 (all samples) or more", o.BatchSize)
	case !(o.Tolerance >= 0):
		return fmt.Errorf("train: Options.Tolerance is %g, want ≥ 0", o.Tolerance)
	}
	for _, part := range []any{o.Loss, o.Optimizer, o.Schedule, o.Regularizer, o.Proximal} {
		if v, ok := part.(validator); ok {
			if err := v.Validate(); err != nil {
				return fmt.Errorf("train: %w", err)
			}
		}
	}
	if _, ok := o.Regularizer.(regularizer.MaxNorm); ok {
		return errors.New("train: a MaxNorm has no gradient and does nothing as Options.Regularizer: use it as Options.Proximal")
	}
	if _, watches := o.Schedule.(interface{ Observe(float64) }); watches {
		if _, ok := o.Schedule.(optim.Observer); !ok {
			return fmt.Errorf("train: the schedule %T has Observe but not Init and State, so that a resumed run would not know what it saw: make it an optim.Observer", o.Schedule)
		}
	}
	if err := o.checkMetrics(); err != nil {
		return err
	}
	if err := checkBlocks(m, o.Regularizer, o.Proximal); err != nil {
		return err
	}
	if o.Validation != nil {
		if err := o.Validation.Check(m, o.Loss); err != nil {
			return fmt.Errorf("train: validation data: %w", err)
		}
		if err := checkWords(m, o.Validation.X); err != nil {
			return fmt.Errorf("train: validation data: %w", err)
		}
	}
	return nil
}

// checkWords reports data in which a model of words has nothing to read. Batches of a
// stream are not checked: one may well consist of empty texts.
func checkWords(m model.Model, x mat.Matrix) error {
	if n, ok := m.(interface{ PaddingOnly(x mat.Matrix) bool }); ok && n.PaddingOnly(x) {
		return errors.New("every id in x is padding, so that there is nothing to learn from: fill x with the ids of words")
	}
	return nil
}

// checkBlocks asks the penalties whether they can be applied to each block of
// weights: one for groups of 10 cannot be to a layer of 32.
func checkBlocks(m model.Model, penalties ...regularizer.Regularizer) error {
	for _, r := range penalties {
		c, ok := r.(regularizer.BlockChecker)
		if !ok {
			continue
		}
		for _, p := range m.Layout() {
			if !p.Decay {
				continue
			}
			if err := c.CheckBlock(p.Size()); err != nil {
				return fmt.Errorf("train: block %q of the model: %w", p.Name, err)
			}
		}
	}
	return nil
}

// carrier is a model that carries states from the rows of a batch to those of the next,
// such as model.Network with recurrent layers.
type carrier interface{ Carry() int }

// checkCarry reports batches with which a state would be carried to a row that does not
// go on where the one before has ended: batches of size rows, of those that are used of
// all, in their order or shuffled.
func checkCarry(m model.Model, size, used, all int, inOrder bool) error {
	c, ok := m.(carrier)
	if !ok || c.Carry() == 0 {
		return nil
	}
	if size == 0 || size > used {
		size = used
	}
	switch {
	case size > c.Carry():
		return fmt.Errorf("train: the model carries the states of %d rows to the next batch, and a batch has %d: set Options.BatchSize, or Carry in the layers", c.Carry(), size)
	case used < all:
		return fmt.Errorf("train: %d of %d rows have weight 0 or no label and are left out, so that the states that the model carries would go to other texts: "+
			"give each row a label that counts", all-used, all)
	case size < used && !inOrder:
		return errors.New("train: the model carries states from batch to batch, and the rows are shuffled: set Options.KeepOrder, or leave Carry in the layers 0")
	}
	return nil
}

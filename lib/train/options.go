package train

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync/atomic"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/sparse"
)

// Options say how to train. Loss, Schedule and Epochs must be set.
type Options struct {
	Loss loss.Loss
	// Optimizer is plain gradient descent, &optim.SGD{}, if nil. One that keeps
	// an average of θ is validated with it, and leaves it in the model at the
	// end; early stopping then keeps the best average.
	Optimizer optim.Optimizer
	Schedule  optim.Schedule // the learning rate, such as optim.Constant(0.1)

	// Regularizer adds its penalty and its gradient to those of the loss.
	Regularizer regularizer.Regularizer
	// Proximal adds its penalty, and takes its proximal step, with the
	// learning rate as step, after each update. Only so does L1 give exact
	// zeros.
	Proximal regularizer.Proximal

	Epochs int // passes over the data, at the most
	// BatchSize is the number of samples in an update: 0 means all of them
	// (gradient descent), 1 one (stochastic gradient descent), more a
	// mini-batch. The last batch of an epoch may be smaller.
	BatchSize int
	// KeepOrder leaves the samples in the order in which they came. Otherwise
	// epoch e (from 1) takes them as rand.New(rand.NewPCG(Seed, e)).Shuffle
	// leaves 0, 1, …
	KeepOrder bool
	// Seed starts the random streams: one for shuffling, one for the model.
	Seed uint64

	// Tolerance ends training once the objective has not fallen by more than
	// this below its best: in one epoch for the full batch, in five epochs in
	// a row for batches, whose losses are noisy. 0 means never.
	Tolerance float64

	Weights    []float64 // sample weights ≥ 0; nil means all 1
	Validation *Data     // never influences training, only what callbacks make of it

	OnStep     []Callback // called after each update
	OnEpoch    []Callback // called after each epoch
	RecordPath bool       // keep θ after each epoch in History.Path

	// Resume goes on from a checkpoint of the same model, data and options,
	// with the same result as if training had never stopped: a training that
	// was at its end is not trained on. To train on, allow more epochs, a
	// smaller tolerance or more patience. A checkpoint that does not fit is an
	// error, and leaves the model, the optimizer and the schedule as they were.
	Resume *Checkpoint
}

// Data is a set of samples with their targets.
type Data struct {
	X       mat.Matrix
	Y       *mat.Dense
	Weights []float64 // nil means all 1
}

// A validator is anything with settings that can be wrong.
type validator interface{ Validate() error }

// check returns an error for whatever would make training fail or, worse,
// succeed at something else.
func (o *Options) check(m model.Model, data Data) error {
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
	if err := checkBlocks(m, o.Regularizer, o.Proximal); err != nil {
		return err
	}
	if err := data.Check(m, o.Loss); err != nil {
		return fmt.Errorf("train: training data: %w", err)
	}
	if o.Validation != nil {
		if err := o.Validation.Check(m, o.Loss); err != nil {
			return fmt.Errorf("train: validation data: %w", err)
		}
	}
	return nil
}

// Check returns an error for data that m and l cannot be trained on: no
// samples, shapes that do not fit, a NaN or an infinity (with its row and
// column), labels or inputs that mean nothing to them, bad weights. It looks at
// every number once. Training does so before it starts.
func (d Data) Check(m model.Model, l loss.Loss) error {
	if d.X == nil || d.Y == nil {
		return errors.New("x or y is nil")
	}
	rows, cols := d.X.Dims()
	inputs, outputs := m.Dims()
	if rows == 0 {
		return errors.New("there are no samples")
	}
	if cols != inputs {
		return fmt.Errorf("x has %d columns, the model takes %d", cols, inputs)
	}
	if yRows, _ := d.Y.Dims(); yRows != rows {
		return fmt.Errorf("x has %d rows, y has %d", rows, yRows)
	}
	if err := finite("x", d.X); err != nil {
		return err
	}
	if c, ok := m.(model.InputChecker); ok {
		if err := c.CheckInput(d.X); err != nil {
			return err
		}
	}
	if err := finite("y", d.Y); err != nil {
		return err
	}
	if err := checkTarget(l, d.Y, outputs); err != nil {
		return err
	}
	return checkWeights(d.Weights, rows)
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

func checkTarget(l loss.Loss, y *mat.Dense, outputs int) error {
	if c, ok := l.(loss.TargetChecker); ok {
		return c.CheckTarget(y, outputs)
	}
	if _, cols := y.Dims(); cols != outputs {
		return fmt.Errorf("y has %d columns, the model has %d outputs", cols, outputs)
	}
	return nil
}

// finite names the first element that is NaN or infinite.
func finite(name string, x mat.Matrix) error {
	rows, cols := x.Dims()
	bad := func(i, j int, v float64) error {
		return fmt.Errorf("%s is %g in row %d, column %d: impute or remove it", name, v, i, j)
	}
	switch x := x.(type) {
	case mat.RawMatrixer:
		raw := x.RawMatrix()
		if sumsFinite(raw) {
			return nil
		}
		for i := range rows {
			for j, v := range raw.Data[i*raw.Stride : i*raw.Stride+cols] {
				if !number.IsFinite(v) {
					return bad(i, j, v)
				}
			}
		}
	case *sparse.CSR:
		if nnz := x.NNZ(); sumsFinite(blas64.General{Rows: 1, Cols: nnz, Stride: nnz, Data: x.Values}) {
			return nil
		}
		for i := range rows {
			columns, values := x.Row(i)
			for p, v := range values {
				if !number.IsFinite(v) {
					return bad(i, columns[p], v)
				}
			}
		}
	default:
		for i := range rows {
			for j := range cols {
				if v := x.At(i, j); !number.IsFinite(v) {
					return bad(i, j, v)
				}
			}
		}
	}
	return nil
}

// sumsFinite reports that the sums of squares of lines of x are finite, and with
// that all elements: false may also mean that some are huge. It runs on all
// cores, as fast as memory is read.
func sumsFinite(x blas64.General) bool {
	lines, length := x.Rows, x.Cols
	total := lines * length
	if total < finiteLine {
		return false
	}
	if x.Stride == x.Cols { // longer lines are worth more
		lines, length, x.Stride = (total+finiteLine-1)/finiteLine, finiteLine, finiteLine
	}
	var bad atomic.Bool
	new(crew.Crew).Do(workers(runtime.GOMAXPROCS(0), total), lines, func(_, i int) {
		line := x.Data[i*x.Stride : min(i*x.Stride+length, len(x.Data))]
		if !number.IsFinite(blas.Implementation{}.Ddot(len(line), line, 1, line, 1)) {
			bad.Store(true)
		}
	})
	return !bad.Load()
}

// finiteLine is the number of elements of such a line.
const finiteLine = 1 << 12

func checkWeights(weights []float64, rows int) error {
	if weights == nil {
		return nil
	}
	if len(weights) != rows {
		return fmt.Errorf("there are %d sample weights for %d rows", len(weights), rows)
	}
	total := 0.0
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return fmt.Errorf("the sample weight of row %d is %g, want a finite number ≥ 0", i, w)
		}
		total += w
	}
	if total == 0 {
		return errors.New("all sample weights are 0")
	}
	return nil
}

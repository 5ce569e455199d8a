package train

import (
	"errors"
	"fmt"
	"math"

	"github.com/descent-go/descent/lib/model"
)

// EarlyStopping returns a callback for Options.OnEpoch that ends training when
// the validation loss has not fallen by more than minDelta below its best for
// patience epochs in a row. However training ends, the model is left with the
// parameters of the best epoch.
//
// Source: Prechelt, Early Stopping — But When?, 1998.
func EarlyStopping(patience int, minDelta float64) Callback {
	return func(s *State) error {
		if math.IsNaN(s.ValLoss) {
			return errors.New("early stopping needs Options.Validation")
		}
		if patience < 1 || !(minDelta >= 0) {
			return fmt.Errorf("early stopping with patience %d and minDelta %g: want at least 1 and ≥ 0", patience, minDelta)
		}
		count, fresh1 := s.Keep(bestEpoch, 2)
		best, fresh2 := s.Keep(bestParameters, snapshotSize(s.Model))
		if fresh1 || fresh2 {
			count[0], count[1] = math.Inf(1), 0
		}
		if s.ValLoss < count[0]-minDelta {
			count[0], count[1] = s.ValLoss, float64(s.Epoch)
			s.averaged(func() { takeSnapshot(best, s.Model) })
		}
		s.best = s.keptBest()
		if s.Epoch-int(count[1]) >= patience {
			return fmt.Errorf("%w: early stopping at epoch %d, since the validation loss was best (%.6g) at epoch %d",
				ErrStop, s.Epoch, count[0], int(count[1]))
		}
		return nil
	}
}

// What early stopping remembers: in a checkpoint, and not in the callback.
const (
	bestEpoch      = "early stopping/best loss, epoch"
	bestParameters = "early stopping/best parameters"
)

// keptBest returns the snapshot that early stopping keeps, nil if it has none.
func (s *State) keptBest() []float64 {
	count, best := s.memory[bestEpoch], s.memory[bestParameters]
	if len(count) != 2 || count[1] == 0 || len(best) != snapshotSize(s.Model) {
		return nil
	}
	return best
}

// A snapshot is θ followed by the model's buffers.

func snapshotSize(m model.Model) int { return len(m.Params()) + buffersSize(m) }

func takeSnapshot(dst []float64, m model.Model) {
	takeBuffers(dst[copy(dst, m.Params()):], m)
}

func restoreSnapshot(m model.Model, src []float64) {
	restoreBuffers(m, src[copy(m.Params(), src):])
}

// swapSnapshot exchanges the numbers of the model and of the snapshot.
func swapSnapshot(m model.Model, v []float64) {
	swap := func(part []float64) {
		for i, old := range part {
			part[i], v[i] = v[i], old
		}
		v = v[len(part):]
	}
	swap(m.Params())
	for _, part := range vectorsOf(m) {
		swap(part)
	}
}

func buffersSize(m model.Model) int {
	size := 0
	for _, v := range vectorsOf(m) {
		size += len(v)
	}
	return size
}

func takeBuffers(dst []float64, m model.Model) {
	for _, v := range vectorsOf(m) {
		dst = dst[copy(dst, v):]
	}
}

func restoreBuffers(m model.Model, src []float64) {
	for _, v := range vectorsOf(m) {
		src = src[copy(v, src):]
	}
}

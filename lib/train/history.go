package train

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Status says why training ended.
type Status string

// The reasons why training ends.
const (
	Running     Status = "running"     // training has not ended
	Completed   Status = "completed"   // all epochs done
	Converged   Status = "converged"   // the loss fell by less than the tolerance
	Stopped     Status = "stopped"     // a callback returned ErrStop, for example EarlyStopping
	Interrupted Status = "interrupted" // the context ended
	Diverged    Status = "diverged"    // the loss or the parameters became NaN or infinite
	Failed      Status = "failed"      // a callback returned another error
)

// Record holds the results of one epoch.
type Record struct {
	Epoch  int     // counted from 1
	Step   int     // updates of θ so far
	Passes float64 // passes over the data so far, for a fair comparison of methods

	// Loss is the mean of the batches' losses during the epoch, each taken
	// before its update. For the full batch it is L(θ) before the update.
	Loss float64
	// Penalty is the penalty of the regularizers, at the same points; the
	// objective is Loss + Penalty.
	Penalty float64
	// ValLoss is the loss on the validation data after the epoch, without
	// penalty; NaN without validation data, and for an incomplete epoch.
	ValLoss  float64
	Rate     float64       // learning rate of the epoch's last update
	GradNorm float64       // ‖∇(loss + penalty)‖₂ at the epoch's last update; NaN if there was none
	Elapsed  time.Duration // since the start of training
}

// History is the record of a run.
type History struct {
	Records []Record
	Status  Status
	Reason  string // one sentence for Status
	// Path holds copies of θ, at the start and after each epoch, if
	// Options.RecordPath is set.
	Path [][]float64
	// Metrics holds the values of each of Options.Metrics by name, one for each record;
	// NaN for an incomplete epoch.
	Metrics map[string][]float64
}

// Losses returns the loss of each epoch.
func (h *History) Losses() []float64 {
	return h.column(func(r Record) float64 { return r.Loss })
}

// Penalties returns the penalty of each epoch.
func (h *History) Penalties() []float64 {
	return h.column(func(r Record) float64 { return r.Penalty })
}

// ValLosses returns the validation loss of each epoch.
func (h *History) ValLosses() []float64 {
	return h.column(func(r Record) float64 { return r.ValLoss })
}

// Rates returns the learning rate of each epoch.
func (h *History) Rates() []float64 {
	return h.column(func(r Record) float64 { return r.Rate })
}

// GradNorms returns the gradient norm of each epoch.
func (h *History) GradNorms() []float64 {
	return h.column(func(r Record) float64 { return r.GradNorm })
}

// Last returns the record of the last epoch, or a zero Record.
func (h *History) Last() Record {
	if len(h.Records) == 0 {
		return Record{}
	}
	return h.Records[len(h.Records)-1]
}

func (h *History) column(f func(Record) float64) []float64 {
	v := make([]float64, len(h.Records))
	for i, r := range h.Records {
		v[i] = f(r)
	}
	return v
}

// String says in one line how training went.
func (h *History) String() string {
	if len(h.Records) == 0 {
		return fmt.Sprintf("%s before the first epoch: %s", h.Status, h.Reason)
	}
	last := h.Last()
	return fmt.Sprintf("%s after epoch %d: loss %.6g (%s)", h.Status, last.Epoch, last.Loss, h.Reason)
}

// WriteCSV writes a header and one row for each epoch, with the metrics in the last
// columns, by name. Numbers have all their digits; a missing validation loss is empty;
// the time is in seconds.
func (h *History) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	header := []string{"epoch", "step", "passes", "loss", "penalty", "val_loss", "rate", "grad_norm", "seconds"}
	names := slices.Sorted(maps.Keys(h.Metrics))
	if err := out.Write(append(header, names...)); err != nil {
		return fmt.Errorf("train: writing the history: %w", err)
	}
	for i, r := range h.Records {
		row := []string{strconv.Itoa(r.Epoch), strconv.Itoa(r.Step)}
		values := []float64{r.Passes, r.Loss, r.Penalty, r.ValLoss, r.Rate, r.GradNorm, r.Elapsed.Seconds()}
		for _, name := range names {
			values = append(values, h.Metrics[name][i])
		}
		for _, v := range values {
			if v != v {
				row = append(row, "")
			} else {
				row = append(row, strconv.FormatFloat(v, 'g', -1, 64))
			}
		}
		if err := out.Write(row); err != nil {
			return fmt.Errorf("train: writing the history: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("train: writing the history: %w", err)
	}
	return nil
}

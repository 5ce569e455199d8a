package train_test

import (
	"context"
	"io"
	"math"
	"testing"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// timedOptions are for an epoch in batches of 64.
func timedOptions() train.Options {
	return train.Options{Loss: loss.MSE{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(1e-3), Epochs: 1, BatchSize: 64, Seed: 1}
}

// timedData are n rows of 20 columns.
func timedData(n int) train.Data {
	x, y, _ := gaussian(n, 20)
	return train.Data{X: x, Y: y}
}

// timedHistory has n records.
func timedHistory(n int) *train.History {
	h := &train.History{}
	for i := range n {
		v := math.Sin(float64(i))
		h.Records = append(h.Records, train.Record{Epoch: i + 1, Loss: v, Penalty: v, ValLoss: v, Rate: v, GradNorm: v})
	}
	return h
}

func histories(run func(h *train.History)) func(n int) func() {
	return func(n int) func() {
		h := timedHistory(n)
		return func() { run(h) }
	}
}

var benchmarks = timed.List{
	// n rows.
	"Fit": func(n int) func() {
		d := timedData(n)
		return func() { must(train.Fit(context.Background(), model.NewLinear(20, 1), d.X, d.Y, timedOptions())) }
	},
	"Epochs": func(n int) func() { // ten of all rows at once
		d, opt := timedData(n), timedOptions()
		opt.Epochs, opt.BatchSize = 10, 0
		return func() {
			for _, err := range train.Epochs(context.Background(), model.NewLinear(20, 1), d.X, d.Y, opt) {
				must(0, err)
			}
		}
	},
	"Stream": func(n int) func() {
		opt := timedOptions()
		source := fitBatches(timedData(n), opt)
		return func() { must(train.Stream(context.Background(), model.NewLinear(20, 1), source, opt)) }
	},
	"StreamEpochs": func(n int) func() {
		opt := timedOptions()
		source := fitBatches(timedData(n), opt)
		return func() {
			for _, err := range train.StreamEpochs(context.Background(), model.NewLinear(20, 1), source, opt) {
				must(0, err)
			}
		}
	},
	"CheckGradient": func(n int) func() { // two passes for each of 21 parameters
		d := timedData(n)
		return func() { must(0, train.CheckGradient(model.NewLinear(20, 1), d.X, d.Y, loss.MSE{})) }
	},

	// n steps or epochs.
	"RangeTest": func(n int) func() {
		d := timedData(128)
		return func() {
			must(train.RangeTest(context.Background(), model.NewLinear(20, 1), d.X, d.Y, timedOptions(), 1e-9, 1e-3, n))
		}
	},
	"RateRange.Suggest": func(n int) func() {
		r := train.RateRange{Rates: timedHistory(n).Losses(), Losses: timedHistory(n).Losses()}
		return func() { r.Suggest() }
	},
	"History.Losses":    histories(func(h *train.History) { h.Losses() }),
	"History.Penalties": histories(func(h *train.History) { h.Penalties() }),
	"History.ValLosses": histories(func(h *train.History) { h.ValLosses() }),
	"History.Rates":     histories(func(h *train.History) { h.Rates() }),
	"History.GradNorms": histories(func(h *train.History) { h.GradNorms() }),
	"History.WriteCSV":  histories(func(h *train.History) { must(0, h.WriteCSV(io.Discard)) }),

	// n parameters.
	"State.Checkpoint": func(n int) func() {
		x, y, _ := gaussian(4, n/10)
		m := must(model.NewNetwork(model.Features(n/10), 1, model.Dense{Units: 10}, model.Dense{Units: 1}))
		opt, state := timedOptions(), (*train.State)(nil)
		opt.OnEpoch = []train.Callback{func(s *train.State) error { state = s; return nil }}
		must(train.Fit(context.Background(), m, x, y, opt))
		return func() { state.Checkpoint() }
	},
}

func BenchmarkTrain(b *testing.B) { benchmarks.Run(b) }

// TestAllOfTrainingIsTimed: what grows with rows, epochs or parameters has a benchmark
// at three sizes.
func TestAllOfTrainingIsTimed(t *testing.T) {
	benchmarks.Check(t,
		"EarlyStopping", "PrintProgress", "ProgressLine", "Remaining", "Interruptible", // of an epoch
		"History.Last", "State.AtEnd", "State.Done", "State.Keep",
		"NewMuon", // of a layout
	)
	benchmarks.Once()
}

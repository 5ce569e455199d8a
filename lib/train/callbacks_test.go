package train_test

import (
	"bytes"
	"context"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

// overfitting returns options under which the validation loss first falls and
// then rises: momentum swings past the validation set's optimum.
func overfitting(t *testing.T) (x, y *mat.Dense, opt train.Options) {
	t.Helper()
	x, y = line(40, 0.1, 1)
	vx, vy := line(40, 0.1, 2)
	for i := range 40 {
		vy.Set(i, 0, 0.5*vy.At(i, 0)) // its optimum lies half-way to the other
	}
	opt = basic()
	opt.BatchSize, opt.Epochs, opt.Schedule = 0, 200, optim.Constant(0.02)
	opt.Validation = &train.Data{X: vx, Y: vy}
	return x, y, opt
}

func TestEarlyStoppingRestoresTheBestOnEveryWayOut(t *testing.T) {
	x, y, opt := overfitting(t)
	stopAt := func(epoch int) train.Callback {
		return func(s *train.State) error {
			if s.Epoch == epoch {
				return train.ErrStop
			}
			return nil
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	ways := map[string]struct {
		ctx    context.Context
		change func(*train.Options)
		status train.Status
	}{
		"patience": {context.Background(), func(o *train.Options) { o.OnEpoch = []train.Callback{train.EarlyStopping(5, 0)} }, train.Stopped},
		"epochs":   {context.Background(), func(o *train.Options) { o.Epochs = 60; o.OnEpoch = []train.Callback{train.EarlyStopping(1000, 0)} }, train.Completed},
		"callback": {context.Background(), func(o *train.Options) { o.OnEpoch = []train.Callback{train.EarlyStopping(1000, 0), stopAt(60)} }, train.Stopped},
		"interrupted": {ctx, func(o *train.Options) {
			o.OnEpoch = []train.Callback{train.EarlyStopping(1000, 0), func(s *train.State) error {
				if s.Epoch == 60 {
					cancel()
				}
				return nil
			}}
		}, train.Interrupted},
		"diverged": {context.Background(), func(o *train.Options) {
			o.Schedule = optim.ScheduleFunc(func(step int) float64 {
				if step < 60 {
					return 0.02
				}
				return 1e10
			})
			o.OnEpoch = []train.Callback{train.EarlyStopping(1000, 0)}
		}, train.Diverged},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			opt := opt
			way.change(&opt)
			m := model.NewLinear(2, 1)
			h, _ := train.Fit(way.ctx, m, x, y, opt)
			if h.Status != way.status {
				t.Fatalf("status %s: %s", h.Status, h.Reason)
			}
			best := slices.Min(h.ValLosses())
			var pred mat.Dense
			m.Predict(&pred, opt.Validation.X)
			if got := (loss.MSE{}).Loss(nil, &pred, opt.Validation.Y, nil); got != best {
				t.Errorf("the validation loss is %g after training, the best was %g", got, best)
			}
			if best == h.Last().ValLoss {
				t.Error("the last epoch was the best: the test shows nothing")
			}
		})
	}
}

func TestEarlyStoppingNeedsValidation(t *testing.T) {
	x, y := line(40, 0.1, 1)
	opt := basic()
	opt.OnEpoch = []train.Callback{train.EarlyStopping(5, 0)}
	if _, err := train.Fit(context.Background(), model.NewLinear(2, 1), x, y, opt); err == nil || !strings.Contains(err.Error(), "Options.Validation") {
		t.Errorf("error %v", err)
	}
	x, y, opt = overfitting(t)
	opt.OnEpoch = []train.Callback{train.EarlyStopping(0, 0)}
	if _, err := train.Fit(context.Background(), model.NewLinear(2, 1), x, y, opt); err == nil || !strings.Contains(err.Error(), "patience 0") {
		t.Errorf("error %v", err)
	}
}

// TestResume takes a checkpoint after each single step and epoch, goes on from
// it with a new model and a new optimizer, and wants the same bytes.
func TestResume(t *testing.T) {
	x, y := line(30, 0.1, 1)
	options := func() train.Options {
		opt := basic()
		opt.Epochs, opt.Optimizer = 4, optim.NewAdam()
		opt.Schedule = optim.Cosine{Initial: 0.1, Final: 0.001, Steps: 16}
		opt.Validation = &train.Data{X: x, Y: y}
		opt.RecordPath = true
		return opt
	}
	var saved []*train.Checkpoint
	keep := func(s *train.State) error { saved = append(saved, s.Checkpoint()); return nil }
	whole := model.NewLinear(2, 1)
	opt := options()
	opt.OnStep = []train.Callback{keep}
	opt.OnEpoch = []train.Callback{train.EarlyStopping(100, 0), keep}
	want, err := train.Fit(context.Background(), whole, x, y, opt)
	if err != nil {
		t.Fatal(err)
	}
	if len(saved) != 4*4+4 {
		t.Fatalf("%d checkpoints", len(saved))
	}
	for _, c := range saved {
		m := model.NewLinear(2, 1)
		opt := options()
		opt.OnEpoch = []train.Callback{train.EarlyStopping(100, 0)}
		opt.Resume = c
		got, err := train.Fit(context.Background(), m, x, y, opt)
		if err != nil {
			t.Fatal(err)
		}
		done := c.Epoch == 4 && len(c.Records) == 4
		if !done && !slices.Equal(m.Params(), whole.Params()) {
			t.Errorf("resumed at step %d: θ = %v, want %v", c.Step, m.Params(), whole.Params())
		}
		for i, r := range got.Records {
			w := want.Records[i]
			r.Elapsed, w.Elapsed = 0, 0
			if r != w {
				t.Errorf("resumed at step %d: record %+v, want %+v", c.Step, r, w)
			}
		}
		if len(got.Records) != 4 || len(got.Path) != 5 || got.Status != want.Status {
			t.Errorf("resumed at step %d: %d records, %d points, %s", c.Step, len(got.Records), len(got.Path), got.Status)
		}
	}
}

func TestResumeAfterInterrupt(t *testing.T) {
	x, y := line(30, 0.1, 1)
	whole := model.NewLinear(2, 1)
	if _, err := train.Fit(context.Background(), whole, x, y, basic()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var saved *train.Checkpoint
	opt := basic()
	opt.OnStep = []train.Callback{func(s *train.State) error {
		s.AtEnd("save", func() { saved = s.Checkpoint() })
		if s.Step == 6 {
			cancel()
		}
		return nil
	}}
	m := model.NewLinear(2, 1)
	if _, err := train.Fit(ctx, m, x, y, opt); err != nil {
		t.Fatal(err)
	}
	m = model.NewLinear(2, 1)
	opt = basic()
	opt.Resume = saved
	h, err := train.Fit(context.Background(), m, x, y, opt)
	if err != nil || !slices.Equal(m.Params(), whole.Params()) || len(h.Records) != 20 {
		t.Errorf("θ = %v, want %v (%v, %v)", m.Params(), whole.Params(), h, err)
	}
}

func TestResumeRefusesAnotherTraining(t *testing.T) {
	x, y := line(30, 0.1, 1)
	var c *train.Checkpoint
	opt := basic()
	opt.OnEpoch = []train.Callback{func(s *train.State) error { c = s.Checkpoint(); return train.ErrStop }}
	if _, err := train.Fit(context.Background(), model.NewLinear(2, 1), x, y, opt); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		change func(*train.Checkpoint, *train.Options)
		want   string
	}{
		"parameters": {func(c *train.Checkpoint, _ *train.Options) { c.Theta = c.Theta[:2] }, "2 parameters"},
		"batches":    {func(_ *train.Checkpoint, o *train.Options) { o.BatchSize = 1 }, "batches"},
		"position":   {func(c *train.Checkpoint, _ *train.Options) { c.Batch = 99 }, "cannot be"},
		"optimizer":  {func(_ *train.Checkpoint, o *train.Options) { o.Optimizer = optim.NewAdam() }, "optimizer"},
		"more state": {func(c *train.Checkpoint, _ *train.Options) {
			c.Optimizer = map[string][]float64{"steps": {1}, "velocity": {1, 2, 3}}
		}, "2 vectors there and 1 here"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bad, opt := *c, basic()
			test.change(&bad, &opt)
			opt.Resume = &bad
			if _, err := train.Fit(context.Background(), model.NewLinear(2, 1), x, y, opt); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestKeep(t *testing.T) {
	x, y := line(30, 0.1, 1)
	opt := basic()
	opt.OnEpoch = []train.Callback{func(s *train.State) error {
		v, fresh := s.Keep("count", 1)
		if fresh != (s.Epoch == 1) || v[0] != float64(s.Epoch-1) {
			t.Errorf("epoch %d: %v, fresh %v", s.Epoch, v, fresh)
		}
		v[0]++
		return nil
	}}
	if _, err := train.Fit(context.Background(), model.NewLinear(2, 1), x, y, opt); err != nil {
		t.Fatal(err)
	}
}

func TestWriteCSV(t *testing.T) {
	x, y := line(30, 0.1, 1)
	opt := basic()
	opt.Epochs = 3
	h, err := train.Fit(context.Background(), model.NewLinear(2, 1), x, y, opt)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := h.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 4 || lines[0] != "epoch,step,passes,loss,penalty,val_loss,rate,grad_norm,seconds" {
		t.Fatalf("got\n%s", b.String())
	}
	if f := strings.Split(lines[3], ","); f[0] != "3" || f[1] != "12" || f[5] != "" {
		t.Errorf("last row %q", lines[3])
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full to fail writing to")
	}
	defer full.Close()
	if err := h.WriteCSV(full); err == nil {
		t.Error("no error from a full disk")
	}
}

func TestHistorySaysHowItWent(t *testing.T) {
	x, y := line(30, 0.1, 1)
	h, err := train.Fit(context.Background(), model.NewLinear(2, 1), x, y, basic())
	if err != nil {
		t.Fatal(err)
	}
	if s := h.String(); !strings.HasPrefix(s, "completed after epoch 20: loss 0.0") {
		t.Errorf("%q", s)
	}
	if s := (&train.History{Status: train.Interrupted, Reason: "context canceled"}).String(); s != "interrupted before the first epoch: context canceled" {
		t.Errorf("%q", s)
	}
	for name, column := range map[string][]float64{"rates": h.Rates(), "norms": h.GradNorms(), "losses": h.Losses()} {
		if len(column) != 20 || !(slices.Min(column) > 0) {
			t.Errorf("%s: %v", name, column)
		}
	}
	if p := h.Penalties(); slices.Max(p) != 0 {
		t.Errorf("penalties %v without a penalty", p)
	}
}

func TestProgressIsSilentInAPipe(t *testing.T) {
	x, y := line(30, 0.1, 1)
	var b bytes.Buffer
	opt := basic()
	opt.OnStep = []train.Callback{train.PrintProgress(&b)}
	if _, err := train.Fit(context.Background(), model.NewLinear(2, 1), x, y, opt); err != nil {
		t.Fatal(err)
	}
	if b.Len() != 0 {
		t.Errorf("wrote %q", b.String())
	}
}

func TestRemaining(t *testing.T) {
	if d := train.Remaining(0.25, 0.75, 10*time.Second); d != 30*time.Second {
		t.Errorf("%v left after a quarter in 10 s", d)
	}
	for _, done := range []float64{0, 1e-300, -1, math.NaN()} {
		if d := train.Remaining(done, 1, time.Second); d >= 0 {
			t.Errorf("after %g of the work: %v left, want less than 0: unknown", done, d)
		}
	}
	if d := train.Remaining(1, 0, time.Second); d != 0 {
		t.Errorf("%v left of nothing", d)
	}
}

func TestRangeTest(t *testing.T) {
	x, y := line(100, 0.1, 1)
	m := model.NewLinear(2, 1)
	m.Init(1)
	before := slices.Clone(m.Params())
	r, err := train.RangeTest(context.Background(), m, x, y, basic(), 1e-4, 100, 80)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(before, m.Params()) {
		t.Error("the test changed the parameters")
	}
	if n := len(r.Rates); n != len(r.Losses) || n < 20 || n == 80 {
		t.Errorf("%d rates, %d losses: want it to end early, in divergence", len(r.Rates), len(r.Losses))
	}
	if s := r.Suggest(); !(s > 1e-3 && s < 1) {
		t.Errorf("suggested rate %g", s)
	}
	if !slices.IsSorted(r.Rates) || math.Abs(r.Rates[0]-1e-4) > 1e-12 {
		t.Errorf("rates from %g", r.Rates[0])
	}
	if _, err := train.RangeTest(context.Background(), m, x, y, basic(), 1, 0.1, 10); err == nil {
		t.Error("an empty range was accepted")
	}
	opt := basic()
	opt.Loss = nil
	if _, err := train.RangeTest(context.Background(), m, x, y, opt, 0.1, 1, 10); err == nil {
		t.Error("bad options were accepted")
	}
}

func TestInterruptible(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process of Windows cannot interrupt itself")
	}
	ctx := train.Interruptible()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
		t.Error("the context did not end on SIGINT")
	}
}

package train_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/lib/stream"
	"github.com/descent-go/descent/lib/train"
)

// fitBatches is a source of the batches that Fit makes of the data.
func fitBatches(data train.Data, opt train.Options) stream.Source {
	n, _ := data.X.Dims()
	size := opt.BatchSize
	if size == 0 || size >= n {
		return stream.Of(data, n)
	}
	return func(epoch int) iter.Seq2[stream.Batch, error] {
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		if !opt.KeepOrder {
			r := rand.New(rand.NewPCG(opt.Seed, uint64(epoch)))
			r.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		return stream.Of(data.Take(order), size)(epoch)
	}
}

// TestStreamIsFit: on the same batches, all that a training leaves has the same bits,
// with each optimizer, schedule and batch size.
func TestStreamIsFit(t *testing.T) {
	x, y := line(5, 0.1, 1)
	vx, vy := line(5, 0.1, 2)
	for optimizer, newOptimizer := range optimizers() {
		for schedule, newSchedule := range schedules() {
			for _, size := range []int{0, 1, 2} {
				c := resumable{
					func() model.Model { return model.NewLinear(2, 1) }, x, y,
					func() train.Options {
						return train.Options{Loss: loss.MSE{}, Optimizer: newOptimizer(), Schedule: newSchedule(), Epochs: 3, BatchSize: size, Seed: 5,
							Validation: &train.Data{X: vx, Y: vy}, Tolerance: 0.03, RecordPath: size == 2}
					}, 1, false,
				}
				want, fit, _ := c.run(t, nil, 0)
				c.stream = true
				got, streamed, _ := c.run(t, nil, 0)
				if !slices.Equal(got, want) || fit.Status != streamed.Status || fit.Reason != streamed.Reason {
					t.Errorf("%s, schedule %s, batches of %d: Stream ends as %v, Fit as %v", optimizer, schedule, size, streamed, fit)
				}
			}
		}
	}
}

// TestStreamResumesEverywhere resumes a streamed training from each checkpoint that can
// be taken, in the first epoch, too, when the number of batches is unknown.
func TestStreamResumesEverywhere(t *testing.T) {
	x, y := line(9, 0.1, 1)
	vx, vy := line(5, 1, 2)
	for _, optimizer := range []string{"Adam", "EMA", "SAM", "Groups", "schedule-free"} {
		for _, schedule := range []string{"constant", "plateau", "sequence"} {
			for _, patience := range []int{0, 1} {
				c := resumable{
					func() model.Model { return model.NewLinear(2, 1) }, x, y,
					func() train.Options {
						return train.Options{Loss: loss.MSE{}, Optimizer: optimizers()[optimizer](), Schedule: schedules()[schedule](), Epochs: 3, BatchSize: 4, Seed: 5,
							Validation: &train.Data{X: vx, Y: vy}}
					}, patience, true,
				}
				c.check(t, fmt.Sprintf("%s, schedule %s, patience %d", optimizer, schedule, patience))
			}
		}
	}
	network := func() model.Model {
		n, err := model.NewNetwork(model.Features(2), 7, model.GaussianNoise{Sigma: 0.1}, model.Dense{Units: 3}, model.NewBatchNorm(), model.ReLU{}, model.Dropout{Rate: 0.4}, model.Dense{Units: 1})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	c := resumable{network, x, y, func() train.Options {
		return train.Options{Loss: loss.MSE{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.05), Epochs: 4, BatchSize: 4, Seed: 5,
			Validation: &train.Data{X: vx, Y: vy}}
	}, 100, true}
	c.check(t, "network")
	want, _, _ := c.run(t, nil, 0)
	c.stream = false
	if got, _, _ := c.run(t, nil, 0); !slices.Equal(got, want) {
		t.Error("a network: Stream and Fit end otherwise")
	}
}

// TestStreamIsFitInBlocks does so for batches that are divided among the cores, the
// last one smaller, dense and sparse, with sample weights.
func TestStreamIsFitInBlocks(t *testing.T) {
	const rows, cols, size = 9000, 40, 4000
	r := rand.New(rand.NewPCG(1, 2))
	x, y, weights := mat.NewDense(rows, cols, nil), mat.NewDense(rows, 1, nil), make([]float64, rows)
	for i := range rows {
		for j := range cols {
			if r.IntN(2) == 0 {
				x.Set(i, j, r.NormFloat64())
			}
		}
		y.Set(i, 0, float64(r.IntN(2)))
		weights[i] = r.Float64()
	}
	for name, data := range map[string]train.Data{
		"dense": {X: x, Y: y}, "weights": {X: x, Y: y, SampleWeights: weights}, "sparse": {X: sparse.FromDense(x), Y: y},
	} {
		opt := train.Options{Loss: loss.BinaryCrossEntropy{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.01), Epochs: 3, BatchSize: size, Seed: 3}
		fit, streamed := model.NewLinear(cols, 1), model.NewLinear(cols, 1)
		opt.SampleWeights = data.SampleWeights
		want, err := train.Fit(context.Background(), fit, data.X, data.Y, opt)
		if err != nil {
			t.Fatal(err)
		}
		source := fitBatches(data, opt)
		opt.SampleWeights = nil
		got, err := train.Stream(context.Background(), streamed, stream.Map(source, func(b stream.Batch) (stream.Batch, error) { return b, nil }), opt)
		if err != nil {
			t.Fatal(err)
		}
		same := func(a, b float64) bool { return a == b }
		if name == "sparse" { // parts are chosen by the non-zeros of a batch, in Fit by those of all
			same = func(a, b float64) bool { return math.Abs(a-b) <= 1e-13*math.Abs(b) }
		}
		if !slices.EqualFunc(streamed.Params(), fit.Params(), same) || !slices.EqualFunc(got.Losses(), want.Losses(), same) {
			t.Errorf("%s: Stream and Fit have other bits", name)
		}
	}
}

// TestStreamLeavesOutRows of weight 0 and without labels, as Fit does.
func TestStreamLeavesOutRows(t *testing.T) {
	x, y := line(6, 0.1, 1)
	y.SetCol(0, []float64{0, 1, 0, 1, -1, -1})
	x.Set(1, 0, math.NaN())
	weights := []float64{1, 0, 1, 1, 1, 1}
	opt := train.Options{Loss: loss.BinaryCrossEntropy{AllowUnlabelled: true}, Schedule: optim.Constant(0.1), Epochs: 3}
	fit, streamed := model.NewLinear(2, 1), model.NewLinear(2, 1)
	used := train.Data{X: x, Y: y, SampleWeights: weights}.Take([]int{0, 2, 3})
	fitOptions := opt
	fitOptions.BatchSize, fitOptions.KeepOrder, fitOptions.SampleWeights = 1, true, used.SampleWeights
	fitOptions.OnStep = []train.Callback{func(*train.State) error { return nil }} // no sweep
	want, err := train.Fit(context.Background(), fit, used.X, used.Y, fitOptions)
	if err != nil {
		t.Fatal(err)
	}
	// The batches: rows 0 and 1, row 2, row 3, rows 4 and 5.
	all := train.Data{X: x, Y: y, SampleWeights: weights}
	source := stream.Concat(stream.Of(all.Take([]int{0, 1}), 2), stream.Of(all.Take([]int{2, 3}), 1), stream.Of(all.Take([]int{4, 5}), 2))
	got, err := train.Stream(context.Background(), streamed, source, opt)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(streamed.Params(), fit.Params()) || got.Last().Loss != want.Last().Loss || got.Last().Step != want.Last().Step {
		t.Errorf("Stream ends at %v, %v, Fit at %v, %v", streamed.Params(), got, fit.Params(), want)
	}
}

// counted yields the batches of a source and an error after some of them.
func counted(source stream.Source, batches func(epoch int) int, err error) stream.Source {
	return func(epoch int) iter.Seq2[stream.Batch, error] {
		return func(yield func(stream.Batch, error) bool) {
			left := batches(epoch)
			for b, e := range source(epoch) {
				if left == 0 {
					if err != nil {
						yield(stream.Batch{}, err)
					}
					return
				}
				left--
				if !yield(b, e) {
					return
				}
			}
		}
	}
}

func TestStreamErrors(t *testing.T) {
	x, y := line(6, 0.1, 1)
	good := stream.Of(train.Data{X: x, Y: y}, 2)
	always := func(n int) func(int) int { return func(int) int { return n } }
	bad := mat.DenseCopyOf(x)
	bad.Set(5, 1, math.Inf(1))
	broken := errors.New("the disk is on fire")
	run := func(source stream.Source, change func(*train.Options)) (*train.History, error) {
		opt := train.Options{Loss: loss.MSE{}, Schedule: optim.Constant(0.01), Epochs: 3}
		if change != nil {
			change(&opt)
		}
		return train.Stream(context.Background(), model.NewLinear(2, 1), source, opt)
	}
	for part, test := range map[string]struct {
		source  stream.Source
		change  func(*train.Options)
		records int // −1 if training must not begin
	}{
		"the source is nil":                      {nil, nil, -1},
		"sample weights in its batches":          {good, func(o *train.Options) { o.SampleWeights = []float64{1} }, -1},
		"Options.Epochs is 0":                    {good, func(o *train.Options) { o.Epochs = 0 }, -1},
		"validation data":                        {good, func(o *train.Options) { o.Validation = &train.Data{X: x, Y: mat.NewDense(1, 1, nil)} }, -1},
		"no samples":                             {counted(good, always(0), nil), nil, 0},
		"epoch 1, batch 3: the disk":             {counted(good, always(2), broken), nil, 1},
		"epoch 1, batch 3: x is +Inf in row 1":   {stream.Of(train.Data{X: bad, Y: y}, 2), nil, 1},
		"epoch 2, batch 3: the source does not":  {counted(good, func(e int) int { return 4 - e }, nil), nil, 2},
		"epoch 2, batch 2: the source does not":  {counted(good, func(e int) int { return e }, nil), nil, 2},
		"x has 2 columns, the model takes":       {good, nil, 0},
		"epoch 1, batch 1: stream: x or y is ni": {stream.Of(train.Data{X: x}, 2), nil, 0},
		"lower it, or scale the":                 {good, func(o *train.Options) { o.Schedule, o.Epochs = optim.Constant(1e9), 100 }, -2},
	} {
		var h *train.History
		var err error
		if strings.HasPrefix(part, "x has 2 columns") {
			h, err = train.Stream(context.Background(), model.NewLinear(3, 1), test.source, train.Options{Loss: loss.MSE{}, Schedule: optim.Constant(0.01), Epochs: 1})
		} else {
			h, err = run(test.source, test.change)
		}
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: error %v", part, err)
			continue
		}
		if test.records == -2 {
			if h.Status != train.Diverged {
				t.Errorf("%q: ended as %v", part, h)
			}
			continue
		}
		if (h == nil) != (test.records < 0) || h != nil && (len(h.Records) != test.records || h.Status != train.Failed) {
			t.Errorf("%q: the history is %v, want %d records", part, h, test.records)
		}
	}
}

// TestStreamResumeErrors: a source that ends before the checkpoint, and a checkpoint
// that cannot be.
func TestStreamResumeErrors(t *testing.T) {
	x, y := line(6, 0.1, 1)
	source := stream.Of(train.Data{X: x, Y: y}, 2)
	opt := train.Options{Loss: loss.MSE{}, Schedule: optim.Constant(0.01), Epochs: 3}
	var saved *train.Checkpoint
	opt.OnStep = []train.Callback{func(s *train.State) error {
		if s.Step == 2 {
			saved = s.Checkpoint()
			return train.ErrStop
		}
		return nil
	}}
	h, err := train.Stream(context.Background(), model.NewLinear(2, 1), source, opt)
	if err != nil || !math.IsInf(h.Last().Passes, 1) || saved.Batches != 0 {
		t.Fatalf("stopped in the first epoch: %v, error %v, %d batches", h, err, saved.Batches)
	}
	opt.OnStep, opt.Resume = nil, saved
	if _, err := train.Stream(context.Background(), model.NewLinear(2, 1), counted(source, func(int) int { return 1 }, nil), opt); err == nil || !strings.Contains(err.Error(), "less than the 2 batches") {
		t.Errorf("a source that is too short: error %v", err)
	}
	for _, spoil := range []func(c *train.Checkpoint){
		func(c *train.Checkpoint) { c.Step = 3 }, func(c *train.Checkpoint) { c.Epoch = 2 },
		func(c *train.Checkpoint) { c.Batch, c.Step = -1, -1 }, func(c *train.Checkpoint) { c.Batches = 1 },
	} {
		c := *saved
		spoil(&c)
		opt.Resume = &c
		if _, err := train.Stream(context.Background(), model.NewLinear(2, 1), source, opt); err == nil || !strings.Contains(err.Error(), "cannot be") {
			t.Errorf("checkpoint at epoch %d, batch %d of %d, step %d: error %v", c.Epoch, c.Batch, c.Batches, c.Step, err)
		}
	}
	if _, err := train.Fit(context.Background(), model.NewLinear(2, 1), x, y, train.Options{Loss: loss.MSE{}, Schedule: optim.Constant(0.01), Epochs: 3, BatchSize: 2, Resume: saved}); err == nil {
		t.Error("Fit resumes from a checkpoint of a stream whose batches are not known")
	}
}

// TestStreamEndsItsGoroutine however training ends: also when a callback panics.
func TestStreamEndsItsGoroutine(t *testing.T) {
	x, y := line(6, 0.1, 1)
	open := 0
	source := func(epoch int) iter.Seq2[stream.Batch, error] {
		return func(yield func(stream.Batch, error) bool) {
			open++
			defer func() { open-- }()
			for b, err := range stream.Of(train.Data{X: x, Y: y}, 1)(epoch) {
				if !yield(b, err) {
					return
				}
			}
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	for name, callback := range map[string]train.Callback{
		"stopped":     func(*train.State) error { return train.ErrStop },
		"failed":      func(*train.State) error { return errors.New("no") },
		"panicked":    func(*train.State) error { panic("no") },
		"interrupted": func(*train.State) error { cancel(); return nil },
		"gone":        func(*train.State) error { runtime.Gosched(); return nil },
	} {
		func() {
			defer func() { _ = recover() }()
			ctx := ctx
			if name != "interrupted" {
				ctx = context.Background()
			}
			_, _ = train.Stream(ctx, model.NewLinear(2, 1), source, train.Options{Loss: loss.MSE{}, Schedule: optim.Constant(0.01), Epochs: 2, OnStep: []train.Callback{callback}})
		}()
		if open != 0 {
			t.Errorf("%s: %d sources are still read", name, open)
		}
	}
}

// TestStreamPanics: a source that panics does so for the caller of Stream.
func TestStreamPanics(t *testing.T) {
	defer func() {
		if v := recover(); v != "out of paper" {
			t.Errorf("recovered %v", v)
		}
	}()
	source := func(int) iter.Seq2[stream.Batch, error] {
		return func(func(stream.Batch, error) bool) { panic("out of paper") }
	}
	_, _ = train.Stream(context.Background(), model.NewLinear(2, 1), source, train.Options{Loss: loss.MSE{}, Schedule: optim.Constant(0.01), Epochs: 2})
}

// TestStreamAllocatesNothing in a step, after the first epoch.
func TestStreamAllocatesNothing(t *testing.T) {
	x, y := line(512, 0.1, 1)
	allocations := func(epochs int) float64 {
		return testing.AllocsPerRun(3, func() {
			_, err := train.Stream(context.Background(), model.NewLinear(2, 1), stream.Of(train.Data{X: x, Y: y}, 2),
				train.Options{Loss: loss.MSE{}, Schedule: optim.Constant(0.01), Epochs: epochs})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	if more := allocations(6) - allocations(2); more > 4*100 { // 256 batches in each of four epochs
		t.Errorf("%g allocations in four epochs of 256 steps", more)
	}
}

// A stream is augmented as the same batches in memory are.
func TestAugmentedStream(t *testing.T) {
	d := images()
	opt := augmentedOptions(8)
	want, got := small(t), small(t)
	h, err := train.Fit(t.Context(), want, d.X, d.Y, opt)
	if err != nil {
		t.Fatal(err)
	}
	source := fitBatches(d, opt)
	opt.BatchSize, opt.SampleWeights = 0, nil
	streamed, err := train.Stream(t.Context(), got, source, opt)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Params(), want.Params()) || !slices.Equal(streamed.Metrics["sum"], h.Metrics["sum"]) {
		t.Errorf("the metrics are %v, those of the same batches in memory %v", streamed.Metrics, h.Metrics)
	}
	opt.Validation = nil
	if _, err := train.Stream(t.Context(), small(t), source, opt); err == nil || !strings.Contains(err.Error(), "Options.Validation") {
		t.Errorf("metrics of a stream without validation data: %v", err)
	}
}

// A stream of sequences weighs its batches by their tokens, as Fit does.
func TestStreamOfSequences(t *testing.T) {
	x, y := mat.NewDense(10, 4, nil), mat.NewDense(10, 4, nil)
	for i := range 10 {
		for j := range 4 {
			x.Set(i, j, float64((i+j*j)%5))
			y.Set(i, j, float64((i+j)%5))
			if j > i%4 {
				x.Set(i, j, -1)
				y.Set(i, j, -1)
			}
		}
	}
	opt := train.Options{Loss: loss.NewTokenCrossEntropy(), Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.01), Epochs: 3, BatchSize: 4, Seed: 2}
	network := func() *model.Network {
		m, err := model.NewNetwork(model.Tokens(4), 1, model.NewEmbedding(5, 3), model.GRU{Units: 4}, model.Dense{Units: 5})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	want, got := network(), network()
	h, err := train.Fit(t.Context(), want, x, y, opt)
	if err != nil {
		t.Fatal(err)
	}
	source := fitBatches(train.Data{X: x, Y: y}, opt)
	opt.BatchSize = 0
	streamed, err := train.Stream(t.Context(), got, source, opt)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range h.Records {
		if r.Loss != streamed.Records[i].Loss {
			t.Errorf("epoch %d: loss %v, that of the same batches in memory %v", i+1, streamed.Records[i].Loss, r.Loss)
		}
	}
	if !slices.Equal(got.Params(), want.Params()) {
		t.Error("the parameters differ")
	}

	// A batch of padding alone is left out.
	padding := mat.NewDense(4, 4, slices.Repeat([]float64{-1}, 16))
	padded := func(epoch int) iter.Seq2[stream.Batch, error] {
		return func(yield func(stream.Batch, error) bool) {
			if !yield(stream.Batch{X: padding, Y: padding}, nil) {
				return
			}
			source(epoch)(yield)
		}
	}
	got = network()
	if _, err := train.Stream(t.Context(), got, padded, opt); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Params(), want.Params()) {
		t.Error("a batch of padding changes the parameters")
	}
}

package train_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

// optimizers makes each optimizer and each wrapper anew.
func optimizers() map[string]func() optim.Optimizer {
	momentum := func() optim.Optimizer { return &optim.SGD{Momentum: 0.9} }
	return map[string]func() optim.Optimizer{
		"none":                func() optim.Optimizer { return nil },
		"SGD":                 func() optim.Optimizer { return &optim.SGD{} },
		"momentum":            momentum,
		"Nesterov":            func() optim.Optimizer { return &optim.SGD{Momentum: 0.9, Nesterov: true} },
		"Adagrad":             func() optim.Optimizer { return optim.NewAdagrad() },
		"Adadelta":            func() optim.Optimizer { return optim.NewAdadelta() },
		"RMSprop":             func() optim.Optimizer { return &optim.RMSprop{Rho: 0.99, Epsilon: 1e-8, Centered: true, Momentum: 0.5} },
		"Adam":                func() optim.Optimizer { return optim.NewAdam() },
		"AMSGrad":             func() optim.Optimizer { return optim.NewAMSGrad() },
		"AdamW":               func() optim.Optimizer { return optim.NewAdamW() },
		"Adamax":              func() optim.Optimizer { return optim.NewAdamax() },
		"NAdam":               func() optim.Optimizer { return optim.NewNAdam() },
		"RAdam":               func() optim.Optimizer { return optim.NewRAdam() },
		"AdaBelief":           func() optim.Optimizer { return optim.NewAdaBelief() },
		"Lion":                func() optim.Optimizer { return optim.NewLion() },
		"Rprop":               func() optim.Optimizer { return optim.NewRprop() },
		"ClipValue":           func() optim.Optimizer { return optim.ClipValue{Max: 1, Optimizer: momentum()} },
		"ClipNorm":            func() optim.Optimizer { return optim.ClipNorm{Max: 1, Optimizer: momentum()} },
		"decay":               func() optim.Optimizer { return optim.WeightDecay{Lambda: 0.01, Optimizer: momentum()} },
		"sign decay":          func() optim.Optimizer { return optim.SignDecay{Lambda: 0.01, Optimizer: momentum()} },
		"Accumulate":          func() optim.Optimizer { return &optim.Accumulate{Steps: 3, Optimizer: momentum()} },
		"Lookahead":           func() optim.Optimizer { return optim.NewLookahead(momentum()) },
		"EMA":                 func() optim.Optimizer { return &optim.EMA{Decay: 0.7, Optimizer: momentum()} },
		"SWA":                 func() optim.Optimizer { return optim.NewSWA(4, momentum()) },
		"SAM":                 func() optim.Optimizer { return optim.NewSAM(momentum()) },
		"SAM in EMA":          func() optim.Optimizer { return &optim.EMA{Decay: 0.7, Optimizer: optim.NewSAM(momentum())} },
		"schedule-free":       func() optim.Optimizer { return optim.NewScheduleFree(&optim.SGD{}) },
		"schedule-free AdamW": func() optim.Optimizer { return optim.NewScheduleFreeAdamW(0.01) },
		"ASGD":                func() optim.Optimizer { return optim.NewASGD(3) },
		"momentum of a cycle": func() optim.Optimizer { return optim.NewOneCycleMomentum(optim.NewOneCycle(1, 9), momentum()) },
		"Muon":                func() optim.Optimizer { return optim.NewMuon(optim.Matrix{Rows: 1, Cols: 3}) },
		"Groups with a schedule": func() optim.Optimizer {
			return &optim.Groups{Groups: []optim.Group{
				{Ranges: []optim.Range{{Lo: 0, Hi: 2}}, Rate: 1, Optimizer: momentum()},
				{Ranges: []optim.Range{{Lo: 2, Hi: 3}}, Rate: 0.5, Optimizer: optim.NewAdam(), Schedule: optim.Cosine{Initial: 0.2, Steps: 9}},
			}}
		},
		"Groups": func() optim.Optimizer {
			return &optim.Groups{Groups: []optim.Group{
				{Ranges: []optim.Range{{Lo: 0, Hi: 1}, {Lo: 2, Hi: 3}}, Rate: 0.5, Optimizer: optim.NewAdam()},
				{Ranges: []optim.Range{{Lo: 1, Hi: 2}}, Rate: 1, Optimizer: momentum()},
			}}
		},
	}
}

// schedules makes each schedule anew.
func schedules() map[string]func() optim.Schedule {
	plateau := func() optim.Schedule {
		return &optim.Plateau{Initial: 0.2, Factor: 0.5, Patience: 0, Cooldown: 1, Threshold: 0.3}
	}
	return map[string]func() optim.Schedule{
		"constant":    func() optim.Schedule { return optim.Constant(0.2) },
		"function":    func() optim.Schedule { return optim.ScheduleFunc(func(t int) float64 { return 0.2 / float64(t+1) }) },
		"step":        func() optim.Schedule { return optim.StepDecay{Initial: 0.2, Factor: 0.5, Every: 3} },
		"multi-step":  func() optim.Schedule { return optim.MultiStep{Initial: 0.2, Factor: 0.5, Milestones: []int{2, 5}} },
		"exponential": func() optim.Schedule { return optim.Exponential{Initial: 0.2, Factor: 0.9} },
		"sweep":       func() optim.Schedule { return optim.Sweep{Initial: 0.2, Final: 0.01, Steps: 9} },
		"linear":      func() optim.Schedule { return optim.LinearRamp{Initial: 0.2, Final: 0.01, Steps: 9} },
		"polynomial":  func() optim.Schedule { return optim.Polynomial{Initial: 0.2, Final: 0.01, Power: 2, Steps: 9} },
		"cosine":      func() optim.Schedule { return optim.Cosine{Initial: 0.2, Steps: 9} },
		"restarts":    func() optim.Schedule { return optim.CosineRestarts{Initial: 0.2, Steps: 2, Growth: 2} },
		"one cycle":   func() optim.Schedule { return optim.NewOneCycle(0.2, 40) },
		"cyclic":      func() optim.Schedule { return optim.Cyclic{Min: 0.01, Max: 0.2, Up: 2, Down: 3} },
		"plateau":     plateau,
		"warm-up":     func() optim.Schedule { return optim.Warmup{Steps: 3, Schedule: plateau()} },
		"per epoch":   func() optim.Schedule { return optim.PerEpoch{Schedule: plateau(), StepsPerEpoch: 3} },
		"sequence": func() optim.Schedule {
			return optim.Sequence{Schedules: []optim.Schedule{optim.Constant(0.1), plateau()}, Milestones: []int{4}}
		},
	}
}

// A resumable is a training that can be made anew, in the same way each time.
type resumable struct {
	model   func() model.Model
	x, y    *mat.Dense
	options func() train.Options // without callbacks for each update
	patient int                  // of early stopping, which is off at 0
	stream  bool                 // whether the data are streamed
}

// epochs trains on the data or on a stream of the same batches.
func (c resumable) epochs(ctx context.Context, m model.Model, opt train.Options) iter.Seq2[*train.State, error] {
	if !c.stream {
		return train.Epochs(ctx, m, c.x, c.y, opt)
	}
	source := fitBatches(train.Data{X: c.x, Y: c.y}, opt)
	opt.BatchSize = 0
	return train.StreamEpochs(ctx, m, source, opt)
}

// callbacks puts early stopping between two callbacks that remember all that
// they see, and calls also where a checkpoint may be taken: before, between and
// behind them.
func (c resumable) callbacks(opt *train.Options, also train.Callback) {
	sees := func(name string) train.Callback {
		return func(s *train.State) error {
			v, _ := s.Keep(name, 1)
			v[0] = math.Sin(v[0] + s.Loss + s.BatchLoss + s.Rate + float64(s.Step))
			if !math.IsNaN(s.ValLoss) {
				v[0] += s.ValLoss
			}
			return nil
		}
	}
	opt.OnStep = []train.Callback{also, sees("steps"), also}
	opt.OnEpoch = []train.Callback{also, sees("epochs 1"), also, sees("epochs 2"), also}
	if c.patient > 0 {
		opt.OnEpoch = slices.Insert(opt.OnEpoch, 3, train.EarlyStopping(c.patient, 0))
	}
}

// everything returns as bits all of a training that must not depend on
// interruptions, and what it left in the model.
func everything(m model.Model, h *train.History, c *train.Checkpoint) (all []uint64) {
	add := func(values ...float64) {
		for _, v := range values {
			all = append(all, math.Float64bits(v))
		}
	}
	add(m.Params()...)
	if b, ok := m.(model.Stateful); ok {
		for _, v := range b.Buffers() {
			add(v...)
		}
	}
	for _, r := range h.Records {
		add(float64(r.Epoch), float64(r.Step), r.Passes, r.Loss, r.Penalty, r.ValLoss, r.Rate, r.GradNorm)
	}
	for _, p := range h.Path {
		add(p...)
	}
	add(c.Theta...)
	add(float64(c.Epoch), float64(c.Batch), float64(c.Step), float64(c.Pending), c.Rate, c.GradNorm, c.BatchLoss, c.Sums[0], c.Sums[1], c.Sums[2])
	for _, vectors := range []map[string][]float64{c.Buffers, c.Optimizer, c.Schedule, c.Memory} {
		for _, name := range slices.Sorted(maps.Keys(vectors)) {
			add(vectors[name]...)
		}
	}
	return all
}

// run trains, from a checkpoint unless it is nil and until step stop unless
// that is 0. It returns what came of it and the checkpoints on the way.
func (c resumable) run(t *testing.T, from *train.Checkpoint, stop int) (all []uint64, h *train.History, saved []*train.Checkpoint) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	m, opt := c.model(), c.options()
	opt.Resume = from
	if from != nil && stop > 0 && from.Step >= stop {
		cancel()
	}
	c.callbacks(&opt, func(s *train.State) error {
		if from == nil && stop == 0 {
			saved = append(saved, s.Checkpoint())
		}
		if s.Step == stop {
			cancel()
		}
		return nil
	})
	var state *train.State
	for s, err := range c.epochs(ctx, m, opt) {
		if err != nil {
			t.Fatal(err)
		}
		if state = s; from == nil && stop == 0 {
			saved = append(saved, s.Checkpoint())
		}
	}
	last := state.Checkpoint() // training is over, and the model has the best parameters or the average
	if from == nil && stop == 0 {
		saved = append(saved, last)
	}
	return everything(m, state.History, last), state.History, saved
}

// check resumes from every checkpoint to the end, and from some of them to a
// stop right after it, before the epoch ends.
func (c resumable) check(t *testing.T, name string) *train.History {
	t.Helper()
	want, whole, saved := c.run(t, nil, 0)
	for i, from := range saved {
		got, h, _ := c.run(t, from, 0)
		if !slices.Equal(got, want) || h.Status != whole.Status || h.Reason != whole.Reason {
			t.Fatalf("%s: resumed from checkpoint %d of %d, epoch %d, step %d, %d callbacks pending, it ends otherwise:\n%v, want\n%v",
				name, i, len(saved), from.Epoch, from.Step, from.Pending, h, whole)
		}
		if last := i == len(saved)-1; i%5 == 0 && !last {
			want, whole, _ := c.run(t, nil, from.Step)
			got, h, _ := c.run(t, from, from.Step)
			if !slices.Equal(got, want) || h.Status != whole.Status {
				t.Fatalf("%s: resumed from checkpoint %d of %d and stopped at once it ends otherwise:\n%v, want\n%v", name, i, len(saved), h, whole)
			}
		}
	}
	return whole
}

// TestResumeEverywhere interrupts training with each optimizer, schedule and
// batch size, with and without early stopping, at each point at which a
// checkpoint can be taken, and wants the same bits at the end.
func TestResumeEverywhere(t *testing.T) {
	x, y := line(5, 0.1, 1)
	vx, vy := line(5, 0.1, 2)
	for i := range 5 {
		vy.Set(i, 0, 0.3*vy.At(i, 0)) // its optimum lies before that of the training data
	}
	ways := map[train.Status]int{}
	early := 0 // runs whose best epoch was not the last
	for optimizer, newOptimizer := range optimizers() {
		for schedule, newSchedule := range schedules() {
			if testing.Short() && optimizer != "EMA" && schedule != "plateau" {
				continue
			}
			for _, size := range []int{0, 1, 2} {
				for _, patience := range []int{0, 1, 100} {
					if patience < 100 && optimizer != "Adam" && optimizer != "EMA" && schedule != "plateau" {
						continue // enough of these
					}
					c := resumable{
						func() model.Model { return model.NewLinear(2, 1) }, x, y,
						func() train.Options {
							return train.Options{Loss: loss.MSE{}, Optimizer: newOptimizer(), Schedule: newSchedule(), Epochs: 3, BatchSize: size, Seed: 5,
								Validation: &train.Data{X: vx, Y: vy}, Tolerance: 0.03, RecordPath: size == 2}
						}, patience, false,
					}
					h := c.check(t, fmt.Sprintf("%s, schedule %s, batches of %d, patience %d", optimizer, schedule, size, patience))
					ways[h.Status]++
					if v := h.ValLosses(); patience > 0 && slices.Min(v) < v[len(v)-1] {
						early++
					}
				}
			}
		}
	}
	if early < 10 || ways[train.Completed] < 10 || ways[train.Converged] < 10 || ways[train.Stopped] < 10 {
		t.Errorf("ended as %v, %d early: the test shows too little", ways, early)
	}
}

// TestResumeNetwork does so for networks of both precisions with running
// statistics and noise.
func TestResumeNetwork(t *testing.T) {
	x, y := line(9, 0.1, 1)
	vx, vy := line(5, 1, 2)
	all := optimizers()
	for _, name := range []string{"Groups", "Groups with a schedule", "Muon"} { // made for three parameters
		delete(all, name)
	}
	for precision, build := range map[int]func(model.Shape, uint64, ...model.Layer) (*model.Network, error){64: model.NewNetwork, 32: model.NewNetwork32} {
		newModel := func() model.Model {
			n, err := build(model.Features(2), 7, model.GaussianNoise{Sigma: 0.1}, model.Dense{Units: 3}, model.NewBatchNorm(), model.ReLU{}, model.Dropout{Rate: 0.4}, model.Dense{Units: 1})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		for name, newOptimizer := range all {
			c := resumable{newModel, x, y, func() train.Options {
				return train.Options{Loss: loss.MSE{}, Optimizer: newOptimizer(), Schedule: &optim.Plateau{Initial: 0.05, Factor: 0.5}, Epochs: 4, BatchSize: 4, Seed: 5,
					Validation: &train.Data{X: vx, Y: vy}}
			}, 100, false}
			c.check(t, fmt.Sprintf("%s, %d bits", name, precision))
		}
	}
}

// TestResumeFastPaths does so where training takes a short cut: the Gram matrix,
// and the sweep over single samples, which is not taken if a callback sees each
// step.
func TestResumeFastPaths(t *testing.T) {
	x, y := line(40, 0.1, 1)
	for name, size := range map[string]int{"Gram": 0, "sweep": 1} {
		options := func() train.Options {
			opt := basic()
			opt.BatchSize, opt.Epochs, opt.Tolerance = size, 12, 1e-9
			return opt
		}
		var saved []*train.Checkpoint
		opt, whole := options(), model.NewLinear(2, 1)
		opt.OnEpoch = []train.Callback{func(s *train.State) error { saved = append(saved, s.Checkpoint()); return nil }}
		want, err := train.Fit(context.Background(), whole, x, y, opt)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range saved {
			opt, m := options(), model.NewLinear(2, 1)
			opt.Resume = c
			h, err := train.Fit(context.Background(), m, x, y, opt)
			if err != nil || !slices.Equal(m.Params(), whole.Params()) || h.Status != want.Status || len(h.Records) != len(want.Records) {
				t.Errorf("%s: resumed after epoch %d: %v, want %v, error %v", name, c.Epoch, m.Params(), whole.Params(), err)
			}
		}
	}
}

// TestResumeTrainsOn changes what may be changed: more epochs, a smaller
// tolerance, more patience, no early stopping.
func TestResumeTrainsOn(t *testing.T) {
	x, y, base := overfitting(t)
	base.Epochs = 30
	last := func(opt train.Options) (c *train.Checkpoint, h *train.History) {
		t.Helper()
		for s, err := range train.Epochs(context.Background(), model.NewLinear(2, 1), x, y, opt) {
			if err != nil {
				t.Fatal(err)
			}
			c, h = s.Checkpoint(), s.History
		}
		return c, h
	}
	resumed := func(opt train.Options, c *train.Checkpoint) *train.History {
		opt.Resume = c
		_, h := last(opt)
		return h
	}
	c, _ := last(base)
	longer := base
	longer.Epochs = 40
	if h := resumed(longer, c); len(h.Records) != 40 {
		t.Errorf("with more epochs: %v", h)
	}
	shorter := base
	shorter.Epochs = 20
	if h := resumed(shorter, c); len(h.Records) != 30 || h.Status != train.Completed {
		t.Errorf("with fewer epochs: %v", h)
	}
	rough := base
	rough.Tolerance = 1
	c, h := last(rough)
	if h.Status != train.Converged || len(h.Records) == 30 {
		t.Fatalf("%v", h)
	}
	if h := resumed(rough, c); len(h.Records) != c.Epoch || h.Status != train.Converged {
		t.Errorf("converged, it has trained on: %v", h)
	}
	if h := resumed(base, c); len(h.Records) != 30 {
		t.Errorf("with a smaller tolerance: %v", h)
	}
	stops := base
	stops.Epochs = 100
	stops.OnEpoch = []train.Callback{train.EarlyStopping(5, 0)}
	c, h = last(stops)
	if h.Status != train.Stopped {
		t.Fatalf("%v", h)
	}
	if h := resumed(stops, c); len(h.Records) != c.Epoch || h.Status != train.Stopped {
		t.Errorf("stopped early, it has trained on: %v", h)
	}
	stops.OnEpoch = []train.Callback{train.EarlyStopping(7, 0)}
	if h := resumed(stops, c); len(h.Records) != c.Epoch+2 {
		t.Errorf("with more patience: %v, want two epochs more than %d", h, c.Epoch)
	}
	stops.OnEpoch = nil
	m := model.NewLinear(2, 1)
	stops.Resume, stops.Epochs = c, c.Epoch+2
	if _, err := train.Fit(context.Background(), m, x, y, stops); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(m.Params(), c.Memory["early stopping/best parameters"]) {
		t.Error("without early stopping the model is still given its best parameters")
	}
}

// TestResumeRetriesTheCallbackThatFailed: a checkpoint that was taken after a
// failure has all that the callbacks are still to see.
func TestResumeRetriesTheCallbackThatFailed(t *testing.T) {
	x, y := line(30, 0.1, 1)
	opt := basic()
	opt.Epochs = 3
	fails, calls := true, []int{}
	opt.OnEpoch = []train.Callback{func(s *train.State) error {
		if calls = append(calls, s.Epoch); s.Epoch == 2 && fails {
			return errors.New("the disk is full")
		}
		return nil
	}}
	var c *train.Checkpoint
	for s, err := range train.Epochs(context.Background(), model.NewLinear(2, 1), x, y, opt) {
		if c = s.Checkpoint(); err != nil && !strings.Contains(err.Error(), "full") {
			t.Fatal(err)
		}
	}
	fails, opt.Resume = false, c
	if _, err := train.Fit(context.Background(), model.NewLinear(2, 1), x, y, opt); err != nil || !slices.Equal(calls, []int{1, 2, 2, 3}) {
		t.Errorf("called in epochs %v, error %v", calls, err)
	}
}

// TestRefusedResumeTouchesNothing: the model, its running statistics, the
// optimizer and the schedule are as before.
func TestRefusedResumeTouchesNothing(t *testing.T) {
	x, y := line(20, 0.1, 1)
	build := func() *model.Network {
		n, err := model.NewNetwork(model.Features(2), 7, model.Dense{Units: 3}, model.NewBatchNorm(), model.ReLU{}, model.Dense{Units: 1})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	options := func() train.Options {
		opt := basic()
		opt.Epochs, opt.Optimizer, opt.Schedule = 2, optim.NewAdam(), optim.NewPlateau(0.1)
		return opt
	}
	var c *train.Checkpoint
	opt := options()
	opt.OnEpoch = []train.Callback{func(s *train.State) error { c = s.Checkpoint(); return nil }}
	m := build()
	if _, err := train.Fit(context.Background(), m, x, y, opt); err != nil {
		t.Fatal(err)
	}
	m = build()
	opt = options()
	if _, err := train.Fit(context.Background(), m, x, y, opt); err != nil { // both have a state now
		t.Fatal(err)
	}
	used := opt
	all := func() []uint64 {
		c := &train.Checkpoint{Optimizer: map[string][]float64{}, Schedule: map[string][]float64{}}
		for name, v := range used.Optimizer.State() {
			c.Optimizer[name] = v
		}
		for name, v := range used.Schedule.(*optim.Plateau).State() {
			c.Schedule[name] = v
		}
		return everything(m, &train.History{}, c)
	}
	before := all()
	for name, change := range map[string]func(*train.Checkpoint, *train.Options){
		"another optimizer": func(_ *train.Checkpoint, o *train.Options) { o.Optimizer = &optim.SGD{Momentum: 0.9} },
		"another schedule":  func(_ *train.Checkpoint, o *train.Options) { o.Schedule = optim.Constant(1) },
		"a long vector": func(c *train.Checkpoint, _ *train.Options) {
			c.Optimizer = maps.Clone(c.Optimizer)
			for name := range c.Optimizer {
				c.Optimizer[name] = make([]float64, 99)
			}
		},
		"a schedule of another length": func(c *train.Checkpoint, _ *train.Options) {
			c.Schedule = maps.Clone(c.Schedule)
			c.Schedule["best"] = nil
		},
		"buffers of another length": func(c *train.Checkpoint, _ *train.Options) {
			c.Buffers = maps.Clone(c.Buffers)
			for name := range c.Buffers {
				c.Buffers[name] = nil
			}
		},
		"step":          func(c *train.Checkpoint, _ *train.Options) { c.Step = 1 << 30 },
		"parameter NaN": func(c *train.Checkpoint, _ *train.Options) { c.Theta = slices.Clone(c.Theta); c.Theta[3] = math.NaN() },
		"best epoch": func(c *train.Checkpoint, _ *train.Options) {
			c.Memory = map[string][]float64{"early stopping/best loss, epoch": {0, -1e300}}
		},
		"pending": func(c *train.Checkpoint, _ *train.Options) { c.Pending = -1 },
	} {
		bad, opt := *c, used
		change(&bad, &opt)
		opt.Resume = &bad
		if h, err := train.Fit(context.Background(), m, x, y, opt); err == nil || h != nil {
			t.Errorf("%s: no error", name)
		}
		if !slices.Equal(all(), before) {
			t.Errorf("%s: a refused checkpoint has changed something", name)
		}
	}
	// An optimizer that has not been used has no vectors to put back.
	opt.Optimizer = optim.NewAdam()
	opt.Resume = c
	if _, err := train.Fit(context.Background(), build(), x, y, opt); err != nil {
		t.Error(err)
	}
}

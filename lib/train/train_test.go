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

	"github.com/descent-go/descent/internal/raced"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/lib/train"
)

// line returns m samples of y = 1 + 2x₁ − 3x₂ + noise.
func line(m int, noise float64, seed uint64) (*mat.Dense, *mat.Dense) {
	r := rand.New(rand.NewPCG(seed, 1))
	x, y := mat.NewDense(m, 2, nil), mat.NewDense(m, 1, nil)
	for i := range m {
		a, b := r.NormFloat64(), r.NormFloat64()
		x.SetRow(i, []float64{a, b})
		y.Set(i, 0, 1+2*a-3*b+noise*r.NormFloat64())
	}
	return x, y
}

// basic options that work on line.
func basic() train.Options {
	return train.Options{Loss: loss.MSE{}, Schedule: optim.Constant(0.05), Epochs: 20, BatchSize: 8, Seed: 3}
}

func TestStatus(t *testing.T) {
	x, y := line(50, 0.1, 1)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	boom := errors.New("boom")
	tests := []struct {
		name    string
		ctx     context.Context
		change  func(*train.Options)
		status  train.Status
		records int
		err     string
	}{
		{"all epochs", context.Background(), func(*train.Options) {}, train.Completed, 20, ""},
		{"tolerance, full batch", context.Background(), func(o *train.Options) { o.BatchSize, o.Tolerance, o.Epochs = 0, 1e-3, 1000 }, train.Converged, -1, ""},
		{"tolerance, batches", context.Background(), func(o *train.Options) { o.Tolerance, o.Epochs = 1e-3, 1000 }, train.Converged, -1, ""},
		{"context over before", ended, func(*train.Options) {}, train.Interrupted, 0, ""},
		{"callback stops", context.Background(), func(o *train.Options) {
			o.OnEpoch = []train.Callback{func(s *train.State) error {
				if s.Epoch == 4 {
					return train.ErrStop
				}
				return nil
			}}
		}, train.Stopped, 4, ""},
		{"step callback stops", context.Background(), func(o *train.Options) {
			o.OnStep = []train.Callback{func(s *train.State) error {
				if s.Step == 10 {
					return train.ErrStop
				}
				return nil
			}}
		}, train.Stopped, 2, ""},
		{"callback fails", context.Background(), func(o *train.Options) {
			o.OnEpoch = []train.Callback{func(*train.State) error { return boom }}
		}, train.Failed, 1, "callback at epoch 1: boom"},
		{"diverges", context.Background(), func(o *train.Options) { o.Schedule, o.Epochs = optim.Constant(3), 1000 }, train.Diverged, -1, "lower"},
		{"schedule goes wrong", context.Background(), func(o *train.Options) {
			o.Schedule = optim.ScheduleFunc(func(step int) float64 { return 0.01 - float64(step) })
		}, train.Failed, 1, "learning rate of -0.99 at step 1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			opt := basic()
			test.change(&opt)
			h, err := train.Fit(test.ctx, model.NewLinear(2, 1), x, y, opt)
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Fatalf("error %v, want one with %q", err, test.err)
			}
			if test.ctx == ended {
				if h == nil || h.Status != train.Interrupted {
					t.Fatalf("history %v, want an interrupted one", h)
				}
				return
			}
			if h.Status != test.status {
				t.Errorf("status %q (%s), want %q", h.Status, h.Reason, test.status)
			}
			if test.records >= 0 && len(h.Records) != test.records {
				t.Errorf("%d records, want %d", len(h.Records), test.records)
			}
			if h.Reason == "" {
				t.Error("no reason given")
			}
		})
	}
}

func TestDivergenceNamesThePlaceAndTheCure(t *testing.T) {
	x, y := line(50, 0.1, 1)
	opt := basic()
	opt.Schedule, opt.Epochs, opt.BatchSize = optim.Constant(5), 1000, 0
	h, err := train.Fit(context.Background(), model.NewLinear(2, 1), x, y, opt)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"+Inf", "epoch", "batch 1", "learning rate", "5"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not mention %q", err, want)
		}
	}
	for _, r := range h.Records {
		if math.IsNaN(r.Loss) || math.IsInf(r.Loss, 0) {
			t.Errorf("epoch %d was recorded with loss %g", r.Epoch, r.Loss)
		}
	}
}

// TestDivergenceInTheLastUpdateOfAnEpoch: no loss has seen it, the parameters
// have.
func TestDivergenceInTheLastUpdateOfAnEpoch(t *testing.T) {
	x, y := line(50, 0.1, 1)
	opt := basic() // 7 batches
	opt.Validation = &train.Data{X: x, Y: y}
	opt.Schedule = optim.ScheduleFunc(func(step int) float64 {
		if step == 13 {
			return math.MaxFloat64
		}
		return 1e-4
	})
	h, err := train.Fit(context.Background(), model.NewLinear(2, 1), x, y, opt)
	if err == nil || !strings.Contains(err.Error(), "parameter") || !strings.Contains(err.Error(), "epoch 2, batch 7") {
		t.Errorf("error %v, want one about a parameter at epoch 2, batch 7", err)
	}
	if last := h.Last(); h.Status != train.Diverged || last.Epoch != 2 || !math.IsNaN(last.ValLoss) || math.IsNaN(last.GradNorm) {
		t.Errorf("%s, last record %+v: want epoch 2 with a gradient and no validation loss", h.Status, last)
	}
}

func TestInterruptedInTheMiddle(t *testing.T) {
	x, y := line(80, 0.1, 1)
	ctx, cancel := context.WithCancel(context.Background())
	opt := basic()
	opt.OnStep = []train.Callback{func(s *train.State) error {
		if s.Step == 25 { // epoch 3, batch 5 of 10
			cancel()
		}
		return nil
	}}
	h, err := train.Fit(ctx, model.NewLinear(2, 1), x, y, opt)
	if err != nil {
		t.Fatal(err)
	}
	last := h.Last()
	if h.Status != train.Interrupted || last.Epoch != 3 || last.Step != 25 || last.Passes != 2.5 || !math.IsNaN(last.GradNorm) {
		t.Errorf("got %s at epoch %d, step %d, %g passes", h.Status, last.Epoch, last.Step, last.Passes)
	}
}

func TestLeavingTheLoop(t *testing.T) {
	x, y := line(50, 0.1, 1)
	var h *train.History
	ended := 0
	for s, err := range train.Epochs(context.Background(), model.NewLinear(2, 1), x, y, basic()) {
		if err != nil {
			t.Fatal(err)
		}
		s.AtEnd("count", func() { ended++ })
		h = s.History
		if s.Epoch == 3 {
			break
		}
	}
	if h.Status != train.Stopped || len(h.Records) != 3 || ended != 1 {
		t.Errorf("status %s with %d records, AtEnd called %d times", h.Status, len(h.Records), ended)
	}
}

func TestInputIsChecked(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	good := func() (*mat.Dense, *mat.Dense) { return line(5, 0, 1) }
	tests := []struct {
		name   string
		change func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense)
		want   string
	}{
		{"no loss", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) { o.Loss = nil; return x, y }, "Loss is not set"},
		{"no schedule", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) { o.Schedule = nil; return x, y }, "Schedule is not set"},
		{"no epochs", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) { o.Epochs = 0; return x, y }, "Epochs is 0"},
		{"negative batch", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) { o.BatchSize = -1; return x, y }, "BatchSize is -1"},
		{"NaN tolerance", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) { o.Tolerance = nan; return x, y }, "Tolerance is NaN"},
		{"rate 0", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) {
			o.Schedule = optim.Constant(0)
			return x, y
		}, "Constant's rate is 0"},
		{"bad penalty", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) {
			o.Regularizer = regularizer.L2{Lambda: -1}
			return x, y
		}, "Lambda is -1"},
		{"penalty of other blocks", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) {
			o.Proximal = regularizer.GroupLasso{Lambda: 1, Size: 3}
			return x, y
		}, `block "weights" of the model: regularizer: GroupLasso of groups of 3`},
		{"max-norm as a gradient", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) {
			o.Regularizer = regularizer.MaxNorm{Max: 1, Columns: 1}
			return x, y
		}, "use it as Options.Proximal"},
		{"bad optimizer", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) {
			o.Optimizer = &optim.Adam{Beta1: 1}
			return x, y
		}, "Beta1 is 1"},
		{"NaN in x", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) { x.Set(3, 1, nan); return x, y }, "x is NaN in row 3, column 1"},
		{"Inf in sparse x", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) {
			x.Set(2, 0, inf)
			return sparse.FromDense(x), y
		}, "x is +Inf in row 2, column 0"},
		{"Inf in a view", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) {
			x.Set(2, 1, inf)
			return mat.DenseCopyOf(x.T()).T(), y
		}, "x is +Inf in row 2, column 1"},
		{"Inf in y", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) { y.Set(4, 0, inf); return x, y }, "y is +Inf in row 4, column 0"},
		{"labels", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) {
			o.Loss = loss.BinaryCrossEntropy{}
			y.Set(0, 0, 1)
			y.Set(1, 0, 2)
			return x, y
		}, "row 1, column 0 is 2"},
		{"rows", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) {
			return x, mat.NewDense(4, 1, nil)
		}, "x has 5 rows, y has 4"},
		{"columns", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) {
			return mat.NewDense(5, 3, nil), y
		}, "x has 3 columns, the model takes 2"},
		{"outputs", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) {
			return x, mat.NewDense(5, 2, nil)
		}, "the target has 2 columns and the model 1 outputs"},
		{"empty", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) { return &mat.Dense{}, &mat.Dense{} }, "no samples"},
		{"nil", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) { return nil, nil }, "x or y is nil"},
		{"weights' length", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) {
			o.SampleWeights = []float64{1}
			return x, y
		}, "1 sample weights for 5 rows"},
		{"negative weight", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) {
			o.SampleWeights = []float64{1, 1, -1, 1, 1}
			return x, y
		}, "weight of row 2 is -1"},
		{"no weight", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) {
			o.SampleWeights = make([]float64, 5)
			return x, y
		}, "all sample weights are 0"},
		{"validation", func(x, y *mat.Dense, o *train.Options) (mat.Matrix, *mat.Dense) {
			o.Validation = &train.Data{X: x, Y: mat.NewDense(1, 1, nil)}
			return x, y
		}, "validation data: x has 5 rows, y has 1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			opt := basic()
			x, y := good()
			bx, by := test.change(x, y, &opt)
			h, err := train.Fit(context.Background(), model.NewLinear(2, 1), bx, by, opt)
			if err == nil || !strings.Contains(err.Error(), test.want) || h != nil {
				t.Errorf("history %v, error %v; want one with %q", h, err, test.want)
			}
		})
	}
	x, y := good()
	if _, err := train.Fit(context.Background(), nil, x, y, basic()); err == nil {
		t.Error("a nil model was accepted")
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	x, y := line(60, 0.1, 1)
	xBefore := slices.Clone(x.RawMatrix().Data)
	fit := func(seed uint64) []float64 {
		m := model.NewLinear(2, 1)
		opt := basic()
		opt.Seed = seed
		if _, err := train.Fit(context.Background(), m, x, y, opt); err != nil {
			t.Fatal(err)
		}
		return m.Params()
	}
	if a, b := fit(1), fit(1); !slices.Equal(a, b) {
		t.Errorf("the same seed gave %v and %v", a, b)
	}
	if a, b := fit(1), fit(2); slices.Equal(a, b) {
		t.Error("two seeds gave the same parameters")
	}
	if !slices.Equal(xBefore, x.RawMatrix().Data) {
		t.Error("training moved the caller's data")
	}
}

func TestValidationNeverInfluencesTraining(t *testing.T) {
	x, y := line(60, 0.1, 1)
	vx, vy := line(30, 0.5, 2)
	fit := func(v *train.Data) []float64 {
		m := model.NewLinear(2, 1)
		opt := basic()
		opt.Validation = v
		if _, err := train.Fit(context.Background(), m, x, y, opt); err != nil {
			t.Fatal(err)
		}
		return m.Params()
	}
	if a, b := fit(nil), fit(&train.Data{X: vx, Y: vy}); !slices.Equal(a, b) {
		t.Errorf("with validation data %v, without %v", b, a)
	}
}

func TestWeights(t *testing.T) {
	x, y := line(20, 0.5, 1)
	y.Set(19, 0, 100) // an outlier that must not count
	weights := make([]float64, 20)
	for i := range 19 {
		weights[i] = 1
	}
	fit := func(x, y *mat.Dense, w []float64) ([]float64, *train.History) {
		m := model.NewLinear(2, 1)
		opt := basic()
		opt.BatchSize, opt.SampleWeights = 0, w
		h, err := train.Fit(context.Background(), m, x, y, opt)
		if err != nil {
			t.Fatal(err)
		}
		return m.Params(), h
	}
	weighted, wh := fit(x, y, weights)
	removed, rh := fit(x.Slice(0, 19, 0, 2).(*mat.Dense), y.Slice(0, 19, 0, 1).(*mat.Dense), nil)
	for i := range weighted {
		if math.Abs(weighted[i]-removed[i]) > 1e-13 {
			t.Errorf("weight 0 gives θ = %v, the row removed %v", weighted, removed)
			break
		}
	}
	if math.Abs(wh.Last().Loss-rh.Last().Loss) > 1e-13 {
		t.Errorf("losses %g and %g", wh.Last().Loss, rh.Last().Loss)
	}
	// Batches: a zero-weight batch changes nothing and is no division by 0.
	m := model.NewLinear(2, 1)
	opt := basic()
	opt.BatchSize, opt.SampleWeights, opt.KeepOrder = 1, weights, true
	h, err := train.Fit(context.Background(), m, x, y, opt)
	if err != nil || h.Status != train.Completed {
		t.Fatal(h, err)
	}
}

func TestProximalGivesExactZeros(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	x, y := mat.NewDense(100, 5, nil), mat.NewDense(100, 1, nil)
	for i := range 100 {
		for j := range 5 {
			x.Set(i, j, r.NormFloat64())
		}
		y.Set(i, 0, 3*x.At(i, 0)+0.1*r.NormFloat64())
	}
	zeros := func(change func(*train.Options)) int {
		m := model.NewLinear(5, 1)
		opt := basic()
		opt.BatchSize, opt.Epochs = 0, 300
		change(&opt)
		h, err := train.Fit(context.Background(), m, x, y, opt)
		if err != nil {
			t.Fatal(err)
		}
		if !(h.Last().Penalty > 0) {
			t.Errorf("penalty %g", h.Last().Penalty)
		}
		n := 0
		for _, w := range m.Params()[1:] {
			if w == 0 {
				n++
			}
		}
		return n
	}
	l1 := regularizer.L1{Lambda: 0.2}
	if n := zeros(func(o *train.Options) { o.Proximal = l1 }); n != 4 {
		t.Errorf("the proximal step gave %d zeros, want 4", n)
	}
	if n := zeros(func(o *train.Options) { o.Regularizer = l1 }); n != 0 {
		t.Errorf("the subgradient gave %d zeros, want 0", n)
	}
}

func TestRecordPath(t *testing.T) {
	x, y := line(50, 0.1, 1)
	m := model.NewLinear(2, 1)
	opt := basic()
	opt.RecordPath = true
	h, err := train.Fit(context.Background(), m, x, y, opt)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Path) != 21 || !slices.Equal(h.Path[0], []float64{0, 0, 0}) || !slices.Equal(h.Path[20], m.Params()) {
		t.Errorf("path of %d points from %v to %v", len(h.Path), h.Path[0], h.Path[len(h.Path)-1])
	}
}

// plateau is a schedule that listens.
type plateau struct {
	optim.Constant
	seen []float64
}

func (p *plateau) Observe(v float64) { p.seen = append(p.seen, v) }

func (p *plateau) Init() { p.seen = nil }

func (p *plateau) State() iter.Seq2[string, []float64] {
	return func(func(string, []float64) bool) {}
}

// forgetful listens, but cannot say what it heard.
type forgetful struct{ optim.Constant }

func (forgetful) Observe(float64) {}

func TestObserverMustHaveState(t *testing.T) {
	x, y := line(50, 0.1, 1)
	opt := basic()
	opt.Schedule = forgetful{0.05}
	_, err := train.Fit(context.Background(), model.NewLinear(2, 1), x, y, opt)
	if err == nil || !strings.Contains(err.Error(), "make it an optim.Observer") {
		t.Errorf("the error is %v, want one that says what is missing", err)
	}
}

func TestObserver(t *testing.T) {
	x, y := line(50, 0.1, 1)
	for _, withValidation := range []bool{false, true} {
		p := &plateau{Constant: 0.05}
		opt := basic()
		opt.Schedule = p
		if withValidation {
			opt.Validation = &train.Data{X: x, Y: y}
		}
		h, err := train.Fit(context.Background(), model.NewLinear(2, 1), x, y, opt)
		if err != nil {
			t.Fatal(err)
		}
		want := h.Losses()
		if withValidation {
			want = h.ValLosses()
		}
		if !slices.Equal(p.seen, want) {
			t.Errorf("with validation %v: the schedule saw %v, want %v", withValidation, p.seen, want)
		}
	}
}

// TestStepAllocatesNothing compares a long run with a short one: what training
// allocates does not depend on the number of steps.
func TestStepAllocatesNothing(t *testing.T) {
	x, y := line(64, 0.1, 1)
	for name, in := range map[string]mat.Matrix{"dense": x, "sparse": sparse.FromDense(x)} {
		for _, batch := range []int{0, 1, 7, 16} {
			m := model.NewLinear(2, 1)
			opt := basic()
			opt.BatchSize, opt.Validation = batch, &train.Data{X: in, Y: y}
			opt.Regularizer, opt.Proximal = regularizer.L2{Lambda: 0.1}, regularizer.L1{Lambda: 0.1}
			allocatesNothing(t, fmt.Sprintf("%s, batch %d", name, batch), m, in, y, opt)
		}
	}
}

// TestNetworkStepAllocatesNothing does so for networks large enough that their
// products are shared among the cores.
func TestNetworkStepAllocatesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute where the processor is emulated, and all processors allocate the same")
	}
	r := rand.New(rand.NewPCG(1, 1))
	x, y := mat.NewDense(70, 28*28, nil), mat.NewDense(70, 1, nil)
	for i := range 70 {
		for j := range 28 * 28 {
			x.Set(i, j, r.Float64())
		}
		y.Set(i, 0, float64(i%10))
	}
	networks := map[string][]model.Layer{
		"MLP": {model.Flatten{}, model.Dense{Units: 128}, model.ReLU{}, model.Dropout{Rate: 0.2}, model.Dense{Units: 10}},
		"CNN": {model.Conv2D{Filters: 6, Kernel: 5, Padding: 2}, model.NewBatchNorm(), model.ReLU{}, model.MaxPool{Size: 2},
			model.Conv2D{Filters: 16, Kernel: 5}, model.Tanh{}, model.AvgPool{Size: 2}, model.Flatten{}, model.Dense{Units: 10}},
	}
	for name, layers := range networks {
		m, err := model.NewNetwork(model.Image(28, 28, 1), 1, layers...)
		if err != nil {
			t.Fatal(err)
		}
		opt := basic()
		opt.Loss, opt.Schedule, opt.BatchSize = loss.CrossEntropy{}, optim.Constant(1e-3), 64 // the last batch has 6
		allocatesNothing(t, name, m, x, y, opt)
	}
}

func allocatesNothing(t *testing.T, name string, m model.Model, x mat.Matrix, y *mat.Dense, opt train.Options) {
	t.Helper()
	raced.SkipAllocations(t)
	opt.Optimizer, opt.KeepOrder = optim.NewAdam(), true
	measure := func(epochs int) float64 {
		opt.Epochs = epochs
		return testing.AllocsPerRun(1, func() {
			if _, err := train.Fit(context.Background(), m, x, y, opt); err != nil {
				t.Fatal(err)
			}
		})
	}
	// An allocation in each epoch would make 9 more; the runtime's own are a few.
	if short, long := measure(10), measure(19); long > short+5 {
		t.Errorf("%s: 19 epochs allocate %g times, 10 epochs %g", name, long, short)
	}
}

// TestFullBatchMemory: what a fit takes beside the data does not grow with the samples.
func TestFullBatchMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute where the processor is emulated, and all processors allocate the same")
	}
	raced.SkipAllocations(t)
	for _, c := range []struct {
		name    string
		model   model.Model
		loss    loss.Loss
		weights bool
	}{
		{"linear", model.NewLinear(3, 1), loss.MSE{}, false},
		{"linear, weights", model.NewLinear(3, 1), loss.MSE{}, true},
		{"logistic", model.NewLogistic(3), loss.BinaryCrossEntropy{}, false},
		{"softmax", model.NewLinear(3, 2), loss.CrossEntropy{}, false},
		{"Poisson", model.NewLinear(3, 1), loss.Poisson{}, true},
	} {
		measure := func(n int) uint64 {
			x, y := mat.NewDense(n, 3, nil), mat.NewDense(n, 1, nil)
			for i := range n {
				x.Set(i, i%3, 1)
				y.Set(i, 0, float64(i%2))
			}
			opt := train.Options{Loss: c.loss, Schedule: optim.Constant(0.1), Epochs: 3, BatchSize: n, KeepOrder: true}
			if c.weights {
				opt.SampleWeights = slices.Repeat([]float64{1, 2}, n/2)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if _, err := train.Fit(context.Background(), c.model, x, y, opt); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc
		}
		const few, many = 450_000, 900_000 // both in as many parts as there can be
		measure(few)                       // pools are filled
		if less, more := measure(few), measure(many); more > less+(many-few) {
			t.Errorf("%s: %d rows take %d bytes, %d rows %d", c.name, few, less, many, more)
		}
	}
}

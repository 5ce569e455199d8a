package train_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/save"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/lib/train"
)

// images are 30 images of 4×4 with two classes.
func images() train.Data {
	r := rand.New(rand.NewPCG(1, 1))
	x, y := mat.NewDense(30, 16, nil), mat.NewDense(30, 1, nil)
	for i := range 30 {
		for j := range 16 {
			x.Set(i, j, r.NormFloat64()+float64(i%2*(j%3)))
		}
		y.Set(i, 0, float64(i%2))
	}
	weights := make([]float64, 30)
	for i := range weights {
		weights[i] = 1 + float64(i%3)
	}
	return train.Data{X: x, Y: y, SampleWeights: weights}
}

// small returns a network with dropout and batch normalisation.
func small(t testing.TB) *model.Network {
	m, err := model.NewNetwork(model.Features(16), 3, model.Dense{Units: 5}, model.NewBatchNorm(), model.ReLU{}, model.Dropout{Rate: 0.2}, model.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// mean is a metric that needs no other package.
func mean(m model.Model, d train.Data) (float64, error) {
	var p mat.Dense
	m.Predict(&p, d.X)
	return mat.Sum(&p), nil
}

func augmentedOptions(size int) train.Options {
	validation := images()
	return train.Options{
		Loss: loss.BinaryCrossEntropy{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.01), Epochs: 3, BatchSize: size, Seed: 5,
		Augment:       preprocess.Augment{Channels: 1, Height: 4, Width: 4, Shift: 1, FlipX: true, Noise: 0.1}.Apply,
		Metrics:       []train.Metric{{"sum", mean}, {"rows", func(_ model.Model, d train.Data) (float64, error) { n, _ := d.X.Dims(); return float64(n), nil }}},
		SampleWeights: images().SampleWeights,
		Validation:    &validation,
	}
}

// An augmented step is a step on the augmented rows.
func TestAugmentIsAStepOnChangedRows(t *testing.T) {
	d := images()
	for _, weights := range [][]float64{nil, d.SampleWeights} {
		var seeds []uint64
		opt := augmentedOptions(0)
		opt.Epochs, opt.Metrics, opt.Validation, opt.SampleWeights = 1, nil, nil, weights
		apply := opt.Augment
		opt.Augment = func(dst, x *mat.Dense, seed uint64) {
			seeds = append(seeds, seed)
			apply(dst, x, seed)
		}
		got := small(t)
		before := mat.DenseCopyOf(d.X)
		h, err := train.Fit(t.Context(), got, d.X, d.Y, opt)
		if err != nil {
			t.Fatal(err)
		}
		if !mat.Equal(d.X, before) {
			t.Error("the caller's rows have changed")
		}
		var changed mat.Dense
		apply(&changed, mat.DenseCopyOf(d.X), seeds[0])
		opt.Augment, opt.Optimizer = nil, optim.NewAdam()
		want := small(t)
		plain, err := train.Fit(t.Context(), want, &changed, d.Y, opt)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Params(), want.Params()) || h.Last().Loss != plain.Last().Loss || len(seeds) != 1 {
			t.Errorf("the step with weights %t is another one, or there were %d", weights != nil, len(seeds))
		}
	}
}

// Each step has another seed, the same one in each run, and SAM sees the same rows twice.
func TestAugmentSeeds(t *testing.T) {
	d := images()
	run := func(o optim.Optimizer) (seeds []uint64, rows []int) {
		opt := augmentedOptions(8)
		opt.Optimizer = o
		apply := opt.Augment
		opt.Augment = func(dst, x *mat.Dense, seed uint64) {
			n, _ := x.Dims()
			seeds, rows = append(seeds, seed), append(rows, n)
			apply(dst, x, seed)
		}
		if _, err := train.Fit(t.Context(), small(t), d.X, d.Y, opt); err != nil {
			t.Fatal(err)
		}
		return seeds, rows
	}
	seeds, rows := run(optim.NewAdam())
	again, _ := run(optim.NewAdam())
	distinct := slices.Compact(slices.Sorted(slices.Values(seeds)))
	if !slices.Equal(seeds, again) || len(distinct) != 12 || !slices.Equal(rows, []int{8, 8, 8, 6, 8, 8, 8, 6, 8, 8, 8, 6}) {
		t.Errorf("seeds %v and %v for batches of %v", seeds, again, rows)
	}
	twice, _ := run(optim.NewSAM(&optim.SGD{}))
	for i, seed := range seeds {
		if twice[2*i] != seed || twice[2*i+1] != seed {
			t.Fatalf("SAM's seeds are %v", twice)
		}
	}
}

// Resumed after any step, through a file, training has the same parameters and the same metrics, bit for bit.
func TestResumeAugmentedAndMeasured(t *testing.T) {
	d := images()
	fit := func(opt train.Options) (*model.Network, *train.History) {
		m := small(t)
		h, err := train.Fit(t.Context(), m, d.X, d.Y, opt)
		if err != nil {
			t.Fatal(err)
		}
		return m, h
	}
	want, history := fit(augmentedOptions(8))
	if !slices.Equal(history.Metrics["rows"], []float64{30, 30, 30}) || len(history.Metrics["sum"]) != 3 {
		t.Fatalf("the metrics are %v", history.Metrics)
	}
	file := filepath.Join(t.TempDir(), "checkpoint")
	for step := 1; step <= 12; step++ {
		opt := augmentedOptions(8)
		stop := func(s *train.State) error {
			if s.Step != step {
				return nil
			}
			if err := save.Checkpoint(file, s.Checkpoint()); err != nil {
				return err
			}
			return train.ErrStop
		}
		opt.OnStep, opt.OnEpoch = []train.Callback{stop}, []train.Callback{stop}
		_, cut := fit(opt)
		if n := len(cut.Records); len(cut.Metrics["sum"]) != n || !math.IsNaN(cut.Metrics["sum"][n-1]) {
			t.Errorf("stopped at step %d there are %d records and the metrics %v", step, n, cut.Metrics)
		}
		c, err := save.LoadCheckpoint(file)
		if err != nil {
			t.Fatal(err)
		}
		opt = augmentedOptions(8)
		opt.OnStep = []train.Callback{func(*train.State) error { return nil }}
		opt.Resume = c
		got, h := fit(opt)
		if !slices.Equal(got.Params(), want.Params()) || !maps.EqualFunc(h.Metrics, history.Metrics, slices.Equal) {
			t.Errorf("resumed at step %d: metrics %v, want %v", step, h.Metrics, history.Metrics)
		}
		// A metric that was not measured before is NaN for the epochs that are done.
		opt = augmentedOptions(8)
		opt.OnStep = []train.Callback{func(*train.State) error { return nil }}
		opt.Metrics, opt.Resume = []train.Metric{{"new", mean}}, c
		_, h = fit(opt)
		for e, v := range h.Metrics["new"] {
			if math.IsNaN(v) != (e < len(c.Records)) {
				t.Errorf("resumed at step %d: the new metric is %v", step, h.Metrics)
			}
		}
		if len(h.Metrics) != 1 {
			t.Errorf("the metrics are %v", h.Metrics)
		}
	}
}

// Metrics see the average that the model ends with, on the training data if there are no other.
func TestMetricsSeeTheAverage(t *testing.T) {
	d := images()
	opt := augmentedOptions(8)
	opt.Optimizer, opt.Validation = &optim.EMA{Decay: 0.9, Optimizer: optim.NewAdam()}, nil
	m := small(t)
	h, err := train.Fit(t.Context(), m, d.X, d.Y, opt)
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := mean(m, d); h.Metrics["sum"][2] != want {
		t.Errorf("the last metric is %v, at the end of training it is %v", h.Metrics["sum"], want)
	}
	var csv strings.Builder
	if err := h.WriteCSV(&csv); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(csv.String(), "\n")
	if !strings.HasSuffix(lines[0], ",seconds,rows,sum") || !strings.Contains(lines[3], fmt.Sprintf(",30,%v", h.Metrics["sum"][2])) {
		t.Errorf("the file is\n%s", &csv)
	}
}

func TestMetricErrors(t *testing.T) {
	d := images()
	for want, metrics := range map[string][]train.Metric{
		`Metrics[0], ""`:                 {{"", mean}},
		`Metrics[0], "a"`:                {{"a", nil}},
		`Metrics[1], "a"`:                {{"a", mean}, {"a", mean}},
		`metric "a" at epoch 1: no luck`: {{"a", func(model.Model, train.Data) (float64, error) { return 0, errors.New("no luck") }}},
	} {
		opt := augmentedOptions(8)
		opt.Metrics = metrics
		if _, err := train.Fit(t.Context(), small(t), d.X, d.Y, opt); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
	opt := augmentedOptions(8)
	x := sparse.FromDense(d.X.(*mat.Dense))
	if _, err := train.Fit(t.Context(), small(t), x, d.Y, opt); err == nil || !strings.Contains(err.Error(), "sparse") {
		t.Errorf("sparse rows: %v", err)
	}
	opt.Augment = func(dst, x *mat.Dense, _ uint64) { dst.ReuseAs(1, 1) }
	defer func() {
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "1×1 of a batch of 8×16") {
			t.Errorf("another shape: %v", r)
		}
	}()
	train.Fit(t.Context(), small(t), d.X, d.Y, opt)
}

// On single samples a linear model makes plain steps, which Augment must not be lost to.
func TestAugmentSingleSamples(t *testing.T) {
	d := images()
	calls := 0
	_, err := train.Fit(t.Context(), model.NewLinear(16, 1), d.X.T().T(), d.Y, train.Options{
		Loss: loss.MSE{}, Schedule: optim.Constant(1e-3), Epochs: 2, BatchSize: 1,
		Augment: func(dst, x *mat.Dense, seed uint64) {
			calls++
			preprocess.GaussianNoise{Std: 0.1}.Apply(dst, x, seed)
		},
	})
	if err != nil || calls != 60 {
		t.Errorf("%d calls, %v, want 60", calls, err)
	}
}

// A step allocates nothing for augmentation, nor for the metrics.
func TestAugmentAllocatesNothing(t *testing.T) {
	d := images()
	loud := func(dst, x *mat.Dense, _ uint64) {
		dst.ReuseAs(x.Dims())
		dst.Scale(1.5, x)
	}
	one := func(model.Model, train.Data) (float64, error) { return 1, nil }
	allocatesNothing(t, "augmented", model.NewLinear(16, 1), d.X, d.Y, train.Options{
		Loss: loss.MSE{}, Schedule: optim.Constant(1e-3), BatchSize: 10, Augment: loud, Metrics: []train.Metric{{"one", one}},
	})
}

// Noise in each batch, and the accuracy after each epoch.
func ExampleMetric() {
	d := images()
	h, err := train.Fit(context.Background(), model.NewLogistic(16), d.X, d.Y, train.Options{
		Loss: loss.BinaryCrossEntropy{}, Schedule: optim.Constant(0.1), Epochs: 40, BatchSize: 10,
		Augment: preprocess.GaussianNoise{Std: 0.1}.Apply,
		Metrics: []train.Metric{{Name: "accuracy", Of: func(m model.Model, d train.Data) (float64, error) {
			right := 0.0
			for i, class := range model.Classes(m, d.X) {
				if class == int(d.Y.At(i, 0)) {
					right++
				}
			}
			return right / 30, nil
		}}},
	})
	if err != nil {
		panic(err)
	}
	accuracy := h.Metrics["accuracy"]
	fmt.Printf("%d epochs, at the end %.2f\n", len(accuracy), accuracy[39])
	// Output: 40 epochs, at the end 1.00
}

package train_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

// TestSAM compares Fit with a straight-line loop that takes the gradient at the
// perturbed place.
func TestSAM(t *testing.T) {
	x, y := line(40, 0.3, 1)
	m := model.NewLinear(2, 1)
	opt := basic()
	opt.BatchSize, opt.Optimizer = 0, optim.NewSAM(&optim.SGD{})
	h, err := train.Fit(context.Background(), m, x, y, opt)
	if err != nil {
		t.Fatal(err)
	}

	want, rho := model.NewLinear(2, 1), optim.NewSAM(&optim.SGD{}).Rho
	theta, grad := want.Params(), make([]float64, 3)
	var losses []float64
	gradient := func() float64 {
		var pred, d mat.Dense
		want.Forward(&pred, x)
		l := loss.MSE{}.Loss(&d, &pred, y, nil)
		clear(grad)
		want.Backward(grad, &d)
		return l
	}
	for range 20 {
		losses = append(losses, gradient())
		norm := 0.0
		for _, g := range grad {
			norm += g * g
		}
		before := slices.Clone(theta)
		for i, g := range grad {
			theta[i] += rho * g / math.Sqrt(norm)
		}
		gradient()
		copy(theta, before)
		for i, g := range grad {
			theta[i] -= 0.05 * g
		}
	}
	for i, v := range m.Params() {
		if math.Abs(v-theta[i]) > 1e-10 {
			t.Fatalf("θ = %v, want %v", m.Params(), theta)
		}
	}
	for i, l := range h.Losses() {
		if math.Abs(l-losses[i]) > 1e-10 {
			t.Fatalf("losses %v, want those before the perturbation, %v", h.Losses(), losses)
		}
	}
}

func TestAveragingOptimizer(t *testing.T) {
	x, y := line(60, 0.5, 1)
	fit := func(o optim.Optimizer, v *train.Data, on ...train.Callback) (*model.Linear, *train.History) {
		m := model.NewLinear(2, 1)
		opt := basic()
		opt.Optimizer, opt.Validation, opt.OnEpoch = o, v, on
		h, err := train.Fit(context.Background(), m, x, y, opt)
		if err != nil {
			t.Fatal(err)
		}
		return m, h
	}
	validation := &train.Data{X: x, Y: y}
	ema := &optim.EMA{Decay: 0.9, Optimizer: &optim.SGD{}}
	m, h := fit(ema, validation)

	// The same by hand: the average of the plain run's parameters.
	var average []float64
	plain := model.NewLinear(2, 1)
	opt := basic()
	opt.OnStep = []train.Callback{func(s *train.State) error {
		if average == nil {
			average = slices.Clone(s.Model.Params())
		}
		for i, v := range s.Model.Params() {
			average[i] = 0.9*average[i] + 0.1*v
		}
		return nil
	}}
	if _, err := train.Fit(context.Background(), plain, x, y, opt); err != nil {
		t.Fatal(err)
	}
	for i, v := range m.Params() {
		if math.Abs(v-average[i]) > 1e-12 {
			t.Fatalf("the model has θ = %v at the end, the average is %v, plain θ %v", m.Params(), average, plain.Params())
		}
	}
	var pred mat.Dense
	m.Predict(&pred, x)
	if got, want := h.Last().ValLoss, (loss.MSE{}).Loss(nil, &pred, y, nil); got != want {
		t.Errorf("validated with loss %g, the average has %g", got, want)
	}

	// Early stopping keeps the best average, and a second Fit starts afresh.
	best, h2 := fit(ema, validation, train.EarlyStopping(100, 0))
	best.Predict(&pred, x)
	if got, want := (loss.MSE{}).Loss(nil, &pred, y, nil), slices.Min(h2.ValLosses()); got != want {
		t.Errorf("early stopping left a loss of %g, the best was %g", got, want)
	}
}

// TestStatefulParts trains a network with dropout and batch normalisation, an
// averaging optimizer and a plateau schedule, and resumes after every step.
func TestStatefulParts(t *testing.T) {
	x, y := line(20, 0.3, 1)
	parts := func() (model.Model, train.Options) {
		m, err := model.NewNetwork(model.Features(2), 1,
			model.Dense{Units: 6}, model.NewBatchNorm(), model.ReLU{}, model.Dropout{Rate: 0.3}, model.Dense{Units: 1})
		if err != nil {
			t.Fatal(err)
		}
		plateau := optim.NewPlateau(0.05)
		plateau.Patience, plateau.Absolute, plateau.Threshold = 0, true, 1e9 // never satisfied
		opt := basic()
		opt.Epochs, opt.Validation, opt.Schedule = 4, &train.Data{X: x, Y: y}, plateau
		opt.Optimizer = &optim.EMA{Decay: 0.5, Optimizer: optim.NewSAM(optim.NewAdam())}
		opt.OnEpoch = []train.Callback{train.EarlyStopping(10, 0)}
		return m, opt
	}
	var saved []*train.Checkpoint
	whole, opt := parts()
	opt.OnStep = []train.Callback{func(s *train.State) error { saved = append(saved, s.Checkpoint()); return nil }}
	want, err := train.Fit(context.Background(), whole, x, y, opt)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Max(want.Rates()) == slices.Min(want.Rates()) {
		t.Fatal("the plateau never lowered the rate: the test shows nothing")
	}
	buffers := func(m model.Model) (all []float64) {
		for _, v := range m.(model.Stateful).Buffers() {
			all = append(all, v...)
		}
		return all
	}
	for _, c := range saved {
		m, opt := parts()
		opt.Resume = c
		got, err := train.Fit(context.Background(), m, x, y, opt)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(m.Params(), whole.Params()) || !slices.Equal(buffers(m), buffers(whole)) {
			t.Fatalf("resumed at step %d, the model ends elsewhere", c.Step)
		}
		if !slices.Equal(got.Losses(), want.Losses()) || !slices.Equal(got.Rates(), want.Rates()) {
			t.Fatalf("resumed at step %d: losses %v, want %v", c.Step, got.Losses(), want.Losses())
		}
	}
}

func TestModelsRefuseWhatTheyCannotRead(t *testing.T) {
	m, err := model.NewNetwork(model.Features(2), 1, model.MeanEmbedding{Vocabulary: 5, Size: 3, Padding: -1}, model.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	x := mat.NewDense(1, 2, []float64{1, 99})
	if _, err := train.Fit(context.Background(), m, x, mat.NewDense(1, 1, nil), basic()); err == nil {
		t.Error("word 99 of 5 was accepted")
	}
}

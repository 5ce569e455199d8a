package playground

import (
	"math"
	"strings"
	"testing"
)

func small() NetworkSettings {
	return NetworkSettings{
		Data: "moons", Noise: 0.15, Samples: 200, Hidden: []int{8, 4}, Activation: "tanh",
		Optimizer: "adam", Rate: 0.02, Momentum: 0.9, Batch: 16, Seed: 1,
	}
}

// Each kind of data is learnt, by each optimizer.
func TestLearns(t *testing.T) {
	try := func(t *testing.T, s NetworkSettings, epochs int, want float64) {
		t.Helper()
		l, err := NewLearner(s)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if err := l.Step(epochs); err != nil {
			t.Fatal(err)
		}
		if got := l.TrainLoss[l.Epoch]; !(got < want) {
			t.Errorf("after %d epochs of %s the loss on %s is %.3f (from %.3f), want it below %g", epochs, s.Optimizer, s.Data, got, l.TrainLoss[0], want)
		}
		if err := l.CheckGradient(); err != nil {
			t.Error(err)
		}
	}
	for _, data := range Shapes {
		s := small()
		s.Data, s.Noise = data, 0.05
		if data == "spiral" {
			s.Hidden = []int{16, 16}
		}
		try(t, s, 150, 0.1)
	}
	for _, m := range Methods {
		if !m.Trains {
			continue
		}
		s := small()
		s.Optimizer = m.Name
		if !m.Adaptive {
			s.Rate = 0.2
		}
		try(t, s, 60, 0.25)
	}
	s := small()
	s.Dropout, s.L1, s.L2 = 0.2, 1e-4, 1e-4
	try(t, s, 60, 0.4)
}

// The picture of the network is what it predicts, and the units' are its parts.
func TestPictures(t *testing.T) {
	s := small()
	s.Hidden, s.Activation = []int{3}, "relu"
	l, err := NewLearner(s)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Step(5); err != nil {
		t.Fatal(err)
	}
	field := l.Field(20)
	units, err := l.Units(20)
	if err != nil {
		t.Fatal(err)
	}
	w := l.Weights()
	var names []string
	for name := range w {
		names = append(names, name)
	}
	last, bias := find(t, names, "weights"), find(t, names, "biases")
	for i := range field {
		score := w[bias][0]
		for j := range 3 {
			score += w[last][j] * units[0][j][i]
		}
		if p := 1 / (1 + math.Exp(-score)); math.Abs(p-field[i]) > 1e-12 {
			t.Fatalf("point %d: the units give %g, the network %g", i, p, field[i])
		}
	}
}

// find returns the name of the last layer's parameters.
func find(t *testing.T, names []string, kind string) string {
	t.Helper()
	best := ""
	for _, name := range names {
		if strings.HasSuffix(name, kind) && name > best {
			best = name
		}
	}
	if best == "" {
		t.Fatalf("no %s among %v", kind, names)
	}
	return best
}

func TestDrawn(t *testing.T) {
	s := small()
	s.Data = "drawn"
	for what, points := range map[string][][3]float64{
		"at least two points": {{0, 0, 0}, {1, 1, 1}},
		"a class of 0 or 1":   {{0, 0, 2}},
		"want x, y":           {{math.NaN(), 0, 1}},
	} {
		s.Points = points
		if _, err := NewLearner(s); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v: got %v, want an error with %q", points, err, what)
		}
	}
	s.Points = [][3]float64{{-1, 0, 0}, {-1.2, 0, 0}, {-1, 0.3, 0}, {1, 0, 1}, {1.2, 0, 1}, {1, 0.3, 1}}
	l, err := NewLearner(s)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	training, validation := l.Points()
	if len(training) != 4*3 || len(validation) != 2*3 {
		t.Errorf("%d and %d numbers, want 12 for training and 6 for validation", len(training), len(validation))
	}
}

// The same settings give the same bits.
func TestSeed(t *testing.T) {
	var last [2]float64
	for i := range last {
		l, err := NewLearner(small())
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Step(10); err != nil {
			t.Fatal(err)
		}
		last[i] = l.Validation[10]
		l.Close()
	}
	if last[0] != last[1] {
		t.Errorf("the same seed ended with %g and %g", last[0], last[1])
	}
}

func TestNetworkValidate(t *testing.T) {
	for what, spoil := range map[string]func(*NetworkSettings){
		"no optimizer":  func(s *NetworkSettings) { s.Optimizer = "magic" },
		"L-BFGS":        func(s *NetworkSettings) { s.Optimizer = "lbfgs" },
		"no activation": func(s *NetworkSettings) { s.Activation = "magic" },
		"no data":       func(s *NetworkSettings) { s.Data = "magic" },
		"hidden layers": func(s *NetworkSettings) { s.Hidden = make([]int, 9) },
		"units":         func(s *NetworkSettings) { s.Hidden = []int{1000} },
		"the rate is":   func(s *NetworkSettings) { s.Rate = 0 },
		"dropout":       func(s *NetworkSettings) { s.Dropout = 1 },
		"samples":       func(s *NetworkSettings) { s.Samples = 1e9 },
		"batches":       func(s *NetworkSettings) { s.Batch = -1 },
		"the penalties": func(s *NetworkSettings) { s.L1 = math.NaN() },
		"the noise":     func(s *NetworkSettings) { s.Noise = -1 },
		"β is":          func(s *NetworkSettings) { s.Momentum = 2 },
	} {
		s := small()
		spoil(&s)
		if _, err := NewLearner(s); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("got %v, want an error with %q", err, what)
		}
	}
}

func BenchmarkEpochAndPictures(b *testing.B) {
	l, err := NewLearner(small())
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	for b.Loop() {
		if err := l.Step(1); err != nil {
			b.Fatal(err)
		}
		l.Field(50)
		if _, err := l.Units(16); err != nil {
			b.Fatal(err)
		}
	}
}

// The page draws the weight from unit i to unit j of the next layer, which has n, from weights[i*n+j].
func TestWeights(t *testing.T) {
	s := small()
	s.Hidden, s.Activation = []int{3}, "none"
	l := learnt(t, s, 2)
	units, err := l.Units(4)
	if err != nil {
		t.Fatal(err)
	}
	w, b := l.Weights()["0.dense.weights"], l.Weights()["0.dense.biases"]
	points := grid(4)
	for j, values := range units[0] {
		for p, got := range values {
			if want := b[j] + points.At(p, 0)*w[j] + points.At(p, 1)*w[3+j]; math.Abs(got-want) > 1e-12 {
				t.Fatalf("unit %d at point %d is %g, its weights say %g", j, p, got, want)
			}
		}
	}
}

package playground

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/train"
)

func customary() Settings {
	return Settings{
		Surface: "valley", Start: [2]float64{-2.6, 1.1}, Steps: 200, Optimizers: []string{"gd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "schedulefree", "lbfgs"},
		Rate: 0.03, Adaptive: 0.05, Momentum: 0.9, Beta2: 0.999, Epsilon: 1e-8, Decay: 0.01, Schedule: "constant", Seed: 1,
	}
}

// The gradient of each surface is its slope, and 0 at its minima.
func TestSurfaces(t *testing.T) {
	for _, s := range Surfaces() {
		t.Run(s.Name, func(t *testing.T) {
			for i := range 7 {
				for j := range 7 {
					x := s.Lo[0] + (s.Hi[0]-s.Lo[0])*(float64(i)+0.31)/7
					y := s.Lo[1] + (s.Hi[1]-s.Lo[1])*(float64(j)+0.27)/7
					dx, dy := s.Gradient(x, y)
					const h = 1e-6
					wantX := (s.Value(x+h, y) - s.Value(x-h, y)) / (2 * h)
					wantY := (s.Value(x, y+h) - s.Value(x, y-h)) / (2 * h)
					scale := 1 + math.Hypot(wantX, wantY)
					if math.Abs(dx-wantX) > 1e-6*scale || math.Abs(dy-wantY) > 1e-6*scale {
						t.Fatalf("at (%g, %g) the gradient is (%g, %g), differences say (%g, %g)", x, y, dx, dy, wantX, wantY)
					}
				}
			}
			for _, m := range s.Minima {
				dx, dy := s.Gradient(m[0], m[1])
				if least, most, _ := s.Curvature(m[0], m[1]); math.Hypot(dx, dy) > 1e-12*(1+most) || !(least > 0) {
					t.Errorf("(%g, %g) is no minimum: gradient (%g, %g), curvature from %g to %g", m[0], m[1], dx, dy, least, most)
				}
				if !(s.Lo[0] < m[0] && m[0] < s.Hi[0] && s.Lo[1] < m[1] && m[1] < s.Hi[1]) {
					t.Errorf("the minimum (%g, %g) is not in view", m[0], m[1])
				}
			}
		})
	}
}

// The loop of the playground is that of training: the same points, to the bit.
func TestStepsAreThoseOfTraining(t *testing.T) {
	for _, surface := range Surfaces() {
		for _, schedule := range Schedules {
			s := customary()
			s.Surface, s.Start, s.Schedule, s.Clip = surface.Name, surface.Start, schedule, 5
			s.Rate, s.Adaptive = surface.Rate, surface.Rate
			runs, err := Descend(s)
			if err != nil {
				t.Fatal(err)
			}
			for k, name := range s.Optimizers {
				m, err := method(name)
				if err != nil {
					t.Fatal(err)
				}
				if m.make == nil {
					continue
				}
				t.Run(fmt.Sprint(surface.Name, " ", schedule, " ", m.Name), func(t *testing.T) {
					point := newPoint(&surface, s.Start)
					rates, err := s.schedule(s.Rate)
					if err != nil {
						t.Fatal(err)
					}
					opt := clipped(m, s)
					_, err = train.Fit(context.Background(), point, mat.NewDense(1, 1, nil), mat.NewDense(1, 1, nil), train.Options{
						Loss: itself{}, Optimizer: opt, Schedule: rates, Epochs: s.Steps,
					})
					if err != nil {
						t.Fatal(err)
					}
					got := runs[k].Path[len(runs[k].Path)-2:]
					if want := point.Params(); got[0] != want[0] || got[1] != want[1] {
						t.Errorf("after %d steps the playground is at %v, training at %v", s.Steps, got, want)
					}
				})
			}
		}
	}
}

// The observed rate of convergence is that of the theory.
func TestTheory(t *testing.T) {
	for _, rate := range []float64{0.005, 0.02, 0.039, 0.041} {
		for _, momentum := range []float64{0.5, 0.9} {
			s := customary()
			s.Rate, s.Momentum, s.Steps, s.Optimizers = rate, momentum, 600, []string{"gd", "momentum", "nesterov"}
			runs, err := Descend(s)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range runs {
				n := len(r.Distance) - 1
				observed := math.Pow(r.Distance[n]/r.Distance[n/2], 1/float64(n-n/2))
				if math.Abs(observed-r.Factor) > 0.02 {
					t.Errorf("%s with α = %g and β = %g: the distance falls by %.4f a step, theory says %.4f", r.Method, rate, momentum, observed, r.Factor)
				}
				if (r.Factor > 1) != r.Diverged {
					t.Errorf("%s with α = %g and β = %g: factor %.4f, diverged %v", r.Method, rate, momentum, r.Factor, r.Diverged)
				}
			}
		}
	}
}

// L-BFGS finds a minimum of each surface with one, noise or not.
func TestQuasiNewton(t *testing.T) {
	for _, surface := range Surfaces() {
		s := customary()
		s.Surface, s.Start, s.Optimizers, s.Noise = surface.Name, surface.Start, []string{"lbfgs"}, 1
		runs, err := Descend(s)
		if err != nil {
			t.Fatal(err)
		}
		if d := runs[0].Distance; !(d[len(d)-1] < 1e-4) {
			t.Errorf("on %s L-BFGS ends %g from the nearest minimum after %d steps", surface.Name, d[len(d)-1], len(d)-1)
		}
	}
}

// The noise is the same for all optimizers, and the same seed draws it again.
func TestNoise(t *testing.T) {
	s := customary()
	s.Surface, s.Noise, s.Optimizers = "noisy", 1, []string{"gd", "momentum"}
	s.Momentum = 0
	runs, err := Descend(s)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(runs[0].Path) != fmt.Sprint(runs[1].Path) {
		t.Error("momentum of 0 is not gradient descent under noise")
	}
	again, _ := Descend(s)
	if fmt.Sprint(again[0].Path) != fmt.Sprint(runs[0].Path) {
		t.Error("the same seed draws other noise")
	}
	s.Seed = 2
	if other, _ := Descend(s); fmt.Sprint(other[0].Path) == fmt.Sprint(runs[0].Path) {
		t.Error("another seed draws the same noise")
	}
}

func TestValidate(t *testing.T) {
	for what, spoil := range map[string]func(*Settings){
		"there is no surface":   func(s *Settings) { s.Surface = "moon" },
		"there is no optimizer": func(s *Settings) { s.Optimizers = []string{"magic"} },
		"there is no schedule":  func(s *Settings) { s.Schedule = "" },
		"too far away":          func(s *Settings) { s.Start[0] = math.NaN() },
		"steps, want":           func(s *Settings) { s.Steps = 1e9 },
		"the rate is":           func(s *Settings) { s.Rate = math.Inf(1) },
		"β is 1":                func(s *Settings) { s.Momentum = 1 },
	} {
		s := customary()
		spoil(&s)
		if _, err := Descend(s); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("got %v, want an error with %q", err, what)
		}
	}
}

func BenchmarkDescend(b *testing.B) {
	s := customary()
	for b.Loop() {
		if _, err := Descend(s); err != nil {
			b.Fatal(err)
		}
	}
}

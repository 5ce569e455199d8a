package playground

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/solve"
)

// Settings say what starts where, and how it is turned.
type Settings struct {
	Surface    string     `json:"surface"`
	Start      [2]float64 `json:"start"`
	Steps      int        `json:"steps"`
	Optimizers []string   `json:"optimizers"` // names of Methods
	Rate       float64    `json:"rate"`       // α of gradient descent and its relatives
	Adaptive   float64    `json:"adaptive"`   // α of those that divide by the size of the gradient
	Momentum   float64    `json:"momentum"`   // β, and Adam's β₁
	Beta2      float64    `json:"beta2"`
	Epsilon    float64    `json:"epsilon"`
	Decay      float64    `json:"decay"` // λ of AdamW
	Clip       float64    `json:"clip"`  // the longest gradient; 0 means any
	Schedule   string     `json:"schedule"`
	Noise      float64    `json:"noise"` // standard deviation of the gradient's noise
	Seed       uint64     `json:"seed"`
}

// Usual returns what the page shows of a surface before anything is turned.
func Usual(surface string) Settings {
	s := Settings{
		Surface: surface, Steps: 200, Optimizers: []string{"gd", "momentum", "adam"}, Rate: 0.01, Adaptive: 0.05,
		Momentum: 0.9, Beta2: 0.999, Epsilon: 1e-8, Decay: 0.01, Schedule: "constant", Seed: 1,
	}
	if f, err := Find(surface); err == nil {
		s.Start, s.Rate, s.Noise = f.Start, f.Rate, f.Noise
	}
	return s
}

// A Method is an optimizer of the playground.
type Method struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Adaptive bool   `json:"adaptive"` // takes Settings.Adaptive as its rate
	Walks    bool   `json:"walks"`    // on surfaces
	Trains   bool   `json:"trains"`   // networks
	// make is nil for L-BFGS, which is no optim.Optimizer, and for Muon, which wants to know the network.
	make func(s Settings) optim.Optimizer
	code string // the Go expression
}

// Methods are all optimizers, in the order of the course.
var Methods = []Method{
	{"gd", "Gradient descent", false, true, true, func(s Settings) optim.Optimizer { return &optim.SGD{} }, "&optim.SGD{}"},
	{"momentum", "Momentum", false, true, true, func(s Settings) optim.Optimizer { return &optim.SGD{Momentum: s.Momentum} }, "&optim.SGD{Momentum: %[1]g}"},
	{"nesterov", "Nesterov", false, true, true, func(s Settings) optim.Optimizer { return &optim.SGD{Momentum: s.Momentum, Nesterov: true} },
		"&optim.SGD{Momentum: %[1]g, Nesterov: true}"},
	{"rmsprop", "RMSprop", true, true, true, func(s Settings) optim.Optimizer { return &optim.RMSprop{Rho: s.Beta2, Epsilon: s.Epsilon} },
		"&optim.RMSprop{Rho: %[2]g, Epsilon: %[3]g}"},
	{"adam", "Adam", true, true, true, func(s Settings) optim.Optimizer {
		return &optim.Adam{Beta1: s.Momentum, Beta2: s.Beta2, Epsilon: s.Epsilon}
	}, "&optim.Adam{Beta1: %[1]g, Beta2: %[2]g, Epsilon: %[3]g}"},
	{"adamw", "AdamW", true, true, true, func(s Settings) optim.Optimizer {
		return &optim.AdamW{Adam: optim.Adam{Beta1: s.Momentum, Beta2: s.Beta2, Epsilon: s.Epsilon}, Lambda: s.Decay}
	}, "&optim.AdamW{Adam: optim.Adam{Beta1: %[1]g, Beta2: %[2]g, Epsilon: %[3]g}, Lambda: %[4]g}"},
	{"schedulefree", "Schedule-free AdamW", true, true, true, func(s Settings) optim.Optimizer {
		return &optim.ScheduleFree{Beta: s.Momentum, Power: 2, Optimizer: &optim.AdamW{
			Adam: optim.Adam{Beta2: s.Beta2, Epsilon: s.Epsilon}, Lambda: s.Decay}}
	}, "&optim.ScheduleFree{Beta: %[1]g, Power: 2, Optimizer: &optim.AdamW{Adam: optim.Adam{Beta2: %[2]g, Epsilon: %[3]g}, Lambda: %[4]g}}"},
	{"muon", "Muon", true, false, true, nil, ""},
	{"lbfgs", "L-BFGS", false, true, false, nil, ""},
}

// Schedules are the names of the schedules.
var Schedules = []string{"constant", "cosine", "exponential", "onecycle"}

// A Run is what one optimizer did.
type Run struct {
	Method   string    `json:"method"`
	Path     []float64 `json:"path"`     // x₀, y₀, x₁, y₁, …; it ends where a number overflows
	Loss     []float64 `json:"loss"`     // at each point, without noise
	Distance []float64 `json:"distance"` // to the nearest minimum
	Length   []float64 `json:"length"`   // of the gradient, without noise
	Diverged bool      `json:"diverged"` // left by far what is shown
	// Factor is by what the distance to the minimum falls with each step, close to it and without noise, in
	// theory; 0 where there is none (see Theory).
	Factor float64 `json:"factor"`
}

// Find returns the surface of a name.
func Find(name string) (*Surface, error) {
	for i, s := range Surfaces() {
		if s.Name == name {
			return &Surfaces()[i], nil
		}
	}
	return nil, fmt.Errorf("there is no surface %q", name)
}

func method(name string) (Method, error) {
	for _, m := range Methods {
		if m.Name == name {
			return m, nil
		}
	}
	return Method{}, fmt.Errorf("there is no optimizer %q", name)
}

// Validate returns an error for settings that mean nothing.
func (s Settings) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	within := func(v, lo, hi float64) bool { return v >= lo && v <= hi } // NaN is not
	_, err := Find(s.Surface)
	errs = append(errs, err)
	for _, name := range s.Optimizers {
		m, err := method(name)
		errs = append(errs, err)
		check(err != nil || m.Walks, "%s is for the matrices of a network: it cannot walk on a surface", m.Title)
	}
	check(within(s.Start[0], -1e6, 1e6) && within(s.Start[1], -1e6, 1e6), "the start %v is too far away", s.Start)
	check(s.Steps >= 1 && s.Steps <= 5000, "%d steps, want 1 to 5000", s.Steps)
	check(within(s.Rate, 1e-9, 1e3), "the rate is %g, want it between 1e-9 and 1000", s.Rate)
	check(within(s.Adaptive, 1e-9, 1e3), "the rate of the adaptive methods is %g, want it between 1e-9 and 1000", s.Adaptive)
	check(within(s.Momentum, 0, 0.9999), "β is %g, want 0 ≤ β < 1", s.Momentum)
	check(within(s.Beta2, 0, 0.999999), "β₂ is %g, want 0 ≤ β₂ < 1", s.Beta2)
	check(within(s.Epsilon, 1e-300, 10), "ε is %g, want it between 0 and 10", s.Epsilon)
	check(within(s.Decay, 0, 10), "λ is %g, want 0 ≤ λ ≤ 10", s.Decay)
	check(within(s.Clip, 0, 1e9), "the longest gradient is %g, want at least 0", s.Clip)
	check(within(s.Noise, 0, 1e3), "the noise is %g, want it between 0 and 1000", s.Noise)
	_, err = s.schedule(1)
	return errors.Join(append(errs, err)...)
}

func (s Settings) schedule(rate float64) (optim.Schedule, error) {
	switch s.Schedule {
	case "constant":
		return optim.Constant(rate), nil
	case "cosine":
		return optim.Cosine{Initial: rate, Steps: s.Steps}, nil
	case "exponential":
		return optim.Exponential{Initial: rate, Factor: math.Pow(0.01, 1/float64(s.Steps))}, nil
	case "onecycle":
		return optim.NewOneCycle(rate, s.Steps), nil
	}
	return nil, fmt.Errorf("there is no schedule %q", s.Schedule)
}

// Descend runs all optimizers of the settings from the same start, with the same noise.
func Descend(s Settings) ([]Run, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	surface, err := Find(s.Surface)
	if err != nil {
		return nil, err
	}
	runs := []Run{} // [] for the page, and not null
	for _, name := range s.Optimizers {
		m, err := method(name)
		if err != nil {
			return nil, err
		}
		var path [][]float64
		if m.make == nil {
			path, err = quasiNewton(surface, s)
		} else {
			path, err = steps(surface, m, s)
		}
		if err != nil {
			return nil, err
		}
		runs = append(runs, surface.run(m, s, path))
	}
	return runs, nil
}

// steps is the loop of training, written out: the gradient of all data, its noise, and a step.
func steps(surface *Surface, m Method, s Settings) ([][]float64, error) {
	rate := s.Rate
	if m.Adaptive {
		rate = s.Adaptive
	}
	schedule, err := s.schedule(rate)
	if err != nil {
		return nil, err
	}
	opt := clipped(m, s)
	theta, grad := []float64{s.Start[0], s.Start[1]}, make([]float64, 2)
	opt.Init(2)
	path := [][]float64{{theta[0], theta[1]}}
	for step := range s.Steps {
		grad[0], grad[1] = surface.Gradient(theta[0], theta[1])
		dx, dy := noise(s.Seed, step, s.Noise)
		grad[0] += dx
		grad[1] += dy
		opt.Step(theta, grad, schedule.Rate(step))
		if far(theta) {
			break
		}
		at := theta
		if a, ok := optim.As[optim.Averager](opt); ok {
			at = a.Average() // where training would evaluate it
		}
		path = append(path, []float64{at[0], at[1]})
	}
	return path, nil
}

// clipped returns the optimizer, in front of which the gradient is clipped where that is asked for.
func clipped(m Method, s Settings) optim.Optimizer {
	if s.Clip > 0 {
		return optim.ClipNorm{Max: s.Clip, Optimizer: m.make(s)}
	}
	return m.make(s)
}

// far says whether θ is so far away that nothing can be drawn or computed any more.
func far(theta []float64) bool {
	return !(math.Hypot(theta[0], theta[1]) < 1e12)
}

// quasiNewton runs solve.Minimize, L-BFGS, on the surface without noise: a line search cannot do with it.
func quasiNewton(surface *Surface, s Settings) ([][]float64, error) {
	m := newPoint(surface, s.Start)
	x, y := point, mat.NewDense(1, 1, nil)
	h, err := solve.Minimize(context.Background(), m, x, y, solve.MinimizeOptions{Loss: itself{}, MaxIterations: s.Steps, RecordPath: true, GradTolerance: 1e-8})
	if h == nil {
		return nil, err
	}
	// A line search that fails has at least left its path.
	path := [][]float64{{s.Start[0], s.Start[1]}}
	for _, theta := range h.Path {
		if far(theta) {
			break
		}
		path = append(path, []float64{theta[0], theta[1]})
	}
	return path, nil
}

func (surface *Surface) run(m Method, s Settings, path [][]float64) Run {
	r := Run{Method: m.Name, Factor: surface.Theory(m.Name, s), Path: []float64{}, Loss: []float64{}, Distance: []float64{}, Length: []float64{}}
	wide := math.Hypot(surface.Hi[0]-surface.Lo[0], surface.Hi[1]-surface.Lo[1])
	for _, p := range path {
		dx, dy := surface.Gradient(p[0], p[1])
		value := surface.Value(p[0], p[1])
		if math.IsInf(value, 0) || math.IsNaN(value) || math.IsInf(math.Hypot(dx, dy), 0) {
			r.Diverged = true
			break
		}
		distance := surface.Distance(p[0], p[1])
		r.Diverged = distance > 3*wide
		r.Path = append(r.Path, p[0], p[1])
		r.Loss = append(r.Loss, value)
		r.Distance = append(r.Distance, distance)
		r.Length = append(r.Length, math.Hypot(dx, dy))
	}
	if m.make != nil && len(path) <= s.Steps {
		r.Diverged = true
	}
	return r
}

// Theory returns the factor by which the distance to the nearest minimum falls with each step of gradient descent,
// momentum or Nesterov's method: the largest spectral radius of their iteration over the eigenvalues λ of the Hessian
// there. It is above 1 where the method diverges, and 0 where the theory says nothing: for other methods, with a
// schedule, noise or clipping, and without a minimum.
//
//	gradient descent  e′ = (1 − αλ)e
//	momentum          e″ = (1 + β − αλ)e′ − βe
//	Nesterov          e″ = (1 − αλ)((1 + β)e′ − βe)
//
// Source: Polyak, Some methods of speeding up the convergence of iteration methods, 1964; Goh, Why Momentum Really
// Works, Distill, 2017.
func (surface *Surface) Theory(name string, s Settings) float64 {
	if len(surface.Minima) == 0 || s.Schedule != "constant" || s.Noise > 0 || s.Clip > 0 {
		return 0
	}
	least, most, _ := surface.Curvature(surface.Minima[0][0], surface.Minima[0][1])
	worst := 0.0
	for _, lambda := range []float64{least, most} {
		shrink := 1 - s.Rate*lambda
		var radius float64
		switch name {
		case "gd":
			radius = math.Abs(shrink)
		case "momentum":
			radius = spectralRadius(shrink+s.Momentum, s.Momentum)
		case "nesterov":
			radius = spectralRadius(shrink*(1+s.Momentum), shrink*s.Momentum)
		default:
			return 0
		}
		worst = max(worst, radius)
	}
	return worst
}

// spectralRadius returns the largest |z| with z² = az − b.
func spectralRadius(a, b float64) float64 {
	d := a*a/4 - b
	if d < 0 {
		return math.Sqrt(b)
	}
	return math.Abs(a)/2 + math.Sqrt(d)
}

// A pointModel is a place on a surface as a model whose prediction is the height there, so that everything that trains
// models can walk on it.
type pointModel struct {
	surface *Surface
	theta   []float64
}

// point is the one sample of a pointModel, which has no inputs that matter.
var point = mat.NewDense(1, 1, nil)

func newPoint(surface *Surface, start [2]float64) *pointModel {
	return &pointModel{surface, []float64{start[0], start[1]}}
}

func (m *pointModel) Dims() (inputs, outputs int) { return 1, 1 }
func (m *pointModel) Params() []float64           { return m.theta }
func (m *pointModel) Layout() []model.Param {
	return []model.Param{{Name: "point", Shape: []int{2}}}
}

func (m *pointModel) Predict(dst *mat.Dense, x mat.Matrix) {
	if dst.IsEmpty() {
		dst.ReuseAs(1, 1)
	}
	dst.Set(0, 0, m.surface.Value(m.theta[0], m.theta[1]))
}

func (m *pointModel) Forward(dst *mat.Dense, x mat.Matrix) { m.Predict(dst, x) }

func (m *pointModel) Backward(grad []float64, dPred *mat.Dense) {
	dx, dy := m.surface.Gradient(m.theta[0], m.theta[1])
	grad[0] += dPred.At(0, 0) * dx
	grad[1] += dPred.At(0, 0) * dy
}

// itself is the loss that is the prediction.
type itself struct{}

func (itself) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	if dPred != nil {
		if dPred.IsEmpty() {
			dPred.ReuseAs(1, 1)
		}
		dPred.Set(0, 0, 1)
	}
	return pred.At(0, 0)
}

package optim_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/optim"
)

// schedules lists them all, under the names of the golden cases where there is
// one. A schedule with a memory is made anew by each call.
var schedules = []struct {
	name string
	new  func() optim.Schedule
}{
	{"constant", func() optim.Schedule { return optim.Constant(0.5) }},
	{"step", func() optim.Schedule { return optim.StepDecay{Initial: 0.5, Factor: 0.3, Every: 7} }},
	{"multi_step", func() optim.Schedule {
		return optim.MultiStep{Initial: 0.5, Factor: 0.5, Milestones: []int{3, 10, 10, 25}}
	}},
	{"exponential", func() optim.Schedule { return optim.Exponential{Initial: 0.5, Factor: 0.93} }},
	{"linear_up", func() optim.Schedule { return optim.LinearRamp{Initial: 0.05, Final: 0.5, Steps: 12} }},
	{"linear_down", func() optim.Schedule { return optim.LinearRamp{Initial: 0.5, Final: 0.1, Steps: 12} }},
	{"polynomial", func() optim.Schedule { return optim.Polynomial{Initial: 0.5, Power: 1.7, Steps: 20} }},
	{"cosine", func() optim.Schedule { return optim.Cosine{Initial: 0.5, Final: 0.01, Steps: 30} }},
	{"cosine_restarts", func() optim.Schedule {
		return optim.CosineRestarts{Initial: 0.5, Final: 0.01, Steps: 6, Growth: 1}
	}},
	{"cosine_restarts_growth", func() optim.Schedule {
		return optim.CosineRestarts{Initial: 0.5, Steps: 5, Growth: 2}
	}},
	{"one_cycle", func() optim.Schedule { return optim.NewOneCycle(0.5, 50) }},
	{"one_cycle_linear", func() optim.Schedule {
		s := optim.NewOneCycle(0.5, 45)
		s.Start, s.Linear = 0.25, true
		return s
	}},
	{"one_cycle_three_phase", func() optim.Schedule {
		s := optim.NewOneCycle(0.5, 50)
		s.ThreePhase = true
		return s
	}},
	{"cyclic_triangular", func() optim.Schedule { return optim.Cyclic{Min: 0.1, Max: 0.5, Up: 4, Down: 7} }},
	{"cyclic_triangular2", func() optim.Schedule {
		return optim.Cyclic{Min: 0.1, Max: 0.5, Up: 4, Down: 7, Mode: optim.Triangular2}
	}},
	{"cyclic_exp_range", func() optim.Schedule {
		return optim.Cyclic{Min: 0.1, Max: 0.5, Up: 5, Down: 5, Mode: optim.ExpRange, Gamma: 0.97}
	}},
	{"sequence", func() optim.Schedule {
		return optim.Sequence{
			Schedules: []optim.Schedule{
				optim.Constant(0.5),
				optim.StepDecay{Initial: 0.5, Factor: 0.5, Every: 4},
				optim.Exponential{Initial: 0.5, Factor: 0.9},
			},
			Milestones: []int{5, 20},
		}
	}},
	{"warmup", func() optim.Schedule {
		return optim.Warmup{Initial: 0.05, Steps: 10, Schedule: optim.Cosine{Initial: 0.5, Steps: 30}}
	}},
	{"plateau", func() optim.Schedule {
		s := optim.NewPlateau(0.5)
		s.Factor, s.Patience = 0.5, 2
		return s
	}},
	{"plateau_cooldown", func() optim.Schedule {
		s := optim.NewPlateau(0.5)
		s.Factor, s.Patience, s.Cooldown, s.Min = 0.5, 1, 3, 0.1
		return s
	}},
	{"plateau_absolute", func() optim.Schedule {
		s := optim.NewPlateau(0.5)
		s.Patience, s.Threshold, s.Absolute = 1, 0.15, true
		return s
	}},
	{"plateau_max", func() optim.Schedule {
		s := optim.NewPlateau(0.5)
		s.Factor, s.Patience, s.Threshold, s.Maximize = 0.5, 1, 0.01, true
		return s
	}},
	{"plateau_max_absolute", func() optim.Schedule {
		s := optim.NewPlateau(0.5)
		s.Factor, s.Patience, s.Threshold, s.Maximize, s.Absolute = 0.5, 1, 0.01, true, true
		return s
	}},
	// These have no peer in PyTorch, or are seen from another side.
	{"sweep", func() optim.Schedule { return optim.Sweep{Initial: 1e-6, Final: 1, Steps: 60} }},
	{"per_epoch", func() optim.Schedule {
		return optim.PerEpoch{StepsPerEpoch: 3, Schedule: optim.Exponential{Initial: 0.5, Factor: 0.9}}
	}},
	{"plateau per epoch", func() optim.Schedule {
		return optim.PerEpoch{StepsPerEpoch: 3, Schedule: quickPlateau()}
	}},
	{"plateau after warm-up", func() optim.Schedule {
		return optim.Warmup{Initial: 0.01, Steps: 5, Schedule: quickPlateau()}
	}},
	{"two plateaus", func() optim.Schedule {
		return optim.Sequence{
			Schedules:  []optim.Schedule{quickPlateau(), optim.Constant(0.3), optim.PerEpoch{StepsPerEpoch: 2, Schedule: quickPlateau()}},
			Milestones: []int{10, 12},
		}
	}},
}

func quickPlateau() *optim.Plateau {
	s := optim.NewPlateau(0.5)
	s.Patience, s.Factor = 1, 0.5
	return s
}

type rates struct {
	Name    string
	Rates   []float64
	Metrics []*float64 // nil stands for NaN
}

func TestSchedulesFollowPyTorch(t *testing.T) {
	cases := golden.Load[[]rates](t, "testdata/schedules.json")
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			i := slices.IndexFunc(schedules, func(s struct {
				name string
				new  func() optim.Schedule
			}) bool {
				return s.name == c.Name
			})
			if i < 0 {
				t.Fatal("no schedule has that name")
			}
			s := schedules[i].new()
			got := make([]float64, len(c.Rates))
			for step := range got {
				got[step] = s.Rate(step)
				if c.Metrics == nil {
					continue
				}
				metric := math.NaN()
				if m := c.Metrics[step]; m != nil {
					metric = *m
				}
				s.(optim.Observer).Observe(metric)
			}
			golden.CloseSlice(t, "rate", got, c.Rates, 1e-13)
		})
	}
}

// observations of a loss that stops falling.
func observed(step int) float64 { return max(1-0.1*float64(step), 0.7) }

func follow(s optim.Schedule, first, steps int) (rates []float64) {
	for step := first; step < first+steps; step++ {
		rates = append(rates, s.Rate(step))
		if o, ok := s.(optim.Observer); ok {
			o.Observe(observed(step))
		}
	}
	return rates
}

func TestScheduleProperties(t *testing.T) {
	for _, c := range schedules {
		t.Run(c.name, func(t *testing.T) {
			s := c.new()
			if err := s.(validator).Validate(); err != nil {
				t.Error(err)
			}
			checkRefusals(t, c.name, c.new())

			first := follow(s, 0, 200)
			for step, r := range first {
				if !(r >= 0 && r <= 1) {
					t.Errorf("the rate of step %d is %g", step, r)
				}
			}
			if n := testing.AllocsPerRun(10, func() { s.Rate(17) }); n != 0 {
				t.Errorf("Rate allocates %v times, want 0", n)
			}
			if m, ok := s.(optim.Observer); ok {
				m.Init()
			}
			if again := follow(s, 0, 200); !slices.Equal(first, again) {
				t.Errorf("after Init the rates are %v, want %v", again, first)
			}
		})
	}
}

func TestScheduleStateRestored(t *testing.T) {
	for _, c := range schedules {
		for resume := range 20 {
			first, second := c.new(), c.new()
			want := follow(first, 0, resume+30)[resume:]
			third := c.new()
			follow(third, 0, resume)
			if m, ok := second.(optim.Observer); ok {
				m.Init()
				copyState(t, m.State(), third.(optim.Observer).State())
			}
			if got := follow(second, resume, 30); !slices.Equal(got, want) {
				t.Errorf("%s resumed at %d: %v, want %v", c.name, resume, got, want)
			}
		}
	}
}

// State ends wherever the caller breaks off.
func TestScheduleStateStopsWhenAsked(t *testing.T) {
	s := optim.Sequence{Schedules: []optim.Schedule{optim.NewPlateau(1), optim.NewPlateau(1)}, Milestones: []int{1}}
	for stop := 1; stop <= 10; stop++ {
		n := 0
		for range s.State() {
			if n++; n == stop {
				break
			}
		}
		if n != stop {
			t.Errorf("broken off after %d names, want %d", n, stop)
		}
	}
}

// The ends of each schedule are where its fields say, and it stays there.
func TestScheduleEnds(t *testing.T) {
	cycle := optim.NewOneCycle(1, 100)
	late := optim.OneCycle{Max: 1, Steps: 10, Start: 0.1, Div: 25, FinalDiv: 100}
	falling := optim.OneCycle{Max: 1, Steps: 10, Start: 0, Div: 25, FinalDiv: 100}
	three := optim.OneCycle{Max: 1, Steps: 10, Start: 0, Div: 25, FinalDiv: 100, ThreePhase: true}
	tests := []struct {
		name string
		s    optim.Schedule
		step int
		want float64
	}{
		{"constant", optim.Constant(3), math.MaxInt, 3},
		{"function", optim.ScheduleFunc(func(step int) float64 { return float64(step) }), 5, 5},
		{"linear at the end", optim.LinearRamp{Initial: 1, Final: 3, Steps: 4}, 4, 3},
		{"linear beyond", optim.LinearRamp{Initial: 1, Final: 3, Steps: 4}, 400, 3},
		{"polynomial beyond", optim.Polynomial{Initial: 1, Final: 0.25, Power: 2, Steps: 4}, 5, 0.25},
		{"cosine beyond", optim.Cosine{Initial: 1, Final: 0.25, Steps: 4}, 50, 0.25},
		{"sweep at the start", optim.Sweep{Initial: 1e-4, Final: 10, Steps: 5}, 0, 1e-4},
		{"sweep by powers of ten", optim.Sweep{Initial: 1e-4, Final: 10, Steps: 5}, 2, 1e-2},
		{"sweep beyond", optim.Sweep{Initial: 1e-4, Final: 10, Steps: 5}, 9, 10},
		{"one cycle's peak", cycle, 29, 1},
		{"one cycle's end", cycle, 99, 1.0 / 25 / 1e4},
		{"beyond one cycle", cycle, 200, 1.0 / 25 / 1e4},
		{"one cycle that rises in no steps", late, 0, 1},
		{"one cycle that only falls", falling, 9, 1.0 / 2500},
		{"three phases without a rise", three, 9, 1.0 / 2500},
		{"last milestone", optim.MultiStep{Initial: 1, Factor: 0.5, Milestones: []int{2}}, 2, 0.5},
		{"before it", optim.MultiStep{Initial: 1, Factor: 0.5, Milestones: []int{2}}, 1, 1},
		{"epoch", optim.PerEpoch{StepsPerEpoch: 10, Schedule: optim.LinearRamp{Initial: 0, Final: 4, Steps: 4}}, 39, 3},
		{"warm-up", optim.Warmup{Steps: 4, Schedule: optim.Constant(2)}, 1, 0.5},
	}
	for _, test := range tests {
		golden.Close(t, test.name, test.s.Rate(test.step), test.want, 1e-14)
	}
}

func TestSchedulesRefuse(t *testing.T) {
	broken := optim.Constant(-1)
	tests := []struct {
		name string
		v    validator
		want string
	}{
		{"NaN", optim.Constant(math.NaN()), "Constant"},
		{"zero", optim.Constant(0), "Constant"},
		{"no steps", optim.Cosine{Initial: 1}, "Steps"},
		{"milestones out of order", optim.MultiStep{Initial: 1, Factor: 0.1, Milestones: []int{5, 3}}, "[5 3]"},
		{"negative milestone", optim.MultiStep{Initial: 1, Factor: 0.1, Milestones: []int{-5, 3}}, "[-5 3]"},
		{"late peak", optim.OneCycle{Max: 1, Steps: 10, Start: 1, Div: 2, FinalDiv: 2}, "Start"},
		{"late turn", optim.OneCycle{Max: 1, Steps: 10, Start: 0.5, Div: 2, FinalDiv: 2, ThreePhase: true}, "Start"},
		{"minimum above maximum", optim.Cyclic{Min: 2, Max: 1, Up: 1, Down: 1}, "Min ≤ Max"},
		{"unknown mode", optim.Cyclic{Min: 1, Max: 2, Up: 1, Down: 1, Mode: 3}, "Mode"},
		{"growing exponential range", optim.Cyclic{Min: 1, Max: 2, Up: 1, Down: 1, Mode: optim.ExpRange, Gamma: 1.1}, "Gamma"},
		{"factor of a plateau", &optim.Plateau{Initial: 1, Factor: 1}, "Factor"},
		{"too few milestones", optim.Sequence{Schedules: []optim.Schedule{optim.Constant(1), optim.Constant(2)}}, "2 schedules and 0 milestones"},
		{"no schedules", optim.Sequence{}, "0 schedules"},
		{"inside a sequence", optim.Sequence{Schedules: []optim.Schedule{broken}}, "Constant"},
		{"nil in a sequence", optim.Sequence{Schedules: []optim.Schedule{nil}}, "nothing inside"},
		{"inside a warm-up", optim.Warmup{Steps: 1, Schedule: broken}, "Constant"},
		{"no schedule after a warm-up", optim.Warmup{Steps: 1}, "nothing inside"},
		{"inside epochs", optim.PerEpoch{StepsPerEpoch: 1, Schedule: broken}, "Constant"},
		{"no epochs", optim.PerEpoch{Schedule: optim.Constant(1)}, "StepsPerEpoch"},
	}
	for _, test := range tests {
		if err := test.v.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
}

// With negative metrics, as log-likelihoods are, only better ones count.
func TestPlateauWithNegativeMetrics(t *testing.T) {
	for _, maximize := range []bool{false, true} {
		s := optim.NewPlateau(1)
		s.Patience, s.Threshold, s.Maximize = 0, 0.01, maximize
		better, same := -102.0, -101.5
		if maximize {
			better, same = -98, -98.5
		}
		for i, step := range []struct{ metric, want float64 }{{-100, 1}, {better, 1}, {same, 0.1}} {
			s.Observe(step.metric)
			golden.Close(t, fmt.Sprintf("maximize %v: rate after metric %d", maximize, i), s.Rate(0), step.want, 1e-15)
		}
	}
}

// A metric as good as the best is no better, also without a threshold.
func TestPlateauWithEqualMetrics(t *testing.T) {
	for _, maximize := range []bool{false, true} {
		s := &optim.Plateau{Initial: 1, Factor: 0.5, Maximize: maximize}
		for i := range 4 {
			if want := math.Pow(0.5, max(float64(i-1), 0)); s.Rate(i) != want {
				t.Errorf("maximize %v: the rate after %d equal metrics is %g, want %g", maximize, i, s.Rate(i), want)
			}
			s.Observe(2)
		}
		for name, v := range s.State() {
			if name == "observed" && v[0] != 4 {
				t.Errorf("%g metrics observed, want 4", v[0])
			}
		}
	}
}

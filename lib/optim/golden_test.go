package optim_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/optim"
)

// tolerance is the relative difference from PyTorch that is allowed anywhere
// along a trajectory of 100 steps.
const tolerance = 1e-9

type trajectories struct {
	Record      []int                // the steps that were recorded, from 1
	Multipliers []float64            // of the learning rate, for each step
	Bursts      [][]float64          // the second problem's gradients, whatever θ
	Start       map[string][]float64 // θ before the first step, by problem
	Cases       []trajectory
}

type trajectory struct {
	Name       string
	Rates      map[string]float64 // by problem
	Rosenbrock [][]float64        // θ, followed by the average where there is one
	Bursts     [][]float64
}

func loadTrajectories(t *testing.T) *trajectories {
	v := golden.Load[trajectories](t, "testdata/optimizers.json")
	v.Cases = append(v.Cases, golden.Load[[]trajectory](t, "testdata/today.json")...)
	return &v
}

func (g *trajectories) find(t *testing.T, name string) trajectory {
	i := slices.IndexFunc(g.Cases, func(c trajectory) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("no golden case is called %q", name)
	}
	return g.Cases[i]
}

// run returns what opt does on a problem, and what it should do.
func (g *trajectories) run(opt optim.Optimizer, c trajectory, problem string) (got, want [][]float64) {
	theta := slices.Clone(g.Start[problem])
	grad := make([]float64, len(theta))
	opt.Init(len(theta))
	for step, multiplier := range g.Multipliers {
		at := rosenbrock
		if problem == "bursts" {
			at = func(grad, _ []float64) { copy(grad, g.Bursts[step]) }
		}
		advance(opt, theta, grad, at, c.Rates[problem]*multiplier)
		if !slices.Contains(g.Record, step+1) {
			continue
		}
		row := slices.Clone(theta)
		if a, ok := optim.As[optim.Averager](opt); ok {
			row = append(row, a.Average()...)
		}
		got = append(got, row)
	}
	if problem == "bursts" {
		return got, c.Bursts
	}
	return got, c.Rosenbrock
}

var problems = []string{"rosenbrock", "bursts"}

// Each optimizer and each option follows PyTorch or Optax over 100 steps under a schedule,
// on a function with large gradients and on bursts of scale 10⁻⁶.
func TestFollowsPyTorch(t *testing.T) {
	g := loadTrajectories(t)
	if len(g.Cases) != len(members) {
		t.Errorf("%d golden cases, but %d members", len(g.Cases), len(members))
	}
	for _, m := range members {
		for _, problem := range problems {
			t.Run(m.name+"/"+problem, func(t *testing.T) {
				got, want := g.run(m.new(), g.find(t, m.name), problem)
				if len(got) != len(want) || len(want) == 0 {
					t.Fatalf("%d records, want %d", len(got), len(want))
				}
				for i, step := range g.Record {
					golden.CloseSlice(t, fmt.Sprintf("θ after step %d", step), got[i], want[i], tolerance)
				}
			})
		}
	}
}

// distance is the largest relative difference along a trajectory.
func distance(got, want [][]float64) (worst float64) {
	for i, w := range want {
		scale := 0.0
		for _, x := range w {
			scale = max(scale, math.Abs(x))
		}
		for j, x := range w {
			worst = max(worst, math.Abs(got[i][j]-x)/scale)
		}
	}
	return worst
}

package tune_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/descent-go/descent/lib/tune"
)

// problem is a function to minimize, with its known minimum.
type problem struct {
	name    string
	space   tune.Space
	trials  int
	minimum float64
	f       func(t tune.Trial) float64 // what the search sees
	truth   func(t tune.Trial) float64 // without noise; nil means f
}

func problems() []problem {
	box := func(low, high float64, names ...string) tune.Space {
		s := tune.Space{}
		for _, n := range names {
			s[n] = tune.Uniform{Low: low, High: high}
		}
		return s
	}
	sphere := func(t tune.Trial) float64 {
		sum := 0.0
		for _, name := range []string{"a", "b", "c", "d"} {
			sum += math.Pow(t.Float(name)-0.3, 2)
		}
		return sum
	}
	quadratic := func(t tune.Trial) float64 {
		return math.Pow(t.Float("a")-0.3, 2) + 2*math.Pow(t.Float("b")+0.5, 2)
	}
	return []problem{
		{"Branin", tune.Space{"x": tune.Uniform{Low: -5, High: 10}, "y": tune.Uniform{Low: 0, High: 15}}, 80, 0.39788735772973816, branin, nil},
		{"sphere", box(-1, 1, "a", "b", "c", "d"), 80, 0, sphere, nil},
		{"noisy quadratic", box(-1, 1, "a", "b"), 80, 0, func(t tune.Trial) float64 {
			return quadratic(t) + 0.05*rand.New(rand.NewPCG(11, uint64(t.ID))).NormFloat64()
		}, quadratic},
		{"mixed", tune.Space{
			"rate":  tune.LogUniform{Low: 1e-5, High: 10},
			"depth": tune.IntUniform{Low: 1, High: 12},
			"kind":  tune.Choice{"a", "b", "c", "d", "e"},
		}, 60, 0, mixed, nil},
	}
}

// branin is the test function of Dixon and Szegő, 1978, with the three minima
// 0.397887… at (−π, 12.275), (π, 2.275) and (9.42478, 2.475).
func branin(t tune.Trial) float64 {
	x, y := t.Float("x"), t.Float("y")
	v := y - 5.1/(4*math.Pi*math.Pi)*x*x + 5/math.Pi*x - 6
	return v*v + 10*(1-1/(8*math.Pi))*math.Cos(x) + 10
}

// mixed has its minimum 0 at rate 0.01, depth 7 and kind "c".
func mixed(t tune.Trial) float64 {
	score := math.Pow(math.Log10(t.Float("rate"))+2, 2) + math.Pow(float64(t.Int("depth")-7)/4, 2)
	if t.Text("kind") != "c" {
		score++
	}
	return score
}

// regret is the mean over 20 seeds of how far the best trial is from the minimum.
func regret(t *testing.T, p problem, method func(seed uint64) tune.Method) float64 {
	t.Helper()
	if p.truth == nil {
		p.truth = p.f
	}
	sum := 0.0
	for seed := range uint64(20) {
		r, err := tune.Minimize(context.Background(), method(seed), func(_ context.Context, t tune.Trial) (float64, error) {
			return p.f(t), nil
		}, tune.Options{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		best, err := r.Best()
		if err != nil || len(r.Trials) != p.trials {
			t.Fatalf("%d trials, %v", len(r.Trials), err)
		}
		sum += p.truth(best) - p.minimum
	}
	return sum / 20
}

// With as many trials, TPE comes at least twice as near to the minimum as random
// search does.
func TestTPEBeatsRandom(t *testing.T) {
	for i, p := range problems() {
		t.Run(p.name, func(t *testing.T) {
			if testing.Short() && i > 0 {
				t.Skip("hundreds of searches")
			}
			random := regret(t, p, func(seed uint64) tune.Method {
				return tune.Random{Space: p.space, Trials: p.trials, Seed: seed}
			})
			tpe := regret(t, p, func(seed uint64) tune.Method { return tune.NewTPE(p.space, p.trials, seed) })
			t.Logf("mean regret: TPE %.4g, random %.4g", tpe, random)
			if !(tpe < random/2) {
				t.Errorf("mean regret of TPE is %.4g, of random search %.4g: want less than half", tpe, random)
			}
		})
	}
}

package tune

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/descent-go/descent/lib/train"
)

// TPE is the tree-structured Parzen estimator. It divides the completed trials
// into the best γ(n) of n and the rest, estimates the density of each part over
// the space, l(x) and g(x), and tries next where
//
//	l(x) / g(x)
//
// is the largest of Candidates points drawn from l: that is, where good trials
// are dense and others are not. Maximizing that ratio maximizes the expected
// improvement over the score that divides the two parts (Bergstra et al., eq.
// 4).
//
// Each density is a mixture, with equal weights, of one kernel around each trial
// and one uniform kernel, so that no point is ever ruled out. A kernel is the
// product over the hyper-parameters of a normal density on the unit interval of
// [Distribution], cut off at its ends, with the standard deviation
//
//	σ = max(n^(−1/(d+4)) / 5, 1 / min(n+1, 100))
//
// for n trials and d hyper-parameters, or, for a [Choice] of C values, of
// probabilities proportional to 1/(n+1) each, plus 1 for the trial's own value.
// Only the ranks of the scores matter, so neither their scale nor outliers
// affect it. A failed trial counts among the rest.
//
// Batch trials are proposed at a time and run in parallel. Within a batch, those
// already proposed count among the rest (Ginsbourger's constant liar), which
// keeps them apart. The size of the batch changes the result; the number of
// workers does not. More than Batch workers have no effect.
//
// Source: Bergstra, Bardenet, Bengio and Kégl, Algorithms for Hyper-Parameter
// Optimization, NIPS 2011; the multivariate kernel is from Falkner, Klein and
// Hutter, BOHB, ICML 2018; the bandwidths are those of Optuna's multivariate
// sampler (Watanabe, Tree-Structured Parzen Estimator, 2023).
type TPE struct {
	Space      Space
	Trials     int
	Startup    int // trials drawn at random first
	Batch      int // trials proposed at a time after that
	Candidates int // points from which each trial is chosen
	Seed       uint64
}

// NewTPE returns TPE with 10 random trials first, batches of 4 and 24
// candidates.
func NewTPE(space Space, trials int, seed uint64) TPE {
	return TPE{Space: space, Trials: trials, Startup: 10, Batch: 4, Candidates: 24, Seed: seed}
}

func (m TPE) Validate() error {
	for name, n := range map[string]int{"Trials": m.Trials, "Startup": m.Startup, "Batch": m.Batch, "Candidates": m.Candidates} {
		if n < 1 {
			return fmt.Errorf("tune: TPE: %s is %d, want at least 1 (tune.NewTPE has the customary settings)", name, n)
		}
	}
	return m.Space.Validate()
}

func (m TPE) Propose(r *Result) ([]Trial, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	n := len(r.Trials)
	if n == 0 {
		return Random{m.Space, min(m.Startup, m.Trials), m.Seed}.Propose(r)
	}
	good, rest := m.divide(r)
	trials := make([]Trial, max(0, min(m.Batch, m.Trials-n)))
	for i := range trials {
		rng := rand.New(rand.NewPCG(m.Seed, uint64(n+i)))
		trials[i].Params = m.choose(rng, good, rest)
		rest = append(rest, m.point(trials[i].Params))
	}
	return trials, nil
}

// divide returns the points of the best γ(n) = ⌈n/10⌉, at most 25, of the
// completed trials, and all others.
func (m TPE) divide(r *Result) (good, rest [][]float64) {
	sorted := r.Sorted()
	completed := 0
	for _, t := range sorted {
		if t.Status == train.Completed {
			completed++
		}
	}
	gamma := min((completed+9)/10, 25)
	for i, t := range sorted {
		if i < gamma {
			good = append(good, m.point(t.Params))
		} else {
			rest = append(rest, m.point(t.Params))
		}
	}
	return good, rest
}

// point returns the coordinates of hyper-parameters in the unit cube.
func (m TPE) point(p Params) []float64 {
	var u []float64
	for _, name := range m.Space.names() {
		u = append(u, m.Space[name].Unit(p[name]))
	}
	return u
}

// choose draws candidates from l and returns the one with the largest l/g.
func (m TPE) choose(rng *rand.Rand, good, rest [][]float64) Params {
	l, g := newParzen(m.Space, good), newParzen(m.Space, rest)
	var best Params
	highest := math.Inf(-1)
	for range m.Candidates {
		p := l.sample(rng)
		u := m.point(p)
		if ratio := l.logDensity(u) - g.logDensity(u); best == nil || ratio > highest {
			best, highest = p, ratio
		}
	}
	return best
}

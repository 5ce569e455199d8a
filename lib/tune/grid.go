package tune

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"unicode/utf8"
)

// Grid tries every combination of the listed values: names are in alphabetical
// order and the values of the last name change fastest, as in scikit-learn's
// ParameterGrid. Numbers written without a point are ints in Go; Params.Float
// reads them too.
type Grid map[string][]any

// maxGrid is more than anyone can wait for, and fits into memory.
const maxGrid = 1_000_000

// Validate returns an error for a grid that is empty, for a name without
// values or with duplicates, and for more than a million points.
func (g Grid) Validate() error {
	if len(g) == 0 {
		return fmt.Errorf("tune: the grid is empty: name at least one hyper-parameter")
	}
	points := 1
	for _, name := range slices.Sorted(maps.Keys(g)) {
		if !utf8.ValidString(name) {
			return fmt.Errorf("tune: the name %q of a hyper-parameter is not valid UTF-8", name)
		}
		if len(g[name]) == 0 {
			return fmt.Errorf("tune: hyper-parameter %q of the grid has no values", name)
		}
		if err := checkValues(g[name]); err != nil {
			return fmt.Errorf("tune: hyper-parameter %q: %w", name, err)
		}
		if points *= len(g[name]); points > maxGrid {
			return fmt.Errorf("tune: the grid has more than %d points: use Random", maxGrid)
		}
	}
	return nil
}

func (g Grid) Propose(r *Result) ([]Trial, error) {
	if err := g.Validate(); err != nil || len(r.Trials) > 0 {
		return nil, err
	}
	trials := []Trial{{Params: Params{}}}
	for _, name := range slices.Sorted(maps.Keys(g)) {
		var longer []Trial
		for _, t := range trials {
			for _, v := range g[name] {
				p := maps.Clone(t.Params)
				p[name] = v
				longer = append(longer, Trial{Params: p})
			}
		}
		trials = longer
	}
	return trials, nil
}

// Random draws each trial from the space independently: trial i depends only
// on the seed and on i. If the score depends on few of the hyper-parameters,
// it does better than a grid of the same size, which tries fewer values of
// each.
//
// Source: Bergstra and Bengio, Random Search for Hyper-Parameter Optimization,
// JMLR 13, 2012.
type Random struct {
	Space  Space
	Trials int
	Seed   uint64
}

func (m Random) Validate() error {
	if m.Trials < 1 {
		return fmt.Errorf("tune: Random: Trials is %d, want at least 1", m.Trials)
	}
	return m.Space.Validate()
}

func (m Random) Propose(r *Result) ([]Trial, error) {
	if err := m.Validate(); err != nil || len(r.Trials) > 0 {
		return nil, err
	}
	trials := make([]Trial, m.Trials)
	for i := range trials {
		trials[i].Params = m.Space.Sample(rand.New(rand.NewPCG(m.Seed, uint64(i))))
	}
	return trials, nil
}

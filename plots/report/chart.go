package report

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
	"github.com/descent-go/descent/plots"
)

// SearchChart is plots.Search for the completed trials of a search, with the axes of its
// space: logarithmic for a tune.LogUniform, names for a tune.Choice of strings. Without a
// space, such as after a tune.Grid, an axis is logarithmic if its values are above 0 and
// span a factor of 100 or more. Score names the score, as in "log loss". A search without
// a completed trial is the chart's error.
func SearchChart(title, score string, r *tune.Result, space tune.Space) *plots.Chart {
	var done []tune.Trial
	values := map[string][]any{}
	for _, t := range r.Trials {
		if t.Status == train.Completed {
			done = append(done, t)
			for name, v := range t.Params {
				values[name] = append(values[name], v)
			}
		}
	}
	winner, _ := r.Best()
	var scores, budgets []float64
	best := 0
	for i, t := range done {
		scores, budgets = append(scores, t.Score), append(budgets, t.Budget)
		if t.ID == winner.ID {
			best = i
		}
	}
	var parameters []plots.Parameter
	for _, name := range slices.Sorted(maps.Keys(values)) {
		s := newScale(values[name], space[name])
		p := plots.Parameter{Name: name, Log: s.log, Names: s.names}
		for _, t := range done {
			v := math.NaN()
			if value, ok := t.Params[name]; ok {
				v = s.at(value)
			}
			p.Values = append(p.Values, v)
		}
		parameters = append(parameters, p)
	}
	return plots.Search(title, score, scores, budgets, best, parameters...)
}

// wide is the factor between the ends of an axis from which it is logarithmic.
const wide = 100

// scale says where the values of a hyper-parameter are on an axis.
type scale struct {
	log   bool
	names []string // of values that are not numbers
}

func newScale(values []any, d tune.Distribution) *scale {
	s := &scale{}
	switch d := d.(type) {
	case tune.LogUniform:
		s.log = true
		return s
	case tune.Uniform, tune.IntUniform:
		return s
	case tune.Choice:
		values = d
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		n, ok := asNumber(v)
		if !ok {
			return &scale{names: distinctNames(values)}
		}
		low, high = min(low, n), max(high, n)
	}
	s.log = low > 0 && high >= wide*low
	return s
}

// at returns where a value is on the axis.
func (s *scale) at(v any) float64 {
	if s.names != nil {
		return float64(slices.Index(s.names, fmt.Sprint(v)))
	}
	n, _ := asNumber(v)
	return n
}

func asNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	}
	return 0, false
}

func distinctNames(values []any) (names []string) {
	for _, v := range values {
		if name := fmt.Sprint(v); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

package plots

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
)

// Search shows what a search has found: a chart for each hyper-parameter, with the score
// of each completed trial against its value, and the best trial marked. The axes are
// those of the space: logarithmic for a tune.LogUniform, names for a tune.Choice of
// strings. Without a space, such as after a tune.Grid, an axis is logarithmic if its
// values are above 0 and span a factor of 100 or more; so is that of the score. Trials
// with different budgets are different series. Score names the axis, as in "log loss".
//
// A search without a completed trial is the chart's error.
func Search(title, score string, r *tune.Result, space tune.Space) *Chart {
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
	best, err := r.Best()
	if err != nil || len(values) == 0 {
		c := New(title, "hyper-parameter", score)
		c.fail("the search has no completed trial with hyper-parameters")
		return c
	}
	var panels []*Chart
	for _, name := range slices.Sorted(maps.Keys(values)) {
		panels = append(panels, panel(name, score, done, best, newScale(values[name], space[name])))
	}
	return Grid(title, min(len(panels), 2), panels...)
}

// panel shows the trials against one hyper-parameter.
func panel(name, score string, done []tune.Trial, best tune.Trial, s *scale) *Chart {
	c := New("", name, score).Size(400, 300)
	budgets := map[float64]*Series{}
	low, high := math.Inf(1), math.Inf(-1)
	for _, t := range done {
		v, ok := t.Params[name]
		if !ok {
			continue
		}
		b := budgets[t.Budget]
		if b == nil {
			b = &Series{Name: "trials"}
			if t.Budget > 0 {
				b.Name = fmt.Sprintf("budget %.4g", t.Budget)
			}
			budgets[t.Budget] = b
		}
		b.X, b.Y = append(b.X, s.at(v)), append(b.Y, t.Score)
		low, high = min(low, t.Score), max(high, t.Score)
	}
	for _, b := range slices.Sorted(maps.Keys(budgets)) {
		c.Points(*budgets[b])
	}
	if v, ok := best.Params[name]; ok {
		c.Points(Series{Name: "best", X: []float64{s.at(v)}, Y: []float64{best.Score}})
	}
	c.room()
	if s.names != nil {
		c.Plot.X.Min, c.Plot.X.Max = -0.5, float64(len(s.names))-0.5
		c.Plot.X.Tick.Marker, c.Plot.X.Tick.Length = names(s.names), 0
		c.layout = func(p *plot.Plot) { fitNames(p, s.names, (c.Width-80)/vg.Length(len(s.names))) }
	} else if s.log {
		c.LogX()
	}
	if low > 0 && high >= wide*low {
		c.LogY()
	}
	return c
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

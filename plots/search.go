package plots

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/descent-go/descent/internal/number"
)

// A Parameter is a hyper-parameter with its value in each trial of a search.
type Parameter struct {
	Name   string
	Values []float64 // NaN for a trial that does not have it
	Log    bool      // draw it on a logarithmic axis, as that of a learning rate
	Names  []string  // of values that are not numbers: Values are then indices
}

// Search shows what a search has found: a chart for each hyper-parameter, with the score
// of each trial against its value, and the best trial, an index, marked. Trials with
// different budgets are different series; budgets may be nil. Score names the axis, as in
// "log loss"; it is logarithmic if all scores are above 0 and span a factor of 100 or
// more. Package plots/report makes the chart from a tune.Result.
//
// It panics if the numbers of scores, budgets and values differ. No trials, or no
// hyper-parameters, are the chart's error.
func Search(title, score string, scores, budgets []float64, best int, parameters ...Parameter) *Chart {
	for _, p := range parameters {
		if len(p.Values) != len(scores) || budgets != nil && len(budgets) != len(scores) {
			panic(fmt.Sprintf("plots: %d scores, %d budgets and %d values of %q", len(scores), len(budgets), len(p.Values), p.Name))
		}
	}
	if len(scores) == 0 || len(parameters) == 0 {
		c := New(title, "hyper-parameter", score)
		c.fail("the search has no completed trial with hyper-parameters")
		return c
	}
	if best < 0 || best >= len(scores) {
		panic(fmt.Sprintf("plots: the best of %d trials is %d", len(scores), best))
	}
	var panels []*Chart
	for _, p := range parameters {
		panels = append(panels, p.panel(score, scores, budgets, best))
	}
	return Grid(title, min(len(panels), 2), panels...)
}

// wide is the factor between the ends of an axis from which it is logarithmic.
const wide = 100

// panel shows the trials against one hyper-parameter.
func (p Parameter) panel(score string, scores, budgets []float64, best int) *Chart {
	c := New("", p.Name, score).Size(400, 300)
	groups := map[float64]*Series{}
	low, high := math.Inf(1), math.Inf(-1)
	for i, v := range p.Values {
		if math.IsNaN(v) {
			continue
		}
		budget, name := 0.0, "trials"
		if budgets != nil && budgets[i] > 0 {
			budget, name = budgets[i], fmt.Sprintf("budget %.4g", budgets[i])
		}
		if groups[budget] == nil {
			groups[budget] = &Series{Name: name}
		}
		g := groups[budget]
		g.X, g.Y = append(g.X, v), append(g.Y, scores[i])
		if number.IsFinite(scores[i]) {
			low, high = min(low, scores[i]), max(high, scores[i])
		}
	}
	for _, budget := range slices.Sorted(maps.Keys(groups)) {
		c.Points(*groups[budget])
	}
	if v := p.Values[best]; !math.IsNaN(v) {
		c.Points(Series{Name: "best", X: []float64{v}, Y: []float64{scores[best]}})
	}
	c.room()
	if p.Names != nil {
		c.Plot.X.Min, c.Plot.X.Max = -0.5, float64(len(p.Names))-0.5
		c.Plot.X.Tick.Marker, c.Plot.X.Tick.Length = names(p.Names), 0
		c.layout = func(plot *plot.Plot) { fitNames(plot, p.Names, (c.Width-80)/vg.Length(len(p.Names))) }
	} else if p.Log {
		c.LogX()
	}
	if low > 0 && high >= wide*low {
		c.LogY()
	}
	return c
}

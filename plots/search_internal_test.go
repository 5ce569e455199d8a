package plots

import (
	"math"
	"testing"
)

// An axis is logarithmic where the hyper-parameter is, and where the scores span a wide range.
func TestSearchAxes(t *testing.T) {
	p := Parameter{Name: "rate", Values: []float64{0.1, 0.2, math.NaN()}, Log: true}
	c := p.panel("loss", []float64{1, 1000, 2}, nil, 0)
	if !isLog(c.Plot.X) || !isLog(c.Plot.Y) || c.Err() != nil {
		t.Errorf("the axes are %T and %T, %v", c.Plot.X.Scale, c.Plot.Y.Scale, c.Err())
	}
	if n := len(c.lines[0].x); n != 2 {
		t.Errorf("%d trials are drawn, want 2", n)
	}
	p.Log = false
	if c := p.panel("loss", []float64{1, 2, 3}, []float64{1, 1, 3}, 2); isLog(c.Plot.X) || isLog(c.Plot.Y) || len(c.lines) != 1 {
		t.Error("a narrow range is logarithmic, or a trial without the hyper-parameter is drawn")
	}
}

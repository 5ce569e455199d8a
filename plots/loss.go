package plots

import (
	"math"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/train"
)

// A Run is the history of a training run, with a name for the legend.
type Run struct {
	Name    string
	History *train.History
}

// LossOptions say what a loss chart shows. The zero value is the loss against epochs on a linear axis.
type LossOptions struct {
	Log       bool // logarithmic loss
	Passes    bool // x in passes over the data, to compare methods with different batch sizes
	Objective bool // loss + penalty instead of the loss alone
}

// Loss shows the loss of one or several runs against the epochs, and the validation
// loss, if any, as a dashed line. A run that diverges, or whose loss became NaN,
// leaves the chart at the top edge, marked with a triangle, and does not flatten the
// others.
//
// It panics if there is no run or a history is nil; a run without a finite loss is the chart's error.
func Loss(title string, opt LossOptions, runs ...Run) *Chart {
	y := "loss"
	if opt.Objective {
		y = "loss + penalty"
	}
	return lossChart(title, y, opt, 0, true, runs)
}

// Gap shows how far the objective (loss + penalty) of each run is above the lowest
// possible one, on a logarithmic axis: a straight line is linear convergence, and its
// slope is the rate. The axis ends at about 10⁻¹⁶ of the start, where rounding ends
// convergence.
func Gap(title string, optimum float64, opt LossOptions, runs ...Run) *Chart {
	opt.Log, opt.Objective = true, true
	return lossChart(title, "objective − optimum", opt, optimum, false, runs)
}

func lossChart(title, y string, opt LossOptions, minus float64, validation bool, runs []Run) *Chart {
	if len(runs) == 0 {
		panic("plots: a loss chart needs at least one run")
	}
	x := "epoch"
	if opt.Passes {
		x = "passes over the data"
	}
	c := New(title, x, y)
	if opt.Log {
		c.LogY()
	}
	diverges := false
	for i, run := range runs {
		if run.History == nil {
			panic("plots: the history of run " + run.Name + " is nil: did Fit return an error?")
		}
		loss, val := curves(run, opt, minus)
		style, mark := lineStyle(i), shape(i%shapes)
		if len(runs) == 1 {
			mark = noMarks
		}
		hasVal := validation && anyFinite(val.Y)
		if hasVal {
			loss.Name += " training"
			val.Name += " validation"
		}
		if diverged(run.History, loss.Y) {
			loss.Name += " (diverges)"
			diverges = true
		}
		c.addLine(loss, style, mark)
		if hasVal {
			style.Dashes = dashes[1]
			if len(runs) == 1 {
				style.Color = Color(1)
			}
			c.addLine(val, style, mark)
		}
	}
	c.cap(diverges)
	return c
}

// curves returns the losses of a run. After the last loss of a run that was stopped as diverged comes NaN or +Inf:
// History ends with the last good value.
func curves(run Run, opt LossOptions, minus float64) (loss, val Series) {
	loss.Name, val.Name = run.Name, run.Name
	for _, r := range run.History.Records {
		x := float64(r.Epoch)
		if opt.Passes {
			x = r.Passes
		}
		v := r.Loss - minus
		if opt.Objective {
			v += r.Penalty
		}
		loss.X, loss.Y = append(loss.X, x), append(loss.Y, v)
		val.X, val.Y = append(val.X, x), append(val.Y, r.ValLoss-minus)
	}
	if n := len(loss.X); run.History.Status == train.Diverged && n > 0 {
		loss.X, loss.Y = append(loss.X, loss.X[n-1]), append(loss.Y, math.Inf(1))
		val.X, val.Y = append(val.X, val.X[n-1]), append(val.Y, math.NaN())
	}
	return loss, val
}

func anyFinite(v []float64) bool {
	for _, x := range v {
		if number.IsFinite(x) {
			return true
		}
	}
	return false
}

// tooMuch is how many times its start a loss must be at the end to be called divergent.
const tooMuch = 100

func diverged(h *train.History, y []float64) bool {
	if h.Status == train.Diverged || len(y) == 0 {
		return h.Status == train.Diverged
	}
	last := y[len(y)-1]
	return !number.IsFinite(last) || last > tooMuch*math.Abs(y[0])
}

// cap keeps the loss axis to what can be compared. A run that diverges would flatten all others.
func (c *Chart) cap(diverges bool) {
	start := math.Inf(-1) // the largest loss at the start
	for _, l := range c.lines {
		for i := range l.y {
			if l.drawable(i, c.Plot) {
				start = max(start, l.y[i])
				break
			}
		}
	}
	y := &c.Plot.Y
	top := 3.0
	if isLog(*y) {
		top = 1e3
		y.Min = max(y.Min, 1e-16*start)
	}
	if diverges && start > 0 && y.Max > top*start {
		y.Max = top * start
	}
	if !isLog(*y) && y.Min >= 0 && y.Min < 0.35*y.Max {
		y.Min = 0
	}
}

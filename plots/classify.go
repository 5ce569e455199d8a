package plots

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/metric"
)

// Scored holds the results of a binary classifier: the true label of each sample, 0
// or 1, and a score, which is higher the more likely the label 1 is. Truth and Score
// have the same length.
type Scored struct {
	Name  string
	Truth []int
	Score []float64
}

// ROC shows the true positive rate against the false positive rate for every
// threshold, one curve for each classifier, with the area under it (AUC) in the
// legend, and the diagonal, the curve of guessing. Errors of [metric.ROCCurve] become
// the chart's error.
func ROC(title string, classifiers ...Scored) *Chart {
	c := unitSquare(title, "false positive rate", "true positive rate", len(classifiers))
	for i, s := range classifiers {
		curve, err := metric.ROCCurve(s.Truth, s.Score, nil)
		if err != nil {
			c.fail("%s: %w", s.Name, err)
			return c
		}
		c.threshold(i, curve, fmt.Sprintf("%s: AUC %.3f", s.Name, curve.Area()))
	}
	c.diagonal("guessing")
	return c
}

// PrecisionRecall shows the precision against the recall for every threshold, with
// the average precision (AP) in the legend, and a line at the share of positives, the
// precision of guessing. Errors of [metric.PrecisionRecallCurve] become the chart's
// error.
func PrecisionRecall(title string, classifiers ...Scored) *Chart {
	c := unitSquare(title, "recall", "precision", len(classifiers))
	var shares []float64
	for i, s := range classifiers {
		curve, err := metric.PrecisionRecallCurve(s.Truth, s.Score, nil)
		if err != nil {
			c.fail("%s: %w", s.Name, err)
			return c
		}
		ap, _ := metric.AveragePrecision(s.Truth, s.Score, nil) // would have failed above
		c.threshold(i, curve, fmt.Sprintf("%s: AP %.3f", s.Name, ap))
		shares = append(shares, curve.Y[len(curve.Y)-1])
	}
	for i, share := range slices.Compact(shares) {
		name := ""
		if i == 0 {
			name = "guessing"
		}
		c.HLine(share, name)
	}
	return c
}

// Calibration shows, for bins of samples with about the same predicted probability,
// how often they were positive. On the diagonal the classifier is calibrated; below
// it, it is overconfident. Scores must be probabilities; bins is the number of bins,
// of equal width. Errors of [metric.NewCalibration] become the chart's error.
func Calibration(title string, bins int, classifiers ...Scored) *Chart {
	c := unitSquare(title, "predicted probability", "observed share of positives", len(classifiers))
	for i, s := range classifiers {
		cal, err := metric.NewCalibration(s.Truth, s.Score, bins, metric.Uniform)
		if err != nil {
			c.fail("%s: %w", s.Name, err)
			return c
		}
		c.addLine(Series{s.Name, cal.Predicted, cal.Observed}, lineStyle(i), shape(i%shapes)).every = 1
	}
	c.diagonal("perfectly calibrated")
	return c
}

// unitSquare is a square chart of two shares.
func unitSquare(title, x, y string, n int) *Chart {
	c := New(title, x, y).Size(480, 480)
	c.need(n)
	return c
}

func (c *Chart) threshold(i int, curve metric.Curve, name string) {
	l := c.addLine(Series{name, curve.X, curve.Y}, lineStyle(i), noMarks)
	l.style.Dashes = dashes[i%len(dashes)]
}

// diagonal adds the line y = x and sets both axes to 0 … 1.
func (c *Chart) diagonal(name string) {
	l := &line{x: []float64{0, 1}, y: []float64{0, 1}, style: lineStyle(0), mark: noMarks, every: 1}
	l.style.Color, l.style.Dashes, l.style.Width = muted, dashes[2], 1.2
	c.Plot.Add(l)
	c.AddLegend(name, l)
	c.unit()
}

func (c *Chart) unit() {
	c.Plot.X.Min, c.Plot.X.Max, c.Plot.Y.Min, c.Plot.Y.Max = 0, 1, 0, 1
}

// ConfusionMatrix shows how often each true class (row) was predicted as each class
// (column): the numbers, on colours for their share of the row. Numbers off the
// diagonal are mistakes.
func ConfusionMatrix(title string, m *metric.Confusion) *Chart {
	n := len(m.Labels)
	names, share, words := make([]string, n), make([][]float64, n), make([][]string, n)
	for i, label := range m.Labels {
		names[i] = strconv.Itoa(label)
		if label >= 0 && label < len(m.Names) {
			names[i] = m.Names[label]
		}
		total := 0.0
		for j := range n {
			total += m.Count.At(i, j)
		}
		share[i], words[i] = make([]float64, n), make([]string, n)
		for j := range n {
			count := m.Count.At(i, j)
			share[i][j] = count / max(total, math.SmallestNonzeroFloat64)
			words[i][j] = strconv.FormatFloat(count, 'g', 6, 64)
		}
	}
	c := New(title, "predicted class", "true class")
	c.cells(names, names, share, words, 0, 1)
	return c
}

// Heatmap shows a table of numbers as colours, darker for higher values, with the
// numbers in the cells. The names of the rows go from top to bottom. It panics if
// values is not a table of len(rows) × len(cols); without a finite value it is the
// chart's error. The cell of a NaN is white.
func Heatmap(title, x, y string, rows, cols []string, values [][]float64) *Chart {
	c := New(title, x, y)
	lo, hi := math.Inf(1), math.Inf(-1)
	words := make([][]string, len(values))
	for i, row := range values {
		for _, v := range row {
			text := ""
			if number.IsFinite(v) {
				lo, hi = min(lo, v), max(hi, v)
				text = short(v)
			}
			words[i] = append(words[i], text)
		}
	}
	if !(lo <= hi) {
		c.fail("the heat map %q has no finite value", title)
		return c
	}
	c.cells(rows, cols, values, words, lo, hi)
	return c
}

// The colours of a table go from lightest to darkest.
var (
	lightest = color.RGBA{0xf5, 0xf8, 0xfb, 0xff}
	darkest  = color.RGBA{0x06, 0x2a, 0x5e, 0xff}
)

package metric

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/gonum/mat"
)

// A Confusion counts which classes were predicted for which. It prints as a table
// with the true classes as rows and the predicted ones as columns; [Confusion.Report]
// returns the scores of each class.
type Confusion struct {
	// Labels are the classes, in increasing order.
	Labels []int
	// Count has in row i, column j the weight of the rows of true label Labels[i] and predicted label Labels[j]
	// (without weights: their number).
	Count *mat.Dense
	// Names are for printing only: Names[l] is the name of label l. A label beyond them prints as a number.
	Names []string
}

// NewConfusion counts the pairs of true and predicted labels. The classes are those
// that occur in truth or pred, and those in classes, for labels that may be absent.
// Labels that occur only in rows of weight 0 are ignored (in scikit-learn they count,
// and lower macro averages).
func NewConfusion(truth, pred []int, weight []float64, classes ...int) *Confusion {
	checkLengths("NewConfusion", len(truth), len(pred), weight)
	index := make(map[int]int)
	for _, label := range classes {
		index[label] = 0
	}
	for i := range truth {
		if weightAt(weight, i) > 0 {
			index[truth[i]], index[pred[i]] = 0, 0
		}
	}
	c := &Confusion{Count: &mat.Dense{}}
	if len(index) == 0 {
		return c
	}
	for label := range index {
		c.Labels = append(c.Labels, label)
	}
	slices.Sort(c.Labels)
	for i, label := range c.Labels {
		index[label] = i
	}
	c.Count = mat.NewDense(len(index), len(index), nil)
	for i := range truth {
		if w := weightAt(weight, i); w > 0 {
			row, col := index[truth[i]], index[pred[i]]
			c.Count.Set(row, col, c.Count.At(row, col)+w)
		}
	}
	return c
}

// Precision returns the precision of each class, in the order of Labels: 0 for a
// class that is never predicted.
func (c *Confusion) Precision() []float64 { return newTally(c).perClass(tally.precision) }

// Recall returns the recall of each class, in the order of Labels: 0 for a class that
// is never true.
func (c *Confusion) Recall() []float64 { return newTally(c).perClass(tally.recall) }

// F1 returns the F1 score of each class, in the order of Labels: 0 for a class that
// is neither true nor predicted.
func (c *Confusion) F1() []float64 { return newTally(c).perClass(tally.f1) }

// Support returns the number of rows of each true class, or their total weight, in
// the order of Labels.
func (c *Confusion) Support() []float64 { return newTally(c).fact }

// Accuracy returns the share of the diagonal, or NaN if there are no rows.
func (c *Confusion) Accuracy() float64 {
	if len(c.Labels) == 0 {
		return math.NaN()
	}
	return mat.Trace(c.Count) / mat.Sum(c.Count)
}

// String returns the table of counts, one line for each true class, one column for
// each predicted class.
func (c *Confusion) String() string {
	const corner = `true \ predicted`
	width := utf8.RuneCountInString(corner)
	cell := 0
	format := formatter(c.Count.RawMatrix().Data)
	for i, label := range c.Labels {
		name := utf8.RuneCountInString(c.name(label))
		width, cell = max(width, name), max(cell, name)
		for j := range c.Labels {
			cell = max(cell, len(format(c.Count.At(i, j))))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%*s", width, corner)
	for _, label := range c.Labels {
		fmt.Fprintf(&b, "  %*s", cell, c.name(label))
	}
	for i, label := range c.Labels {
		fmt.Fprintf(&b, "\n%*s", width, c.name(label))
		for j := range c.Labels {
			fmt.Fprintf(&b, "  %*s", cell, format(c.Count.At(i, j)))
		}
	}
	return b.String()
}

// name is how a label is printed.
func (c *Confusion) name(label int) string {
	if label >= 0 && label < len(c.Names) {
		return c.Names[label]
	}
	return strconv.Itoa(label)
}

// formatter prints counts as whole numbers if all of them are whole, else with two decimals.
func formatter(counts []float64) func(float64) string {
	decimals := 0
	for _, x := range counts {
		if x != math.Trunc(x) {
			decimals = 2
		}
	}
	return func(x float64) string { return strconv.FormatFloat(x, 'f', decimals, 64) }
}

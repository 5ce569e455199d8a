package metric

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/gonum/floats"
)

// Report returns a table of precision, recall, F1 and support for each class and on
// average, in the layout of scikit-learn's classification_report. A score of 0/0 is
// given as 0.
func (c *Confusion) Report() string {
	t := newTally(c)
	support := formatter(t.fact)
	width := len("weighted avg")
	for _, label := range c.Labels {
		width = max(width, utf8.RuneCountInString(c.name(label)))
	}
	var b strings.Builder
	row := func(name string, precision, recall, f1, n float64) {
		fmt.Fprintf(&b, "%*s  %9.2f %9.2f %9.2f %9s\n", width, name, precision, recall, f1, support(n))
	}
	fmt.Fprintf(&b, "%*s  %9s %9s %9s %9s\n\n", width, "", "precision", "recall", "f1-score", "support")
	for i, label := range c.Labels {
		row(c.name(label), t.precision(i), t.recall(i), t.f1(i), t.fact[i])
	}
	total := floats.Sum(t.fact)
	fmt.Fprintf(&b, "\n%*s  %9s %9s %9.2f %9s\n", width, "accuracy", "", "", c.Accuracy(), support(total))
	for _, a := range []Average{Macro, Weighted} {
		row(a.String()+" avg", t.average(a, tally.precision), t.average(a, tally.recall), t.average(a, tally.f1), total)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

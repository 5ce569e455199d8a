package metric

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// An Average says how [Precision], [Recall] and [F1] combine several classes into one
// number.
type Average int

const (
	// Binary looks at class 1 alone; all other labels are "not 1". (scikit-learn refuses more than two classes here.)
	Binary Average = iota
	// Micro counts hits and misses over all classes together. If each row has one label, this is the accuracy.
	Micro
	// Macro is the mean over the classes: a rare class counts as much as a frequent one.
	Macro
	// Weighted is the mean over the classes, each weighted by how often it is true.
	Weighted
)

// String returns the name of the average in lower case.
func (a Average) String() string {
	names := [...]string{"binary", "micro", "macro", "weighted"}
	if a < 0 || int(a) >= len(names) {
		return fmt.Sprintf("Average(%d)", int(a))
	}
	return names[a]
}

// Precision is TP / (TP + FP), 0 to 1: of the rows predicted to be of a class, the share that are. A class that is
// never predicted has precision 0. The classes are those that occur in truth or pred.
// NaN if there are no rows; it panics on an unknown average.
func Precision(truth, pred []int, average Average, weight []float64) float64 {
	t := newTally(NewConfusion(truth, pred, weight))
	return t.average(average, tally.precision)
}

// Recall is TP / (TP + FN), 0 to 1: of the rows that are of a class, the share found. A class that is predicted but
// never true has recall 0. The classes are those that occur in truth or pred.
// NaN if there are no rows; it panics on an unknown average.
func Recall(truth, pred []int, average Average, weight []float64) float64 {
	t := newTally(NewConfusion(truth, pred, weight))
	return t.average(average, tally.recall)
}

// F1 is the harmonic mean of precision and recall, 2TP / (2TP + FP + FN), 0 to 1. A class that is neither true nor
// predicted has F1 0. The classes are those that occur in truth or pred.
// NaN if there are no rows; it panics on an unknown average.
//
// Source: van Rijsbergen, Information Retrieval (2nd ed. 1979), chapter 7.
func F1(truth, pred []int, average Average, weight []float64) float64 {
	t := newTally(NewConfusion(truth, pred, weight))
	return t.average(average, tally.f1)
}

// A tally holds, for each label, how often it was true, predicted, and both.
type tally struct {
	labels               []int
	hit, predicted, fact []float64
}

func newTally(c *Confusion) tally {
	k := len(c.Labels)
	t := tally{c.Labels, make([]float64, k), make([]float64, k), make([]float64, k)}
	for i := range k {
		t.hit[i] = c.Count.At(i, i)
		for j := range k {
			t.fact[i] += c.Count.At(i, j)
			t.predicted[j] += c.Count.At(i, j)
		}
	}
	return t
}

func (t tally) precision(i int) float64 { return ratio(t.hit[i], t.predicted[i]) }
func (t tally) recall(i int) float64    { return ratio(t.hit[i], t.fact[i]) }
func (t tally) f1(i int) float64        { return ratio(2*t.hit[i], t.fact[i]+t.predicted[i]) }

// perClass lists a score for each label.
func (t tally) perClass(score func(t tally, i int) float64) []float64 {
	scores := make([]float64, len(t.labels))
	for i := range scores {
		scores[i] = score(t, i)
	}
	return scores
}

// average makes one number of the scores of the classes.
func (t tally) average(a Average, score func(t tally, i int) float64) float64 {
	total := floats.Sum(t.fact)
	if total == 0 {
		return math.NaN()
	}
	switch a {
	case Binary:
		i, found := slices.BinarySearch(t.labels, 1)
		if !found {
			return 0
		}
		return score(t, i)
	case Micro:
		all := tally{hit: []float64{floats.Sum(t.hit)}, predicted: []float64{floats.Sum(t.predicted)}, fact: []float64{total}}
		return score(all, 0)
	case Macro:
		return floats.Sum(t.perClass(score)) / float64(len(t.labels))
	case Weighted:
		return floats.Dot(t.perClass(score), t.fact) / total
	}
	panic(fmt.Sprintf("metric: %v is not an average, want Binary, Micro, Macro or Weighted", a))
}

// ratio is a/b, and 0 where b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

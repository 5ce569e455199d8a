package metric

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/internal/order"
)

// Bins says how [NewCalibration] divides the probabilities.
type Bins int

const (
	// Uniform bins have the same width. The last ones are often nearly empty.
	Uniform Bins = iota
	// Quantile bins hold about the same number of rows.
	Quantile
)

// A Calibration compares predicted probabilities with observed frequencies: of all
// days for which a classifier predicts 70 % rain, on how many does it rain? With
// Predicted as x and Observed as y it is a reliability diagram, in which a calibrated
// classifier follows the diagonal. Empty bins are omitted.
type Calibration struct {
	Predicted []float64 // the mean probability of each bin
	Observed  []float64 // the share of positive rows of each bin
	Count     []int     // the number of rows of each bin
}

// NewCalibration divides the rows into bins by their predicted probability. A
// probability on the edge of two bins belongs to the lower. It panics if bins < 1. It
// is an error if a label is not 0 or 1 (or −1 or 1), if a probability is not between
// 0 and 1, or if there are no rows.
//
// Sources: Niculescu-Mizil and Caruana, Predicting good probabilities with supervised learning (ICML 2005); edges and
// quantiles as scikit-learn's calibration_curve and NumPy's linear quantiles.
func NewCalibration(truth []int, prob []float64, bins int, kind Bins) (*Calibration, error) {
	checkLengths("NewCalibration", len(truth), len(prob), nil)
	if bins < 1 {
		panic(fmt.Sprintf("metric: NewCalibration: %d bins, want at least 1", bins))
	}
	if err := checkBinary("NewCalibration", truth, nil); err != nil {
		return nil, err
	}
	err := checkRows("NewCalibration", len(prob), nil, func(i int) error { return checkProbability(i, prob[i]) })
	if err != nil {
		return nil, err
	}
	edges := innerEdges(prob, bins, kind)
	var (
		sum      = make([]accurate.Sum, bins)
		positive = make([]float64, bins)
		count    = make([]int, bins)
	)
	for i, p := range prob {
		b := sort.SearchFloat64s(edges, p)
		sum[b].Add(p)
		count[b]++
		if truth[i] == 1 {
			positive[b]++
		}
	}
	c := &Calibration{}
	for b, n := range count {
		if n > 0 {
			c.Predicted = append(c.Predicted, sum[b].Value()/float64(n))
			c.Observed = append(c.Observed, positive[b]/float64(n))
			c.Count = append(c.Count, n)
		}
	}
	return c, nil
}

// ECE is the expected calibration error Σ (nᵦ/n) |observedᵦ − predictedᵦ|, 0 to 1: how far, on average, the
// probabilities are from the frequencies. It depends on the bins, so compare only values with the same bins.
//
// Source: Guo, Pleiss, Sun, Weinberger, On calibration of modern neural networks (ICML 2017).
func (c *Calibration) ECE() float64 {
	sum, total := 0.0, 0
	for b, n := range c.Count {
		sum += float64(n) * math.Abs(c.Observed[b]-c.Predicted[b])
		total += n
	}
	return sum / float64(total)
}

// Confidence reduces several classes to the binary problem that [NewCalibration]
// takes. For each sample, right is 1 if the most probable label is the true one,
// otherwise 0, and top is the probability of that label. Prob has a row for each
// sample and a column for each class.
func Confidence(truth []int, prob *mat.Dense) (right []int, top []float64) {
	rows, _ := prob.Dims()
	checkLengths("Confidence", len(truth), rows, nil)
	right, top = make([]int, rows), make([]float64, rows)
	for i := range rows {
		row := prob.RawRowView(i)
		top[i] = slices.Max(row)
		if number.ArgMax(row) == truth[i] {
			right[i] = 1
		}
	}
	return right, top
}

// innerEdges are the upper edges of all bins but the last.
func innerEdges(prob []float64, bins int, kind Bins) []float64 {
	edges := make([]float64, bins-1)
	for i := range edges {
		edges[i] = float64(i+1) * (1 / float64(bins))
	}
	switch kind {
	case Uniform:
	case Quantile:
		sorted, ranks := slices.Clone(prob), []int(nil)
		for _, q := range edges {
			k := int(q * 100 / 100 * float64(len(prob)-1))
			ranks = append(ranks, min(k, len(prob)-1), min(k+1, len(prob)-1))
		}
		order.Place(sorted, ranks...)
		for i, q := range edges {
			// By way of percents, as scikit-learn goes: where a quantile falls on a row, the last bit decides the bin.
			edges[i] = quantile(sorted, q*100/100)
		}
	default:
		panic(fmt.Sprintf("metric: NewCalibration: unknown kind of bins %d, want Uniform or Quantile", int(kind)))
	}
	return edges
}

// quantile interpolates linearly between the two values around index q(n−1), from the nearer one. The conversions
// keep the compiler from fusing: it would change the last bit on some kinds of CPU.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	t := at - float64(i)
	a, b := sorted[i], sorted[i+1]
	if t >= 0.5 {
		return b - float64((b-a)*(1-t))
	}
	return a + float64((b-a)*t)
}

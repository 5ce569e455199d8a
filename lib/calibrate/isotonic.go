package calibrate

import (
	"fmt"
	"math"
	"sort"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/internal/order"
)

// Isotonic is a function that nowhere decreases. It is linear between the points (X, Y),
// and constant beyond the first and the last.
type Isotonic struct {
	X []float64 // ascending
	Y []float64 // not descending
}

// At returns the value at x.
func (p Isotonic) At(x float64) float64 {
	last := len(p.X) - 1
	k := sort.SearchFloat64s(p.X, x)
	switch {
	case k > last:
		return p.Y[last]
	case k == 0 || p.X[k] == x:
		return p.Y[k]
	}
	low, high := p.X[k-1], p.X[k]
	if math.IsInf(high-low, 1) {
		low, x, high = low/2, x/2, high/2
	}
	share := (x - low) / (high - low)
	return p.Y[k-1] + share*(p.Y[k]-p.Y[k-1])
}

// Validate returns an error unless X ascends, Y does not descend, and all are finite.
func (p Isotonic) Validate() error {
	if len(p.X) == 0 || len(p.X) != len(p.Y) {
		return fmt.Errorf("calibrate: Isotonic has %d x and %d y, want as many of each, and at least one", len(p.X), len(p.Y))
	}
	for i := range p.X {
		if !number.IsFinite(p.X[i]) || !number.IsFinite(p.Y[i]) || i > 0 && (p.X[i] <= p.X[i-1] || p.Y[i] < p.Y[i-1]) {
			return fmt.Errorf("calibrate: point %d of Isotonic, (%g, %g), does not follow the one before", i, p.X[i], p.Y[i])
		}
	}
	return nil
}

// FitIsotonic returns the function that does not decrease and has the least weighted sum
// of squares
//
//	Σ wᵢ(yᵢ − f(xᵢ))²
//
// nil weights are all 1. Rows with the same x count as one, with their mean. It is
// scikit-learn's IsotonicRegression with out_of_bounds="clip".
//
// It pools adjacent violators: it goes through the points from left to right, and as long
// as a block of points has a smaller mean than the block before, joins the two. For a
// function that does not increase, negate y and the result.
//
// Source: Barlow, Bartholomew, Bremner and Brunk, Statistical Inference under Order
// Restrictions, 1972; Best and Chakravarti, Active set algorithms for isotonic
// regression, Mathematical Programming 47, 1990.
func FitIsotonic(x, y, weight []float64) (*Isotonic, error) {
	if err := check(x, len(y), weight); err != nil {
		return nil, err
	}
	points := make([]block, 0, len(x))
	for i, v := range x {
		if !number.IsFinite(y[i]) {
			return nil, fmt.Errorf("calibrate: y is %g in row %d, want a finite number", y[i], i)
		}
		if w := weightAt(weight, i); w > 0 {
			points = append(points, block{v, v, y[i], w})
		}
	}
	if len(points) == 0 {
		return nil, fmt.Errorf("calibrate: all weights are 0")
	}
	var blocks []block
	for _, p := range joinEqual(ascending(points)) {
		for n := len(blocks); n > 0 && blocks[n-1].mean >= p.mean; n-- {
			p = blocks[n-1].join(p)
			blocks = blocks[:n-1]
		}
		blocks = append(blocks, p)
	}
	f := &Isotonic{}
	for _, b := range blocks {
		f.X, f.Y = append(f.X, b.from), append(f.Y, b.mean)
		if b.to > b.from {
			f.X, f.Y = append(f.X, b.to), append(f.Y, b.mean)
		}
	}
	return f, nil
}

// ascending returns the points by their x, those of the same x in their order.
func ascending(points []block) []block {
	x, rows := make([]float64, len(points)), make([]int, len(points))
	for i, p := range points {
		x[i], rows[i] = p.from, i
	}
	order.Ascending(rows, x)
	sorted := make([]block, len(points))
	for i, row := range rows {
		sorted[i] = points[row]
	}
	return sorted
}

// A block is a range of x with one value.
type block struct{ from, to, mean, weight float64 }

// join returns b and the block after it as one.
func (b block) join(next block) block {
	w := b.weight + next.weight
	mean := b.mean + next.weight/w*(next.mean-b.mean)
	if math.IsInf(next.mean-b.mean, 0) {
		mean = b.weight/w*b.mean + next.weight/w*next.mean
	}
	return block{b.from, next.to, mean, w}
}

// joinEqual joins neighbours of the same x.
func joinEqual(points []block) []block {
	out := points[:1]
	for _, p := range points[1:] {
		if last := &out[len(out)-1]; last.from == p.from {
			*last = last.join(p)
		} else {
			out = append(out, p)
		}
	}
	return out
}

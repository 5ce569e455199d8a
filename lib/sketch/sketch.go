// Package sketch estimates the quantiles of columns in one pass over data that do not
// fit into memory, for a preprocess.RobustScaler and for anything else that needs a
// median or a percentile.
//
//	q, err := sketch.NewQuantiles(0.001)
//	for b, err := range source(1) {
//		…
//		err = q.PartialFit(b.X)
//	}
//	scaler := preprocess.NewRobustScaler()
//	err = q.Fit(scaler)
//
// Exact quantiles need all values of a column at once. A sketch counts values in
// buckets whose width grows with the value, so that each quantile is known to a relative
// accuracy that is chosen, in memory of some kilobytes for each column. Counts are
// whole numbers: the order of the rows does not matter.
//
// It is a separate module, so that other programs do not depend on DataDog's
// sketches-go.
package sketch

import (
	"fmt"
	"math"

	"github.com/DataDog/sketches-go/ddsketch"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
)

// Quantiles holds sketches of the columns of all rows so far. A quantile is wrong by at
// most the fraction accuracy of a value in the data: one of the two that it lies between.
// Create it with [NewQuantiles].
//
// Source: Masson, Rim and Lee, DDSketch: A Fast and Fully-Mergeable Quantile Sketch with
// Relative-Error Guarantees, VLDB 2019.
type Quantiles struct {
	accuracy float64
	columns  []*ddsketch.DDSketch
}

// NewQuantiles returns sketches of no rows. accuracy is between 10⁻⁵ and 0.1; 0.001 is
// usual. A sketch has about ln(max/min)/(2·accuracy) counts.
func NewQuantiles(accuracy float64) (*Quantiles, error) {
	if !(accuracy >= 1e-5 && accuracy <= 0.1) {
		return nil, fmt.Errorf("sketch: an accuracy of %g, want 0.00001 to 0.1", accuracy)
	}
	return &Quantiles{accuracy: accuracy}, nil
}

// PartialFit adds rows. It returns an error, and adds none, for other columns than before
// and for a value that is not finite.
func (q *Quantiles) PartialFit(x mat.Matrix) error {
	rows, cols := x.Dims()
	if rows == 0 || cols == 0 {
		return fmt.Errorf("sketch: a %d×%d matrix has no rows to learn from", rows, cols)
	}
	if q.columns != nil && cols != len(q.columns) {
		return fmt.Errorf("sketch: a part of %d columns follows parts of %d", cols, len(q.columns))
	}
	columns := make([][]float64, cols)
	for j := range columns {
		columns[j] = mat.Col(nil, j, x)
		for i, v := range columns[j] {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("sketch: row %d, column %d is %v: remove the row or fill the gap", i, j, v)
			}
		}
	}
	for range cols - len(q.columns) {
		s, err := ddsketch.NewDefaultDDSketch(q.accuracy)
		if err != nil {
			return fmt.Errorf("sketch: %w", err)
		}
		q.columns = append(q.columns, s)
	}
	for j, column := range columns {
		for i, v := range column {
			if err := q.columns[j].Add(v); err != nil {
				return fmt.Errorf("sketch: row %d, column %d: %w", i, j, err)
			}
		}
	}
	return nil
}

// Columns returns the number of columns, 0 before the first rows.
func (q *Quantiles) Columns() int { return len(q.columns) }

// At returns the p-quantile of column j, 0 ≤ p ≤ 1: 0.5 is the median.
func (q *Quantiles) At(j int, p float64) (float64, error) {
	if j < 0 || j >= len(q.columns) {
		return 0, fmt.Errorf("sketch: there is no column %d of %d", j, len(q.columns))
	}
	v, err := q.columns[j].GetValueAtQuantile(p)
	if err != nil {
		return 0, fmt.Errorf("sketch: %w", err)
	}
	return v, nil
}

// Fit sets Center and Scale of s, as s.Fit does, from the quantiles that s asks for.
// UnitVariance must be false.
func (q *Quantiles) Fit(s *preprocess.RobustScaler) error {
	if err := s.Validate(); err != nil {
		return fmt.Errorf("sketch: %w", err)
	}
	if s.UnitVariance {
		return fmt.Errorf("sketch: RobustScaler: UnitVariance is not fitted from sketches: set it to false")
	}
	if len(q.columns) == 0 {
		return fmt.Errorf("sketch: %w", preprocess.ErrNotFitted)
	}
	center, scale := make([]float64, len(q.columns)), make([]float64, len(q.columns))
	for j := range q.columns {
		var v [3]float64
		for k, p := range []float64{0.5, s.Low / 100, s.High / 100} {
			var err error
			if v[k], err = q.At(j, p); err != nil {
				return err
			}
		}
		center[j], scale[j] = v[0], 1
		if s.WithScaling && v[2]-v[1] > 0 {
			scale[j] = v[2] - v[1]
		}
	}
	s.Center, s.Scale = center, scale
	return nil
}

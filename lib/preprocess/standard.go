package preprocess

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
)

// StandardScaler gives each column mean 0 and variance 1:
//
//	z = (x − μ) / σ,   σ² = Σ (x − μ)² / m
//
// with the population variance (divisor m, not m−1), as in scikit-learn. A column
// whose values differ only by rounding, at most by 2ε times the largest, is centred
// but not divided. (scikit-learn's threshold is much larger: a million timestamps
// in microseconds, for example, count as constant.)
//
// Gradient descent needs scaled features: with features in different units the loss
// is a narrow valley, and the steepest direction points across it.
//
// A sparse matrix stays sparse if WithMean is false; if it is true, Fit and
// Transform return an error. Create it with [NewStandardScaler].
type StandardScaler struct {
	WithMean bool // subtract μ
	WithStd  bool // divide by σ

	Mean  []float64 // μ of each column, set by Fit
	Scale []float64 // σ of each column, 1 where it is constant or WithStd is false; set by Fit

	parts *partMoments // of PartialFit
}

// NewStandardScaler returns a scaler that centres and scales.
func NewStandardScaler() *StandardScaler {
	return &StandardScaler{WithMean: true, WithStd: true}
}

// Fit computes the mean and the standard deviation of each column. A second pass
// measures and removes the rounding errors of the sums.
func (s *StandardScaler) Fit(x mat.Matrix) error {
	s.Mean, s.Scale, s.parts = nil, nil, nil
	if !s.WithMean && !s.WithStd {
		return errors.New("preprocess: StandardScaler has neither WithMean nor WithStd (preprocess.NewStandardScaler has both)")
	}
	if err := s.sparseError(x); err != nil {
		return err
	}
	columns, err := moments("StandardScaler", x, s.WithStd)
	if err != nil {
		return err
	}
	return s.keep(columns)
}

// keep sets what Fit learns.
func (s *StandardScaler) keep(columns []moment) error {
	mean, scale := make([]float64, len(columns)), make([]float64, len(columns))
	for j, c := range columns {
		if math.IsInf(c.high-c.low, 0) {
			return fmt.Errorf("preprocess: StandardScaler: the range of column %d overflows: divide the column by a power of ten first", j)
		}
		mean[j], scale[j] = c.mean, 1
		if s.WithStd && !isConstant(c.low, c.high) {
			scale[j] = c.deviation
		}
	}
	s.Mean, s.Scale = mean, scale
	return nil
}

func (s *StandardScaler) sparseError(x mat.Matrix) error {
	if rows.Of(x).Sparse() != nil && s.WithMean {
		return fmt.Errorf("preprocess: StandardScaler: centring would fill the zeros of a sparse matrix: set WithMean to false")
	}
	return nil
}

// Transform returns (x − μ) / σ.
func (s *StandardScaler) Transform(x mat.Matrix) (mat.Matrix, error) {
	if !s.WithMean {
		if err := s.check(x); err != nil {
			return nil, err
		}
		return scaleColumns(x, s.Scale, divide), nil
	}
	if err := s.checkShape(x); err != nil {
		return nil, err
	}
	return mapFinite("StandardScaler", x, func(row []float64) { blas.Standardize(row, s.Mean, s.Scale) })
}

// Inverse returns y·σ + μ.
func (s *StandardScaler) Inverse(y mat.Matrix) (mat.Matrix, error) {
	if err := s.check(y); err != nil {
		return nil, err
	}
	if !s.WithMean {
		return scaleColumns(y, s.Scale, multiply), nil
	}
	return mapRows(y, func(row []float64) { restore(row, s.Mean, s.Scale) }), nil
}

func (s *StandardScaler) check(x mat.Matrix) error {
	if err := s.checkShape(x); err != nil {
		return err
	}
	return checkFinite("StandardScaler", x)
}

func (s *StandardScaler) checkShape(x mat.Matrix) error {
	if err := s.sparseError(x); err != nil {
		return err
	}
	return checkColumns("StandardScaler", x, len(s.Mean))
}

func (s *StandardScaler) FeatureNames(in []string) ([]string, error) {
	return defaultNames("StandardScaler", in, len(s.Mean))
}

// Validate returns an error if Mean and Scale do not match.
func (s *StandardScaler) Validate() error {
	return validateScale("StandardScaler", s.Scale, len(s.Mean))
}

// restore replaces each element v of a row by v·scale + center.
func restore(row, center, scale []float64) {
	center, scale = center[:len(row)], scale[:len(row)]
	for j, v := range row {
		row[j] = v*scale[j] + center[j]
	}
}

// validateScale returns an error unless scale has the given length and is
// positive.
func validateScale(kind string, scale []float64, columns int) error {
	if len(scale) != columns {
		return fmt.Errorf("preprocess: %s: %d scales for %d columns", kind, len(scale), columns)
	}
	for j, v := range scale {
		if !(v > 0) || math.IsInf(v, 1) {
			return fmt.Errorf("preprocess: %s: the scale of column %d is %v, want a positive number", kind, j, v)
		}
	}
	return nil
}

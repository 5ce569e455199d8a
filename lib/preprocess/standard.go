package preprocess

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/sparse"
)

// StandardScaler gives each column mean 0 and variance 1:
//
//	z = (x − μ) / σ,   σ² = Σ (x − μ)² / m
//
// with the population variance (divisor m, not m−1), as scikit-learn has it. A
// column that is constant up to rounding is centred and not divided.
//
// Gradient descent needs it: with features in different units the loss is a
// narrow valley, and the steepest direction points across it.
//
// A sparse matrix stays sparse if WithMean is false; with it, Fit and Transform
// return an error. Create it with [NewStandardScaler].
type StandardScaler struct {
	WithMean bool // subtract μ
	WithStd  bool // divide by σ

	Mean  []float64 // μ of each column, set by Fit
	Scale []float64 // σ of each column, 1 where it is constant or WithStd is false; set by Fit
}

// NewStandardScaler returns a scaler that centres and scales.
func NewStandardScaler() *StandardScaler {
	return &StandardScaler{WithMean: true, WithStd: true}
}

// Fit computes the mean and the standard deviation of each column, in two
// passes with the rounding error of the first one compensated (Chan, Golub and
// LeVeque, Algorithms for computing the sample variance, 1983).
func (s *StandardScaler) Fit(x mat.Matrix) error {
	s.Mean, s.Scale = nil, nil
	if err := s.sparseError(x); err != nil {
		return err
	}
	if err := checkFit("StandardScaler", x); err != nil {
		return err
	}
	mean, variance := moments(x)
	rows, _ := x.Dims()
	scale := make([]float64, len(mean))
	for j, v := range variance {
		if !number.IsFinite(v) {
			return fmt.Errorf("preprocess: StandardScaler: the variance of column %d overflows: divide the column by a power of ten first", j)
		}
		scale[j] = 1
		if s.WithStd && !isConstant(v, mean[j], rows) {
			scale[j] = math.Sqrt(v)
		}
	}
	s.Mean, s.Scale = mean, scale
	return nil
}

func (s *StandardScaler) sparseError(x mat.Matrix) error {
	if _, ok := x.(*sparse.CSR); ok && s.WithMean {
		return fmt.Errorf("preprocess: StandardScaler: centring would fill the zeros of a sparse matrix: set WithMean to false")
	}
	return nil
}

// Transform returns (x − μ) / σ.
func (s *StandardScaler) Transform(x mat.Matrix) (mat.Matrix, error) {
	if err := s.check(x); err != nil {
		return nil, err
	}
	if !s.WithMean {
		return scaleColumns(x, s.Scale, divide), nil
	}
	return mapRows(x, func(row []float64) {
		for j, v := range row {
			row[j] = (v - s.Mean[j]) / s.Scale[j]
		}
	}), nil
}

// Inverse returns y·σ + μ.
func (s *StandardScaler) Inverse(y mat.Matrix) (mat.Matrix, error) {
	if err := s.check(y); err != nil {
		return nil, err
	}
	if !s.WithMean {
		return scaleColumns(y, s.Scale, multiply), nil
	}
	return mapRows(y, func(row []float64) {
		for j, v := range row {
			row[j] = v*s.Scale[j] + s.Mean[j]
		}
	}), nil
}

func (s *StandardScaler) check(x mat.Matrix) error {
	if err := s.sparseError(x); err != nil {
		return err
	}
	return checkTransform("StandardScaler", x, len(s.Mean))
}

// FeatureNames returns in.
func (s *StandardScaler) FeatureNames(in []string) ([]string, error) {
	return defaultNames("StandardScaler", in, len(s.Mean))
}

// Validate returns an error if Mean and Scale do not fit together.
func (s *StandardScaler) Validate() error {
	return validateScale("StandardScaler", s.Scale, len(s.Mean))
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

// moments returns the mean and the population variance of each column.
func moments(x mat.Matrix) (mean, variance []float64) {
	if s, ok := x.(*sparse.CSR); ok {
		return sparseMoments(s)
	}
	rows, cols := x.Dims()
	m := float64(rows)
	mean, variance = make([]float64, cols), make([]float64, cols)
	var col []float64
	for j := range cols {
		col = column(col, x, j)
		sum := 0.0
		for _, v := range col {
			sum += v
		}
		mean[j] = sum / m
		residue, squares := 0.0, 0.0
		for _, v := range col {
			d := v - mean[j]
			residue += d
			squares += d * d
		}
		variance[j] = (squares - residue*residue/m) / m
	}
	return mean, variance
}

// sparseMoments is moments in time proportional to the non-zeros: each of the
// m−c zeros of a column adds −μ to the residue and μ² to the squares.
func sparseMoments(x *sparse.CSR) (mean, variance []float64) {
	rows, cols := x.Dims()
	m := float64(rows)
	mean, variance = make([]float64, cols), make([]float64, cols)
	residue, count := make([]float64, cols), make([]float64, cols)
	for k, j := range x.Cols {
		mean[j] += x.Values[k]
		count[j]++
	}
	for j := range mean {
		mean[j] /= m
	}
	for k, j := range x.Cols {
		d := x.Values[k] - mean[j]
		residue[j] += d
		variance[j] += d * d
	}
	for j, mu := range mean {
		zeros := m - count[j]
		residue[j] -= zeros * mu
		variance[j] = (variance[j] + zeros*mu*mu - residue[j]*residue[j]/m) / m
	}
	return mean, variance
}

// isConstant reports whether a variance is within the rounding error of the
// variance of a constant column, the bound of Chan, Golub and LeVeque.
func isConstant(variance, mean float64, rows int) bool {
	m := float64(rows)
	e := m * mean * epsilon
	return variance <= m*epsilon*variance+e*e
}

const epsilon = 0x1p-52 // the distance from 1 to the next float64

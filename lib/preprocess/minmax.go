package preprocess

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// MinMaxScaler maps the range of each column, as Fit saw it, to [Low, High]:
//
//	z = x·s + o,   s = (High − Low) / (max − min),   o = Low − min·s
//
// Rows that Fit did not see may fall outside, unless Clip is true. A column that
// is constant (max − min below 10ε) is moved to Low and not stretched. Create it
// with [NewMinMaxScaler].
type MinMaxScaler struct {
	Low, High float64
	Clip      bool // cut what falls outside [Low, High]; Inverse cannot restore it

	Scale  []float64 // s of each column, set by Fit
	Offset []float64 // o of each column, set by Fit
}

// NewMinMaxScaler returns a scaler to [0, 1] that does not clip.
func NewMinMaxScaler() *MinMaxScaler { return &MinMaxScaler{High: 1} }

// Fit finds the smallest and the largest value of each column.
func (s *MinMaxScaler) Fit(x mat.Matrix) error {
	s.Scale, s.Offset = nil, nil
	if err := s.Validate(); err != nil {
		return err
	}
	if err := checkDense("MinMaxScaler", x); err != nil {
		return err
	}
	if err := checkFit("MinMaxScaler", x); err != nil {
		return err
	}
	_, cols := x.Dims()
	scale, offset := make([]float64, cols), make([]float64, cols)
	var col []float64
	for j := range cols {
		col = column(col, x, j)
		low, high := col[0], col[0]
		for _, v := range col {
			low, high = min(low, v), max(high, v)
		}
		width := high - low
		if math.IsInf(width, 0) {
			return fmt.Errorf("preprocess: MinMaxScaler: the range of column %d overflows: divide the column by a power of ten first", j)
		}
		scale[j] = (s.High - s.Low) / nonZero(width)
		offset[j] = s.Low - float64(low*scale[j])
	}
	s.Scale, s.Offset = scale, offset
	return nil
}

// nonZero returns v, or 1 if it is nothing but rounding.
func nonZero(v float64) float64 {
	if v < 10*epsilon {
		return 1
	}
	return v
}

// Transform returns x·s + o.
func (s *MinMaxScaler) Transform(x mat.Matrix) (mat.Matrix, error) {
	if err := s.check(x); err != nil {
		return nil, err
	}
	return mapRows(x, func(row []float64) {
		for j, v := range row {
			// The product is rounded as Fit's is, so that min maps to Low exactly.
			row[j] = float64(v*s.Scale[j]) + s.Offset[j]
			if s.Clip {
				row[j] = min(max(row[j], s.Low), s.High)
			}
		}
	}), nil
}

// Inverse returns (y − o) / s.
func (s *MinMaxScaler) Inverse(y mat.Matrix) (mat.Matrix, error) {
	if err := s.check(y); err != nil {
		return nil, err
	}
	return mapRows(y, func(row []float64) {
		for j, v := range row {
			row[j] = (v - s.Offset[j]) / s.Scale[j]
		}
	}), nil
}

func (s *MinMaxScaler) check(x mat.Matrix) error {
	if err := checkDense("MinMaxScaler", x); err != nil {
		return err
	}
	return checkTransform("MinMaxScaler", x, len(s.Scale))
}

// FeatureNames returns in.
func (s *MinMaxScaler) FeatureNames(in []string) ([]string, error) {
	return defaultNames("MinMaxScaler", in, len(s.Scale))
}

// Validate returns an error unless Low < High, both finite.
func (s *MinMaxScaler) Validate() error {
	if width := s.High - s.Low; !(width > 0) || math.IsInf(width, 0) {
		return fmt.Errorf("preprocess: MinMaxScaler: the range [%v, %v] must have Low < High", s.Low, s.High)
	}
	return validateScale("MinMaxScaler", s.Scale, len(s.Offset))
}

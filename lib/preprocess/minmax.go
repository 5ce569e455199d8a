package preprocess

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// MinMaxScaler maps the range of each column, as Fit saw it, to [Low, High]:
//
//	z = Low + (x − min) / (max − min) · (High − Low)
//
// It computes from the nearer end, so that min becomes exactly Low and max
// exactly High. Rows that Fit did not see may fall outside, unless Clip is true.
// A column whose values differ by rounding only, by 2ε of the largest at most,
// counts as constant: it is moved to Low, as if max − min were 1. Create it with
// [NewMinMaxScaler].
type MinMaxScaler struct {
	Low, High float64
	Clip      bool // cut what falls outside [Low, High]; Inverse cannot restore it

	Min []float64 // the smallest value of each column, set by Fit
	Max []float64 // the largest value of each column, set by Fit
}

// NewMinMaxScaler returns a scaler to [0, 1] that does not clip.
func NewMinMaxScaler() *MinMaxScaler { return &MinMaxScaler{High: 1} }

// Fit finds the smallest and the largest value of each column.
func (s *MinMaxScaler) Fit(x mat.Matrix) error {
	s.Min, s.Max = nil, nil
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
	low, high := make([]float64, cols), make([]float64, cols)
	for j, values := range columns(x) {
		low[j], high[j] = values.ends()
		if math.IsInf(high[j]-low[j], 0) {
			return fmt.Errorf("preprocess: MinMaxScaler: the range of column %d overflows: divide the column by a power of ten first", j)
		}
	}
	s.Min, s.Max = low, high
	return nil
}

// Transform returns Low + (x − min) / (max − min) · (High − Low).
func (s *MinMaxScaler) Transform(x mat.Matrix) (mat.Matrix, error) {
	if err := s.check(x); err != nil {
		return nil, err
	}
	return mapRows(x, func(row []float64) {
		for j, v := range row {
			if isConstant(s.Min[j], s.Max[j]) {
				row[j] = s.Low + (v-s.Min[j])*(s.High-s.Low)
			} else {
				row[j] = between(v, s.Min[j], s.Max[j], s.Low, s.High)
			}
			if s.Clip {
				row[j] = min(max(row[j], s.Low), s.High)
			}
		}
	}), nil
}

// between maps v from the range [a, b] to [low, high], computing from the nearer
// end: a becomes exactly low, and b exactly high.
func between(v, a, b, low, high float64) float64 {
	if t := (v - a) / (b - a); t <= 0.5 {
		return low + t*(high-low)
	}
	return high - (b-v)/(b-a)*(high-low)
}

// Inverse returns min + (y − Low) / (High − Low) · (max − min).
func (s *MinMaxScaler) Inverse(y mat.Matrix) (mat.Matrix, error) {
	if err := s.check(y); err != nil {
		return nil, err
	}
	return mapRows(y, func(row []float64) {
		for j, v := range row {
			if isConstant(s.Min[j], s.Max[j]) {
				row[j] = s.Min[j] + (v-s.Low)/(s.High-s.Low)
			} else {
				row[j] = between(v, s.Low, s.High, s.Min[j], s.Max[j])
			}
		}
	}), nil
}

func (s *MinMaxScaler) check(x mat.Matrix) error {
	if err := checkDense("MinMaxScaler", x); err != nil {
		return err
	}
	return checkTransform("MinMaxScaler", x, len(s.Min))
}

// FeatureNames returns in.
func (s *MinMaxScaler) FeatureNames(in []string) ([]string, error) {
	return defaultNames("MinMaxScaler", in, len(s.Min))
}

// Validate returns an error unless Low < High, and Min ≤ Max for each column,
// with finite distances.
func (s *MinMaxScaler) Validate() error {
	if width := s.High - s.Low; !(width > 0) || math.IsInf(width, 0) {
		return fmt.Errorf("preprocess: MinMaxScaler: the range [%v, %v] must have Low < High", s.Low, s.High)
	}
	if len(s.Min) != len(s.Max) {
		return fmt.Errorf("preprocess: MinMaxScaler: %d minima and %d maxima", len(s.Min), len(s.Max))
	}
	for j, low := range s.Min {
		if width := s.Max[j] - low; !(width >= 0) || math.IsInf(width, 0) {
			return fmt.Errorf("preprocess: MinMaxScaler: column %d has the range [%v, %v], want Min ≤ Max", j, low, s.Max[j])
		}
	}
	return nil
}

// UnmarshalJSON reads what json.Marshal wrote, and the files of earlier
// versions, which held z = x·Scale + Offset in place of Min and Max.
func (s *MinMaxScaler) UnmarshalJSON(data []byte) error {
	type plain MinMaxScaler
	var file struct {
		plain
		Scale, Offset []float64
	}
	if err := strictly(data, &file); err != nil {
		return err
	}
	*s = MinMaxScaler(file.plain)
	if err := validateScale("MinMaxScaler", file.Scale, len(file.Offset)); err != nil {
		return err
	}
	for j, scale := range file.Scale {
		low := (s.Low - file.Offset[j]) / scale
		s.Min, s.Max = append(s.Min, low), append(s.Max, low+(s.High-s.Low)/scale)
	}
	return nil
}

package preprocess

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/pages"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
)

// MinMaxScaler maps the range of each column, as Fit saw it, to [Low, High]:
//
//	z = Low + (x − min) / (max − min) · (High − Low)
//
// The smallest value becomes exactly Low and the largest exactly High, and rounding
// moves no other value of Fit's rows outside the range. Rows that Fit did not see
// may fall outside, unless Clip is true. A column whose values differ only by
// rounding, at most by 2ε times the largest, counts as constant: it is shifted to
// Low, as if max − min were 1. Create it with [NewMinMaxScaler].
type MinMaxScaler struct {
	Low, High float64
	Clip      bool // clip values outside [Low, High]; Inverse cannot restore them

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
	low, high, err := ranges("MinMaxScaler", x)
	if err != nil {
		return err
	}
	for j := range low {
		if math.IsInf(high[j]-low[j], 0) {
			return fmt.Errorf("preprocess: MinMaxScaler: the range of column %d overflows: divide the column by a power of ten first", j)
		}
	}
	s.Min, s.Max = low, high
	return nil
}

// Transform returns Low + (x − min) / (max − min) · (High − Low).
func (s *MinMaxScaler) Transform(x mat.Matrix) (mat.Matrix, error) {
	width, top := s.ranges()
	if s.Low == 0 && s.High == 1 && !s.Clip {
		// Differences and quotients are rounded to where they belong: max becomes exactly 1,
		// and no smaller value more than that.
		if err := s.checkShape(x); err != nil {
			return nil, err
		}
		return mapFinite("MinMaxScaler", x, func(row []float64) { blas.Standardize(row, s.Min, width) })
	}
	if err := s.check(x); err != nil {
		return nil, err
	}
	m := rows.Of(x)
	out := pages.UnclearedDense(m.Dims())
	eachRow(m, func(i int) {
		_, from := m.Row(i, nil)
		s.scale(out.RawRowView(i), from, width, top)
	})
	return out, nil
}

// scale sets dst to the transformed row, whose columns have the given ranges.
func (s *MinMaxScaler) scale(dst, row, width, top []float64) {
	copy(dst, row)
	blas.Standardize(dst, s.Min, width) // (x − min) / (max − min)
	low, high := s.Low, s.High
	near := min(high, low+(high-low)) // what the largest value becomes, but for rounding
	top, row = top[:len(dst)], row[:len(dst)]
	for j, z := range dst {
		if low != 0 || high != 1 {
			z = low + z*(high-low)
		}
		if z >= near && (row[j] == top[j] || row[j] < top[j] && z > high) {
			z = high
		}
		dst[j] = z
	}
	if s.Clip {
		for j, z := range dst {
			dst[j] = min(max(z, low), high)
		}
	}
}

// ranges returns max − min of each column, and max. For a constant column they
// are 1 and −∞, which no value has.
func (s *MinMaxScaler) ranges() (width, top []float64) {
	width, top = make([]float64, len(s.Min)), make([]float64, len(s.Min))
	for j, low := range s.Min {
		width[j], top[j] = s.Max[j]-low, s.Max[j]
		if isConstant(low, s.Max[j]) {
			width[j], top[j] = 1, math.Inf(-1)
		}
	}
	return width, top
}

// Inverse returns min + (y − Low) / (High − Low) · (max − min), which is exactly
// max at y = High.
func (s *MinMaxScaler) Inverse(y mat.Matrix) (mat.Matrix, error) {
	if err := s.check(y); err != nil {
		return nil, err
	}
	width, top := s.ranges()
	low, high, span := s.Low, s.High, s.High-s.Low
	return mapRows(y, func(row []float64) {
		least, width, top := s.Min[:len(row)], width[:len(row)], top[:len(row)]
		for j, z := range row {
			share := z - low
			if span != 1 {
				share /= span
			}
			row[j] = least[j] + share*width[j]
			if z == high && !math.IsInf(top[j], 0) {
				row[j] = top[j]
			}
		}
	}), nil
}

func (s *MinMaxScaler) check(x mat.Matrix) error {
	if err := s.checkShape(x); err != nil {
		return err
	}
	return checkFinite("MinMaxScaler", x)
}

func (s *MinMaxScaler) checkShape(x mat.Matrix) error {
	if err := checkDense("MinMaxScaler", x); err != nil {
		return err
	}
	return checkColumns("MinMaxScaler", x, len(s.Min))
}

func (s *MinMaxScaler) FeatureNames(in []string) ([]string, error) {
	return defaultNames("MinMaxScaler", in, len(s.Min))
}

// Validate returns an error unless Low < High, and Min ≤ Max for each column,
// with finite distances.
func (s *MinMaxScaler) Validate() error {
	if width := s.High - s.Low; !(width > 0) || math.IsInf(width, 0) {
		return fmt.Errorf("preprocess: MinMaxScaler: the range [%v, %v] must have Low < High (preprocess.NewMinMaxScaler has 0 and 1)", s.Low, s.High)
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

// UnmarshalJSON reads the output of json.Marshal. It also reads files of earlier
// versions, which hold z = x·Scale + Offset instead of Min and Max.
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

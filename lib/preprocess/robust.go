package preprocess

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/order"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
)

// RobustScaler centres each column on its median and divides it by the distance
// between two of its quantiles, by default the quartiles:
//
//	z = (x − median) / (q_High − q_Low)
//
// A few outliers can change a mean and a variance arbitrarily, but hardly affect a
// median and a quartile. Quantiles are interpolated linearly between neighbours. A
// column whose quantiles differ only by rounding, at most by 2ε times the larger,
// is centred but not divided.
//
// A sparse matrix stays sparse if WithCentering is false. Create it with
// [NewRobustScaler].
type RobustScaler struct {
	WithCentering bool    // subtract the median
	WithScaling   bool    // divide by the distance of the quantiles
	Low, High     float64 // percentiles, 0 ≤ Low < High ≤ 100
	UnitVariance  bool    // divide by that distance relative to the same distance of N(0, 1)

	Center []float64 // the median of each column, set by Fit
	Scale  []float64 // the divisor of each column, set by Fit
}

// NewRobustScaler returns a scaler with median and quartiles.
func NewRobustScaler() *RobustScaler {
	return &RobustScaler{WithCentering: true, WithScaling: true, Low: 25, High: 75}
}

// Fit computes the median and the quantiles of each column.
func (s *RobustScaler) Fit(x mat.Matrix) error {
	s.Center, s.Scale = nil, nil
	if err := s.Validate(); err != nil {
		return err
	}
	if err := s.sparseError(x); err != nil {
		return err
	}
	if err := checkFit("RobustScaler", x); err != nil {
		return err
	}
	adjust := 1.0
	if s.UnitVariance {
		adjust = normalQuantile(s.High/100) - normalQuantile(s.Low/100)
	}
	n, cols := x.Dims()
	center, scale := make([]float64, cols), make([]float64, cols)
	places := slices.Concat(medianRanks(n), quantileRanks(n, s.Low/100), quantileRanks(n, s.High/100))
	eachColumn(x, func(j int, col []float64) {
		order.Place(col, places...)
		center[j], scale[j] = median(col), 1
		if s.WithScaling {
			low, high := quantile(col, s.Low/100), quantile(col, s.High/100)
			if !isConstant(low, high) {
				scale[j] = high - low
			}
			scale[j] = max(scale[j]/adjust, math.SmallestNonzeroFloat64)
		}
	})
	for j := range cols {
		if math.IsInf(scale[j], 0) || math.IsInf(center[j], 0) {
			return fmt.Errorf("preprocess: RobustScaler: the range of column %d overflows: divide the column by a power of ten first", j)
		}
	}
	s.Center, s.Scale = center, scale
	return nil
}

func (s *RobustScaler) sparseError(x mat.Matrix) error {
	if rows.Of(x).Sparse() != nil && s.WithCentering {
		return fmt.Errorf("preprocess: RobustScaler: centring would fill the zeros of a sparse matrix: set WithCentering to false")
	}
	return nil
}

// Transform returns (x − center) / scale.
func (s *RobustScaler) Transform(x mat.Matrix) (mat.Matrix, error) {
	if !s.WithCentering {
		if err := s.check(x); err != nil {
			return nil, err
		}
		return scaleColumns(x, s.Scale, divide), nil
	}
	if err := s.checkShape(x); err != nil {
		return nil, err
	}
	return mapFinite("RobustScaler", x, func(row []float64) { blas.Standardize(row, s.Center, s.Scale) })
}

// Inverse returns y·scale + center.
func (s *RobustScaler) Inverse(y mat.Matrix) (mat.Matrix, error) {
	if err := s.check(y); err != nil {
		return nil, err
	}
	if !s.WithCentering {
		return scaleColumns(y, s.Scale, multiply), nil
	}
	return mapRows(y, func(row []float64) { restore(row, s.Center, s.Scale) }), nil
}

func (s *RobustScaler) check(x mat.Matrix) error {
	if err := s.checkShape(x); err != nil {
		return err
	}
	return checkFinite("RobustScaler", x)
}

func (s *RobustScaler) checkShape(x mat.Matrix) error {
	if err := s.sparseError(x); err != nil {
		return err
	}
	return checkColumns("RobustScaler", x, len(s.Scale))
}

func (s *RobustScaler) FeatureNames(in []string) ([]string, error) {
	return defaultNames("RobustScaler", in, len(s.Scale))
}

// Validate returns an error unless 0 ≤ Low < High ≤ 100, and, with
// UnitVariance, 0 < Low and High < 100: the quantiles of N(0, 1) must be finite.
func (s *RobustScaler) Validate() error {
	if !(0 <= s.Low && s.Low < s.High && s.High <= 100) {
		return fmt.Errorf("preprocess: RobustScaler: percentiles %v and %v must have 0 ≤ Low < High ≤ 100 (preprocess.NewRobustScaler has the customary settings)", s.Low, s.High)
	}
	if s.UnitVariance && (s.Low == 0 || s.High == 100) {
		return fmt.Errorf("preprocess: RobustScaler: UnitVariance needs percentiles inside (0, 100), got %v and %v", s.Low, s.High)
	}
	return validateScale("RobustScaler", s.Scale, len(s.Center))
}

// median returns the middle of a slice, or the mean of the two in it. The slice
// is sorted, or has at the medianRanks what it would have then.
func median(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// medianRanks returns the places that median looks at in n values.
func medianRanks(n int) []int { return []int{(n - 1) / 2, n / 2} }

// quantile returns the q-quantile of a slice that is sorted, or has at the
// quantileRanks what it would have then, 0 ≤ q ≤ 1, interpolated
// linearly between neighbours: type 7 of Hyndman and Fan, Sample quantiles in
// statistical packages, 1996. Like NumPy it interpolates from the nearer end.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	k := int(at)
	if k+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	t, a, b := at-float64(k), sorted[k], sorted[k+1]
	if t >= 0.5 {
		return b - (b-a)*(1-t)
	}
	return a + (b-a)*t
}

// quantileRanks returns the places that quantile looks at in n values.
func quantileRanks(n int, q float64) []int {
	k := int(q * float64(n-1))
	return []int{min(k, n-1), min(k+1, n-1)}
}

// normalQuantile returns the p-quantile of N(0, 1).
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

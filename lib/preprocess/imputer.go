package preprocess

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/columns"
	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/internal/order"
	"github.com/descent-go/descent/internal/pages"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
)

// Strategy says what an Imputer puts in place of a missing value.
type Strategy string

// The strategies: the mean, the median or the most frequent value of the column
// (the smallest of equally frequent ones), or the constant Fill.
const (
	ImputeMean         Strategy = "mean"
	ImputeMedian       Strategy = "median"
	ImputeMostFrequent Strategy = "most_frequent"
	ImputeConstant     Strategy = "constant"
)

// Imputer replaces missing values, which are NaN, by a statistic of the training
// rows. It is the only transformer that accepts NaN.
//
// A missing value may itself be informative. With AddIndicator the result has one
// more column for each column that had a missing value in Fit: 1 where the value
// was missing, 0 elsewhere.
//
// A column without any value is an error, since it has no statistic (scikit-learn
// drops the column with a warning). With KeepEmpty it is filled with 0. Create it
// with [NewImputer].
type Imputer struct {
	Strategy     Strategy
	Fill         float64 // for ImputeConstant
	AddIndicator bool
	KeepEmpty    bool // fill a column without a value with 0

	Values     []float64 // the fill value of each column, set by Fit
	Indicators []int     // the columns that had missing values, if AddIndicator; set by Fit
}

// NewImputer returns an Imputer that uses the mean.
func NewImputer() *Imputer { return &Imputer{Strategy: ImputeMean} }

// Fit computes the statistic of each column.
func (p *Imputer) Fit(x mat.Matrix) error {
	p.Values, p.Indicators = nil, nil
	if err := p.Validate(); err != nil {
		return err
	}
	if err := checkDense("Imputer", x); err != nil {
		return err
	}
	m, cols := x.Dims()
	if m == 0 || cols == 0 {
		return fmt.Errorf("preprocess: Imputer: cannot fit a %d×%d matrix", m, cols)
	}
	values, indicators := make([]float64, cols), []int(nil)
	present, err := p.learn(x, values)
	if err != nil {
		return err
	}
	for j, n := range present {
		if n < m && p.AddIndicator {
			indicators = append(indicators, j)
		}
	}
	p.Values, p.Indicators = values, indicators
	return nil
}

// learn sets values to what is put into each column, and returns how many numbers
// each has.
func (p *Imputer) learn(x mat.Matrix, values []float64) (present []int, err error) {
	present = make([]int, len(values))
	if dense, ok := rows.Of(x).Dense(); ok && p.Strategy == ImputeConstant && checkInfinite("Imputer", x) == nil {
		for j, n := range columns.Ranges(dense).Count {
			values[j], present[j] = p.Fill, int(n)
		}
		return present, nil
	}
	if p.Strategy == ImputeMean {
		if moments := fastMoments(x, false, true); moments != nil {
			for j, c := range moments {
				values[j], present[j] = c.mean, c.count
			}
			return present, nil
		}
	}
	if err := checkInfinite("Imputer", x); err != nil {
		return nil, err
	}
	errs := make([]error, len(values))
	eachColumn(x, func(j int, col []float64) {
		col = withoutNaN(col)
		present[j] = len(col)
		values[j], errs[j] = p.statistic(j, col)
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return present, nil
}

// withoutNaN moves the numbers in v to its front and returns that part. It always
// writes and seldom jumps: where one in ten is missing, nobody can foresee which.
func withoutNaN(v []float64) []float64 {
	n := 0
	for _, x := range v {
		v[n] = x
		if x == x {
			n++
		}
	}
	return v[:n]
}

// statistic returns what to put into column j, whose values are present.
func (p *Imputer) statistic(j int, present []float64) (float64, error) {
	if p.Strategy == ImputeConstant {
		return p.Fill, nil
	}
	if len(present) == 0 {
		if p.KeepEmpty {
			return 0, nil
		}
		return 0, fmt.Errorf("preprocess: Imputer: column %d has no value in any row: leave the column out, or set KeepEmpty", j)
	}
	var v float64
	switch p.Strategy {
	case ImputeMean:
		column := newSample(present, 0)
		if v = column.high - column.low; !math.IsInf(v, 0) {
			v = column.mean()
		}
	case ImputeMedian:
		order.Place(present, medianRanks(len(present))...)
		v = median(present)
	case ImputeMostFrequent:
		order.Sort(present)
		v = mode(present)
	}
	if math.IsInf(v, 0) {
		return 0, fmt.Errorf("preprocess: Imputer: the %s of column %d overflows: divide the column by a power of ten first", p.Strategy, j)
	}
	return v, nil
}

// mode returns the most frequent element of a sorted slice, the smallest if
// several are.
func mode(sorted []float64) float64 {
	best, most, run := sorted[0], 0, 0
	for i, v := range sorted {
		if i > 0 && v != sorted[i-1] {
			run = 0
		}
		if run++; run > most {
			best, most = v, run
		}
	}
	return best
}

// Transform returns x with NaN replaced, followed by the indicator columns.
func (p *Imputer) Transform(x mat.Matrix) (mat.Matrix, error) {
	if err := checkDense("Imputer", x); err != nil {
		return nil, err
	}
	if err := checkColumns("Imputer", x, len(p.Values)); err != nil {
		return nil, err
	}
	from := rows.Of(x)
	n, cols := x.Dims()
	out := pages.UnclearedDense(n, cols+len(p.Indicators))
	var infinite atomic.Bool
	shareRows(n, cols, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := out.RawRowView(i)
			from.Copy(row[:cols], i)
			for k, j := range p.Indicators {
				if row[cols+k] = 0; math.IsNaN(row[j]) {
					row[cols+k] = 1
				}
			}
			blas.FillNaN(row[:cols], p.Values)
		}
		width := cols + len(p.Indicators)
		if !rows.Finite(out.RawMatrix().Data[lo*width : hi*width]) { // while a cache holds them
			infinite.Store(true)
		}
	})
	if infinite.Load() {
		if err := checkInfinite("Imputer", x); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// FeatureNames returns in, followed by "missing_name" for each indicator.
func (p *Imputer) FeatureNames(in []string) ([]string, error) {
	in, err := defaultNames("Imputer", in, len(p.Values))
	if err != nil {
		return nil, err
	}
	names := slices.Clone(in)
	for _, j := range p.Indicators {
		names = append(names, "missing_"+in[j])
	}
	return names, nil
}

// Validate returns an error if the strategy is unknown or Fill is not finite.
func (p *Imputer) Validate() error {
	switch p.Strategy {
	case ImputeMean, ImputeMedian, ImputeMostFrequent, ImputeConstant:
	default:
		return fmt.Errorf("preprocess: Imputer: unknown strategy %q (preprocess.NewImputer has ImputeMean)", string(p.Strategy))
	}
	if !number.IsFinite(p.Fill) {
		return fmt.Errorf("preprocess: Imputer: Fill is %v, want a finite number", p.Fill)
	}
	last := -1
	for _, j := range p.Indicators {
		if j <= last || j >= len(p.Values) {
			return fmt.Errorf("preprocess: Imputer: indicator for column %d of %d columns", j, len(p.Values))
		}
		last = j
	}
	return nil
}

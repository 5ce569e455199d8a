package preprocess

import (
	"iter"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/columns"
	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/internal/rows"
)

// A moment is what scalers want to know of a column. Its range may overflow, and
// then it has no mean and no deviation.
type moment struct {
	low, high, mean, deviation float64
	rest                       float64 // what the rounded mean lacks, if the deviation is known
	count                      int     // of its numbers
}

// moments returns those of each column of x. With deviations it has them of the
// columns that are not constant.
func moments(kind string, x mat.Matrix, deviations bool) ([]moment, error) {
	if m := fastMoments(x, deviations, false); m != nil {
		return m, nil
	}
	if err := checkFit(kind, x); err != nil {
		return nil, err
	}
	n, cols := x.Dims()
	m := make([]moment, cols)
	for j, s := range samples(x) {
		m[j] = moment{low: s.low, high: s.high, count: n}
		if math.IsInf(s.high-s.low, 0) {
			continue
		}
		m[j].mean = s.mean()
		if deviations && !isConstant(s.low, s.high) {
			m[j].deviation, m[j].rest = s.deviation(m[j].mean)
		}
	}
	return m, nil
}

// fastMoments is moments for all columns of a dense matrix at once, with the same
// sums in the same order. It returns nil where a value is not finite, unless it is
// a missing one and these are allowed, where the unit of a sum might matter, and
// for other kinds of matrices.
func fastMoments(x mat.Matrix, deviations, missing bool) []moment {
	dense, ok := rows.Of(x).Dense()
	if !ok || dense.Rows == 0 {
		return nil
	}
	const small, large = 0x1p-400, 0x1p400
	s := columns.Ranges(dense)
	m := make([]moment, dense.Cols)
	mean, inverse := make([]float64, dense.Cols), make([]float64, dense.Cols)
	for j := range m {
		low, high, n := s.Low[j], s.High[j], s.Count[j]
		top, width := max(-low, high), high-low
		fine := top < large && (width == 0 || width > small) && (s.Sum[j] == 0 || math.Abs(s.Sum[j]) > small)
		if !fine || n < float64(dense.Rows) && !(missing && n > 0) {
			return nil
		}
		inverse[j] = 1 / binade(width)
		mean[j] = s.Sum[j] / n
	}
	residue, _ := columns.Moments(dense, mean, inverse)
	for j := range m {
		if mean[j] += residue[j] / s.Count[j] / inverse[j]; s.Low[j] == s.High[j] {
			mean[j] = s.Low[j]
		}
		m[j] = moment{low: s.Low[j], high: s.High[j], mean: mean[j], count: int(s.Count[j])}
	}
	if !deviations {
		return m
	}
	residue, squares := columns.Moments(dense, mean, inverse)
	for j := range m {
		if !isConstant(m[j].low, m[j].high) {
			m[j].deviation = deviation(residue[j], squares[j], s.Count[j], 1/inverse[j])
			m[j].rest = residue[j] / s.Count[j] / inverse[j]
		}
	}
	return m
}

// ranges returns the smallest and the largest value of each column.
func ranges(kind string, x mat.Matrix) (low, high []float64, err error) {
	if dense, ok := rows.Of(x).Dense(); ok && dense.Rows > 0 {
		s := columns.Ranges(dense)
		fine := true
		for j, n := range s.Count {
			fine = fine && n == float64(dense.Rows) && number.IsFinite(s.Low[j]) && number.IsFinite(s.High[j])
		}
		if fine {
			return s.Low, s.High, nil
		}
	}
	if err := checkFit(kind, x); err != nil {
		return nil, nil, err
	}
	for _, s := range samples(x) {
		low, high = append(low, s.low), append(high, s.high)
	}
	return low, high, nil
}

// A sample is the values of a column: some that are listed, and zeros.
type sample struct {
	values    []float64
	zeros     float64 // the number of further values, which are 0
	low, high float64 // the ends of the range
}

func newSample(values []float64, zeros int) sample {
	s := sample{values: values, zeros: float64(zeros)}
	if zeros == 0 {
		s.low, s.high = values[0], values[0]
	}
	for _, v := range values {
		if v < s.low {
			s.low = v
		}
		if v > s.high {
			s.high = v
		}
	}
	return s
}

// samples yields the columns of x. Each is valid until the next. A sparse matrix
// takes time proportional to its non-zeros.
func samples(x mat.Matrix) iter.Seq2[int, sample] {
	s := rows.Of(x).Sparse()
	if s == nil {
		return func(yield func(int, sample) bool) {
			_, cols := x.Dims()
			var col []float64
			for j := range cols {
				col = column(col, x, j)
				if !yield(j, newSample(col, 0)) {
					return
				}
			}
		}
	}
	return func(yield func(int, sample) bool) {
		rows, cols := s.Dims()
		start := make([]int, cols+1) // of each column in values
		for _, j := range s.Cols {
			start[j+1]++
		}
		for j := range cols {
			start[j+1] += start[j]
		}
		values, next := make([]float64, len(s.Values)), append([]int(nil), start...)
		for k, j := range s.Cols {
			values[next[j]] = s.Values[k]
			next[j]++
		}
		for j := range cols {
			col := values[start[j]:start[j+1]]
			if !yield(j, newSample(col, rows-len(col))) {
				return
			}
		}
	}
}

// mean returns the mean μ of a sample whose range does not overflow. The mean of
// what is left of x − μ says how wrong the first sum was, and corrects it.
func (s sample) mean() float64 {
	m := float64(len(s.values)) + s.zeros
	if s.low == s.high {
		return s.low
	}
	unit := binade(max(-s.low, s.high))
	sum, inverse := 0.0, 1/unit
	for _, v := range s.values {
		sum += v * inverse
	}
	mu := sum / m * unit
	unit = binade(s.high - s.low)
	inverse = 1 / unit
	residue := -s.zeros * (mu * inverse)
	for _, v := range s.values {
		residue += (v - mu) * inverse
	}
	return mu + residue/m*unit
}

// deviation returns the population standard deviation about the mean of a sample
// that is not constant: √(Σd² − (Σd)²/m) / √m. Σd is 0 but for the rounding of
// the mean (Chan, Golub and LeVeque, Algorithms for computing the sample
// variance, 1983). It also returns Σd/m, what the mean lacks.
func (s sample) deviation(mean float64) (sigma, rest float64) {
	m := float64(len(s.values)) + s.zeros
	unit := binade(s.high - s.low)
	inverse := 1 / unit
	d := mean * inverse
	residue, squares := -s.zeros*d, s.zeros*d*d
	for _, v := range s.values {
		d := (v - mean) * inverse
		residue += d
		squares += d * d
	}
	return deviation(residue, squares, m, unit), residue / m * unit
}

// deviation returns the population standard deviation of m values, given Σd and
// Σd² of their distances from about their mean, in the given unit.
func deviation(residue, squares, m, unit float64) float64 {
	return max(math.Sqrt((squares-residue*residue/m)/m)*unit, math.SmallestNonzeroFloat64)
}

// binade returns the largest power of two that is not above v, but at least the
// smallest whose inverse is a float64. Divided by it, squares and sums neither
// overflow nor vanish, and no digit is lost.
func binade(v float64) float64 {
	if v < 0x1p-1022 {
		return 0x1p-1022
	}
	_, exponent := math.Frexp(v)
	return math.Ldexp(1, exponent-1)
}

// isConstant reports whether values from low to high differ by nothing but
// rounding: by 2ε of the largest of them, that is 2 to 4 units in its last place.
func isConstant(low, high float64) bool {
	return high-low <= 2*epsilon*max(-low, high)
}

const epsilon = 0x1p-52 // the distance from 1 to the next float64

package preprocess

import (
	"iter"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/sparse"
)

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

// columns yields the columns of x. Each is valid until the next. A sparse matrix
// takes time proportional to its non-zeros.
func columns(x mat.Matrix) iter.Seq2[int, sample] {
	s, ok := x.(*sparse.CSR)
	if !ok {
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
// variance, 1983).
func (s sample) deviation(mean float64) float64 {
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

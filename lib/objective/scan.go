package objective

import (
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
)

// A scan is a pass over dense rows, a few at a time. For a model f = b + xW of one
// output the derivative of a sample's loss by θ is a multiple of the sample, so
// that loss and gradient can be had while the sample is in the first-level cache.
type scan struct {
	model  model.Affine // nil if the scan declines
	loss   loss.Pointwise
	scores []float64 // room for the rows of a time; vectors are fastest on lines of memory
	losses []float64
	y      []float64 // room for targets that lie apart
}

// Elements of x that a scan takes at a time: 6.4 kB. With twice as much a pass
// takes a third to a half longer. Where that is less than the eight rows that the
// gradient takes at once, it is 256 kB, for the second-level cache.
const (
	scanElements     = 800
	longScanElements = 1 << 15
)

// maxScan is the largest number of rows that are taken at a time.
const maxScan = 128

// scanRows returns how many rows of n elements to take at a time.
func scanRows(n int) int {
	size := scanElements / n
	if size < 8 {
		size = longScanElements / n
	}
	return max(8, min(size, maxScan)&^7)
}

func (s *scan) init(m model.Model, l loss.Loss) {
	affine, ok1 := m.(model.Affine)
	pointwise, ok2 := l.(loss.Pointwise)
	if _, outputs := m.Dims(); ok1 && ok2 && outputs == 1 {
		s.model, s.loss = affine, pointwise
		s.scores, s.losses = make([]float64, maxScan), make([]float64, maxScan)
	}
}

// add adds the losses and the gradient of the block's rows to the sums.
func (s *scan) add(to *sums, b *block) bool {
	x, dense := rows.Of(b.x).Dense()
	if s.model == nil || !dense {
		return false
	}
	intercept, w := s.model.Affine(s.model.Params())
	slope, g := s.model.Affine(to.grad) // of the intercept, and of the weights
	bias := floats.Sum(intercept)       // or 0, if there is none
	size := scanRows(x.Cols)
	for k, m := 0, x.Rows; k < m; k += size {
		size = min(size, m-k)
		x.Rows = size
		f := s.scores[:size]
		for i := range f {
			f[i] = bias
		}
		rows.AddProduct(rows.Column(f), x, w)
		s.derive(&to.loss, f, b, k)
		rows.AddTransposed(g, x, rows.Column(f))
		if len(slope) > 0 {
			sum := 0.0
			for _, d := range f {
				sum += d
			}
			slope[0] += sum
		}
		x.Data = x.Data[min(size*x.Stride, len(x.Data)):]
	}
	return true
}

// derive adds the losses of the predictions f for the block's rows from the k-th
// on to the sum, and replaces f by their derivatives.
func (s *scan) derive(sum *accurate.Sum, f []float64, b *block, k int) {
	losses := s.losses[:len(f)]
	loss.Points(s.loss, losses, f, f, s.targets(b.y.RawMatrix(), k, len(f)))
	all := *sum
	for j, l := range losses {
		if b.weights != nil {
			weight := b.weights[k+j]
			if weight == 0 { // nor does a NaN count
				f[j] = 0
				continue
			}
			l *= weight
			f[j] *= weight
		}
		all.Add(l)
	}
	*sum = all
}

// targets returns n targets from the k-th on.
func (s *scan) targets(y blas64.General, k, n int) []float64 {
	if y.Stride == 1 {
		return y.Data[k : k+n]
	}
	s.y = grow(s.y, n)
	for i := range s.y {
		s.y[i] = y.Data[(k+i)*y.Stride]
	}
	return s.y
}

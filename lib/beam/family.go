package beam

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
)

// A Family is a generalized linear model: how the score f = b + xW becomes a loss.
type Family string

// The families. All have the canonical link and the losses of lib/loss.
const (
	Gaussian Family = "gaussian" // (f − y)², least squares
	Logistic Family = "logistic" // cross-entropy of y ∈ {0, 1}, with f the logit of 1
	Softmax  Family = "softmax"  // cross-entropy of classes 0 … k−1
	Poisson  Family = "poisson"  // e^f − y·f, with f the logarithm of the mean
)

// loss returns the loss in lib/loss.
func (f Family) loss() (loss.Loss, error) {
	switch f {
	case Gaussian:
		return loss.MSE{}, nil
	case Logistic:
		return loss.BinaryCrossEntropy{}, nil
	case Softmax:
		return loss.CrossEntropy{}, nil
	case Poisson:
		return loss.Poisson{}, nil
	}
	return nil, fmt.Errorf("beam: there is no family %q: choose of %s, %s, %s and %s", f, Gaussian, Logistic, Softmax, Poisson)
}

// newModel returns the model that the family fits.
func (f Family) newModel(inputs, outputs int) *model.Linear {
	switch f {
	case Logistic:
		return model.NewLogistic(inputs)
	case Softmax:
		return model.NewSoftmax(inputs, outputs)
	}
	return model.NewLinear(inputs, outputs)
}

// point returns the loss of one row, and sets d to its gradient and h to its Hessian (k×k, upper triangle) in the scores f, in
// whose place d may be.
func (f Family) point(d, h, scores []float64, y float64) float64 {
	switch f {
	case Gaussian:
		r := scores[0] - y
		d[0], h[0] = 2*r, 2
		return r * r
	case Poisson:
		l, slope := loss.Poisson{}.Point(scores[0], y)
		h[0] = slope + y
		d[0] = slope
		return l
	case Logistic:
		l, slope := loss.BinaryCrossEntropy{}.Point(scores[0], y)
		p := model.Sigmoid(scores[0])
		// p(1 − p) where p is rounded to 1.
		h[0] = p * model.Sigmoid(-scores[0])
		d[0] = slope
		return l
	}
	k := len(scores)
	class := int(y)
	top := scores[0]
	for _, v := range scores[1:] {
		top = max(top, v)
	}
	own := scores[class] - top
	var total float64
	for c, v := range scores {
		d[c] = math.Exp(v - top)
		total += d[c]
	}
	for c := range d {
		d[c] /= total
	}
	for a := range k {
		h[a*k+a] = d[a] * (1 - d[a])
		for b := a + 1; b < k; b++ {
			h[a*k+b] = -d[a] * d[b]
		}
	}
	d[class]--
	return math.Log(total) - own
}

// margin returns how far a row is on its side of the plane between its class and the others: positive where a classifier is right.
func (f Family) margin(scores []float64, y float64) float64 {
	switch f {
	case Logistic:
		return scores[0] * (2*y - 1)
	case Softmax:
		most := math.Inf(-1)
		for c, v := range scores {
			if c != int(y) {
				most = max(most, v)
			}
		}
		return scores[int(y)] - most
	}
	return 0
}

// sums is what rows add to a fit, with P = n+1 rows of θ, the intercepts first, and K columns: θ is laid out as that of
// model.Linear.
type sums struct {
	P, K    int
	Rows    float64
	Loss    float64
	Wrong   float64 // rows of a classifier that are not on their side of the plane
	Grad    []float64
	Hessian []float64 // PK×PK, upper triangle
}

// merge adds t to s.
func (s *sums) merge(t *sums) error {
	if s.P != t.P || s.K != t.K {
		return invalid(fmt.Errorf("one shard has %d features and another %d: all must have the same columns", s.P-1, t.P-1))
	}
	s.Rows += t.Rows
	s.Loss += t.Loss
	s.Wrong += t.Wrong
	for i, v := range t.Grad {
		s.Grad[i] += v
	}
	for i, v := range t.Hessian {
		s.Hessian[i] += v
	}
	return nil
}

const blockRows = 512 // that are in the cache together

// sum returns the sums of the rows at theta. If theta is nil, it is 0.
func (f Family) sum(x, y *mat.Dense, outputs int, theta []float64) (*sums, error) {
	rows, n := x.Dims()
	p, k := n+1, outputs
	l, err := f.loss()
	if err != nil {
		return nil, invalid(err)
	}
	if err := l.(loss.TargetChecker).CheckTarget(y, k); err != nil {
		return nil, invalid(err)
	}
	if theta == nil {
		theta = make([]float64, p*k)
	}
	if len(theta) != p*k {
		return nil, invalid(fmt.Errorf("there are %d features, and the start has %d parameters, want %d", n, len(theta), p*k))
	}
	s := &sums{P: p, K: k, Rows: float64(rows), Grad: make([]float64, p*k), Hessian: make([]float64, p*k*p*k)}
	block := make([]float64, blockRows*p)    // of X̃
	weighted := make([]float64, blockRows*p) // h·X̃
	scores := make([]float64, blockRows*k)
	curve := make([]float64, blockRows*k*k)
	var total accurate.Sum
	for lo := 0; lo < rows; lo += blockRows {
		count := min(blockRows, rows-lo)
		xb := blas64.General{Rows: count, Cols: p, Stride: p, Data: block[:count*p]}
		fb := blas64.General{Rows: count, Cols: k, Stride: k, Data: scores[:count*k]}
		for i := range count {
			block[i*p] = 1
			copy(block[i*p+1:][:n], x.RawRowView(lo+i))
		}
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, xb, blas64.General{Rows: p, Cols: k, Stride: k, Data: theta}, 0, fb)
		for i := range count {
			row := scores[i*k:][:k]
			if f.margin(row, y.At(lo+i, 0)) <= 0 {
				s.Wrong++
			}
			if k == 1 {
				total.Add(f.point(row, curve[i:][:1], row, y.At(lo+i, 0)))
				continue
			}
			f2 := append(make([]float64, 0, 16), row...)
			total.Add(f.point(row, curve[i*k*k:][:k*k], f2, y.At(lo+i, 0)))
		}
		blas64.Gemm(blas.Trans, blas.NoTrans, 1, xb, fb, 1, blas64.General{Rows: p, Cols: k, Stride: k, Data: s.Grad})
		wb := blas64.General{Rows: count, Cols: p, Stride: p, Data: weighted[:count*p]}
		if k == 1 { // XᵀHX by the triangle alone
			for i := range count {
				root := math.Sqrt(curve[i])
				for j, v := range block[i*p:][:p] {
					weighted[i*p+j] = root * v
				}
			}
			blas64.Syrk(blas.Trans, 1, wb, 1, blas64.Symmetric{N: p, Stride: p, Data: s.Hessian, Uplo: blas.Upper})
			continue
		}
		square := make([]float64, p*p)
		for a := range k {
			for b := a; b < k; b++ {
				for i := range count {
					h := curve[i*k*k+a*k+b]
					for j, v := range block[i*p:][:p] {
						weighted[i*p+j] = h * v
					}
				}
				blas64.Gemm(blas.Trans, blas.NoTrans, 1, xb, wb, 0, blas64.General{Rows: p, Cols: p, Stride: p, Data: square})
				for i := range p {
					for j := range p {
						r, c := i*k+a, j*k+b
						if r <= c {
							s.Hessian[r*p*k+c] += square[i*p+j]
						}
						if r, c := i*k+b, j*k+a; a != b && r <= c {
							s.Hessian[r*p*k+c] += square[i*p+j]
						}
					}
				}
			}
		}
	}
	s.Loss = total.Value()
	if math.IsNaN(s.Loss) || math.IsInf(s.Loss, 0) {
		return s, nil // the driver takes a shorter step
	}
	return s, nil
}

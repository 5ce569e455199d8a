package solve

import (
	"fmt"
	"math"

	gonum "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/objective"
)

// A qrPass keeps the triangle R of [Ã b] = QR. For rows in two parts it is
//
//	A₁ = Q₁R₁,   A₂ = Q₂R₂,   ⎡R₁⎤ = Q₃R
//	                          ⎣R₂⎦
//
// since a product of orthogonal matrices is one. The Q are never needed. The parts are
// a tree: the rows of a batch are divided into chunks, which are factorised on all cores,
// and triangles of as many batches are put together in pairs, as the digits of a binary
// number carry. So rounding errors grow with the height of the tree, the logarithm of the
// number of batches. The tree depends on the data alone.
type qrPass struct {
	p         *passes
	width     int
	triangles []*mat.Dense // number k is of 2ᵏ batches, nil for none
	crew      crew.Crew
}

func newQRPass(p *passes) *qrPass { return &qrPass{p: p, width: p.params + p.outputs} }

func (q *qrPass) add(d objective.Data) {
	count, _ := d.X.Dims()
	chunks := min(max(count/(4*q.width), 1), maxChunks)
	size := (count + chunks - 1) / chunks
	parts := make([]*mat.Dense, (count+size-1)/size)
	q.crew.Do(len(parts), len(parts), func(_, k int) {
		lo := k * size
		hi := min(lo+size, count)
		block := mat.NewDense(max(hi-lo, q.width), q.width, nil) // with rows of zeros, if there are too few
		some := block.RawMatrix()
		some.Rows = hi - lo
		q.p.fill(some, d, lo)
		parts[k] = triangle(block)
	})
	r := together(parts...)
	for k := range q.triangles {
		if q.triangles[k] == nil {
			q.triangles[k] = r
			return
		}
		q.triangles[k], r = nil, together(q.triangles[k], r)
	}
	q.triangles = append(q.triangles, r)
}

// together returns the triangle of the rows of all parts, given theirs.
func together(parts ...*mat.Dense) *mat.Dense {
	if len(parts) == 1 {
		return parts[0]
	}
	_, width := parts[0].Dims()
	stack := mat.NewDense(len(parts)*width, width, nil)
	for k, r := range parts {
		stack.Slice(k*width, (k+1)*width, 0, width).(*mat.Dense).Copy(r)
	}
	return triangle(stack)
}

// triangle returns R of a = QR, and overwrites a.
func triangle(a *mat.Dense) *mat.Dense {
	r := factorizeQR(a).r
	return mat.NewDense(r.Rows, r.Cols, r.Data)
}

// solve returns the factor, with rows √μ·I appended, and the solution.
func (q *qrPass) solve(mu float64) (*factor, [][]float64, error) {
	p := q.p
	var parts []*mat.Dense
	for _, r := range q.triangles {
		if r != nil {
			parts = append(parts, r)
		}
	}
	if mu > 0 {
		penalty := mat.NewDense(q.width, q.width, nil)
		for j := p.first; j < p.params; j++ {
			penalty.Set(j, j, math.Sqrt(mu))
		}
		parts = append(parts, penalty)
	}
	r := together(parts...)
	f := &primal{
		u:     blas64.Symmetric{Uplo: gonum.Upper, N: p.params, Stride: p.params, Data: make([]float64, p.params*p.params)},
		scale: make([]float64, p.params),
	}
	for j := range p.params {
		length := norm2(mat.Col(nil, j, r)[:j+1])
		if !inRange(length * length) {
			return nil, nil, fmt.Errorf("solve: column %d of x is 0, or its squares are beyond the range of a float64: remove or scale it", j-p.first)
		}
		f.scale[j] = math.Ldexp(1, -exponentOf(length))
		for i := range j + 1 {
			f.u.Data[i*p.params+j] = r.At(i, j) * f.scale[j]
		}
	}
	whole := qr{cols: p.params, r: blas64.General{Rows: p.params, Cols: p.params, Stride: p.params, Data: f.u.Data}}
	condition := whole.condition()
	if !(condition*epsilon*float64(p.params) < 1) {
		return nil, nil, fmt.Errorf("solve: the columns of x are linearly dependent (condition number %.1e): remove one or set Lambda", condition)
	}
	var theta [][]float64
	for k := range p.outputs {
		v := mat.Col(nil, p.params+k, r)[:p.params]
		blas.Implementation{}.Dtrsv(gonum.Upper, blas.NoTrans, gonum.NonUnit, p.params, f.u.Data, p.params, v, 1)
		for j, s := range f.scale {
			v[j] *= s
		}
		theta = append(theta, v)
	}
	return &factor{f, condition}, theta, nil
}

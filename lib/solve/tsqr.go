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

// A qrPass keeps the triangle R of [Ã b] = QR. For rows A₁, A₂ … it is
//
//	A₁ = Q₁R₁,   ⎡R₁⎤ = Q₂R₂,   ⎡R₂⎤ = Q₃R₃ …
//	             ⎣A₂⎦           ⎣A₃⎦
//
// since a product of orthogonal matrices is one. The rows of a batch are divided into
// chunks, which are factorised on all cores before their triangles are stacked: a tree
// of height 2. The Q are never needed. The division depends on the data alone.
type qrPass struct {
	p     *passes
	width int
	r     *mat.Dense
	crew  crew.Crew
}

func newQRPass(p *passes) *qrPass {
	width := p.params + p.outputs
	return &qrPass{p: p, width: width, r: mat.NewDense(width, width, nil)}
}

func (q *qrPass) add(d objective.Data) {
	count, _ := d.X.Dims()
	chunks := min(max(count/(4*q.width), 1), maxChunks)
	size := (count + chunks - 1) / chunks
	chunks = (count + size - 1) / size
	stack := mat.NewDense((1+chunks)*q.width, q.width, nil)
	stack.Slice(0, q.width, 0, q.width).(*mat.Dense).Copy(q.r)
	q.crew.Do(chunks, chunks, func(_, k int) {
		lo := k * size
		hi := min(lo+size, count)
		block := mat.NewDense(max(hi-lo, q.width), q.width, nil) // with rows of zeros, if there are too few
		some := block.RawMatrix()
		some.Rows = hi - lo
		q.p.fill(some, d, lo)
		stack.Slice((1+k)*q.width, (2+k)*q.width, 0, q.width).(*mat.Dense).Copy(triangle(block))
	})
	q.r = triangle(stack)
}

// triangle returns R of a = QR, and overwrites a.
func triangle(a *mat.Dense) *mat.Dense {
	r := factorizeQR(a).r
	return mat.NewDense(r.Rows, r.Cols, r.Data)
}

// solve returns the factor, with rows √μ·I appended, and the solution.
func (q *qrPass) solve(mu float64) (*factor, [][]float64, error) {
	p := q.p
	if mu > 0 {
		stack := mat.NewDense(q.width+p.params-p.first, q.width, nil)
		stack.Slice(0, q.width, 0, q.width).(*mat.Dense).Copy(q.r)
		for j := p.first; j < p.params; j++ {
			stack.Set(q.width+j-p.first, j, math.Sqrt(mu))
		}
		q.r = triangle(stack)
	}
	f := &primal{
		u:     blas64.Symmetric{Uplo: gonum.Upper, N: p.params, Stride: p.params, Data: make([]float64, p.params*p.params)},
		scale: make([]float64, p.params),
	}
	for j := range p.params {
		length := norm2(mat.Col(nil, j, q.r)[:j+1])
		if !inRange(length * length) {
			return nil, nil, fmt.Errorf("solve: column %d of x is 0, or its squares are beyond the range of a float64: remove or scale it", j-p.first)
		}
		f.scale[j] = math.Ldexp(1, -exponentOf(length))
		for i := range j + 1 {
			f.u.Data[i*p.params+j] = q.r.At(i, j) * f.scale[j]
		}
	}
	whole := qr{cols: p.params, r: blas64.General{Rows: p.params, Cols: p.params, Stride: p.params, Data: f.u.Data}}
	condition := whole.condition()
	if !(condition*epsilon*float64(p.params) < 1) {
		return nil, nil, fmt.Errorf("solve: the columns of x are linearly dependent (condition number %.1e): remove one or set Lambda", condition)
	}
	var theta [][]float64
	for k := range p.outputs {
		v := mat.Col(nil, p.params+k, q.r)[:p.params]
		blas.Implementation{}.Dtrsv(gonum.Upper, blas.NoTrans, gonum.NonUnit, p.params, f.u.Data, p.params, v, 1)
		for j, s := range f.scale {
			v[j] *= s
		}
		theta = append(theta, v)
	}
	return &factor{f, condition}, theta, nil
}

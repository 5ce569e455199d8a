package optim

import (
	"errors"
	"fmt"
	"iter"
	"math"

	gonum "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/descent-go/descent/lib/blas"
)

// Muon moves weight matrices along their momentum, after making all its directions
// equally strong. If the momentum has the singular value decomposition UΣVᵀ, the
// step is about UVᵀ: a direction that gradients rarely point to is learned as fast
// as the dominant one.
//
//	M ← μM + (1−μ)G
//	X ← M                              or (1−μ)G + μM with Nesterov
//	X ← X/max(‖X‖_F, ε)                so that no singular value is above 1
//	X ← aX + b(XXᵀ)X + c(XXᵀ)²X        k times: Newton–Schulz
//	W ← W − α·r·X
//
// A step of Newton–Schulz replaces each singular value σ by aσ + bσ³ + cσ⁵. With
// the usual coefficients, five steps bring nearly all of them to between 0.7 and
// 1.2. More steps do not bring them closer to 1. r scales the step by the shape of
// the matrix: see [MuonScale].
//
// Muon is for the weights between the layers of a network. Train biases, embeddings
// and the output layer with another optimizer, usually [AdamW], in a second group
// of [Groups]; train.NewMuon builds these groups for a model. The weight decay that
// Liu et al. added is [WeightDecay] with Decoupled around Muon.
//
// The settings and their defaults are those of torch.optim.Muon. It rounds X to
// bfloat16 for the products; here they are computed in float64.
//
// Sources: Jordan et al., Muon: An optimizer for hidden layers in neural networks,
// 2024; Bernstein and Newhouse, Old Optimizer, New Norm: An Anthology, 2024; Liu et
// al., Muon is Scalable for LLM Training, 2025.
type Muon struct {
	// Matrices are the shapes of the matrices that make up θ, in order.
	Matrices     []Matrix
	Momentum     float64    // μ, 0 ≤ μ < 1
	Nesterov     bool       // look one step ahead
	Coefficients [3]float64 // a, b and c of Newton–Schulz
	Steps        int        // k, of Newton–Schulz, ≥ 1
	Epsilon      float64    // ε > 0, in units of the gradient
	Scale        MuonScale  // r

	steps      [1]float64
	m, x       []float64
	next       []float64 // aX + BX
	gram, poly []float64 // XXᵀ, and B = b(XXᵀ) + c(XXᵀ)²
}

// A Matrix is the shape of a part of θ that is a matrix, stored row by row.
type Matrix struct {
	Rows, Cols int
	// OutputRows says that each row belongs to an output, as in model.Conv2D.
	// Otherwise each column does, as in model.Dense. It affects only the size of
	// the step.
	OutputRows bool
}

// A MuonScale is the factor r by which Muon multiplies the step of a matrix with n
// inputs and m outputs.
type MuonScale int

const (
	// ScaleOriginal is √max(1, m/n), as in Jordan et al.
	ScaleOriginal MuonScale = iota
	// ScaleLikeAdamW is 0.2·√max(m, n). The elements of a step are then about as
	// large as those of AdamW, so that both can have the same learning rate and
	// weight decay.
	//
	// Source: Liu et al., Muon is Scalable for LLM Training, 2025, section 2.2.
	ScaleLikeAdamW
	// ScaleSpectral is √(m/n).
	//
	// Source: Bernstein, Deriving Muon, 2025.
	ScaleSpectral
)

// NewMuon returns Muon for a θ of these matrices, with μ = 0.95, Nesterov momentum,
// five steps of Newton–Schulz with Jordan's coefficients, and ε = 10⁻⁷.
func NewMuon(matrices ...Matrix) *Muon {
	return &Muon{
		Matrices: matrices, Momentum: 0.95, Nesterov: true,
		Coefficients: [3]float64{3.4445, -4.7750, 2.0315}, Steps: 5, Epsilon: 1e-7,
	}
}

// Init prepares for dim parameters. It panics if the matrices do not have dim
// elements in all.
func (o *Muon) Init(dim int) {
	elements, side := 0, 0
	for _, shape := range o.Matrices {
		elements += shape.size()
		side = max(side, min(shape.Rows, shape.Cols))
	}
	if elements != dim {
		panic(fmt.Sprintf("optim: Muon's matrices have %d elements, but θ has %d: put all that is not in a matrix into another of Groups", elements, dim))
	}
	o.steps[0] = 0
	o.m, o.x, o.next = resize(o.m, dim), resize(o.x, dim), resize(o.next, dim)
	o.gram, o.poly = resize(o.gram, side*side), resize(o.poly, side*side)
}

func (o *Muon) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.m))
	o.steps[0]++
	mu, m, x := o.Momentum, o.m[:len(grad)], o.x[:len(grad)]
	for i, g := range grad {
		m[i] = mu*m[i] + (1-mu)*g
		x[i] = m[i]
		if o.Nesterov {
			x[i] = (1-mu)*g + mu*m[i]
		}
	}
	for _, shape := range o.Matrices {
		n := shape.size()
		rate := lr * o.Scale.of(shape)
		for i, v := range o.orthogonalize(x[:n], shape) {
			theta[i] -= rate * v
		}
		theta, x = theta[n:], x[n:]
	}
}

// orthogonalize returns what Newton–Schulz makes of x. Where x has more rows than
// columns, (XXᵀ)X is computed as X(XᵀX), which is the same and smaller.
func (o *Muon) orthogonalize(x []float64, shape Matrix) []float64 {
	norm, unit := length(x)
	if unit != 1 { // longer than a float64 can say
		scale(x, 1/unit)
	}
	scale(x, 1/max(norm, o.Epsilon))
	a, b, c := o.Coefficients[0], o.Coefficients[1], o.Coefficients[2]
	side, wide := min(shape.Rows, shape.Cols), shape.Rows <= shape.Cols
	gram, poly := square(o.gram, side), square(o.poly, side)
	now, next := shape.in(x), shape.in(o.next[:len(x)])
	for range o.Steps {
		if wide {
			syrk(blas.NoTrans, 1, now, 0, gram)
		} else {
			syrk(blas.Trans, 1, now, 0, gram)
		}
		copy(poly.Data, gram.Data)
		syrk(blas.NoTrans, c, gram, b, poly)
		copy(next.Data, now.Data)
		if wide {
			blas.Gemm(blas.NoTrans, blas.NoTrans, 1, poly, now, a, next)
		} else {
			blas.Gemm(blas.NoTrans, blas.NoTrans, 1, now, poly, a, next)
		}
		now, next = next, now
	}
	return now.Data
}

// syrk computes C ← beta·C + alpha·A·Aᵀ, or AᵀA, for a symmetric C: half of the
// product, and the other half is its mirror image.
func syrk(t blas.Transpose, alpha float64, a blas64.General, beta float64, c blas64.General) {
	n, v := c.Rows, c.Data
	blas.Syrk(t, alpha, a, beta, blas64.Symmetric{N: n, Stride: n, Data: v, Uplo: gonum.Lower})
	const tile = 16 // rows and columns, which the cache holds both ways
	for top := 0; top < n; top += tile {
		for left := 0; left <= top; left += tile {
			for i := top; i < min(top+tile, n); i++ {
				for j := left; j < min(left+tile, i); j++ {
					v[j*n+i] = v[i*n+j]
				}
			}
		}
	}
}

func (m Matrix) size() int { return m.Rows * m.Cols }

// in returns the elements v as the matrix.
func (m Matrix) in(v []float64) blas64.General {
	return blas64.General{Rows: m.Rows, Cols: m.Cols, Stride: m.Cols, Data: v}
}

func square(v []float64, side int) blas64.General {
	return Matrix{Rows: side, Cols: side}.in(v[:side*side])
}

// of returns r.
func (s MuonScale) of(m Matrix) float64 {
	inputs, outputs := float64(m.Rows), float64(m.Cols)
	if m.OutputRows {
		inputs, outputs = outputs, inputs
	}
	switch s {
	case ScaleLikeAdamW:
		return 0.2 * math.Sqrt(max(inputs, outputs))
	case ScaleSpectral:
		return math.Sqrt(outputs / inputs)
	}
	return math.Sqrt(max(1, outputs/inputs))
}

// SetMomentum sets μ and returns the old value, for [ScheduledMomentum].
func (o *Muon) SetMomentum(mu float64) (before float64) {
	before, o.Momentum = o.Momentum, mu
	return before
}

// State yields "steps" and "m".
func (o *Muon) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		yieldAll(yield, []string{"steps", "m"}, o.steps[:], o.m)
	}
}

// Validate reports settings outside 0 ≤ μ < 1, k ≥ 1 and ε > 0, coefficients that
// are not finite or are all 0, an unknown scale, and empty matrices.
func (o *Muon) Validate() error {
	var coefficients, scale, shapes error
	for _, c := range o.Coefficients {
		if math.IsNaN(c) || math.IsInf(c, 0) || o.Coefficients == [3]float64{} {
			coefficients = fmt.Errorf("optim: Muon's Coefficients are %g, want three finite numbers that are not all 0", o.Coefficients)
		}
	}
	if o.Scale < ScaleOriginal || o.Scale > ScaleSpectral {
		scale = fmt.Errorf("optim: Muon's Scale is %d, want ScaleOriginal, ScaleLikeAdamW or ScaleSpectral", o.Scale)
	}
	for i, m := range o.Matrices {
		if m.Rows < 1 || m.Cols < 1 {
			shapes = fmt.Errorf("optim: Muon's matrix %d is %d×%d, want at least one row and column", i, m.Rows, m.Cols)
		}
	}
	if len(o.Matrices) == 0 {
		shapes = errors.New("optim: Muon has no Matrices: say of which matrices θ consists")
	}
	return advise("NewMuon", coefficients, scale, shapes,
		checkFraction("Muon", "Momentum", o.Momentum),
		checkAtLeast("Muon", "Steps", o.Steps, 1),
		checkPositive("Muon", "Epsilon", o.Epsilon),
	)
}

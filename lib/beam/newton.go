package beam

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// penalty is λ(ρ‖w‖₁ + ½(1−ρ)‖w‖²) of all but the k intercepts.
type penalty struct{ lambda, ratio float64 }

// parts returns the weights of the two terms for parameter i.
func (p penalty) parts(i, k int) (l1, l2 float64) {
	if i < k {
		return 0, 0
	}
	return p.lambda * p.ratio, p.lambda * (1 - p.ratio)
}

func (p penalty) value(theta []float64, k int) float64 {
	var v float64
	for i, w := range theta {
		l1, l2 := p.parts(i, k)
		v += l1*math.Abs(w) + l2/2*w*w
	}
	return v
}

// A state is a point of a fit, with the objective and its derivatives there.
type state struct {
	theta     []float64
	objective float64
	grad      []float64 // of the smooth part
	hessian   *mat.SymDense
	residual  float64 // the largest component of the gradient, or its distance from the subgradients
	k         int
}

func (p penalty) state(s *sums, theta []float64) *state {
	t := &state{theta: theta, k: s.K, grad: make([]float64, len(theta)), hessian: mat.NewSymDense(len(theta), nil)}
	t.objective = s.Loss/s.Rows + p.value(theta, s.K)
	for i, w := range theta {
		l1, l2 := p.parts(i, s.K)
		t.grad[i] = s.Grad[i]/s.Rows + l2*w
		for j := i; j < len(theta); j++ {
			t.hessian.SetSym(i, j, s.Hessian[i*len(theta)+j]/s.Rows)
		}
		t.hessian.SetSym(i, i, t.hessian.At(i, i)+l2)
		r := math.Abs(t.grad[i])
		switch {
		case l1 == 0:
		case w != 0:
			r = math.Abs(t.grad[i] + math.Copysign(l1, w))
		default:
			r = max(0, r-l1)
		}
		t.residual = max(t.residual, r)
	}
	return t
}

var errSingular = errors.New("beam: the Hessian is singular: columns are linearly dependent, or a plane separates the classes: set Lambda, or remove a column")

var errInfinite = errors.New("beam: the parameters grow for ever, and there is no minimum: a plane separates the classes, up to rows that lie on it, or there is one class only, or all counts are 0: set Lambda, and use rows of all classes")

var errSeparated = errors.New("beam: a plane separates the classes, so that larger weights are always better and there is no minimum: set Lambda")

// direction returns the step d that minimizes the quadratic model of the smooth part plus the L1 part, and by how much that
// lowers the objective.
func (p penalty) direction(t *state, shifts bool) (d []float64, promise float64, err error) {
	n := len(t.theta)
	h := t.hessian
	// Columns of very different sizes are no reason for a bad condition: scale the diagonal to 1.
	scale := make([]float64, n)
	for i := range n {
		scale[i] = 1
		if v := h.At(i, i); v > 0 {
			scale[i] = 1 / math.Sqrt(v)
		}
	}
	scaled := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			scaled.SetSym(i, j, h.At(i, j)*scale[i]*scale[j])
		}
	}
	if shifts {
		// The same number added to the scores of all classes changes nothing, so H has a null space, which the gradient
		// does not touch. Give it a curvature: vvᵀ/‖v‖², with v = 1 for each class of one feature.
		for i := 0; i < n; i += t.k {
			if i >= t.k && p.lambda > 0 {
				break // the penalty holds the weights
			}
			var square float64
			for _, v := range scale[i:][:t.k] {
				square += 1 / (v * v)
			}
			for a := i; a < i+t.k; a++ {
				for b := a; b < i+t.k; b++ {
					scaled.SetSym(a, b, scaled.At(a, b)+1/(scale[a]*scale[b]*square))
				}
			}
		}
	}
	d = make([]float64, n)
	if p.lambda*p.ratio == 0 {
		var c mat.Cholesky
		if !c.Factorize(scaled) || c.Cond() > 1e15 {
			return nil, 0, errSingular
		}
		g := mat.NewVecDense(n, nil)
		for i, v := range t.grad {
			g.SetVec(i, -v*scale[i])
		}
		var s mat.VecDense
		if err := c.SolveVecTo(&s, g); err != nil {
			return nil, 0, errSingular
		}
		for i := range d {
			d[i] = s.AtVec(i) * scale[i]
			promise -= t.grad[i] * d[i] / 2
		}
		return d, promise, nil
	}
	return p.descend(t, scaled, scale)
}

// descend minimizes gᵀd + ½dᵀHd + Σ l1|w + d| by coordinate descent, in scaled coordinates.
func (p penalty) descend(t *state, h *mat.SymDense, scale []float64) (d []float64, promise float64, err error) {
	n := len(t.theta)
	s := make([]float64, n) // d/scale
	q := make([]float64, n) // g + Hd, scaled
	for i := range q {
		q[i] = t.grad[i] * scale[i]
	}
	const sweeps = 100_000
	raw := h.RawSymmetric()
	for sweep := 0; ; sweep++ {
		var moved, size float64
		for i := range n {
			l1, _ := p.parts(i, t.k)
			l1 *= scale[i]
			w := t.theta[i] / scale[i]
			curve := h.At(i, i)
			if curve <= 0 {
				return nil, 0, errSingular
			}
			at := w + s[i]
			z := at - q[i]/curve
			next := math.Copysign(max(0, math.Abs(z)-l1/curve), z)
			step := next - at
			size = max(size, math.Abs(next))
			if step == 0 {
				continue
			}
			moved = max(moved, math.Abs(step))
			s[i] += step
			if next == 0 {
				s[i] = -w
			}
			for j := range i {
				q[j] += step * raw.Data[j*raw.Stride+i]
			}
			for j := i; j < n; j++ {
				q[j] += step * raw.Data[i*raw.Stride+j]
			}
		}
		if moved <= 1e-15*max(size, 1e-300) {
			break
		}
		if sweep == sweeps {
			return nil, 0, fmt.Errorf("beam: coordinate descent still moves by %.3g after %d rounds: the columns are nearly dependent: scale them, remove one, or lower L1Ratio", moved, sweeps)
		}
	}
	d = make([]float64, n)
	for i := range d {
		d[i] = s[i] * scale[i]
		if s[i] == -t.theta[i]/scale[i] {
			d[i] = -t.theta[i] // exactly 0
		}
		l1, _ := p.parts(i, t.k)
		promise -= d[i]*(t.grad[i]+(q[i]/scale[i]-t.grad[i])/2) + l1*(math.Abs(t.theta[i]+d[i])-math.Abs(t.theta[i]))
	}
	return d, promise, nil
}

// A newton is a minimization by steps, each of which needs one evaluation, a pass.
type newton struct {
	penalty   penalty
	family    Family
	tolerance float64
	passes    int // at most
	evaluate  func(ctx context.Context, theta []float64) (*sums, error)
	// accepted is called with each point that is better than those before; nil for none.
	accepted func(*state) error
}

// run minimizes from theta, and returns the last point with what it took. A point is returned with an error, too, if there is one.
func (n *newton) run(ctx context.Context, theta []float64) (*state, int, error) {
	s, err := n.evaluate(ctx, theta)
	if err != nil {
		return nil, 1, err
	}
	if theta == nil {
		theta = make([]float64, s.P*s.K)
	}
	at := n.penalty.state(s, theta)
	if math.IsNaN(at.objective) || math.IsInf(at.objective, 0) {
		return nil, 1, fmt.Errorf("beam: the objective is %v at the start: start at 0, or scale the columns", at.objective)
	}
	passes, before := 1, math.Inf(1)
	for {
		if n.accepted != nil {
			if err := n.accepted(at); err != nil {
				return at, passes, err
			}
		}
		if n.penalty.lambda == 0 && (n.family == Logistic || n.family == Softmax) && passes > 1 && s.Wrong == 0 {
			return at, passes, errSeparated
		}
		if at.residual <= n.tolerance && passes < 8 {
			return at, passes, nil // infinity is further away
		}
		d, promise, err := n.penalty.direction(at, n.family == Softmax)
		if err != nil {
			return at, passes, err
		}
		if at.residual <= n.tolerance {
			// At a minimum the next step is as small as the gradient. On the way to infinity the gradient falls as well, by
			// a factor e in each step, and each step moves the scores by about 1.
			if n.family != Gaussian && floats.Norm(d, math.Inf(1)) > 0.01*floats.Norm(at.theta, math.Inf(1)) {
				return at, passes, errInfinite
			}
			return at, passes, nil
		}
		if promise <= 0x1p-52*math.Abs(at.objective) && at.residual > before/2 {
			return at, passes, nil // nothing is left but rounding
		}
		var next *state
		for scale := 1.0; ; scale /= 2 {
			if passes == n.passes {
				return at, passes, fmt.Errorf("beam: not converged in %d passes: the gradient is still %.3g; if it falls slowly, a plane may separate the classes: set Lambda", passes, at.residual)
			}
			trial := make([]float64, len(d))
			for i := range trial {
				trial[i] = at.theta[i] + scale*d[i]
			}
			if s, err = n.evaluate(ctx, trial); err != nil {
				return at, passes, err
			}
			passes++
			next = n.penalty.state(s, trial)
			if next.objective <= at.objective+0x1p-50*math.Abs(at.objective) {
				break
			}
			if scale < 1e-9 {
				return at, passes, nil // as low as rounding lets it go
			}
		}
		before, at = at.residual, next
	}
}

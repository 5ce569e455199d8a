package solve

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
)

const (
	// large is the number of multiplications for a Hessian from which on to spare
	// some is worth it.
	large = 1 << 24
	// contraction is by how much a step makes the gradient smaller where that is
	// enough to do without another Hessian, which costs as much as several
	// gradients.
	contraction = 1.5
	// wellConditioned is what the Hessian of a sample must be: beyond this, that of
	// all rows has to say whether it is singular.
	wellConditioned = 1e10
)

// begin returns the objective at the start, and leaves the gradient there. It
// leaves the Hessian, too, or in place of it the inverse of that of a sample,
// every k-th row with k ≤ 8, if there are fifty rows for each parameter in it. From
// parameters that are all 0 it goes near to the optimum of the sample first.
func (n *newton) begin(m *model.Linear, x mat.Matrix, y *mat.Dense, opt NewtonOptions) float64 {
	theta := m.Params()
	zero := norm2(theta) == 0
	every := n.sampling()
	sampled := every > 1 && n.sample(m, x, y, opt, every, zero)
	if sampled {
		objective := n.evaluate(n.theta, false)
		if !zero || objective < math.Ln2 { // which it is at 0
			return objective
		}
	}
	if zero {
		clear(theta)
	}
	return n.evaluate(n.theta, !sampled)
}

// sampling is how many rows there are for each in the sample.
func (n *newton) sampling() int { return min(len(n.y)/(50*len(n.lambda)), 8) }

// fewSteps are not worth beginning without a Hessian.
const fewSteps = 10

// afford returns how many steps without a Hessian take the time of two with one. A
// product of matrices takes about a tenth of the time of as many multiplications in
// passes.
func (n *newton) afford() int {
	params := len(n.lambda)
	return min(params/20+params*params/(40*len(n.y)), 60)
}

// flat returns the objective at the start, leaves the gradient g there, and takes
// for the inverse of the Hessian the multiple of I with which the step along g is
// the best one if all p(1−p) are ¼, as they are at most.
func (n *newton) flat() float64 {
	objective := n.evaluate(n.theta, false)
	g := n.grad.RawVector().Data
	bend := make([]float64, len(n.parts))
	n.sweep.each(func(k int, b blas64.General, lo int) {
		scores := n.parts[k].scores[:b.Rows]
		n.score(scores, n.rows(&n.parts[k], lo, b.Rows), g)
		for i, f := range scores {
			bend[k] += n.shares[lo+i] / 4 * f * f
		}
	})
	curvature := floats.Sum(bend)
	for j, l := range n.lambda {
		curvature += l * g[j] * g[j]
	}
	n.inverse.flat = max(dot(g, g)/curvature, math.SmallestNonzeroFloat64)
	return objective
}

// sample takes the inverse from every k-th row, or returns false if that is of no
// use. If it may move θ, it takes Newton's steps, on a quarter of these rows
// first, to where a step promises little. What is little? At the optimum of all
// rows, m of them, of equal weight, have gᵀH⁻¹g = p/m by chance alone, with p
// parameters.
func (n *newton) sample(m *model.Linear, x mat.Matrix, y *mat.Dense, opt NewtonOptions, every int, move bool) bool {
	s := newNewton(m, x, y, opt, every, n.frame)
	chance := float64(len(n.lambda)) * dot(s.shares, s.shares)
	if !(chance < 0.1) { // hardly any have a weight
		return false
	}
	if move {
		newNewton(m, x, y, opt, 4*every, n.frame).approach(8 * chance)
		if !s.approach(8 * chance) {
			return false
		}
	} else {
		s.evaluate(s.theta, true)
		if s.direction() != nil {
			return false
		}
	}
	n.inverse = s.inverse
	return n.inverse.cond < wellConditioned
}

// approach takes steps up to one that promises little, and returns false if it
// does not get there.
func (n *newton) approach(little float64) bool {
	objective := n.evaluate(n.theta, true)
	for range 20 {
		if n.direction() != nil {
			return false
		}
		if mat.Dot(n.grad, n.step) <= little {
			n.theta.SubVec(n.theta, n.step)
			return true
		}
		next, ok := n.descend(objective, true)
		if !ok {
			return false
		}
		objective = next
	}
	return false
}

package solve

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
)

// An extrapolation looks at how some cycles of a descent have changed w, and goes on to
// where they lead. Once signs stay, a cycle maps w to w* + M(w − w*) with the same M
// every time, so that of all combinations Σ cₖwₖ with Σ cₖ = 1 the one whose change is
// smallest,
//
//	c = argmin ‖Σ cₖ(wₖ − wₖ₋₁)‖
//
// is nearer to w* than the last of them. What the tracker keeps is combined in the same
// way. It costs little beside a cycle, and counts only if the objective is lower there.
//
// Source: Bertrand and Massias, Anderson Acceleration of Coordinate Descent, AISTATS 2021.
type extrapolation struct {
	points int
	at     *float64            // where the tracker keeps its state, which may change
	w      [span + 1][]float64 // of the active coordinates
	state  [span + 1][]float64
	u      [span * span]float64 // products of the changes, and their factor
	c      [span]float64
}

// span is the number of cycles that are combined.
const span = 5

// add notes where a cycle has come to and reports whether there are enough of them.
func (e *extrapolation) add(d *descent) bool {
	state := d.state()
	if e.at != &state[0] {
		e.at, e.points = &state[0], 0
	}
	w := e.w[e.points][:0]
	for _, j := range d.active {
		w = append(w, d.w[j])
	}
	e.w[e.points] = w
	e.state[e.points] = append(e.state[e.points][:0], state...)
	e.points++
	return e.points > span
}

// weigh computes c, or returns false if the changes depend on each other.
func (e *extrapolation) weigh() bool {
	g := blas64.Symmetric{Uplo: blas.Upper, N: span, Stride: span, Data: e.u[:]}
	clear(g.Data)
	for k := range span {
		for l := k; l < span; l++ {
			for i, w := range e.w[k] {
				g.Data[k*g.Stride+l] += (e.w[k+1][i] - w) * (e.w[l+1][i] - e.w[l][i])
			}
		}
		e.c[k] = 1
	}
	largest := largestDiagonal(g)
	if !cholesky(g) || !(smallestSquare(g) > span*epsilon*largest) {
		return false
	}
	solveCholesky(g, e.c[:])
	floats.Scale(1/floats.Sum(e.c[:]), e.c[:])
	return floats.Norm(e.c[:], 1) <= 1e6 // more would be noise
}

// extrapolate moves the active coordinates to where the cycles that e has noted lead, if
// that is lower. The cycles after it are noted anew.
func (d *descent) extrapolate(e *extrapolation, l1, l2 float64) {
	e.points = 0
	if !e.weigh() {
		return
	}
	before := d.objective(l1, l2)
	d.combineCycles(e)
	if !(d.objective(l1, l2) < before) {
		e.c = [span]float64{span - 1: 1} // back to the last one
		d.combineCycles(e)
	}
}

// combineCycles moves the active coordinates to Σ cₖwₖ.
func (d *descent) combineCycles(e *extrapolation) {
	for i, j := range d.active {
		d.w[j] = 0
		for k, v := range e.c {
			d.w[j] += v * e.w[k+1][i]
		}
	}
	d.combine(e.c[:], e.state[1:], int(floats.Norm(e.c[:], 1))*span*len(d.active))
}

// objective is what is minimised, if all coordinates but the active ones are 0.
func (d *descent) objective(l1, l2 float64) float64 {
	norm1, ww := 0.0, 0.0
	for _, j := range d.active {
		norm1 += math.Abs(d.w[j])
		ww += d.w[j] * d.w[j]
	}
	return d.squared(d)/2 + l1*norm1 + l2*ww/2
}

// combine sets dst to Σ cₖ·vₖ.
func combine(dst, c []float64, v [][]float64) {
	clear(dst)
	for k, a := range c {
		axpy(dst, a, v[k])
	}
}

// largestDiagonal returns the largest element of the diagonal.
func largestDiagonal(g blas64.Symmetric) float64 {
	largest := 0.0
	for i := range g.N {
		largest = max(largest, g.Data[i*g.Stride+i])
	}
	return largest
}

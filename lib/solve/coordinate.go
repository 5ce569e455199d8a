package solve

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"
)

// descent minimises ½‖y − Xw‖² + l1‖w‖₁ + ½l2‖w‖² over one coordinate after
// the other:
//
//	wⱼ ← S(xⱼᵀr + ‖xⱼ‖²wⱼ, l1) / (‖xⱼ‖² + l2),   S(c, t) = sign(c)·max(|c| − t, 0)
//
// Most coordinates of the solution are 0, and once they are found it is enough
// to go round the others. Only when those stand still are all looked at again. Where
// columns are correlated they creep for ever: then they jump.
type descent struct {
	tracker
	samples int
	squares []float64 // ‖xⱼ‖²
	xy      []float64 // Xᵀy
	yy      float64   // ‖y‖²
	w       []float64
	active  []int     // room for the coordinates that are not 0
	some    []int     // and for those that are tried
	all     []int     // coordinates
	c       []float64 // room for the correlations
	path    extrapolation
}

// penalties returns what λ and ρ are beside the scaled columns and target, or an
// error if that is beyond the range of a float64.
func (c *centred) penalties(lambda, ratio float64) (l1, l2 float64, err error) {
	l1 = math.Ldexp(lambda*ratio, -c.exponent-c.targetExponent)
	l2 = math.Ldexp(lambda*(1-ratio), -2*c.exponent)
	if math.IsInf(l2, 1) {
		return 0, 0, fmt.Errorf("solve: a penalty of %g is beyond the range of a float64 beside the squares of x: scale the features", lambda)
	}
	return min(l1, math.MaxFloat64), l2, nil
}

// weights returns those of the columns and targets as they are given, and the
// intercept, or an error if they are beyond the range of a float64.
func (c *centred) weights(w []float64, mean float64) (weights []float64, intercept float64, err error) {
	weights, intercept = make([]float64, len(w)), mean
	for j, v := range w {
		weights[j] = math.Ldexp(v, c.targetExponent-c.exponent)
		if math.IsInf(weights[j], 0) {
			return nil, 0, fmt.Errorf("solve: the weight of column %d is beyond the range of a float64: scale the features or the target", j)
		}
	}
	if c.intercept {
		intercept -= dot(c.means, weights)
	}
	return weights, intercept, nil
}

// descent prepares the descent to the weights of output k, and returns the mean
// of its target.
func (c *centred) descent(k int) (d *descent, mean float64) {
	n := len(c.means)
	target, mean := c.target(k)
	d = &descent{
		samples: len(c.v),
		squares: c.squares,
		yy:      dot(target, target),
		w:       make([]float64, n),
		active:  make([]int, 0, n),
		some:    make([]int, 0, n),
		all:     make([]int, n),
		c:       make([]float64, n),
	}
	for j := range d.all {
		d.all[j] = j
	}
	if c.products != nil {
		t := newCovariances(c.products, n, k)
		d.tracker, d.xy = t, t.xy
	} else {
		r := residuals{x: c.columns, y: target, r: slices.Clone(target)}
		d.tracker, d.xy = &r, make([]float64, n)
		c.columns.dots(d.xy, target)
		if dense, ok := c.columns.(*denseColumns); ok {
			d.tracker = &working{residuals: r, x: dense}
		}
	}
	return d, mean
}

// solve descends from w until the duality gap is at most tol·‖y‖², or until no
// coordinate moves, which is as far as rounding lets it go. It returns the
// number of cycles, at most limit, the gap, and whether that was enough.
func (d *descent) solve(l1, l2, tol float64, limit int) (cycles int, gap float64, ok bool) {
	enough := tol * d.yy
	nothing := epsilon * epsilon * d.yy
	still := enough // how little a coordinate must change ‖Xw‖² to stand still
	creeping := 0   // cycles since the last jump
	change := 0.0
	for cycles < limit {
		gap = d.gap(l1, l2)
		if gap <= 2*enough && d.verify(d.w) {
			gap = d.gap(l1, l2)
		}
		if gap <= enough && cycles > 0 {
			return cycles, gap, true
		}
		some, more := d.candidates(l1)
		if cycles > 0 && !more { // the gap falls as the root of the change
			still = max(min(still, change*max((enough/gap)*(enough/gap)/4, 1e-4)), nothing)
		}
		for first := true; cycles < limit; first = false {
			change = d.cycle(some, l1, l2)
			cycles++
			creeping++
			if change <= nothing {
				if first && !d.verify(d.w) {
					gap = d.gap(l1, l2)
					return cycles, gap, true
				}
				break
			}
			if change <= still {
				still = max(still/10, nothing)
			} else {
				d.keepNonZeros(some)
				d.path.points = 0
				d.path.add(d)
				for cycles < limit && change > still {
					change = d.cycle(d.active, l1, l2)
					cycles++
					if creeping++; creeping > d.patience() {
						d.jump(l1, l2)
						creeping, d.path.points = 0, 0
					} else if d.path.add(d) {
						d.extrapolate(&d.path, l1, l2)
					}
				}
			}
			if d.among(some, l1, l2) <= max(enough/2, gap/10) {
				break
			}
		}
	}
	d.verify(d.w)
	gap = d.gap(l1, l2)
	return cycles, gap, gap <= enough
}

// keepNonZeros makes those of some coordinates active that are not 0.
func (d *descent) keepNonZeros(some []int) {
	d.active = d.active[:0]
	for _, j := range some {
		if d.w[j] != 0 {
			d.active = append(d.active, j)
		}
	}
}

// among returns the gap of the problem of some columns alone where it costs no pass
// over columns, and 0 elsewhere.
func (d *descent) among(some []int, l1, l2 float64) float64 {
	if t, ok := d.tracker.(*working); !ok || len(t.c) == 0 {
		return 0
	}
	for _, j := range some {
		d.c[j] = d.at(j)
	}
	return d.bound(some, l1, l2)
}

// candidates returns the coordinates that are not 0 and those that will not stay 0,
// by the correlations that gap has found, of all columns at once, and whether there are
// some of the latter.
func (d *descent) candidates(l1 float64) (some []int, more bool) {
	some = d.some[:0]
	for j, w := range d.w {
		if w != 0 {
			some = append(some, j)
		}
	}
	used := len(some)
	for j, c := range d.c {
		if d.w[j] == 0 && math.Abs(c) > l1 {
			some = append(some, j)
		}
	}
	wanted := len(some)
	// Most of many would be 0 again, unless there are even more samples: those that matter
	// most come first.
	if most := 2*used + fewCandidates; len(some) > most && 2*len(some) > d.samples {
		slices.SortFunc(some[used:], func(i, j int) int { return cmp.Compare(math.Abs(d.c[j]), math.Abs(d.c[i])) })
		some = some[:most]
	}
	slices.Sort(some)
	if t, ok := d.tracker.(*working); ok {
		d.tracker = t.use(some, d.c, wanted, d.w, d.xy)
	}
	return some, wanted > used
}

// fewCandidates are tried at once, however few coordinates are not 0.
const fewCandidates = 150

// patience is after how many cycles to jump.
func (d *descent) patience() int {
	_, all := d.tracker.(*covariances)
	t, ok := d.tracker.(*working)
	if all || ok && len(t.c) > 0 { // the products are there
		return 20 + len(d.active)/10
	}
	return 20 + len(d.active)
}

// jump goes to the minimum over the coordinates that are not 0, as if they kept
// their signs, which is the solution of
//
//	(XᵀX + l2·I)·δ = Xᵀr − l2·w − l1·sign(w)
//
// in their columns. Those that would change their signs become 0. If that does not
// lower the objective, it goes only as far as the first of them, which does. It costs
// about as much as the cycles after which it is tried.
func (d *descent) jump(l1, l2 float64) {
	d.active = slices.DeleteFunc(d.active, func(j int) bool { return d.w[j] == 0 })
	for range maxJumps {
		if len(d.active) == 0 {
			return
		}
		g := d.gram(d.active)
		down := make([]float64, g.N)
		for i, j := range d.active {
			g.Data[i*g.Stride+i] += l2
			down[i] = d.at(j) - l2*d.w[j] - math.Copysign(l1, d.w[j])
		}
		largest := largestDiagonal(g)
		if !cholesky(g) || !(smallestSquare(g) > float64(g.N)*epsilon*largest) {
			return // dependent columns: there is no one minimum
		}
		solveCholesky(g, down)
		if !d.leap(down, l1, l2) {
			return
		}
		d.active = slices.DeleteFunc(d.active, func(j int) bool { return d.w[j] == 0 })
	}
}

// maxJumps are made in a row.
const maxJumps = 5

// smallestSquare returns that of the diagonal of u.
func smallestSquare(u blas64.Symmetric) float64 {
	least := math.Inf(1)
	for i := range u.N {
		least = min(least, u.Data[i*u.Stride+i]*u.Data[i*u.Stride+i])
	}
	return least
}

// leap moves the active coordinates by down, and returns whether some of them have
// become 0 on the way and the objective is lower, so that another jump is worth it.
func (d *descent) leap(down []float64, l1, l2 float64) bool {
	old, fall, clipped, way := make([]float64, len(down)), 0.0, false, 1.0
	for i, j := range d.active {
		old[i] = d.w[j]
		d.w[j] += down[i]
		if d.w[j]*old[i] <= 0 {
			clipped, way, d.w[j] = true, min(way, -old[i]/down[i]), 0
		}
		fall += (d.w[j] - old[i]) * d.at(j) / 2
	}
	d.shift(old)
	if !clipped {
		return false
	}
	for i, j := range d.active {
		delta := d.w[j] - old[i]
		fall += delta*d.at(j)/2 - l1*(math.Abs(d.w[j])-math.Abs(old[i])) - l2*delta*(d.w[j]+old[i])/2
	}
	if fall > 0 {
		return true
	}
	far := make([]float64, len(old))
	for i, j := range d.active {
		far[i] = d.w[j]
		d.w[j] = old[i] + way*down[i]
		if d.w[j]*old[i] <= 0 {
			d.w[j] = 0
		}
	}
	d.shift(far)
	return false
}

// shift tells the tracker how the active coordinates have changed.
func (d *descent) shift(old []float64) {
	for i, j := range d.active {
		if d.w[j] != old[i] {
			d.move(j, d.w[j]-old[i])
		}
	}
}

// relative returns the gap as a fraction of ‖y‖².
func (d *descent) relative(gap float64) float64 {
	if gap == 0 {
		return 0
	}
	return gap / d.yy
}

// squaredByCorrelations returns ‖y − Xw‖² = ‖y‖² − wᵀ(Xᵀy + Xᵀr).
func (d *descent) squaredByCorrelations() float64 {
	rr := d.yy
	for _, j := range d.active {
		rr -= d.w[j] * (d.xy[j] + d.at(j))
	}
	return rr
}

// cycle updates the coordinates once and returns the largest ‖xⱼ‖²(Δwⱼ)².
func (d *descent) cycle(coordinates []int, l1, l2 float64) (change float64) {
	if t, ok := d.tracker.(*working); ok {
		t.settle()
	}
	for _, j := range coordinates {
		square := d.squares[j]
		if square == 0 {
			continue // a constant column explains nothing
		}
		old := d.w[j]
		c := d.at(j) + square*old
		d.w[j] = 0
		if shrunk := math.Abs(c) - l1; shrunk > 0 {
			d.w[j] = math.Copysign(shrunk, c) / (square + l2)
		}
		if delta := d.w[j] - old; delta != 0 {
			d.move(j, delta)
			change = max(change, square*delta*delta)
		}
	}
	return change
}

// gap bounds how far the objective is above its minimum, through the dual
// problem: the elastic net is the lasso with √l2·I below X and zeros below y,
// whose dual point is its residual, shrunk until no correlation exceeds l1.
func (d *descent) gap(l1, l2 float64) float64 {
	if normInf(d.w) == 0 {
		d.refresh(d.w)
		copy(d.c, d.xy)
	} else {
		d.correlations(d.c, d.w)
	}
	return d.bound(d.all, l1, l2)
}

// bound is the gap of the problem of some columns, given their correlations in d.c.
func (d *descent) bound(some []int, l1, l2 float64) float64 {
	rr, ry, ww, norm1, largest := d.yy, d.yy, 0.0, 0.0, 0.0
	for _, j := range some {
		w := d.w[j]
		rr -= w * (d.xy[j] + d.c[j])
		ry -= w * d.xy[j]
		ww += w * w
		norm1 += math.Abs(w)
		largest = max(largest, math.Abs(d.c[j]-l2*w))
	}
	rr = max(rr, 0) + l2*ww
	shrink := 1.0
	if largest > l1 {
		shrink = l1 / largest
	}
	return max(0, rr*(1+shrink*shrink)/2+l1*norm1-shrink*ry)
}

package regularizer

import (
	"fmt"
	"math"
)

// GroupLasso is R(θ) = λ Σ_g ‖θ_g‖, the sum of the Euclidean norms of groups of
// Size consecutive weights. Its gradient is λθ_g/‖θ_g‖, with 0 where θ_g = 0.
// Its proximal step sets a group to 0 as a whole or not at all.
//
// The rows of an n×k weight matrix are the k weights that leave one feature, so
// Size k selects features for all outputs together. Yuan and Lin weight a group
// by √Size: for that, use λ√Size. Size 1 is [L1].
//
// Source: Yuan and Lin, Model Selection and Estimation in Regression with
// Grouped Variables, Journal of the Royal Statistical Society B 68, 2006.
type GroupLasso struct {
	Lambda float64
	Size   int // of a group; the length of θ must be a multiple of it
}

func (r GroupLasso) Penalty(theta []float64) float64 {
	checkRows(theta, r.Size)
	sum := 0.0
	for at := 0; at < len(theta); at += r.Size {
		length, unit := norm(theta[at:at+r.Size], 1)
		sum += length * unit
	}
	return r.Lambda * sum
}

// AddGradient adds λθ_g/‖θ_g‖, and nothing where θ_g is 0.
func (r GroupLasso) AddGradient(grad, theta []float64) {
	checkLengths(grad, theta)
	checkRows(theta, r.Size)
	for at := 0; at < len(theta); at += r.Size {
		group := theta[at : at+r.Size]
		length, unit := norm(group, 1)
		if length == 0 {
			continue
		}
		for i, v := range group {
			grad[at+i] += r.Lambda * (v / unit / length)
		}
	}
}

// Prox shortens each group by step·λ, at most to 0: θ_g ← max(1 −
// step·λ/‖θ_g‖, 0)·θ_g, called block soft thresholding.
func (r GroupLasso) Prox(theta []float64, step float64) {
	checkRows(theta, r.Size)
	for at := 0; at < len(theta); at += r.Size {
		group := theta[at : at+r.Size]
		length, unit := norm(group, 1)
		n := length * unit
		if n <= step*r.Lambda {
			clear(group)
			continue
		}
		shrink := 1 - step*r.Lambda/n
		for i := range group {
			group[i] *= shrink
		}
	}
}

func (r GroupLasso) Validate() error {
	if r.Size < 1 {
		return fmt.Errorf("regularizer: GroupLasso's Size is %d, want the number of weights in a group (the outputs of a layer, for its features)", r.Size)
	}
	return checkLambda("GroupLasso", r.Lambda)
}

// CheckBlock reports a block that is not a whole number of groups.
func (r GroupLasso) CheckBlock(size int) error {
	if size%r.Size != 0 {
		return fmt.Errorf("regularizer: GroupLasso of groups of %d does not fit a block of %d weights: choose a Size that divides it", r.Size, size)
	}
	return nil
}

// norm returns the Euclidean norm of every stride-th element in units of a
// power of two: 1, unless the squares or their sum would leave the range of a
// float64.
func norm(v []float64, stride int) (length, unit float64) {
	sum := 0.0
	for i := 0; i < len(v); i += stride {
		sum += v[i] * v[i]
	}
	if sum > 1e-280 && sum <= math.MaxFloat64 {
		return math.Sqrt(sum), 1
	}
	top := 0.0
	for i := 0; i < len(v); i += stride {
		top = max(top, math.Abs(v[i]))
	}
	if top == 0 || math.IsNaN(top) || math.IsInf(top, 1) {
		return top, 1
	}
	_, exponent := math.Frexp(top)
	unit = math.Ldexp(1, exponent-1)
	sum = 0
	for i := 0; i < len(v); i += stride {
		sum += (v[i] / unit) * (v[i] / unit)
	}
	return math.Sqrt(sum), unit
}

func checkRows(theta []float64, size int) {
	if size < 1 || len(theta)%size != 0 {
		panic(fmt.Sprintf("regularizer: %d parameters are not rows of %d", len(theta), size))
	}
}

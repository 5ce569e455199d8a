package loss

import "gonum.org/v1/gonum/mat"

// AsSeparable returns l as a Separable loss, or false if it is not separable.
// Every Pointwise loss is separable, with the total Σ wᵢ.
func AsSeparable(l Loss) (Separable, bool) {
	switch l := l.(type) {
	case Separable:
		return l, true
	case Pointwise:
		return pointwise{l}, true
	}
	return nil, false
}

type pointwise struct{ Pointwise }

func (pointwise) Total(target *mat.Dense, weight []float64) float64 {
	rows, _ := target.Dims()
	return totalWeight(weight, rows)
}

func (MulticlassHinge) Total(target *mat.Dense, weight []float64) float64 {
	return pointwise{}.Total(target, weight)
}

func (KLDivergence) Total(target *mat.Dense, weight []float64) float64 {
	return pointwise{}.Total(target, weight)
}

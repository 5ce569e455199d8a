package loss

import "gonum.org/v1/gonum/mat"

// total is Σ wᵢ, over all rows of the target.
func total(target *mat.Dense, weight []float64) float64 {
	rows, _ := target.Dims()
	return totalWeight(weight, rows)
}

// Total returns Σ wᵢ.
func (MSE) Total(target *mat.Dense, weight []float64) float64 { return total(target, weight) }

// Total returns Σ wᵢ.
func (MAE) Total(target *mat.Dense, weight []float64) float64 { return total(target, weight) }

// Total returns Σ wᵢ.
func (Huber) Total(target *mat.Dense, weight []float64) float64 { return total(target, weight) }

// Total returns Σ wᵢ.
func (LogCosh) Total(target *mat.Dense, weight []float64) float64 { return total(target, weight) }

// Total returns Σ wᵢ.
func (Quantile) Total(target *mat.Dense, weight []float64) float64 { return total(target, weight) }

// Total returns Σ wᵢ.
func (Poisson) Total(target *mat.Dense, weight []float64) float64 { return total(target, weight) }

// Total returns Σ wᵢ.
func (BinaryCrossEntropy) Total(target *mat.Dense, weight []float64) float64 {
	return total(target, weight)
}

// Total returns Σ wᵢ.
func (Focal) Total(target *mat.Dense, weight []float64) float64 { return total(target, weight) }

// Total returns Σ wᵢ.
func (Hinge) Total(target *mat.Dense, weight []float64) float64 { return total(target, weight) }

// Total returns Σ wᵢ.
func (SquaredHinge) Total(target *mat.Dense, weight []float64) float64 { return total(target, weight) }

// Total returns Σ wᵢ.
func (MulticlassHinge) Total(target *mat.Dense, weight []float64) float64 {
	return total(target, weight)
}

// Total returns Σ wᵢ.
func (KLDivergence) Total(target *mat.Dense, weight []float64) float64 { return total(target, weight) }

// Package loss measures how far predictions are from targets, and in which
// direction to move them.
//
// Each loss is a mean over the batch of a sample's loss ℓ(f, y), where f is a
// row of the model's output and y the row of the target:
//
//	L = Σᵢ wᵢ ℓ(fᵢ, yᵢ) / Σᵢ wᵢ
//
// with sample weights w, all 1 if not given. A sample of weight 0 counts for
// nothing, and a weight of 2 is the same as the sample twice. Where f has k
// columns that are regressed independently, ℓ is the mean over the columns, as
// PyTorch's reduction "mean" has it.
//
// Losses for classification take scores (logits) and not probabilities.
// log σ(f) computed from f is exact for f = ±10⁴, while log p computed from a
// probability that was rounded to 0 is −∞.
package loss

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// A Loss is the weighted mean of a sample's loss over a batch.
type Loss interface {
	// Loss returns L. It writes ∂L/∂pred, the gradient of that mean, into
	// dPred unless dPred is nil; an empty dPred is resized to pred's shape.
	// weight is nil or holds a weight ≥ 0 for each row.
	Loss(dPred, pred, target *mat.Dense, weight []float64) float64
}

// A TargetChecker is a Loss that can tell whether targets mean anything to it.
// Training asks once, before it starts.
type TargetChecker interface {
	// CheckTarget returns an error that names the first row of target that
	// the loss cannot use with predictions of the given number of outputs.
	CheckTarget(target *mat.Dense, outputs int) error
}

// elementwise computes a loss that is the mean over rows and columns of
// ℓ(f, y), given the function that returns ℓ and ∂ℓ/∂f.
func elementwise(dPred, pred, target *mat.Dense, weight []float64, f func(pred, target float64) (l, d float64)) float64 {
	check(dPred, pred, target, weight)
	rows, cols := pred.Dims()
	total := totalWeight(weight, rows)
	if total == 0 {
		zero(dPred)
		return 0
	}
	p, t := pred.RawMatrix(), target.RawMatrix()
	sum := 0.0
	for i := range rows {
		scale := 1 / (total * float64(cols))
		w := 1.0
		if weight != nil {
			w = weight[i]
			scale *= w
		}
		pi, ti := p.Data[i*p.Stride:i*p.Stride+cols], t.Data[i*t.Stride:i*t.Stride+cols]
		var di []float64
		if dPred != nil {
			d := dPred.RawMatrix()
			di = d.Data[i*d.Stride : i*d.Stride+cols]
		}
		for j, v := range pi {
			l, d := f(v, ti[j])
			if w != 0 {
				sum += w * l
			}
			if di == nil {
				continue
			}
			if di[j] = 0; w != 0 {
				di[j] = scale * d
			}
		}
	}
	return sum / (total * float64(cols))
}

// check resizes dPred and panics if the shapes do not fit.
func check(dPred, pred, target *mat.Dense, weight []float64) {
	r, c := pred.Dims()
	if tr, tc := target.Dims(); tr != r || tc != c {
		panic(fmt.Sprintf("loss: predictions are %d×%d, targets %d×%d", r, c, tr, tc))
	}
	checkGradient(dPred, r, c)
	checkWeight(weight, r)
}

func checkGradient(dPred *mat.Dense, r, c int) {
	if dPred == nil {
		return
	}
	if dPred.IsEmpty() {
		dPred.ReuseAs(r, c)
		return
	}
	if dr, dc := dPred.Dims(); dr != r || dc != c {
		panic(fmt.Sprintf("loss: gradient is %d×%d, predictions are %d×%d", dr, dc, r, c))
	}
}

func checkWeight(weight []float64, rows int) {
	if weight != nil && len(weight) != rows {
		panic(fmt.Sprintf("loss: %d sample weights for %d rows", len(weight), rows))
	}
}

func zero(dPred *mat.Dense) {
	if dPred != nil {
		dPred.Zero()
	}
}

func totalWeight(weight []float64, rows int) float64 {
	if weight == nil {
		return float64(rows)
	}
	total := 0.0
	for _, w := range weight {
		total += w
	}
	return total
}

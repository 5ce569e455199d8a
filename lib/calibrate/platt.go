package calibrate

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/model"
)

// Platt is the sigmoid of a score f,
//
//	p = 1/(1 + exp(A·f + B))
//
// whose A is negative if the class is more likely the larger the score.
type Platt struct{ A, B float64 }

// At returns the probability for a score.
func (p Platt) At(score float64) float64 { return model.Sigmoid(-(float64(p.A*score) + p.B)) }

// FitPlatt fits a sigmoid to scores of rows with the labels 0 and 1. It minimizes the
// cross-entropy with the targets
//
//	t = (n₁+1)/(n₁+2) for label 1,   1/(n₀+2) for label 0
//
// for n₁ rows (or weights) of label 1 and n₀ of label 0. They are what Bayes' rule says
// of labels seen so often, and keep A finite if the scores separate the classes. The
// minimum is that of scikit-learn's CalibratedClassifierCV with method="sigmoid", found
// by Newton's method with halved steps.
//
// Source: Platt, Probabilistic Outputs for Support Vector Machines, 1999; Lin, Lin and
// Weng, A note on Platt's probabilistic outputs for support vector machines, Machine
// Learning 68, 2007.
func FitPlatt(score []float64, truth []int, weight []float64) (*Platt, error) {
	if err := check(score, len(truth), weight); err != nil {
		return nil, err
	}
	var n [2]float64 // the weight of each label
	largest := 0.0
	for i, label := range truth {
		if label != 0 && label != 1 {
			return nil, fmt.Errorf("calibrate: row %d has label %d, want 0 or 1", i, label)
		}
		n[label] += weightAt(weight, i)
		largest = math.Max(largest, math.Abs(score[i]))
	}
	if n[0]+n[1] == 0 {
		return nil, fmt.Errorf("calibrate: all weights are 0")
	}
	s := sigmoidFit{truth: truth, weight: weight, target: [2]float64{1 / (n[0] + 2), (n[1] + 1) / (n[1] + 2)}}
	scale := 1.0 // of the scores, by a power of two, so that A and B are of one size
	if largest > 0 {
		_, e := math.Frexp(largest)
		scale = math.Ldexp(1, -e)
		if math.IsInf(scale, 1) {
			scale = math.Ldexp(1, 1023)
		}
	}
	s.score, s.z, s.at = make([]float64, len(score)), make([]float64, len(score)), make([]float64, len(score))
	for i, v := range score {
		s.score[i] = v * scale
	}
	a, b := s.minimize(0, math.Log((n[0]+1)/(n[1]+1)))
	p := &Platt{A: a * scale, B: b}
	if math.IsInf(p.A, 0) {
		return nil, fmt.Errorf("calibrate: the scores are too small, at most %g: multiply them", largest)
	}
	return p, nil
}

// sigmoidFit is the objective of Platt's sigmoid.
type sigmoidFit struct {
	score  []float64
	truth  []int
	weight []float64
	target [2]float64 // for each label
	z, at  []float64  // a·f + b, and a function of it
}

// value returns Σ w·(ln(1 + eᶻ) − (1−t)·z) for z = a·f + b: the cross-entropy.
func (s *sigmoidFit) value(a, b float64) float64 {
	s.lines(a, b)
	blas.Softplus(s.at, s.z)
	sum := 0.0
	for i, z := range s.z {
		sum += weightAt(s.weight, i) * (s.at[i] - (1-s.target[s.truth[i]])*z)
	}
	return sum
}

// lines sets z to a·f + b.
func (s *sigmoidFit) lines(a, b float64) {
	for i, f := range s.score {
		s.z[i] = float64(a*f) + b
	}
}

// minimize returns the minimum by Newton's method. A singular matrix of second
// derivatives, as for scores that are all equal, is helped by a tiny multiple of I.
func (s *sigmoidFit) minimize(a, b float64) (float64, float64) {
	value := s.value(a, b)
	for range 100 {
		var ga, gb, aa, ab, bb float64
		s.lines(-a, -b)
		blas.Sigmoid(s.at, s.z)
		for i, f := range s.score {
			p := s.at[i]
			d := weightAt(s.weight, i) * (s.target[s.truth[i]] - p)
			h := weightAt(s.weight, i) * p * (1 - p)
			ga, gb = ga+d*f, gb+d
			aa, ab, bb = aa+h*f*f, ab+h*f, bb+h
		}
		ridge := 1e-12 * (aa + bb)
		aa, bb = aa+ridge, bb+ridge
		det := aa*bb - ab*ab
		if !(det > 0) {
			return a, b
		}
		da, db := -(bb*ga-ab*gb)/det, -(aa*gb-ab*ga)/det
		if -(ga*da + gb*db) <= 1e-12*math.Abs(value) { // so near that rounding may hide what the step gains
			a, b = a+da, b+db
			if math.Abs(da)+math.Abs(db) <= 1e-9*(math.Abs(a)+math.Abs(b)) {
				return a, b
			}
			value = s.value(a, b)
			continue
		}
		step := 1.0
		for {
			na, nb := a+step*da, b+step*db
			if v := s.value(na, nb); v < value {
				a, b, value = na, nb, v
				break
			}
			if step /= 2; step < 1e-10 { // rounding hides any progress
				if next := s.value(a+da, b+db); math.Abs(da)+math.Abs(db) < 1e-6*(1+math.Abs(a)+math.Abs(b)) && next <= value+1e-12*math.Abs(value) {
					a, b = a+da, b+db
				}
				return a, b
			}
		}
		if math.Abs(da)+math.Abs(db) <= 1e-16*(math.Abs(a)+math.Abs(b)) {
			return a, b
		}
	}
	return a, b
}

package loss

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/lib/blas"
)

// CrossEntropy is the negative log-likelihood of classes when f holds a score
// for each of k classes, whose probabilities are p = softmax(f). The target is
// one column with the number of the class, or k columns of probabilities t:
//
//	ℓ = −Σ_c a_c log p_c,   a_c = v_c ((1−ε) t_c + ε/k)
//	∂ℓ/∂f_j = p_j Σ_c a_c − a_j
//
// in nats, with class weights v, all 1 if not given, and label smoothing ε; the
// number y of a class means t_y = 1. Without them, ∂ℓ/∂f = p − t. Adding a
// constant to all scores of a row changes nothing.
//
// The mean is PyTorch's. For class numbers the weight of a sample is multiplied
// by that of its class, L = Σ wᵢℓᵢ / Σ wᵢ v_{yᵢ}, so that doubling all class
// weights changes nothing. For probabilities the sum is divided by Σ wᵢ alone,
// and doubling them doubles the loss. [BalancedWeights] returns the class weights
// that scikit-learn calls "balanced".
//
// With AllowUnlabelled, a class number of −1 means that the class of the row is
// unknown or irrelevant, as for the padding of a sequence. Such a row is ignored, in
// the sum and in its divisor, as with PyTorch's ignore_index=-1. If no row has a
// label, the loss is 0 (PyTorch: NaN).
//
// Source for label smoothing: Szegedy et al., Rethinking the Inception
// Architecture for Computer Vision, 2016, section 7.
type CrossEntropy struct {
	ClassWeight    []float64 // v, one for each class; nil is all 1
	LabelSmoothing float64   // ε, the share that is spread evenly over all k classes
	// AllowUnlabelled makes the loss ignore rows with the target −1.
	AllowUnlabelled bool
}

// NewTokenCrossEntropy returns the CrossEntropy of sequences, in which a target of −1
// says that a token does not count, such as padding: AllowUnlabelled is set. Its
// exponential is the perplexity.
func NewTokenCrossEntropy() CrossEntropy { return CrossEntropy{AllowUnlabelled: true} }

func (c CrossEntropy) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	checkClasses(dPred, pred, target, weight)
	_, classes := pred.Dims()
	if n := len(c.ClassWeight); n > 0 && n != classes {
		panic(fmt.Sprintf("loss: %d class weights for predictions of %d columns", n, classes))
	}
	return softmaxRows(raw(dPred), pred.RawMatrix(), target.RawMatrix(), weight, c.Total(target, weight), c)
}

// Ignores reports that the row of a target, −1, says nothing.
func (c CrossEntropy) Ignores(target []float64) bool {
	return c.AllowUnlabelled && len(target) == 1 && target[0] == unlabelled
}

// Total returns Σ wᵢ v_{yᵢ} for numbers of classes, and Σ wᵢ for
// probabilities.
func (c CrossEntropy) Total(target *mat.Dense, weight []float64) float64 {
	rows, cols := target.Dims()
	if cols > 1 || len(c.ClassWeight) == 0 && !c.AllowUnlabelled {
		return totalWeight(weight, rows)
	}
	var total accurate.Sum
	for i := range rows {
		w := 1.0
		if weight != nil {
			w = weight[i]
		}
		if w == 0 || c.Ignores(target.RawRowView(i)) {
			continue
		}
		if len(c.ClassWeight) > 0 {
			w *= c.ClassWeight[class(target.At(i, 0), len(c.ClassWeight))]
		}
		total.Add(w)
	}
	return total.Value()
}

func (c CrossEntropy) row(d, f, target []float64, top, logZ float64, _ *softmaxRoom) float64 {
	if c.Ignores(target) {
		clear(d)
		return 0
	}
	label := -1
	if len(target) == 1 {
		label = class(target[0], len(f))
	}
	if label >= 0 && c.LabelSmoothing == 0 && len(c.ClassWeight) == 0 {
		if d != nil {
			d[label]--
		}
		return logZ - (f[label] - top)
	}
	loss, mass := 0.0, 0.0
	for j, v := range f {
		if a := c.share(j, label, target, len(f)); a != 0 {
			loss += float64(a * (logZ - (v - top)))
			mass += a
		}
	}
	for j := range d {
		d[j] = float64(mass*d[j]) - c.share(j, label, target, len(f))
	}
	return loss
}

// share returns a_j.
func (c CrossEntropy) share(j, label int, target []float64, classes int) float64 {
	t := 0.0
	switch {
	case j == label:
		t = 1
	case label < 0:
		t = target[j]
	}
	return c.shareOf(j, t, classes)
}

// shareOf returns a_j, given t_j.
func (c CrossEntropy) shareOf(j int, t float64, classes int) float64 {
	a := float64((1-c.LabelSmoothing)*t) + c.LabelSmoothing/float64(classes)
	if len(c.ClassWeight) > 0 {
		a *= c.ClassWeight[j]
	}
	return a
}

// CheckTarget reports the first target that is not the number of a class, or −1 with
// AllowUnlabelled, or the first row that is not a distribution over the classes.
func (c CrossEntropy) CheckTarget(target *mat.Dense, outputs int) error {
	if n := len(c.ClassWeight); n > 0 && n != outputs {
		return fmt.Errorf("loss: ClassWeight has %d elements and the model %d outputs: give one weight for each class", n, outputs)
	}
	if _, cols := target.Dims(); cols == 1 || outputs < 2 {
		return checkNumbers(target, outputs, c.AllowUnlabelled)
	}
	return checkDistributions(target, outputs)
}

// Curvature returns ½, the largest eigenvalue of diag(p) − ppᵀ, reached where
// two classes share all the probability. With class weights it is
// ½·max v/min(1, v), over the v that are not 0. Rows without a label are to be left
// out of the data as well.
func (c CrossEntropy) Curvature() float64 {
	if len(c.ClassWeight) == 0 {
		return 0.5
	}
	top, bottom := 0.0, 1.0
	for _, v := range c.ClassWeight {
		if v > 0 {
			top, bottom = max(top, v), min(bottom, v)
		}
	}
	return top / bottom / 2
}

func (c CrossEntropy) Validate() error {
	if !(c.LabelSmoothing >= 0 && c.LabelSmoothing <= 1) {
		return fmt.Errorf("loss: CrossEntropy's LabelSmoothing is %g, want between 0 and 1", c.LabelSmoothing)
	}
	return checkWeights("ClassWeight", c.ClassWeight)
}

// KLDivergence is the Kullback–Leibler divergence of the model's distribution
// p = softmax(f) from the target's distribution t, both over k classes:
//
//	ℓ = Σ_c t_c (log t_c − log p_c)
//	∂ℓ/∂f_j = p_j Σ_c t_c − t_j
//
// in nats, with 0·log 0 = 0. It is [CrossEntropy] minus the entropy of t: it
// has the same gradient, and is 0 where p = t. It is the mean over samples of
// the sum over classes: PyTorch's KLDivLoss of log_softmax(f) with reduction
// "batchmean"; PyTorch's default divides by k as well.
//
// Source: Kullback and Leibler, On Information and Sufficiency, 1951.
type KLDivergence struct{}

func (KLDivergence) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	check(dPred, pred, target, weight)
	rows, _ := pred.Dims()
	return softmaxRows(raw(dPred), pred.RawMatrix(), target.RawMatrix(), weight, totalWeight(weight, rows), KLDivergence{})
}

func (KLDivergence) row(d, f, target []float64, top, logZ float64, room *softmaxRoom) float64 {
	loss, mass, logs := 0.0, 0.0, room.logsOf(target)
	for j, t := range target {
		if t != 0 {
			loss += float64(t * (logs[j] + logZ - (f[j] - top)))
			mass += t
		}
	}
	for j := range d {
		d[j] = float64(mass*d[j]) - target[j]
	}
	return loss
}

// CheckTarget reports the first row that is not a distribution.
func (KLDivergence) CheckTarget(target *mat.Dense, outputs int) error {
	return checkDistributions(target, outputs)
}

// Curvature returns ½, as for [CrossEntropy].
func (KLDivergence) Curvature() float64 { return 0.5 }

// softmax sets p to softmax(f).
func softmax(p, f []float64) {
	top := math.Inf(-1)
	for _, v := range f {
		if !(v <= top) {
			top = v
		}
	}
	for j, v := range f {
		p[j] = v - top
	}
	blas.Exp(p, p)
	sum := 0.0
	for _, e := range p {
		sum += e
	}
	for j := range p {
		p[j] /= sum
	}
}

package optim

import (
	"errors"
	"fmt"
	"iter"
)

// An Averager is an optimizer that also keeps an average of θ. The average is
// usually the better model, and θ the better point to continue from.
//
//	if a, ok := optim.As[optim.Averager](opt); ok {
//		a.Swap(theta) // evaluate or save the average …
//		a.Swap(theta) // … and continue
//	}
//
// Running statistics of a model, such as those of batch normalisation, are not
// averaged: compute them again for the average.
type Averager interface {
	Optimizer
	// Average returns the average as a view, or nil if there is none yet.
	Average() []float64
	// Swap exchanges θ and the average; calling it again exchanges them back.
	// Without an average it does nothing. Between two calls Step panics.
	Swap(theta []float64)
}

// average is what EMA and SWA share: steps counts those of the optimizer and
// count the vectors in the average.
type average struct {
	steps, count [1]float64
	values       []float64
	swapped      bool
}

func (a *average) init(dim int) {
	*a = average{values: resize(a.values, dim)}
}

func (a *average) checkStep(owner string) {
	if a.swapped {
		panic(fmt.Sprintf("optim: %s cannot step while θ holds the average: call Swap again first", owner))
	}
}

// add moves the average a fraction of the way to θ; the first θ is taken whole.
func (a *average) add(theta []float64, fraction float64) {
	if a.count[0]++; a.count[0] == 1 {
		fraction = 1
	}
	theta = theta[:len(a.values)]
	for i, old := range a.values {
		a.values[i] = (1-fraction)*old + fraction*theta[i]
	}
}

// Average returns the average as a view, or nil if there is none yet. While
// the two are swapped, the view holds θ.
func (a *average) Average() []float64 {
	if a.count[0] == 0 {
		return nil
	}
	return a.values
}

func (a *average) Swap(theta []float64) {
	if len(theta) != len(a.values) {
		panic(fmt.Sprintf("optim: %d parameters to swap, but Init was told %d", len(theta), len(a.values)))
	}
	if a.count[0] == 0 {
		return
	}
	for i, v := range a.values {
		a.values[i], theta[i] = theta[i], v
	}
	a.swapped = !a.swapped
}

func (a *average) state(prefix string, inner Optimizer) iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		_ = yieldAll(yield, []string{"steps", "count", "average"}, a.steps[:], a.count[:], a.values) &&
			yieldInner(yield, prefix, inner)
	}
}

// EMA keeps an exponential moving average of θ, which lags behind θ and
// smooths the noise of mini-batches:
//
//	average ← θ                                 after the first step
//	average ← d·average + (1−d)·θ               after each later one
//
// It averages over about 1/(1−d) steps. See [Averager] for how to use the
// average.
//
// Source: Polyak and Juditsky, Acceleration of Stochastic Approximation by
// Averaging, 1992, with exponential weights.
type EMA struct {
	Decay     float64 // d, 0 < d < 1
	Optimizer         // moves θ
	average
}

// NewEMA returns EMA with d = 0.999 around inner.
func NewEMA(inner Optimizer) *EMA { return &EMA{Decay: 0.999, Optimizer: inner} }

func (o *EMA) Init(dim int) {
	o.init(dim)
	o.Optimizer.Init(dim)
}

// Step moves θ and then the average.
func (o *EMA) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.values))
	o.checkStep("EMA")
	o.Optimizer.Step(theta, grad, lr)
	o.steps[0]++
	o.add(theta, 1-o.Decay)
}

// State yields "steps", "count", "average", and the state of the inner optimizer
// with names that begin with "ema.".
func (o *EMA) State() iter.Seq2[string, []float64] { return o.state("ema.", o.Optimizer) }

func (o *EMA) Unwrap() Optimizer { return o.Optimizer }

func (o *EMA) Validate() error {
	decay := checkFraction("EMA", "Decay", o.Decay)
	if o.Decay == 0 {
		decay = errors.New("optim: EMA's Decay is 0, which averages nothing")
	}
	return errors.Join(advise("NewEMA", decay), checkInner("EMA", o.Optimizer))
}

// SWA, stochastic weight averaging, keeps the plain mean of θ over steps late in
// training, at a high or cyclic learning rate. Such a mean tends to lie in the
// middle of a wide valley, while θ moves along its walls.
//
//	average ← average + (θ − average)/(n+1)     after the n-th addition
//
// After the first Start steps, it adds θ every Every steps. See [Averager]
// for how to use the average.
//
// Source: Izmailov et al., Averaging Weights Leads to Wider Optima and Better
// Generalization, 2018, algorithm 1.
type SWA struct {
	Start     int // steps before averaging begins, ≥ 0
	Every     int // steps from one addition to the next, ≥ 1
	Optimizer     // moves θ
	average
}

// NewSWA returns SWA around inner that averages after every step after the
// first start steps.
func NewSWA(start int, inner Optimizer) *SWA { return &SWA{Start: start, Every: 1, Optimizer: inner} }

func (o *SWA) Init(dim int) {
	o.init(dim)
	o.Optimizer.Init(dim)
}

// Step moves θ and then, every Every steps, the average.
func (o *SWA) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(o.values))
	o.checkStep("SWA")
	o.Optimizer.Step(theta, grad, lr)
	o.steps[0]++
	if past := int(o.steps[0]) - o.Start; past > 0 && past%o.Every == 0 {
		o.add(theta, 1/(o.count[0]+1))
	}
}

// State yields "steps", "count", "average", and the state of the inner optimizer
// with names that begin with "swa.".
func (o *SWA) State() iter.Seq2[string, []float64] { return o.state("swa.", o.Optimizer) }

func (o *SWA) Unwrap() Optimizer { return o.Optimizer }

func (o *SWA) Validate() error {
	return errors.Join(
		advise("NewSWA",
			checkAtLeast("SWA", "Start", o.Start, 0),
			checkAtLeast("SWA", "Every", o.Every, 1)),
		checkInner("SWA", o.Optimizer),
	)
}

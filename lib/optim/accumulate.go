package optim

import (
	"errors"
	"iter"
)

// Accumulate passes on the mean of every Steps gradients, and does not change θ
// in between. With a loss that is a mean over its batch, and batches of equal
// size, this is one step on a batch Steps times as large, in the memory of a
// small one.
//
// A schedule counts all calls; the step uses the rate of the last one. Gradients
// accumulated at the end of an epoch carry over into the next. Optimizers that
// count steps or change θ, such as a decoupled [WeightDecay], [Lookahead] or
// [EMA], belong inside, since outside they act at every call.
type Accumulate struct {
	Steps     int // ≥ 1
	Optimizer     // receives the mean

	count [1]float64
	sum   []float64
}

func (a *Accumulate) Init(dim int) {
	a.count[0] = 0
	a.sum = resize(a.sum, dim)
	a.Optimizer.Init(dim)
}

// Step adds grad to the sum; every Steps calls it moves θ.
func (a *Accumulate) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, len(a.sum))
	sum := a.sum[:len(grad)]
	for i, g := range grad {
		sum[i] += g
	}
	a.count[0]++
	if a.count[0] < float64(a.Steps) {
		return
	}
	scale(a.sum, 1/a.count[0])
	a.Optimizer.Step(theta, a.sum, lr)
	a.count[0] = 0
	clear(a.sum)
}

// State yields "count", "sum", and the state of the inner optimizer with names
// that begin with "accumulate.".
func (a *Accumulate) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		_ = yieldAll(yield, []string{"count", "sum"}, a.count[:], a.sum) &&
			yieldInner(yield, "accumulate.", a.Optimizer)
	}
}

func (a *Accumulate) Unwrap() Optimizer { return a.Optimizer }

func (a *Accumulate) Validate() error {
	return errors.Join(checkAtLeast("Accumulate", "Steps", a.Steps, 1), checkInner("Accumulate", a.Optimizer))
}

package optim

// AdamW is [Adam] with decoupled weight decay: each step first shrinks θ
// towards 0, by a factor that does not depend on v̂.
//
//	θ ← (1 − αλ)·θ
//	θ ← θ − α·m̂/(√v̂ + ε)
//
// It is [WeightDecay] with Decoupled around Adam, in one pass. The semantics
// are those of torch.optim.AdamW.
//
// Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019,
// algorithm 2.
type AdamW struct {
	Adam
	Lambda float64 // λ ≥ 0, the strength of the decay
	Except []Range // parameters that do not decay, such as biases; ascending
}

// NewAdamW returns AdamW with Adam's defaults and λ = 0.01 on all parameters.
func NewAdamW() *AdamW { return &AdamW{Adam: *NewAdam(), Lambda: 0.01} }

func (o *AdamW) Init(dim int) {
	checkWithin("AdamW", o.Except, dim)
	o.Adam.Init(dim)
}

func (o *AdamW) Step(theta, grad []float64, lr float64) {
	keep := 1 - lr*o.Lambda
	if len(o.Except) == 0 {
		o.step(theta, grad, lr, keep)
		return
	}
	rest := 0
	for _, r := range o.Except {
		scale(theta[rest:r.Lo], keep)
		rest = r.Hi
	}
	scale(theta[rest:], keep)
	o.Adam.Step(theta, grad, lr)
}

func (o *AdamW) Validate() error {
	return advise("NewAdamW",
		checkMoments("AdamW", o.Beta1, o.Beta2, o.Epsilon),
		checkNotNegative("AdamW", "Lambda", o.Lambda),
		checkAscending("AdamW", o.Except),
	)
}

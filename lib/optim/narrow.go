package optim

import "github.com/descent-go/descent/lib/blas"

// StepNarrow is o.Step for a gradient in float32. It also sets rounded ← θ, each element
// rounded to float32, in the same pass over θ. It returns false, and does nothing, unless
// o is an *[Adam] without AMSGrad or an *[AdamW] and the processor has kernels: then
// convert the gradient and call Step, which gives the same θ.
func StepNarrow(o Optimizer, theta []float64, grad, rounded []float32, lr float64) bool {
	if !blas.HasKernels {
		return false
	}
	keep := 1.0
	var adam *Adam
	switch o := o.(type) { // not an interface, which a type that embeds Adam would have too
	case *Adam:
		adam = o
	case *AdamW:
		if len(o.Except) > 0 {
			return false
		}
		adam, keep = &o.Adam, 1-lr*o.Lambda
	}
	if adam == nil || adam.AMSGrad {
		return false
	}
	checkStep(theta, grad, len(adam.m))
	rate, root := adam.corrected(adam.steps[0]+1, lr)
	if !blas.AdamNarrow(theta, grad, adam.m, adam.v, rounded, adam.Beta1, adam.Beta2, rate, root, adam.Epsilon, keep) {
		return false
	}
	adam.steps[0]++
	return true
}

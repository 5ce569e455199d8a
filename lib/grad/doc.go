// Package grad differentiates what is written down with operations on arrays: models,
// losses and functions need only their forward.
//
//	mlp, err := grad.NewModel(784, seed, func(g *grad.Graph, x *grad.Node) *grad.Node {
//		h := x.MatMul(g.Weights("w1", 784, 128)).Add(g.Biases("b1", 128)).ReLU()
//		return h.MatMul(g.Weights("w2", 128, 10)).Add(g.Biases("b2", 10))
//	})
//
// [NewModel] returns a model.Model on one flat θ, which training, optimizers, penalties,
// gradient checks, checkpoints, files and solvers take. [NewLoss] returns a loss.Loss from
// the formula of one sample, and [NewFunction] a function of a vector with its gradient
// and its products with the Jacobian and the Hessian matrix. [New] returns a graph that
// computes while it is written, to look at every number.
//
// # How it works
//
// Each operation is written on a tape after the operations that it needs. From the front
// to the back, the tape computes values. From the back to the front, it computes how much
// the result changes with each of them: by the chain rule, an operation y = f(x) adds
// ∂L/∂y·f'(x) to ∂L/∂x. It adds, since x may have been used elsewhere, too. That is
// reverse-mode automatic differentiation: all derivatives of one number, for the price of
// a few evaluations. The file tape.go is all of it. The other files are the operations:
// what each does forward and backward stands together.
//
// The tape is written once for a number of rows, and then replayed in the same memory: a
// step of training allocates nothing after the first, and a smaller last batch has a tape
// too. Masks, ids and dropout are computed anew in each replay. Go code between the
// operations runs only while the tape is written.
//
// Each operation also knows how its result moves when its operands do (forward mode), and
// how its way back does. Forward over reverse is the product of the Hessian matrix and a
// vector, for the price of about two gradients: [Function.HVP], and solve.NewtonCG.
//
// # Shapes
//
// A node has a shape of up to 8 axes, () being a number. Operations of two operands
// broadcast as NumPy's. A shape that does not fit panics with the operation, the shapes and
// the line of the program; NewModel, NewLoss and NewFunction return that as an error.
//
// # Precision
//
// Everything is float64 outside. [NewModel32] computes in float32 inside, as
// model.NewNetwork32 does.
//
// # Speed
//
// Products and convolutions are matrix products of lib/blas, images on all cores; the result does
// not depend on their number. Everything else is one pass over memory for each operation, on one
// core. An epoch of train.Fit on one core of an EPYC with AVX-512, times as long as that of
// model.NewNetwork's layers, and as fast as PyTorch 2.15 in eager mode:
//
//	                                      float64       float32
//	784-128-10, Adam, batches of 32       1.05, 4.9     1.12, 4.6
//	784-128-10, Adam, batches of 128      1.06, 3.5     1.05, 3.5
//	LeNet-5, Adam, batches of 64          1.10, 3.3     1.45, 2.4
//
// (medians of three runs in turns, CPU time; make bench measures them again, rows mlp and lenet).
//
// Source: Baydin et al., Automatic Differentiation in Machine Learning: a Survey, 2018;
// Griewank and Walther, Evaluating Derivatives, 2nd ed., 2008.
package grad

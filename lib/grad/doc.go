// Package grad differentiates models, losses and functions that are written as
// operations on arrays. Only the forward pass has to be written.
//
//	mlp, err := grad.NewModel(784, seed, func(g *grad.Graph, x *grad.Node) *grad.Node {
//		h := x.MatMul(g.Weights("w1", 784, 128)).Add(g.Biases("b1", 128)).ReLU()
//		return h.MatMul(g.Weights("w2", 128, 10)).Add(g.Biases("b2", 10))
//	})
//
// [NewModel] returns a model.Model with one flat θ, which works with training,
// optimizers, penalties, gradient checks, checkpoints, files and solvers. [NewLoss]
// returns a loss.Loss from the formula of one sample. [NewFunction] returns a
// function of a vector with its gradient and its products with the Jacobian and the
// Hessian matrix. [New] returns a graph that computes while it is written, so that
// every number can be inspected.
//
// # How it works
//
// Each operation is written on a tape after the operations that it needs. Played
// forward, the tape computes values. Played backward, it computes how much the
// result changes with each of them. By the chain rule, an operation y = f(x) adds
// ∂L/∂y·f'(x) to ∂L/∂x. It adds, since x may be used elsewhere too. This is
// reverse-mode automatic differentiation: it computes all derivatives of one number
// for the cost of a few evaluations. All of it is in the file tape.go. The other
// files are the operations, each with its forward and backward code together.
//
// The tape is written once for each number of rows, and then replayed in the same
// memory: training allocates nothing after the first step. A smaller last batch has
// a separate tape. Masks, ids and dropout are computed again in each replay. Go
// code between the operations runs only while the tape is written.
//
// Each operation can also compute the tangent of its result from those of its
// operands (forward mode), and the tangent of its backward pass. Forward over
// reverse gives the product of the Hessian matrix and a vector for the cost of
// about two gradients: see [Function.HVP] and solve.NewtonCG.
//
// # Shapes
//
// A node has a shape of up to 8 axes; () is a single number. Operations on two
// operands broadcast as in NumPy. An operation panics if shapes do not fit, with
// its name, the shapes and the line of the program; NewModel, NewLoss and
// NewFunction return this as an error.
//
// # Precision
//
// All inputs and results are float64. [NewModel32] computes in float32 internally,
// as model.NewNetwork32 does.
//
// # Speed
//
// Products and convolutions are matrix products of lib/blas. The images of a batch
// are divided among the cores; the result does not depend on the number of cores.
// Every other operation is one pass over memory, on one core. For an epoch of
// train.Fit on one core of an EPYC with AVX-512, the table shows the time relative
// to model.NewNetwork's layers, and the speed relative to PyTorch 2.15 in eager
// mode:
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

// Package solve finds the optimum of a model by methods that use more than a
// gradient and a learning rate.
//
// Every function takes a model, as training does, and sets its parameters, so that
// a solver and train.Fit are interchangeable and can be compared. All use the same
// objective: the weighted mean of the loss plus the penalty, with L2 = ½λ‖w‖², L1 =
// λ‖w‖₁ and the intercept unpenalised.
//
// # Which solver
//
//	problem                                  solver              how
//	squared error                            LeastSquares        Cholesky, or QR, and corrections
//	squared error + L2                       Ridge               the same, or the dual
//	squared error + L1, or L1 and L2         ElasticNet          coordinate descent
//	the same for many λ                      Path                with warm starts
//	logistic regression, with L2 or without  Logistic            Newton (IRLS)
//	squared error, more rows than memory     StreamLeastSquares  passes: a Gram matrix, or QR by blocks
//	logistic regression, the same            StreamLogistic      passes: Newton
//	a smooth loss, any model, smooth penalty Minimize            L-BFGS and others
//	the same, with products with the Hessian NewtonCG            Newton, conjugate gradients
//	a smooth loss, any model, any Proximal   FISTA, ISTA         proximal gradient
//
// The squared error of a linear model has an exact minimum, which a factorisation
// finds without a learning rate. The cross-entropy of a logistic model is convex
// and smooth, and Newton's method reaches its minimum to the last digit in a
// handful of steps. The absolute value in the lasso has a kink that stops weights
// at exactly 0; coordinate descent and proximal steps reach it directly. Use these
// solvers for problems of moderate size, and as a reference for gradient methods.
//
// # Passes over the data
//
// [Minimize], [NewtonCG], [ISTA] and [FISTA] return a [train.History], as training
// does. Record k has the loss at the k-th point, the first being the start, and
// Passes is the cost of getting there. A Forward over all samples is half a pass,
// and so is a Backward; one step of gradient descent is one pass. Passes compare
// methods fairly even if their iterations differ in cost.
//
// # Conversion from scikit-learn
//
// With m samples (or sample weights of sum m) and one output, these have the same
// minimum:
//
//	here                             scikit-learn
//	Ridge, λ                         Ridge(alpha=λ·m/2)
//	ElasticNet, λ, ρ                 ElasticNet(alpha=λ/2, l1_ratio=ρ)
//	ElasticNet, λ, ρ = 1             Lasso(alpha=λ/2)
//	Logistic, λ                      LogisticRegression(C=1/(λ·m))
//	Minimize, CrossEntropy, L2 λ     LogisticRegression(C=1/(λ·m)), multinomial
//
// scikit-learn's Ridge sums the squared errors, its Lasso and ElasticNet halve
// their mean, and its LogisticRegression multiplies the sum of the losses by C.
// With k outputs the squared error here is also the mean over the outputs: multiply
// λ by k to get the penalty of each output alone.
//
// # Accuracy
//
// LeastSquares is tested on NIST's certified datasets; docs/nist.md in the folder
// of this package lists the digits that agree.
package solve

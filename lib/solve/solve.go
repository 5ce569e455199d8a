// Package solve finds the optimum of a model directly, where there is more to
// use than a gradient and a learning rate.
//
// Every function takes the model as training does and sets its parameters, so
// that a solver and train.Fit are interchangeable and can be compared. All use
// one objective: the weighted mean of the loss plus the penalty, with L2 =
// ½λ‖w‖², L1 = λ‖w‖₁ and the intercept unpenalised.
//
// # Which solver
//
//	problem                                  solver         how
//	squared error                            LeastSquares   QR factorisation
//	squared error + L2                       Ridge          QR factorisation
//	squared error + L1, or L1 and L2         ElasticNet     coordinate descent
//	the same for many λ                      Path           with warm starts
//	logistic regression, with L2 or without  Logistic       Newton (IRLS)
//	a smooth loss, any model, smooth penalty Minimize       L-BFGS and others
//	the same, with products with the Hessian NewtonCG       Newton, conjugate gradients
//	a smooth loss, any model, any Proximal   FISTA, ISTA    proximal gradient
//
// The squared error of a linear model has an exact minimum, which a
// factorisation finds without a learning rate. The cross-entropy of a logistic
// model is convex and smooth, and Newton's method reaches its minimum to the
// last digit in a handful of steps. The absolute value in the lasso has a kink
// where weights stop at exactly 0, which coordinate descent and proximal steps
// go to directly. Such answers are what a gradient method is compared with, and
// for moderate sizes they are what one should use.
//
// # Passes over the data
//
// [Minimize], [NewtonCG], [ISTA] and [FISTA] return a [train.History], as training does.
// Record number k has the loss at the k-th point, the first being the start,
// and Passes says what it cost to get there: a Forward over all samples is half
// a pass and so is a Backward, so that one step of gradient descent is one. On
// that axis methods compare fairly, whatever their iterations cost.
//
// # Conversion from scikit-learn
//
// With m samples (or sample weights of sum m) and one output, the same minimum
// is reached by
//
//	here                             scikit-learn
//	Ridge, λ                         Ridge(alpha=λ·m/2)
//	ElasticNet, λ, ρ                 ElasticNet(alpha=λ/2, l1_ratio=ρ)
//	ElasticNet, λ, ρ = 1             Lasso(alpha=λ/2)
//	Logistic, λ                      LogisticRegression(C=1/(λ·m))
//	Minimize, CrossEntropy, L2 λ     LogisticRegression(C=1/(λ·m)), multinomial
//
// since scikit-learn's Ridge sums the squared errors, its Lasso and ElasticNet
// halve their mean, and its LogisticRegression multiplies their sum by C. With
// k outputs the squared error here is the mean over the outputs too: multiply λ
// by k to get the penalty of each output alone.
//
// # Accuracy
//
// LeastSquares is tested on NIST's certified datasets; docs/nist.md in the
// folder of this package has the digits that agree.
package solve

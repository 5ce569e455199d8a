// Package tune chooses what gradient descent cannot: learning rates, penalties,
// depths, features.
//
// Hyper-parameters must not be chosen by the score on the training rows, where
// a more flexible model always looks better, nor by the score on the test rows,
// which are then no longer unseen. Cross-validation needs only the training
// rows: it leaves out each part of them once, trains on the rest and scores the
// part that was left out.
//
// # Cross-validation
//
// The folds come from package preprocess, and a [FoldFunc] trains and scores on
// one of them. [CrossValidate] runs it on all folds, several at a time:
//
//	folds, err := preprocess.KFold(rows, 5, 1)
//	scores, err := tune.CrossValidate(ctx, folds, ridge.On(data), 0)
//	fmt.Println(scores)   // 0.479 ± 0.094 in 5 folds
//
// Here ridge is a [Learner], the common case of a FoldFunc: transformers fitted
// on the fold's training rows only, a model trained on them, and a [Scorer].
// For tables whose columns need different preparations, package tabular has a
// learner that is cross-validated and searched as a whole. [LearningCurve] shows
// whether more rows would help, [ValidationCurve] how one hyper-parameter takes a
// model from too simple to too complex.
//
// # Search
//
// A search consists of an [Objective], a Method that proposes trials, and a
// direction, Minimize or Maximize:
//
//	result, err := tune.Maximize(ctx, tune.Grid{"lambda": {0.01, 0.1, 1.0}}, objective, tune.Options{})
//	best, err := result.Best()
//
// The methods, from the simplest to the most adaptive:
//
//   - [Grid] tries all combinations. It suits one or two hyper-parameters.
//   - [Random] draws from a [Space] of distributions. If only some
//     hyper-parameters matter, it tries more values of them than a grid does.
//   - [SuccessiveHalving] tries many with a small budget, such as a few epochs,
//     and continues with the best of them.
//   - [TPE] models the distribution of good trials, and samples from it.
//
// A trial that fails, by an error, a panic or a score that is not a finite
// number, is kept with its error and ranks last; the search goes on.
//
// The best score of a search is biased: the largest of many noisy scores was
// partly luck. Evaluate the winner once, on rows that the search has not used.
//
// # The same result on any machine and after any pause
//
// A [Method] is a function of the finished trials only: it proposes a batch,
// waits for all of it, and proposes the next one. So the number of workers
// changes only how long a search takes, provided that the objective depends on
// its [Trial] alone. An objective that needs random numbers should derive its
// seed from Trial.ID.
//
// A search can also be resumed. With Options.File every finished trial is
// written before the next batch begins. A restarted search proposes the same
// trials, takes the finished ones from the file and computes the rest. The
// result is, bit for bit, that of an uninterrupted search.
package tune

// Package tune chooses what gradient descent cannot: learning rates, penalties,
// depths, features.
//
// Such a hyper-parameter must not be chosen by the rows that the model learned
// from, where more freedom always looks better, nor by the test rows, which are
// then no longer new to it. Cross-validation makes do with the training rows:
// it leaves out each part of them once, trains on the rest and scores the part
// that was left out.
//
// # Cross-validation
//
// The folds come from package preprocess, and a [FoldFunc] trains and scores on
// one of them. [CrossValidate] runs it on all, several at a time:
//
//	folds, err := preprocess.KFold(rows, 5, 1)
//	scores, err := tune.CrossValidate(ctx, folds, ridge.On(data), 0)
//	fmt.Println(scores)   // 0.479 ± 0.094 in 5 folds
//
// Here ridge is a [Learner], the common case of a FoldFunc: transformers fitted
// on the fold's training rows only, a model trained on them, and a [Scorer].
// [LearningCurve] shows whether more rows would help, [ValidationCurve] how one
// hyper-parameter moves a model between too simple and too complex.
//
// # Search
//
// A search is an [Objective], a method that proposes what to try, and a
// direction, which is the name of the function:
//
//	result, err := tune.Maximize(ctx, tune.Grid{"lambda": {0.01, 0.1, 1.0}}, objective, tune.Options{})
//	best, err := result.Best()
//
// The methods, from the simplest to the one that learns the most:
//
//   - [Grid] tries all combinations. Good for one or two hyper-parameters.
//   - [Random] draws from a [Space] of distributions. Where only some of the
//     hyper-parameters matter, it tries more values of those than a grid does.
//   - [SuccessiveHalving] tries many with a small budget, such as a few epochs,
//     and goes on with the best of them.
//   - [TPE] models where the good trials have been, and looks there.
//
// A trial that fails, by an error, a panic or a score that is not a finite
// number, is kept with its error and ranks last; the search goes on.
//
// The best score of a search is biased: of many noisy scores the largest is one
// that was lucky. Judge the winner once, on rows that the search never saw.
//
// # The same result on any machine and after any pause
//
// A [Method] is a function of the finished trials and of nothing else: it
// proposes a batch, waits for all of it, and proposes the next one. So the
// number of workers changes how long a search takes and nothing besides, if the
// objective itself depends on its [Trial] alone. For an objective that draws
// random numbers, make the seed from Trial.ID.
//
// The same makes a search resumable. With Options.File every finished trial is
// in the file before the next begins. A search that is started again proposes
// the same trials, takes from the file what is there, and computes the rest: the
// result is, bit for bit, that of a search that was never interrupted.
package tune

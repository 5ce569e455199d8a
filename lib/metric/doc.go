// Package metric measures how good predictions are.
//
// Training minimises a loss; people read a metric. The two often differ: accuracy has
// no useful gradient, and a cross-entropy of 0.43 does not say how many letters go to
// the wrong address. So train on a loss, and judge by a metric, on rows that were not
// used for training.
//
// # Conventions
//
// Labels are []int, the classes 0 … K−1 (two classes: 0 and 1; where only two classes
// make sense, −1 and 1 also serve, and 1 is always the positive one). Scores and
// values are []float64. Predictions of several classes are a matrix with a row for
// each sample and a column for each class. The labels of a dataset come from its
// method Labels, those of a model from model.Classes: Accuracy(test.Labels(),
// model.Classes(m, test.X), nil). [Labels], [Threshold], [Column] and [OneVsRest]
// convert other scores and probabilities.
//
// The order of the arguments is always truth, prediction, settings, weight. The
// weight of a row says how often it counts; nil means that each counts once. A row of
// weight 2 is the same as the row twice, and a row of weight 0 is the same as no row.
//
// # Which metric
//
// For labels, use [Accuracy] if the classes are about equally frequent, otherwise
// [BalancedAccuracy] or [F1]: if one patient in a hundred is ill, "everybody is
// healthy" is 99 % accurate. [NewConfusion] shows which classes are confused.
// [Precision] is the share of alarms that were true, [Recall] the share of fires that
// raised an alarm.
//
// For scores, before a threshold is chosen, [ROCCurve] and [PrecisionRecallCurve]
// show every threshold at once, and [ROCAUC] and [AveragePrecision] summarise them.
// Both depend only on the order of the scores; use the second when positives are
// rare. For several classes, [ROCCurves] has a curve for each, and [ROCAUCOneVsRest]
// and [ROCAUCOneVsOne] summarise them in one number.
//
// For probabilities, [LogLoss] and [Brier] also judge whether the numbers themselves
// are right. [NewCalibration] shows where they are not.
//
// For values, [RMSE] and [MAE] have the unit of the target, [MAPE] is relative to it,
// [MedianAE] ignores a few outliers, and [R2] compares with always predicting the
// mean.
//
// For boxes around objects in images, use [IoU], [NMS] and [MeanAP].
//
// # Undefined
//
// A metric of no rows is NaN, which cannot be mistaken for a result. For invalid data
// (a ROC curve of one class, a probability of 1.3, a label without a column) the
// function also returns an error, which names the row. Arguments of different lengths
// cause a panic, as does a weight that is negative or not finite.
//
// The definitions are those of scikit-learn 1.2; functions that differ say so in
// their comments.
package metric

// Package metric measures how good predictions are.
//
// A loss is what training lowers; a metric is what a person reads. The two are often different: accuracy has no
// useful gradient, and a cross-entropy of 0.43 tells nobody how many letters are delivered to the wrong door. So
// train on a loss, and judge on a metric, on rows that training has not seen.
//
// # Conventions
//
// Labels are []int, the classes 0 … K−1 (two classes: 0 and 1; where only two classes make sense, −1 and 1 also
// serve, and 1 is always the positive one). Scores and values are []float64. Predictions of several classes stand
// in a matrix with a row for each sample and a column for each class. The labels of a dataset are its Labels, those
// that a model gives are model.Classes: Accuracy(test.Labels(), model.Classes(m, test.X), nil). For other scores and
// probabilities, [Labels], [Threshold], [Column] and [OneVsRest] make what a metric takes.
//
// The order of the arguments is always truth, prediction, settings, weight. The weight of a row says how often it
// counts; nil means once each. A row of weight 2 is the same as the row written twice, and a row of weight 0 is
// the same as a row removed, whatever it holds.
//
// # Which metric
//
// For labels, [Accuracy] if the classes are about as frequent as each other, else [BalancedAccuracy] or [F1]:
// if one patient in a hundred is ill, "everybody is healthy" is 99 % accurate. [NewConfusion] shows which classes
// are taken for which. [Precision] asks how many of the alarms were true, [Recall] how many of the fires gave an
// alarm.
//
// For scores, before a threshold is chosen, [ROCCurve] and [PrecisionRecallCurve] show every threshold at once, and
// [ROCAUC] and [AveragePrecision] are their summaries. Both judge the order of the scores only; the second is the
// one to read when positives are rare. For many classes, [ROCCurves] has a curve for each, and [ROCAUCOneVsRest] and
// [ROCAUCOneVsOne] make one number of them.
//
// For probabilities, [LogLoss] and [Brier] also judge the numbers: are they honest? [NewCalibration] shows where
// they are not.
//
// For values, [RMSE] and [MAE] have the unit of the target, [MAPE] is relative to it, [MedianAE] is not moved by a
// few wild rows, and [R2] compares with always predicting the mean.
//
// For boxes around objects in pictures, [IoU], [NMS] and [MeanAP].
//
// # Undefined
//
// Where nothing is wrong but nothing can be said (no rows), a metric is NaN, which cannot be mistaken for a result.
// Where the data do not fit the question (a ROC curve with one class, a probability of 1.3, a label that has no
// column) the function also returns an error that says which row. Arguments of different lengths are a mistake in the
// program and panic, as does a weight that is negative or not finite.
//
// The definitions are those of scikit-learn 1.2; where this package differs, the comment of the function says so.
package metric

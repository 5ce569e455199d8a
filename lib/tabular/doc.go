// Package tabular learns from tables: preparation and model are one object, which is
// fitted, cross-validated, searched, evaluated, saved and served as one.
//
// A [Learner] says what to learn: the target column, and how. Everything else has a
// default.
//
//	customers, err := preprocess.ReadCSV(file)
//	learner := tabular.Learner{Target: "churned"}
//	folds, err := learner.Folds(customers, 5, 1)
//	scores, err := learner.CrossValidate(ctx, customers, folds, 0)
//	m, err := learner.Fit(ctx, customers)
//	p, err := m.PredictRow(map[string]any{"plan": "basic", "age": 42})
//	fmt.Println(p.Class, p.Probability)
//
// # Preparation
//
// Each column has a [Kind], which follows from its cells unless Learner.Columns says
// otherwise:
//
//	kind      cells                              becomes
//	Number    numbers and missing cells          mean for missing ones, an indicator of them, mean 0 and variance 1
//	Category  few different strings              a column for each, one for all infrequent ones
//	Text      many different strings of words    tf·idf of its words
//	Ignored   strings that are nearly all different, such as names; columns without a value
//
// Another preparation is any preprocess.TableTransformer: see Learner.Prepare. It is
// fitted on training rows only, in each fold of a cross-validation too.
//
// # Models
//
// A [Method] trains a model on prepared rows: [Linear] by an exact or a second-order
// solver, which is the default; [Path], a linear model with L1 whose penalty is chosen
// by cross-validation; [Network], a network trained by gradients. All do
// classification and regression. Another method is a type with the same two methods.
//
// # What is learned
//
// A [Model] predicts classes by name with their probabilities, or values, for a table
// ([Model.Predict]) or for one row by names ([Model.PredictRow]). It checks its input:
// a missing column, text in place of a number, NaN and unknown categories are errors or
// handled as the learner says, never a panic. Several goroutines may use it at once.
//
// [Model.SaveFile] writes one file with everything: preparation, model, classes, and
// what [About] says about data, scores, versions and limits. [LoadFile] returns a model
// that predicts bit for bit as before, and refuses a damaged file. [Model.Card] is the
// same information for people, as Markdown or HTML.
//
// # Scores
//
// [Model.Evaluate] and [Learner.CrossValidate] return named [Scores]. [Search] chooses
// settings by one of them. [Model.Importance] and [Model.Dependence] show what the model
// uses, and how.
package tabular

// Package preprocess turns raw data into matrices that models can learn from. It
// scales, encodes, imputes and splits data, and prepares text and images.
//
// # Fit on the training rows only
//
// A [Transformer] learns something from data (a mean, a list of categories, a
// vocabulary) in Fit, and applies it to any rows in Transform. Fit must see only
// training rows. A scaler fitted on all rows has seen the test set, so that the
// test error is too low. Split first, then fit:
//
//	parts, err := preprocess.SplitRandom(n, preprocess.Fractions{Test: 0.2}, 1)
//	scaler := preprocess.NewStandardScaler()
//	train, err := preprocess.FitTransform(scaler, preprocess.Rows(x, parts.Train))
//	test, err := scaler.Transform(preprocess.Rows(x, parts.Test))
//
// A [Pipeline] chains transformers and keeps this rule for all of them. A
// [ColumnTransformer] applies different transformers to different columns. A
// [TableTransformer] does the same for the named columns of a CSV file ([Table]),
// which may be numbers, categories or text. Package tabular makes one object of such a
// preparation and a model, which is cross-validated, saved and served as one.
//
// # Dense and sparse
//
// Transform takes any mat.Matrix and returns a new one. It does not change or alias
// its argument. It does not change the transformer either, so that several
// goroutines may use a fitted transformer at once. The result is a *mat.Dense or a
// *sparse.CSR:
//
//	transformer            dense x    sparse x
//	StandardScaler         dense      sparse if WithMean is false, else an error
//	RobustScaler           dense      sparse if WithCentering is false, else an error
//	Normalizer             dense      sparse
//	MinMaxScaler, Imputer  dense      error
//	PolynomialFeatures     dense      error
//	OrdinalEncoder         dense      error
//	OneHotEncoder          sparse, or dense if Dense is true
//	vectorizers            (documents) sparse
//	ColumnTransformer      sparse if any of its parts is, else dense
//
// A sparse matrix becomes dense only by a call of [Dense], which also returns a
// result that is already dense as a *mat.Dense.
//
// # More rows than memory holds
//
// A [PartialFitter], a vocabulary and a [TableTransformer] of such learn part by part,
// with PartialFit. [CSV.Parts] reads a file in parts. Package stream applies a fitted
// transformer to each batch. lib/sketch, a separate module, fits a [RobustScaler] from
// quantiles that are estimated in one pass.
//
// # Errors
//
// Bad data cause an error that names the row and the column, counted from 0: a NaN
// or an infinity, an unknown category, a wrong number of columns. Only an [Imputer]
// accepts NaN, which means "missing". Transform before Fit returns [ErrNotFitted].
// Settings are checked by Fit, and by Validate.
//
// # Peers
//
// Names, defaults and results are those of scikit-learn 1.2.1, except where a doc
// comment says otherwise. The main differences: scalers return an error for NaN
// instead of passing it through, and Imputer returns an error for a column without
// a value instead of dropping it.
//
// # Saving
//
// [SaveFile] writes any of this package's transformers as JSON, atomically.
// [LoadFile] reads it back; the result transforms bit for bit as before.
package preprocess

import (
	"errors"
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// ErrNotFitted is returned by Transform, wrapped with the transformer's name, if
// Fit has not been called or has failed.
var ErrNotFitted = errors.New("not fitted: call Fit with the training rows first")

// A Transformer learns from training rows and then maps rows to rows.
//
// The rows of x are samples, its columns features. Row i of the result depends only
// on row i of x and on what Fit learned.
type Transformer interface {
	// Fit learns from the rows of x, and forgets what it learned before, even if it
	// returns an error.
	Fit(x mat.Matrix) error
	// Transform returns a new matrix with as many rows as x, dense or sparse. It
	// returns ErrNotFitted before Fit, and an error if x has a different number of
	// columns than in Fit or a value that is not finite.
	Transform(x mat.Matrix) (mat.Matrix, error)
	// FeatureNames returns the names of the columns that Transform makes, given
	// those of x; nil means x0, x1, …, up to 2²⁰ of them.
	FeatureNames(in []string) ([]string, error)
}

// An Inverter is a Transformer that can be inverted.
type Inverter interface {
	Transformer
	// Inverse returns the x for which Transform returns y, except for rounding and
	// for lost information, such as clipped values.
	Inverse(y mat.Matrix) (mat.Matrix, error)
}

// FitTransform fits t to the training rows x and returns them transformed.
func FitTransform(t Transformer, x mat.Matrix) (mat.Matrix, error) {
	if p, ok := t.(*Pipeline); ok {
		return p.FitTransform(x) // transforms with each step once, not twice
	}
	if err := t.Fit(x); err != nil {
		return nil, err
	}
	return t.Transform(x)
}

// notFitted returns ErrNotFitted with the transformer's name.
func notFitted(kind string) error {
	return fmt.Errorf("preprocess: %s: %w", kind, ErrNotFitted)
}

const maxNames = 1 << 20

// defaultNames returns in, or x0, x1, … where it is nil. It returns an error if
// the number of names is not that of the columns seen by Fit, and for more than
// maxNames columns without names: the number may come from a small file.
func defaultNames(kind string, in []string, columns int) ([]string, error) {
	if columns == 0 {
		return nil, notFitted(kind)
	}
	if in == nil {
		if columns > maxNames {
			return nil, fmt.Errorf("preprocess: %s: no names for %d columns, more than %d: give their names", kind, columns, maxNames)
		}
		in = make([]string, columns)
		for j := range in {
			in[j] = fmt.Sprintf("x%d", j)
		}
	}
	if len(in) != columns {
		return nil, fmt.Errorf("preprocess: %s: got %d feature names, want %d, one for each column of x", kind, len(in), columns)
	}
	return in, nil
}

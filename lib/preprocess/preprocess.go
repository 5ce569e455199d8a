// Package preprocess turns raw data into matrices that models can learn from:
// scaling, encoding, imputing, splitting, text and images.
//
// # Fit on the training rows only
//
// A [Transformer] learns something from data (a mean, a list of categories, a
// vocabulary) in Fit, and applies it to any rows in Transform. Fit may see
// training rows only. A scaler fitted on all rows has seen the test set, and the
// test error that follows is too good. So split first, then fit:
//
//	parts, err := preprocess.SplitRandom(n, preprocess.Fractions{Test: 0.2}, 1)
//	scaler := preprocess.NewStandardScaler()
//	train, err := preprocess.FitTransform(scaler, preprocess.Rows(x, parts.Train))
//	test, err := scaler.Transform(preprocess.Rows(x, parts.Test))
//
// A [Pipeline] chains transformers and keeps that promise for all of them. A
// [ColumnTransformer] sends columns to different transformers, and a
// [TableTransformer] does so for the named columns of a CSV file ([Table]),
// numbers, categories and text alike.
//
// # Dense and sparse
//
// Transform takes any mat.Matrix and returns a new one; it never changes or
// aliases its argument, and it does not change the transformer, so that several
// goroutines may use a fitted transformer at once. The result is a *mat.Dense or
// a *sparse.CSR:
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
// Nothing turns a sparse matrix dense by surprise: [Dense] does it where that is
// meant, and also gives the *mat.Dense behind a result that is dense already.
//
// # Errors
//
// What data can cause is an error that names row and column, counted from 0: a
// NaN or an infinity (an [Imputer] alone accepts NaN, which means "missing"), an
// unknown category, a wrong number of columns. Transform before Fit returns
// [ErrNotFitted]. Settings are checked by Fit, and by Validate.
//
// # Peers
//
// Names, defaults and results are those of scikit-learn 1.2.1, except where a
// doc comment says otherwise. The differences that matter: scalers refuse NaN
// instead of passing it through, and a column with no value at all makes Imputer
// return an error instead of dropping the column.
//
// # Saving
//
// [SaveFile] writes any of this package's transformers as JSON, atomically;
// [LoadFile] reads it back, and the result transforms bit for bit as before.
package preprocess

import (
	"errors"
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// ErrNotFitted is what Transform returns, wrapped with the transformer's name,
// when Fit has not been called or has failed.
var ErrNotFitted = errors.New("not fitted: call Fit with the training rows first")

// A Transformer learns from training rows and then maps rows to rows.
//
// The rows of x are samples, its columns features. Row i of the result depends
// on row i of x and on what Fit learned, on nothing else.
type Transformer interface {
	// Fit learns from the rows of x, and forgets what it learned before, also
	// when it returns an error.
	Fit(x mat.Matrix) error
	// Transform returns a new matrix with as many rows as x, dense or sparse.
	// It returns ErrNotFitted before Fit, and an error if x has other columns
	// than in Fit or a value that is not finite.
	Transform(x mat.Matrix) (mat.Matrix, error)
	// FeatureNames returns the names of the columns that Transform makes, given
	// those of x; nil means x0, x1, …, up to 2²⁰ of them.
	FeatureNames(in []string) ([]string, error)
}

// An Inverter is a Transformer that can be undone.
type Inverter interface {
	Transformer
	// Inverse returns the x for which Transform returns y, up to rounding and
	// to what the transformation has lost (clipped values, for example).
	Inverse(y mat.Matrix) (mat.Matrix, error)
}

// FitTransform fits t with the training rows x and returns them transformed.
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

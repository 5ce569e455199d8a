package preprocess_test

import (
	"bytes"
	"maps"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/preprocess"
)

// learns makes a benchmark of learning from a part.
func learns[T any](data func(n int) T, newFit func() func(T) error) func(n int) func() {
	return func(n int) func() {
		part := data(n)
		return func() { noError(newFit()(part)) }
	}
}

func init() {
	maps.Copy(benchmarks, timed.List{
		"StandardScaler.PartialFit":       learns(wide, func() func(*mat.Dense) error { return onMatrix(preprocess.NewStandardScaler().PartialFit) }),
		"MinMaxScaler.PartialFit":         learns(wide, func() func(*mat.Dense) error { return onMatrix(preprocess.NewMinMaxScaler().PartialFit) }),
		"OneHotEncoder.PartialFit":        learns(timedCodes, func() func(*mat.Dense) error { return onMatrix(preprocess.NewOneHotEncoder().PartialFit) }),
		"OneHotEncoder.PartialFitStrings": learns(timedStrings, func() func([][]string) error { return preprocess.NewOneHotEncoder().PartialFitStrings }),
		"CountVectorizer.PartialFit":      learns(timedDocuments, func() func([]string) error { return preprocess.NewCountVectorizer().PartialFit }),
		"TFIDFVectorizer.PartialFit":      learns(timedDocuments, func() func([]string) error { return preprocess.NewTFIDFVectorizer().PartialFit }),
		"TableTransformer.PartialFit": learns(timedTable, func() func(*preprocess.Table) error {
			t := preprocess.TableTransformer{Parts: []preprocess.TablePart{{Columns: []string{"column0"}, Numbers: preprocess.NewStandardScaler()}}}
			return t.PartialFit
		}),
		"CSV.Parts": func(n int) func() {
			b := timedFile(n)
			return func() {
				for _, err := range preprocess.NewCSV().Parts(bytes.NewReader(b), 1<<18) {
					noError(err)
				}
			}
		},
	})
}

func onMatrix(fit func(x mat.Matrix) error) func(*mat.Dense) error {
	return func(x *mat.Dense) error { return fit(x) }
}

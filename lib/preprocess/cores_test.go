package preprocess_test

import (
	"bytes"
	"reflect"
	"runtime"
	"testing"

	"github.com/descent-go/descent/lib/preprocess"
)

// TestSameBitsOnAnyNumberOfCores fits and transforms enough data to be shared.
func TestSameBitsOnAnyNumberOfCores(t *testing.T) {
	const n = 4000
	docs := timedDocuments(n)
	file := timedFile(n)
	results := func() map[string]any {
		all := map[string]any{}
		for name, f := range map[string]func() (any, error){
			"StandardScaler": func() (any, error) { return preprocess.FitTransform(preprocess.NewStandardScaler(), wide(n)) },
			"MinMaxScaler":   func() (any, error) { return preprocess.FitTransform(preprocess.NewMinMaxScaler(), wide(n)) },
			"RobustScaler":   func() (any, error) { return preprocess.FitTransform(preprocess.NewRobustScaler(), wide(n)) },
			"Imputer":        func() (any, error) { return preprocess.FitTransform(preprocess.NewImputer(), timedMissing(n)) },
			"PolynomialFeatures": func() (any, error) {
				return preprocess.FitTransform(preprocess.NewPolynomialFeatures(3), narrow(n))
			},
			"OneHotEncoder":  func() (any, error) { return preprocess.FitTransform(preprocess.NewOneHotEncoder(), timedCodes(n)) },
			"OrdinalEncoder": func() (any, error) { return preprocess.FitTransform(preprocess.NewOrdinalEncoder(), timedCodes(n)) },
			"TFIDFVectorizer": func() (any, error) {
				v := preprocess.NewTFIDFVectorizer()
				v.NMax = 2
				noError(v.Fit(docs))
				return v.Transform(docs)
			},
			"HashingVectorizer": func() (any, error) { return preprocess.NewHashingVectorizer().Transform(docs) },
			"KFold":             func() (any, error) { return preprocess.KFold(n, 7, 1) },
			"CSV": func() (any, error) {
				table, err := preprocess.ReadCSV(bytes.NewReader(file))
				if err != nil {
					return nil, err
				}
				return table.Matrix(table.Names()[:timedColumns]...)
			},
		} {
			result, err := f()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			all[name] = result
		}
		return all
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := results()
	for _, cores := range []int{2, 3, 8} {
		runtime.GOMAXPROCS(cores)
		for name, got := range results() {
			if !reflect.DeepEqual(got, want[name]) {
				t.Errorf("%s gives something else on %d cores", name, cores)
			}
		}
	}
}

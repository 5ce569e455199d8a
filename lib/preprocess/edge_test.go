package preprocess_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/sparse"
)

func TestTransformerErrors(t *testing.T) {
	wide := mat.NewDense(2, 1, []float64{-math.MaxFloat64, math.MaxFloat64})
	big := mat.NewDense(2, 1, []float64{math.MaxFloat64, math.MaxFloat64})
	x := mat.NewDense(1, 2, []float64{math.NaN(), 1})
	poly := preprocess.NewPolynomialFeatures(2)
	if err := poly.Fit(mat.NewDense(1, 2, nil)); err != nil {
		t.Fatal(err)
	}
	impute := func(s preprocess.Strategy, fill float64, x mat.Matrix) error {
		return (&preprocess.Imputer{Strategy: s, Fill: fill}).Fit(x)
	}
	columns := func(parts ...preprocess.ColumnPart) error {
		return (&preprocess.ColumnTransformer{Parts: parts}).Fit(x)
	}
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"variance overflows":  {preprocess.NewStandardScaler().Fit(wide), "column 0 overflows"},
		"range overflows":     {preprocess.NewMinMaxScaler().Fit(wide), "column 0 overflows"},
		"quartiles overflow":  {preprocess.NewRobustScaler().Fit(mat.NewDense(4, 1, []float64{-math.MaxFloat64, -math.MaxFloat64, math.MaxFloat64, math.MaxFloat64})), "column 0 overflows"},
		"sum overflows":       {impute(preprocess.ImputeMean, 0, wide), "column 0 overflows"},
		"product overflows":   {second(poly.Transform(mat.NewDense(2, 2, []float64{1, 1, 1, 1e200}))), "row 1: a product with column 1 overflows"},
		"degree 0":            {preprocess.NewPolynomialFeatures(0).Fit(big), "degree is 0"},
		"degree 40":           {preprocess.NewPolynomialFeatures(40).Fit(mat.NewDense(1, 30, nil)), "more than 1048576"},
		"empty column":        {impute(preprocess.ImputeMedian, 0, x), "column 0 has no value"},
		"fill with NaN":       {impute(preprocess.ImputeConstant, math.NaN(), x), "Fill is NaN"},
		"fill with infinity":  {impute(preprocess.ImputeConstant, math.Inf(1), x), "Fill is +Inf"},
		"strategy":            {impute("guess", 0, x), "guess"},
		"range":               {(&preprocess.MinMaxScaler{Low: 1, High: 1}).Fit(big), "Low < High"},
		"norm":                {(&preprocess.Normalizer{Norm: "l3"}).Fit(big), "l3"},
		"percentiles":         {(&preprocess.RobustScaler{Low: 3, High: 2}).Fit(big), "percentiles"},
		"no steps":            {preprocess.NewPipeline().Fit(x), "no steps"},
		"no steps, both":      {second(preprocess.NewPipeline().FitTransform(x)), "no steps"},
		"no steps, Transform": {second(preprocess.NewPipeline().Transform(x)), "no steps"},
		"no steps, Inverse":   {second(preprocess.NewPipeline().Inverse(x)), "no steps"},
		"nil step":            {preprocess.NewPipeline(nil).Fit(x), "step 0 is nil"},
		"failing step":        {preprocess.NewPipeline(preprocess.NewImputer(), preprocess.NewNormalizer()).Fit(x), "Pipeline: step 0: preprocess: Imputer: column 0"},
		"failing last step":   {preprocess.NewPipeline(preprocess.NewNormalizer()).Fit(x), "Pipeline: step 0: preprocess: Normalizer: row 0, column 0 is NaN"},
		"no parts":            {columns(), "no parts"},
		"no columns":          {columns(preprocess.ColumnPart{}), "no columns"},
		"column twice":        {columns(preprocess.ColumnPart{Columns: []int{1, 1}}), "distinct"},
		"no such column":      {columns(preprocess.ColumnPart{Columns: []int{2}}), "wants column 2, x has 2"},
		"failing part":        {columns(preprocess.ColumnPart{Columns: []int{1}}, preprocess.ColumnPart{Columns: []int{0}, Transformer: preprocess.NewNormalizer()}), "part 1, where column 0 is column 0 of x"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) || !strings.HasPrefix(c.err.Error(), "preprocess: ") {
			t.Errorf("%s: error is %v, want one with %s", name, c.err, c.says)
		}
	}
}

func TestEdges(t *testing.T) {
	// An empty column with KeepEmpty, and with a constant.
	x := mat.NewDense(2, 1, []float64{math.NaN(), math.NaN()})
	for _, p := range []*preprocess.Imputer{{Strategy: preprocess.ImputeMean, KeepEmpty: true}, {Strategy: preprocess.ImputeConstant, Fill: 3}} {
		y, err := preprocess.FitTransform(p, x)
		if err != nil || y.At(0, 0) != p.Fill {
			t.Errorf("%+v: %v, %v", p, y, err)
		}
	}
	// The largest percentile, a single row, and a row too long to square.
	r := &preprocess.RobustScaler{WithScaling: true, Low: 0, High: 100}
	if y, err := preprocess.FitTransform(r, mat.NewDense(3, 1, []float64{1, 5, 3})); err != nil || y.At(1, 0) != 1.25 {
		t.Errorf("the range of 1 to 5 gives %v, %v", y, err)
	}
	if y, err := preprocess.FitTransform(preprocess.NewStandardScaler(), mat.NewDense(1, 1, []float64{7})); err != nil || y.At(0, 0) != 0 {
		t.Errorf("a single row becomes %v, %v", y, err)
	}
	if y, err := preprocess.FitTransform(preprocess.NewNormalizer(), mat.NewDense(1, 2, []float64{3e200, 4e200})); err != nil || math.Abs(y.At(0, 0)-0.6) > 1e-15 {
		t.Errorf("a long row becomes %v, %v", y, err)
	}
	// More factors than columns, for interactions.
	p := &preprocess.PolynomialFeatures{Degree: 1000000000, InteractionOnly: true}
	if y, err := preprocess.FitTransform(p, mat.NewDense(1, 2, []float64{3, 4})); err != nil || !slices.Equal(mat.Row(nil, 0, y), []float64{3, 4, 12}) {
		t.Errorf("interactions are %v, %v", y, err)
	}
	// Dense keeps what is dense, and Take repeats.
	d := mat.NewDense(1, 1, nil)
	if preprocess.Dense(d) != d {
		t.Error("Dense copies a dense matrix")
	}
	if got := preprocess.Take([]string{"a", "b"}, []int{1, 1, 0}); !slices.Equal(got, []string{"b", "b", "a"}) {
		t.Errorf("Take gives %q", got)
	}
	// A sparse part makes the whole sparse, dense parts included.
	c := &preprocess.ColumnTransformer{PassRest: true, Parts: []preprocess.ColumnPart{{Columns: []int{1}, Transformer: preprocess.NewOneHotEncoder()}}}
	y, err := preprocess.FitTransform(c, mat.NewDense(2, 2, []float64{0.5, 1, 0, 2}))
	if _, ok := y.(*sparse.CSR); !ok || err != nil || !mat.Equal(y, mat.NewDense(2, 3, []float64{1, 0, 0.5, 0, 1, 0})) {
		t.Errorf("the parts are %T %v, %v", y, y, err)
	}
}

// TestStandardScalerRounding has columns whose sum is not exact, so that the
// mean is a little off.
func TestStandardScalerRounding(t *testing.T) {
	x := mat.NewDense(1000, 4, nil)
	for i := range 1000 {
		// Two constants, c ± 2⁻¹¹ and c ± 2⁻¹⁴. The last is within the rounding error
		// (m·c·ε)² of a plain variance, but not of one whose mean is corrected.
		one := float64(i % 2)
		x.SetRow(i, []float64{0.1, 1e9 + 0x1p-20, 1e9 + 0x1p-20 + one*0x1p-10, 1e9 + one*0x1p-13})
	}
	for _, in := range []mat.Matrix{x, sparse.FromDense(x)} {
		s := &preprocess.StandardScaler{WithStd: true}
		if err := s.Fit(in); err != nil {
			t.Fatal(err)
		}
		for _, j := range []int{0, 1} {
			if s.Scale[j] != 1 {
				t.Errorf("%T: column %d, a constant, is divided by %v", in, j, s.Scale[j])
			}
		}
		for j, want := range map[int]float64{2: 0x1p-11, 3: 0x1p-14} {
			if math.Abs(s.Scale[j]-want) > 1e-9*want {
				t.Errorf("%T: the standard deviation is %v, want %v", in, s.Scale[j], want)
			}
		}
	}
}

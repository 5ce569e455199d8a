package preprocess_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/sparse"
)

// member is a transformer in the list that all common properties are asserted
// for.
type member struct {
	name string
	make func() preprocess.Transformer
	data func() *mat.Dense // numbers by default
	csr  bool              // takes sparse matrices
	nan  bool              // takes NaN
	lost bool              // has no inverse, or one that cannot restore x
}

func members() []member {
	return []member{
		{name: "StandardScaler", make: func() preprocess.Transformer { return preprocess.NewStandardScaler() }},
		{name: "StandardScaler without mean", csr: true, make: func() preprocess.Transformer { return &preprocess.StandardScaler{WithStd: true} }},
		{name: "MinMaxScaler", make: func() preprocess.Transformer { return &preprocess.MinMaxScaler{Low: -1, High: 2} }},
		{name: "MinMaxScaler, clip", make: func() preprocess.Transformer { return &preprocess.MinMaxScaler{High: 1, Clip: true} }},
		{name: "RobustScaler", make: func() preprocess.Transformer { return preprocess.NewRobustScaler() }},
		{name: "RobustScaler without centering", csr: true, make: func() preprocess.Transformer {
			return &preprocess.RobustScaler{WithScaling: true, Low: 5, High: 95, UnitVariance: true}
		}},
		{name: "Normalizer", csr: true, lost: true, make: func() preprocess.Transformer { return preprocess.NewNormalizer() }},
		{name: "OneHotEncoder", csr: true, data: categories, make: func() preprocess.Transformer { return preprocess.NewOneHotEncoder() }},
		{name: "OneHotEncoder, dense, first dropped", csr: true, data: categories, make: func() preprocess.Transformer {
			return &preprocess.OneHotEncoder{Drop: preprocess.DropFirst, Dense: true}
		}},
		{name: "OrdinalEncoder", data: categories, make: func() preprocess.Transformer { return preprocess.NewOrdinalEncoder() }},
		{name: "Imputer", nan: true, lost: true, data: withMissing, make: func() preprocess.Transformer {
			return &preprocess.Imputer{Strategy: preprocess.ImputeMedian, AddIndicator: true}
		}},
		{name: "PolynomialFeatures", lost: true, make: func() preprocess.Transformer { return preprocess.NewPolynomialFeatures(3) }},
		{name: "Pipeline", make: func() preprocess.Transformer {
			return preprocess.NewPipeline(preprocess.NewRobustScaler(), preprocess.NewStandardScaler())
		}},
		{name: "Pipeline from missing values", nan: true, lost: true, data: withMissing, make: func() preprocess.Transformer {
			return preprocess.NewPipeline(preprocess.NewImputer(), preprocess.NewPolynomialFeatures(2), preprocess.NewStandardScaler())
		}},
		{name: "ColumnTransformer", lost: true, data: categories, make: func() preprocess.Transformer {
			return &preprocess.ColumnTransformer{Parts: []preprocess.ColumnPart{
				{Columns: []int{3, 1}, Transformer: preprocess.NewPipeline(preprocess.NewMinMaxScaler())},
				{Columns: []int{0}, Transformer: preprocess.NewOneHotEncoder()},
				{Columns: []int{2}, Transformer: preprocess.NewStandardScaler()},
			}}
		}},
		{name: "ColumnTransformer passing the rest", csr: true, nan: true, lost: true, make: func() preprocess.Transformer {
			return &preprocess.ColumnTransformer{PassRest: true, Parts: []preprocess.ColumnPart{
				{Columns: []int{2, 1}, Transformer: &preprocess.StandardScaler{WithStd: true}}, {Columns: []int{1}},
			}}
		}},
	}
}

// numbers has 30 rows of 4 columns: two scales, a constant, one with outliers.
func numbers() *mat.Dense {
	rng := rand.New(rand.NewPCG(1, 1))
	x := mat.NewDense(30, 4, nil)
	for i := range 30 {
		x.SetRow(i, []float64{rng.NormFloat64(), 100 + 40*rng.NormFloat64(), -3, math.Pow(rng.NormFloat64(), 5)})
	}
	return x
}

// categories has the same categories in its first 20 rows and in all of them.
func categories() *mat.Dense {
	x := mat.NewDense(30, 4, nil)
	for i := range 30 {
		x.SetRow(i, []float64{float64(i % 3), -2.5 * float64(i%4), float64(i % 2), float64(7 * i % 5)})
	}
	return x
}

func withMissing() *mat.Dense {
	x := numbers()
	for i := range 30 {
		if i%4 == 1 {
			x.Set(i, i%3, math.NaN())
		}
	}
	return x
}

func (m member) x() *mat.Dense {
	if m.data == nil {
		return numbers()
	}
	return m.data()
}

// fitted returns the transformer fitted with the first 20 rows.
func (m member) fitted(t *testing.T) preprocess.Transformer {
	t.Helper()
	f := m.make()
	if err := f.Fit(m.x().Slice(0, 20, 0, 4)); err != nil {
		t.Fatal(err)
	}
	return f
}

func transform(t *testing.T, f preprocess.Transformer, x mat.Matrix) *mat.Dense {
	t.Helper()
	y, err := f.Transform(x)
	if err != nil {
		t.Fatal(err)
	}
	return preprocess.Dense(y)
}

// same reports whether two matrices are equal bit for bit.
func same(a, b *mat.Dense) bool {
	r, c := a.Dims()
	if r2, c2 := b.Dims(); r != r2 || c != c2 {
		return false
	}
	for i := range r {
		for j := range c {
			if math.Float64bits(a.At(i, j)) != math.Float64bits(b.At(i, j)) {
				return false
			}
		}
	}
	return true
}

func TestEveryTransformer(t *testing.T) {
	properties := []struct {
		name  string
		check func(*testing.T, member)
	}{
		{"rows are independent and permute", rowsAreIndependent},
		{"Fit ignores other rows and forgets", fitForgets},
		{"FitTransform is Fit and Transform", fitTransformIsBoth},
		{"inverse", inverseRestores},
		{"x is not modified", inputsStay},
		{"save and load", survivesSaving},
		{"sparse", sparseAgrees},
		{"feature names", namesFit},
		{"bad inputs", refusesBadInputs},
	}
	for _, m := range members() {
		for _, p := range properties {
			t.Run(m.name+"/"+p.name, func(t *testing.T) { p.check(t, m) })
		}
	}
}

func rowsAreIndependent(t *testing.T, m member) {
	f, x := m.fitted(t), m.x()
	whole := transform(t, f, x)
	order := rand.New(rand.NewPCG(3, 4)).Perm(30)
	if !same(transform(t, f, preprocess.Rows(x, order)), preprocess.Rows(whole, order)) {
		t.Error("permuted rows do not give permuted results")
	}
	for i := range 30 {
		if !same(transform(t, f, preprocess.Rows(x, []int{i})), preprocess.Rows(whole, []int{i})) {
			t.Errorf("row %d alone gives another result than among the others", i)
		}
	}
}

func fitForgets(t *testing.T, m member) {
	x := m.x()
	want := transform(t, m.fitted(t), x)
	f := m.make()
	// The first fit sees other rows; a fit that fails comes between.
	if err := f.Fit(x.Slice(5, 30, 0, 4)); err != nil {
		t.Fatal(err)
	}
	bad := mat.NewDense(2, 4, []float64{1, 2, 3, 4, 5, math.Inf(1), 7, 8})
	if err := f.Fit(bad); err == nil {
		t.Fatal("Fit accepts an infinity")
	}
	if _, err := f.Transform(x); !errors.Is(err, preprocess.ErrNotFitted) {
		t.Errorf("Transform after a Fit that failed: %v", err)
	}
	if err := f.Fit(x.Slice(0, 20, 0, 4)); err != nil {
		t.Fatal(err)
	}
	if !same(transform(t, f, x), want) {
		t.Error("a second Fit remembers the first")
	}
}

func fitTransformIsBoth(t *testing.T, m member) {
	x := m.x()
	got, err := preprocess.FitTransform(m.make(), x)
	if err != nil {
		t.Fatal(err)
	}
	f := m.make()
	if err := f.Fit(x); err != nil {
		t.Fatal(err)
	}
	if !same(preprocess.Dense(got), transform(t, f, x)) {
		t.Error("FitTransform differs from Fit and then Transform")
	}
}

func inverseRestores(t *testing.T, m member) {
	f, x := m.fitted(t), m.x().Slice(0, 20, 0, 4)
	inverter, ok := f.(preprocess.Inverter)
	if m.lost {
		if ok {
			if _, err := inverter.Inverse(transform(t, f, x)); err == nil {
				t.Error("Inverse of steps that have none gives no error")
			}
		}
		return
	}
	if !ok {
		t.Fatalf("%T has no Inverse", f)
	}
	y, err := f.Transform(x)
	if err != nil {
		t.Fatal(err)
	}
	back, err := inverter.Inverse(y)
	if err != nil {
		t.Fatal(err)
	}
	if !mat.EqualApprox(back, x, 1e-12) {
		t.Errorf("Inverse(Transform(x)) is not x:\n%v\n%v", mat.Formatted(back), mat.Formatted(x))
	}
	if _, err := inverter.Inverse(mat.NewDense(2, 77, nil)); err == nil {
		t.Error("Inverse accepts 77 columns")
	}
	if _, err := m.make().(preprocess.Inverter).Inverse(y); !errors.Is(err, preprocess.ErrNotFitted) {
		t.Errorf("Inverse before Fit: %v", err)
	}
}

func inputsStay(t *testing.T, m member) {
	x := m.x()
	before := mat.DenseCopyOf(x)
	f := m.make()
	y, err := preprocess.FitTransform(f, x)
	if err != nil {
		t.Fatal(err)
	}
	preprocess.Dense(y).Zero() // the result must not alias x either
	if !same(x, before) {
		t.Error("x was modified")
	}
	if m.csr {
		s := sparse.FromDense(before)
		if y, err = preprocess.FitTransform(f, s); err != nil {
			t.Fatal(err)
		}
		if out, ok := y.(*sparse.CSR); ok {
			clear(out.Values)
			clear(out.Cols)
			clear(out.Ptr)
		}
		if !mat.Equal(s, before) {
			t.Error("a sparse x was modified")
		}
	}
}

func survivesSaving(t *testing.T, m member) {
	x := m.x()
	for _, f := range []preprocess.Transformer{m.make(), m.fitted(t)} {
		var file bytes.Buffer
		if err := preprocess.Save(&file, f); err != nil {
			t.Fatal(err)
		}
		text := file.String()
		loaded, err := preprocess.Load[preprocess.Transformer](&file)
		if err != nil {
			t.Fatal(err)
		}
		if reflect.TypeOf(loaded) != reflect.TypeOf(f) {
			t.Fatalf("a %T was loaded as a %T", f, loaded)
		}
		want, err1 := f.Transform(x)
		got, err2 := loaded.Transform(x)
		if errors.Is(err1, preprocess.ErrNotFitted) != errors.Is(err2, preprocess.ErrNotFitted) {
			t.Fatalf("%v before, %v after", err1, err2)
		}
		if err1 == nil && !same(preprocess.Dense(got), preprocess.Dense(want)) {
			t.Error("what was loaded transforms differently")
		}
		var again bytes.Buffer
		if err := preprocess.Save(&again, loaded); err != nil || again.String() != text {
			t.Errorf("saved again it is %s, %v, want %s", again.String(), err, text)
		}
	}
}

func sparseAgrees(t *testing.T, m member) {
	x := m.x()
	if !m.csr {
		if err := m.make().Fit(sparse.FromDense(x)); err == nil {
			t.Error("Fit takes a sparse matrix")
		}
		if _, err := m.fitted(t).Transform(sparse.FromDense(x)); err == nil {
			t.Error("Transform takes a sparse matrix")
		}
		return
	}
	f := m.make()
	if err := f.Fit(sparse.FromDense(x.Slice(0, 20, 0, 4))); err != nil {
		t.Fatal(err)
	}
	got, want := transform(t, f, sparse.FromDense(x)), transform(t, m.fitted(t), x)
	if !mat.EqualApprox(got, want, 1e-13) {
		t.Errorf("sparse:\n%v\ndense:\n%v", mat.Formatted(got), mat.Formatted(want))
	}
	if inverter, ok := f.(preprocess.Inverter); ok {
		y, _ := f.Transform(sparse.FromDense(x))
		back, err := inverter.Inverse(y)
		if err != nil || !mat.EqualApprox(back, x, 1e-12) {
			t.Errorf("the inverse of a sparse result is not x: %v", err)
		}
	}
}

func namesFit(t *testing.T, m member) {
	f := m.fitted(t)
	_, cols := transform(t, f, m.x()).Dims()
	for _, in := range [][]string{nil, {"a", "b", "c", "d"}} {
		names, err := f.FeatureNames(in)
		if err != nil || len(names) != cols {
			t.Errorf("%d names, %v, want %d", len(names), err, cols)
		}
		slices.Sort(names)
		if distinct := len(slices.Compact(names)); distinct != cols && m.name != "ColumnTransformer passing the rest" {
			t.Errorf("%d distinct names for %d columns: %q", distinct, cols, names)
		}
	}
	if _, err := f.FeatureNames([]string{"a"}); err == nil {
		t.Error("one name for four columns is accepted")
	}
	if _, err := m.make().FeatureNames(nil); !errors.Is(err, preprocess.ErrNotFitted) {
		t.Errorf("FeatureNames before Fit: %v", err)
	}
}

func refusesBadInputs(t *testing.T, m member) {
	if _, err := m.make().Transform(m.x()); !errors.Is(err, preprocess.ErrNotFitted) {
		t.Errorf("Transform before Fit: %v", err)
	}
	f := m.fitted(t)
	if _, err := f.Transform(mat.NewDense(2, 3, nil)); err == nil || !strings.Contains(err.Error(), "2×3, want rows of 4 columns") {
		t.Errorf("Transform of 3 columns: %v", err)
	}
	if err := m.make().Fit(&mat.Dense{}); err == nil {
		t.Error("Fit accepts an empty matrix")
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if m.nan && v != v {
			continue
		}
		for _, x := range []mat.Matrix{m.x(), sparse.FromDense(m.x()), mat.DenseCopyOf(m.x().T()).T()} {
			switch x := x.(type) {
			case *mat.Dense:
				x.Set(17, 1, v)
			case *sparse.CSR:
				if !m.csr {
					continue
				}
				cols, values := x.Row(17)
				values[slices.Index(cols, 1)] = v
			case mat.Transpose:
				x.Matrix.(*mat.Dense).Set(1, 17, v)
			}
			for what, err := range map[string]error{"Fit": m.make().Fit(x), "Transform": second(f.Transform(x))} {
				if err == nil || !strings.Contains(err.Error(), "row 17, column ") {
					t.Errorf("%s with %v in a %T: %v", what, v, x, err)
				}
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

func ExampleTransformer() {
	train := mat.NewDense(3, 1, []float64{1, 2, 3})
	test := mat.NewDense(1, 1, []float64{4})
	for _, t := range []preprocess.Transformer{preprocess.NewStandardScaler(), preprocess.NewMinMaxScaler()} {
		if err := t.Fit(train); err != nil { // training rows only
			fmt.Println(err)
		}
		y, err := t.Transform(test)
		fmt.Printf("%T %.4f %v\n", t, y.At(0, 0), err)
	}
	// Output:
	// *preprocess.StandardScaler 2.4495 <nil>
	// *preprocess.MinMaxScaler 1.5000 <nil>
}

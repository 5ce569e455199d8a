package preprocess_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/sparse"
)

// table is a matrix in a golden file; null stands for NaN.
type table [][]*float64

func (t table) dense() *mat.Dense {
	x := mat.NewDense(len(t), len(t[0]), nil)
	for i, row := range t {
		for j, v := range row {
			x.Set(i, j, math.NaN())
			if v != nil {
				x.Set(i, j, *v)
			}
		}
	}
	return x
}

// closeMatrix compares column by column, so that a large column does not hide
// the errors of a small one.
func closeMatrix(t *testing.T, name string, got mat.Matrix, want *mat.Dense, rel float64) {
	t.Helper()
	rows, cols := want.Dims()
	if r, c := got.Dims(); r != rows || c != cols {
		t.Fatalf("%s is %d×%d, want %d×%d", name, r, c, rows, cols)
	}
	for j := range cols {
		golden.CloseSlice(t, fmt.Sprintf("%s: column %d", name, j), mat.Col(nil, j, got), mat.Col(nil, j, want), rel)
	}
}

func TestScalersMatchScikitLearn(t *testing.T) {
	g := golden.Load[struct {
		X, New, Sparse table
		Cases          []struct {
			Name string
			Out  table
		}
	}](t, "testdata/scalers.json")
	x, later, zeros := g.X.dense(), g.New.dense(), g.Sparse.dense()
	csr := sparse.FromDense(zeros)
	scalers := map[string]struct {
		t       preprocess.Transformer
		fit, in mat.Matrix
	}{
		"standard":              {preprocess.NewStandardScaler(), x, later},
		"standard, no mean":     {&preprocess.StandardScaler{WithStd: true}, x, later},
		"standard, no std":      {&preprocess.StandardScaler{WithMean: true}, x, later},
		"standard, sparse":      {&preprocess.StandardScaler{WithStd: true}, csr, csr},
		"minmax":                {preprocess.NewMinMaxScaler(), x, later},
		"minmax, range":         {&preprocess.MinMaxScaler{Low: -2, High: 5}, x, later},
		"minmax, clip":          {&preprocess.MinMaxScaler{High: 1, Clip: true}, x, later},
		"robust":                {preprocess.NewRobustScaler(), x, later},
		"robust, quantiles":     {&preprocess.RobustScaler{WithCentering: true, WithScaling: true, Low: 10, High: 85}, x, later},
		"robust, unit variance": {&preprocess.RobustScaler{WithCentering: true, WithScaling: true, Low: 25, High: 75, UnitVariance: true}, x, later},
		"robust, no centering":  {&preprocess.RobustScaler{WithScaling: true, Low: 25, High: 75}, x, later},
		"robust, no scaling":    {&preprocess.RobustScaler{WithCentering: true, Low: 25, High: 75}, x, later},
		"robust, sparse":        {&preprocess.RobustScaler{WithScaling: true, Low: 25, High: 75}, csr, csr},
		"normalizer, l1":        {&preprocess.Normalizer{Norm: preprocess.L1Norm}, x, zeros},
		"normalizer, l2":        {preprocess.NewNormalizer(), x, csr},
		"normalizer, max":       {&preprocess.Normalizer{Norm: preprocess.MaxNorm}, x, csr},
	}
	if len(g.Cases) != len(scalers) {
		t.Fatalf("%d cases in the file, %d here", len(g.Cases), len(scalers))
	}
	for _, c := range g.Cases {
		t.Run(c.Name, func(t *testing.T) {
			s := scalers[c.Name]
			if err := s.t.Fit(s.fit); err != nil {
				t.Fatal(err)
			}
			got, err := s.t.Transform(s.in)
			if err != nil {
				t.Fatal(err)
			}
			if _, wasSparse := s.in.(*sparse.CSR); wasSparse {
				if _, ok := got.(*sparse.CSR); !ok {
					t.Errorf("a sparse matrix became a %T", got)
				}
			}
			want := c.Out.dense()
			_, cols := want.Dims()
			for j := range cols {
				// Column 1 is 10⁶ ± 10⁻³: its deviations from the mean keep 16 − 9
				// digits however they are computed.
				rel := 1e-13
				if j == 1 && s.in == mat.Matrix(later) {
					rel = 1e-7
				}
				golden.CloseSlice(t, fmt.Sprintf("column %d", j), mat.Col(nil, j, got), mat.Col(nil, j, want), rel)
			}
		})
	}
}

func TestImputerMatchesScikitLearn(t *testing.T) {
	g := golden.Load[struct {
		X, New table
		Cases  []struct {
			Strategy  preprocess.Strategy
			Indicator bool
			Out       table
		}
	}](t, "testdata/imputers.json")
	for _, c := range g.Cases {
		p := &preprocess.Imputer{Strategy: c.Strategy, AddIndicator: c.Indicator, Fill: -7}
		if err := p.Fit(g.X.dense()); err != nil {
			t.Fatal(err)
		}
		got, err := p.Transform(g.New.dense())
		if err != nil {
			t.Fatal(err)
		}
		closeMatrix(t, fmt.Sprintf("%s, indicator %v", c.Strategy, c.Indicator), got, c.Out.dense(), 1e-15)
	}
}

func TestPolynomialFeaturesMatchScikitLearn(t *testing.T) {
	g := golden.Load[struct {
		X     table
		Cases []struct {
			Degree            int
			Interaction, Bias bool
			Out               table
			Names             []string
		}
	}](t, "testdata/polynomials.json")
	for _, c := range g.Cases {
		name := fmt.Sprintf("degree %d, interaction %v, bias %v", c.Degree, c.Interaction, c.Bias)
		p := &preprocess.PolynomialFeatures{Degree: c.Degree, InteractionOnly: c.Interaction, Bias: c.Bias}
		got, err := preprocess.FitTransform(p, g.X.dense())
		if err != nil {
			t.Fatal(err)
		}
		closeMatrix(t, name, got, c.Out.dense(), 1e-14)
		names, err := p.FeatureNames([]string{"a", "b", "c"})
		if err != nil || !slices.Equal(names, c.Names) {
			t.Errorf("%s: names are %q, %v, want %q", name, names, err, c.Names)
		}
	}
}

func TestEncodersMatchScikitLearn(t *testing.T) {
	g := golden.Load[struct {
		Colours, Later [][]string
		Codes          table
		Onehot         []struct {
			Drop             preprocess.Drop
			Strings, Numbers table
			Names            []string
		}
		Ordinal struct{ Strings, Levels, Numbers table }
	}](t, "testdata/encoders.json")
	for _, c := range g.Onehot {
		e := &preprocess.OneHotEncoder{Drop: c.Drop, IgnoreUnknown: true}
		if err := e.FitStrings(g.Colours); err != nil {
			t.Fatal(err)
		}
		got, err := e.TransformStrings(g.Later)
		if err != nil {
			t.Fatal(err)
		}
		closeMatrix(t, "one-hot strings "+string(c.Drop), got, c.Strings.dense(), 0)
		names, err := e.FeatureNames([]string{"colour", "size"})
		if err != nil || !slices.Equal(names, c.Names) {
			t.Errorf("names are %q, %v, want %q", names, err, c.Names)
		}
		e = &preprocess.OneHotEncoder{Drop: c.Drop, Dense: true}
		if got, err = preprocess.FitTransform(e, g.Codes.dense()); err != nil {
			t.Fatal(err)
		}
		if _, ok := got.(*mat.Dense); !ok {
			t.Errorf("with Dense the result is a %T", got)
		}
		closeMatrix(t, "one-hot numbers "+string(c.Drop), got, c.Numbers.dense(), 0)
	}

	o := preprocess.NewOrdinalEncoder()
	o.EncodeUnknown = true
	if err := o.FitStrings(g.Colours); err != nil {
		t.Fatal(err)
	}
	got, err := o.TransformStrings(g.Later)
	if err != nil {
		t.Fatal(err)
	}
	closeMatrix(t, "ordinal strings", got, g.Ordinal.Strings.dense(), 0)

	o = &preprocess.OrdinalEncoder{Levels: [][]string{{"red", "green", "blue"}, {"S", "M", "L"}}}
	if err := o.FitStrings(g.Colours); err != nil {
		t.Fatal(err)
	}
	if got, err = o.TransformStrings(g.Colours); err != nil {
		t.Fatal(err)
	}
	closeMatrix(t, "ordinal levels", got, g.Ordinal.Levels.dense(), 0)

	if got, err = preprocess.FitTransform(preprocess.NewOrdinalEncoder(), g.Codes.dense()); err != nil {
		t.Fatal(err)
	}
	closeMatrix(t, "ordinal numbers", got, g.Ordinal.Numbers.dense(), 0)
}

// matrix is a CSR matrix in a golden file.
type matrix struct {
	Rows, Cols   int
	Ptr, Indices []int
	Values       []float64
}

func (m matrix) compare(t *testing.T, name string, got *sparse.CSR, rel float64) {
	t.Helper()
	if r, c := got.Dims(); r != m.Rows || c != m.Cols {
		t.Fatalf("%s is %d×%d, want %d×%d", name, r, c, m.Rows, m.Cols)
	}
	if !slices.Equal(got.Ptr, m.Ptr) || !slices.Equal(got.Cols, m.Indices) {
		t.Fatalf("%s: the non-zeros stand at %v %v, want %v %v", name, got.Ptr, got.Cols, m.Ptr, m.Indices)
	}
	for k, v := range got.Values {
		golden.Close(t, fmt.Sprintf("%s: value %d", name, k), v, m.Values[k], rel)
	}
}

// options are the keyword arguments of scikit-learn's vectorizers.
type options struct {
	Ngram     []int           `json:"ngram_range"`
	MinDF     int             `json:"min_df"`
	MaxDF     float64         `json:"max_df"`
	Max       int             `json:"max_features"`
	Binary    bool            `json:"binary"`
	Lowercase *bool           `json:"lowercase"`
	Stop      []string        `json:"stop_words"`
	Analyzer  string          `json:"analyzer"`
	Norm      json.RawMessage `json:"norm"`
	Smooth    *bool           `json:"smooth_idf"`
	UseIDF    *bool           `json:"use_idf"`
	Sublinear bool            `json:"sublinear_tf"`
	Features  int             `json:"n_features"`
	Alternate *bool           `json:"alternate_sign"`
}

func (o options) tokenizer() preprocess.Tokenizer {
	t := preprocess.NewTokenizer()
	if o.Ngram != nil {
		t.NMin, t.NMax = o.Ngram[0], o.Ngram[1]
	}
	t.Lowercase = o.Lowercase == nil || *o.Lowercase
	t.StopWords, t.Chars = o.Stop, o.Analyzer == "char"
	return t
}

func (o options) count() preprocess.CountVectorizer {
	v := *preprocess.NewCountVectorizer()
	v.Tokenizer, v.MaxFeatures, v.Binary = o.tokenizer(), o.Max, o.Binary
	v.MinDF = max(1, o.MinDF)
	if o.MaxDF > 0 {
		v.MaxDF = o.MaxDF
	}
	return v
}

func (o options) norm() preprocess.Norm {
	switch string(o.Norm) {
	case "":
		return preprocess.L2Norm
	case "null":
		return preprocess.NoNorm
	}
	return preprocess.Norm(o.Norm[1 : len(o.Norm)-1])
}

type textGolden struct {
	Docs, Unseen []string
	Counts       []struct {
		Options    options
		Terms      []string
		Train, New matrix
	}
	TFIDF []struct {
		Options    options
		Train, New matrix
	}
	Hashing []struct {
		Options options
		New     matrix
	}
	Murmur []struct {
		Word       string
		Seed, Hash uint32
	}
	Stop []string
}

func TestVectorizersMatchScikitLearn(t *testing.T) {
	g := golden.Load[textGolden](t, "testdata/text.json")
	both := func(name string, v preprocess.Vectorizer, train, later matrix) {
		t.Helper()
		if err := v.Fit(g.Docs); err != nil {
			t.Fatal(err)
		}
		got, err := v.Transform(g.Docs)
		if err != nil {
			t.Fatal(err)
		}
		train.compare(t, name, got, 1e-14)
		if got, err = v.Transform(g.Unseen); err != nil {
			t.Fatal(err)
		}
		later.compare(t, name+", new documents", got, 1e-14)
	}
	for k, c := range g.Counts {
		v := c.Options.count()
		both(fmt.Sprintf("count %d", k), &v, c.Train, c.New)
		if terms, _ := v.Terms(); !slices.Equal(terms, c.Terms) {
			t.Errorf("count %d: the vocabulary is %q, want %q", k, terms, c.Terms)
		}
	}
	for k, c := range g.TFIDF {
		v := preprocess.NewTFIDFVectorizer()
		v.CountVectorizer, v.Norm, v.Sublinear = c.Options.count(), c.Options.norm(), c.Options.Sublinear
		v.Smooth = c.Options.Smooth == nil || *c.Options.Smooth
		v.UseIDF = c.Options.UseIDF == nil || *c.Options.UseIDF
		both(fmt.Sprintf("tf-idf %d", k), v, c.Train, c.New)
	}
	for k, c := range g.Hashing {
		v := preprocess.NewHashingVectorizer()
		v.Tokenizer, v.Norm, v.Binary = c.Options.tokenizer(), c.Options.norm(), c.Options.Binary
		v.AlternateSign = c.Options.Alternate == nil || *c.Options.Alternate
		if c.Options.Features > 0 {
			v.Features = c.Options.Features
		}
		got, err := v.Transform(g.Docs)
		if err != nil {
			t.Fatal(err)
		}
		c.New.compare(t, fmt.Sprintf("hashing %d", k), got, 1e-14)
	}
	if !slices.Equal(preprocess.EnglishStopWords(), g.Stop) {
		t.Error("the stop words are not those of scikit-learn")
	}
}

func TestFoldsMatchScikitLearn(t *testing.T) {
	type folds []struct{ Train, Test []int }
	g := golden.Load[struct {
		Labels, Groups []int
		KFold          []struct {
			N, K  int
			Folds folds
		}
		Stratified, Grouped []struct {
			K     int
			Folds folds
		}
		Time []struct {
			K, N, Size, Gap, Max int
			Folds                folds
		}
	}](t, "testdata/folds.json")
	check := func(name string, want folds) func([]preprocess.Fold, error) {
		return func(got []preprocess.Fold, err error) {
			t.Helper()
			if err != nil || len(got) != len(want) {
				t.Fatalf("%s: %d folds, %v, want %d", name, len(got), err, len(want))
			}
			for f := range want {
				if !slices.Equal(got[f].Train, want[f].Train) || !slices.Equal(got[f].Test, want[f].Test) {
					t.Errorf("%s: fold %d is %v, want %v", name, f, got[f], want[f])
				}
			}
		}
	}
	for _, c := range g.KFold {
		check(fmt.Sprintf("%d rows in %d", c.N, c.K), c.Folds)(preprocess.KFoldInOrder(c.N, c.K))
	}
	for _, c := range g.Stratified {
		check(fmt.Sprintf("stratified in %d", c.K), c.Folds)(preprocess.StratifiedKFoldInOrder(g.Labels, c.K))
	}
	for _, c := range g.Grouped {
		check(fmt.Sprintf("grouped in %d", c.K), c.Folds)(preprocess.GroupKFold(g.Groups, c.K))
	}
	for _, c := range g.Time {
		s := preprocess.TimeSeriesSplit{Folds: c.K, TestSize: c.Size, Gap: c.Gap, MaxTrain: c.Max}
		check(fmt.Sprintf("%+v", s), c.Folds)(s.Split(c.N))
	}
}

func TestWarpMatchesSciPy(t *testing.T) {
	g := golden.Load[struct {
		Channels, Height, Width int
		Image                   []float64
		Cases                   []struct {
			preprocess.Warp
			Out []float64
		}
	}](t, "testdata/warps.json")
	for k, c := range g.Cases {
		got := make([]float64, len(g.Image))
		c.Warp.Apply(got, g.Image, g.Channels, g.Height, g.Width)
		golden.CloseSlice(t, fmt.Sprintf("warp %d, %+v", k, c.Warp), got, c.Out, 1e-12)
	}
}

func TestColumnTransformerMatchesScikitLearn(t *testing.T) {
	g := golden.Load[struct{ X, New table }](t, "testdata/scalers.json")
	want := golden.Load[struct{ Out table }](t, "testdata/columns.json")
	c := &preprocess.ColumnTransformer{
		Parts: []preprocess.ColumnPart{
			{Columns: []int{2, 0}, Transformer: preprocess.NewStandardScaler()},
			{Columns: []int{5}, Transformer: preprocess.NewMinMaxScaler()},
		},
		PassRest: true,
	}
	if err := c.Fit(g.X.dense()); err != nil {
		t.Fatal(err)
	}
	got, err := c.Transform(g.New.dense())
	if err != nil {
		t.Fatal(err)
	}
	closeMatrix(t, "column transformer", got, want.Out.dense(), 1e-13)
}

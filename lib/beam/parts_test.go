package beam

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/preprocess"
)

// TestPreparation: what passes fit is what lib/preprocess fits on all rows.
func TestPreparation(t *testing.T) {
	e := start(t, Settings{Workers: 2})
	all := sample(Gaussian, 500, 4, 1, 2)
	for i := range 500 {
		all.Set(i, 1, 7)              // constant
		all.Set(i, 2, 1e9+float64(i)) // far from 0
	}
	x, _ := split(all)
	d := Data{Files: write(t, t.TempDir(), all, 6, "npy")}
	m, err := e.Moments(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	standard, minmax := preprocess.NewStandardScaler(), preprocess.NewMinMaxScaler()
	for _, s := range []preprocess.Transformer{standard, minmax} {
		if err := s.Fit(x); err != nil {
			t.Fatal(err)
		}
	}
	near := func(what string, got, want []float64, tol float64) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%s: %v, want %v", what, got, want)
		}
		for j, v := range want {
			if !(math.Abs(got[j]-v) <= tol*max(1, math.Abs(v))) {
				t.Errorf("%s of column %d: %v, want %v", what, j, got[j], v)
			}
		}
	}
	near("mean", m.StandardScaler().Mean, standard.Mean, 1e-14)
	near("scale", m.StandardScaler().Scale, standard.Scale, 1e-13)
	if got := m.MinMaxScaler(); !reflect.DeepEqual(got, minmax) {
		t.Errorf("ends %v, want %v", got, minmax)
	}

	q, err := e.Quantiles(t.Context(), d, 0)
	if err != nil {
		t.Fatal(err)
	}
	for j := range 4 {
		col := mat.Col(nil, j, x)
		slices.Sort(col)
		for _, at := range []float64{0, 0.01, 0.25, 0.5, 0.9, 1} {
			got, err := q.Quantile(j, at)
			if err != nil {
				t.Fatal(err)
			}
			near := false // to one of the two values that the quantile lies between
			low, high := col[int(math.Floor(at*499))], col[int(math.Ceil(at*499))]
			for _, want := range []float64{low, high} {
				near = near || math.Abs(got-want) <= q.Accuracy*math.Abs(want)*(1+1e-9)
			}
			if !near {
				t.Errorf("column %d: the %g-quantile is %v, want %v or %v within %g", j, at, got, low, high, q.Accuracy)
			}
		}
	}
	robust := preprocess.NewRobustScaler()
	if err := q.RobustScaler(robust); err != nil {
		t.Fatal(err)
	}
	exact := preprocess.NewRobustScaler()
	if err := exact.Fit(x); err != nil {
		t.Fatal(err)
	}
	near("median", robust.Center[:2], exact.Center[:2], 0.05) // neighbours may be far apart
	near("range", robust.Scale[:2], exact.Scale[:2], 0.05)

	// A fit on prepared columns is that on one machine.
	prepared, err := d.Prepared(m.StandardScaler())
	if err != nil {
		t.Fatal(err)
	}
	fit, err := e.Fit(t.Context(), prepared, FitOptions{Family: Gaussian, Lambda: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	z, err := standard.Transform(x)
	if err != nil {
		t.Fatal(err)
	}
	s := &evaluateSpec{Gaussian, 1, fit.Model.Params()}
	f, err := s.scores(preprocess.Dense(z))
	if err != nil {
		t.Fatal(err)
	}
	_, y := split(all)
	v, err := e.Evaluate(t.Context(), fit, prepared)
	if err != nil {
		t.Fatal(err)
	}
	if want := (loss.MSE{}).Loss(nil, f, y, nil); !(math.Abs(v.Loss-want) <= 1e-12) || !(math.Abs(v.MSE-want) <= 1e-12) {
		t.Errorf("loss %v and MSE %v, want %v", v.Loss, v.MSE, want)
	}
}

func writeText(t *testing.T, dir string, shards []string) []string {
	var files []string
	for i, s := range shards {
		name := filepath.Join(dir, fmt.Sprintf("part-%d.csv", i))
		if err := os.WriteFile(name, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	return files
}

// TestTexts: categories and a vocabulary, and a table of both that is fitted.
func TestTexts(t *testing.T) {
	e := start(t, Settings{Workers: 2})
	d := Data{Target: "y", Files: writeText(t, t.TempDir(), []string{
		"city,text,age,y\nBern,the cat sat,10,1\nBasel,a cat and the dog,20,0\n",
		"city,text,age,y\nChur,the dog the dog,30,1\nBern,no cat here,40,0\n",
		"city,text,age,y\nBasel,Katze and cat,50,1\n",
	})}
	cities := d
	cities.Features = []string{"city"}
	l, err := e.Levels(t.Context(), cities, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(l.Levels), "[[Basel Bern Chur]]"; got != want {
		t.Errorf("levels %s, want %s", got, want)
	}
	docs := []string{"the cat sat", "a cat and the dog", "the dog the dog", "no cat here", "Katze and cat"}
	for _, set := range []func(*preprocess.CountVectorizer){
		func(*preprocess.CountVectorizer) {},
		func(v *preprocess.CountVectorizer) { v.MinDF = 2 },
		func(v *preprocess.CountVectorizer) { v.MaxDF = 0.5; v.MaxFeatures = 3 },
		func(v *preprocess.CountVectorizer) { v.NMax = 2; v.MaxFeatures = 6 },
	} {
		got, want := preprocess.NewCountVectorizer(), preprocess.NewCountVectorizer()
		set(got)
		set(want)
		if err := want.Fit(docs); err != nil {
			t.Fatal(err)
		}
		if err := e.Vocabulary(t.Context(), d, "text", got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("vocabulary %v, want %v", got.Vocabulary, want.Vocabulary)
		}
	}

	vectorizer := preprocess.NewCountVectorizer()
	vectorizer.Vocabulary = []string{"cat", "dog"}
	table := &preprocess.TableTransformer{Parts: []preprocess.TablePart{
		{Columns: []string{"city"}, Strings: l.OneHotEncoder()},
		{Columns: []string{"text"}, Text: vectorizer},
	}}
	prepared, err := d.Prepared(table)
	if err != nil {
		t.Fatal(err)
	}
	fit, err := e.Fit(t.Context(), prepared, FitOptions{Family: Logistic, Lambda: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := fit.Model.Dims(); n != 5 {
		t.Errorf("%d features, want 3 cities and 2 terms", n)
	}
}

// TestEvaluate: sums give what lib/metric gives on all rows.
func TestEvaluate(t *testing.T) {
	e := start(t, Settings{Workers: 2})
	all := sample(Logistic, 3000, 4, 1, 8)
	x, y := split(all)
	d := Data{Files: write(t, t.TempDir(), all, 7, "npy")}
	fit, err := e.Fit(t.Context(), d, FitOptions{Family: Logistic, Lambda: 1e-3})
	if err != nil {
		t.Fatal(err)
	}
	v, err := e.Evaluate(t.Context(), fit, d)
	if err != nil {
		t.Fatal(err)
	}
	truth, pred, prob := make([]int, 3000), make([]int, 3000), model.Probabilities(fit.Model, x)
	for i := range truth {
		truth[i] = int(y.At(i, 0))
		if prob.At(i, 0) > 0.5 {
			pred[i] = 1
		}
	}
	p := mat.Col(nil, 0, prob)
	area, err := metric.ROCAUC(truth, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !(math.Abs(v.AUC-area) <= v.AUCError) || v.AUCError > 1e-3 {
		t.Errorf("AUC %v ± %v, want %v within that", v.AUC, v.AUCError, area)
	}
	c, err := metric.NewCalibration(truth, p, calibrationBins, metric.Uniform)
	if err != nil {
		t.Fatal(err)
	}
	if !(math.Abs(v.ECE-c.ECE()) <= 1e-12) {
		t.Errorf("ECE %v, want %v", v.ECE, c.ECE())
	}
	confusion := metric.NewConfusion(truth, pred, nil)
	if !(math.Abs(v.Accuracy-confusion.Accuracy()) <= 1e-14) {
		t.Errorf("accuracy %v, want %v", v.Accuracy, confusion.Accuracy())
	}
	f := mat.NewDense(3000, 1, nil)
	fit.Model.Predict(f, x)
	if want := (loss.BinaryCrossEntropy{}).Loss(nil, f, y, nil); !(math.Abs(v.Loss-want) <= 1e-13) {
		t.Errorf("loss %v, want %v", v.Loss, want)
	}

	dir := t.TempDir()
	files, err := e.Predict(t.Context(), fit, d, dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []float64
	for i, file := range files {
		b, err := os.Open(file.File)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		tensor, err := format.ReadNPY(b, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(file.File) != fmt.Sprintf("part-%05d.npy", i) || tensor.Shape[0] != file.Rows {
			t.Errorf("file %d is %+v, of the shape %v", i, file, tensor.Shape)
		}
		got = append(got, tensor.Data...)
	}
	if !floats.EqualApprox(got, p, 1e-15) {
		t.Error("predictions differ from those on one machine")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != len(files) {
		t.Errorf("%v, want %d files", left, len(files))
	}
	if _, err := e.Predict(t.Context(), fit, d, filepath.Dir(d.Files[0])); err == nil || !strings.Contains(err.Error(), "would replace") {
		t.Errorf("predictions that replace the data: error %v", err)
	}
}

// TestEvaluateClasses and counts.
func TestEvaluateClasses(t *testing.T) {
	e := start(t, Settings{Workers: 2})
	all := sample(Softmax, 600, 4, 3, 8)
	x, y := split(all)
	d := Data{Files: write(t, t.TempDir(), all, 4, "npy")}
	fit, err := e.Fit(t.Context(), d, FitOptions{Family: Softmax, Outputs: 3, Lambda: 1e-3, LocalStart: true})
	if err != nil {
		t.Fatal(err)
	}
	v, err := e.Evaluate(t.Context(), fit, d)
	if err != nil {
		t.Fatal(err)
	}
	truth := make([]int, 600)
	for i := range truth {
		truth[i] = int(y.At(i, 0))
	}
	right, top := metric.Confidence(truth, model.Probabilities(fit.Model, x))
	c, err := metric.NewCalibration(right, top, calibrationBins, metric.Uniform)
	if err != nil {
		t.Fatal(err)
	}
	if !(math.Abs(v.ECE-c.ECE()) <= 1e-12) {
		t.Errorf("ECE %v, want %v", v.ECE, c.ECE())
	}
	hits := 0.0
	for _, r := range right {
		hits += float64(r)
	}
	if !(math.Abs(v.Accuracy-hits/600) <= 1e-14) {
		t.Errorf("accuracy %v, want %v", v.Accuracy, hits/600)
	}
}

// TestLocalStart saves passes, and comes to the same minimum.
func TestLocalStart(t *testing.T) {
	e := start(t, Settings{Workers: 2})
	d := Data{Files: write(t, t.TempDir(), sample(Logistic, 6000, 5, 1, 4), 4, "npy")}
	opt := FitOptions{Family: Logistic, Lambda: 1e-3, Tolerance: 1e-12}
	plain, err := e.Fit(t.Context(), d, opt)
	if err != nil {
		t.Fatal(err)
	}
	opt.LocalStart = true
	local, err := e.Fit(t.Context(), d, opt)
	if err != nil {
		t.Fatal(err)
	}
	if local.Passes >= plain.Passes {
		t.Errorf("%d passes with a local start, %d without", local.Passes, plain.Passes)
	}
	if gap := floats.Distance(local.Model.Params(), plain.Model.Params(), math.Inf(1)); gap > 1e-9 {
		t.Errorf("the minima differ by %g", gap)
	}
}

// TestCheckpoint: a fit that ended in the middle goes on to the same bits.
func TestCheckpoint(t *testing.T) {
	d := Data{Files: write(t, t.TempDir(), sample(Logistic, 500, 5, 1, 4), 4, "npy")}
	opt := FitOptions{Family: Logistic, Lambda: 1e-3}
	e := start(t, Settings{Workers: 2})
	want, err := e.Fit(t.Context(), d, opt)
	if err != nil {
		t.Fatal(err)
	}
	opt.Checkpoint = filepath.Join(t.TempDir(), "fit.json")
	ctx, cancel := context.WithCancel(t.Context())
	passes := 0
	stopped := start(t, Settings{Workers: 2, Log: func(Pass) {
		if passes++; passes == 4 {
			cancel()
		}
	}})
	if _, err := stopped.Fit(ctx, d, opt); err == nil {
		t.Fatal("the fit was not stopped")
	}
	b, err := os.ReadFile(opt.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	other := opt
	other.Lambda = 1
	if _, err := e.Fit(t.Context(), d, other); err == nil || !strings.Contains(err.Error(), "other files or settings") {
		t.Errorf("a checkpoint of other settings: error %v", err)
	}
	damaged := slices.Clone(b)
	damaged[len(damaged)/2] ^= 1
	os.WriteFile(opt.Checkpoint, damaged, 0o644)
	if _, err := e.Fit(t.Context(), d, opt); err == nil {
		t.Error("a damaged checkpoint was taken")
	}
	os.WriteFile(opt.Checkpoint, b, 0o644)
	got, err := e.Fit(t.Context(), d, opt)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Model.Params(), want.Model.Params()) {
		t.Error("the resumed fit has other bits")
	}
	if _, err := os.Stat(opt.Checkpoint); err == nil {
		t.Error("the checkpoint is left")
	}
}

// TestFaults: what is wrong in data and settings is an error that says where, after one try.
func TestFaults(t *testing.T) {
	tries := 0
	e := start(t, Settings{Workers: 2, Log: func(p Pass) {
		if p.Failed != nil {
			tries++
		}
	}})
	good := "a,y\n1,0\n2,1\n3,0\n"
	files := func(bad string) []string { return writeText(t, t.TempDir(), []string{good, good, bad}) }
	separable := writeText(t, t.TempDir(), []string{"a,y\n1,0\n2,0\n3,1\n", "a,y\n0,0\n5,1\n"})
	for _, c := range []struct {
		name string
		data Data
		opt  FitOptions
		want []string
	}{
		{"a gap", Data{Files: files("a,y\n1,0\nNaN,1\n")}, FitOptions{Family: Logistic, Lambda: 1}, []string{"part-2.csv", "row 1", "NaN"}},
		{"text", Data{Files: files("a,y\n1,0\nred,1\n")}, FitOptions{Family: Logistic, Lambda: 1}, []string{"part-2.csv", "red"}},
		{"a label", Data{Files: files("a,y\n1,0\n2,7\n")}, FitOptions{Family: Logistic, Lambda: 1}, []string{"part-2.csv", "7"}},
		{"a class", Data{Files: files("a,y\n1,0\n2,7\n")}, FitOptions{Family: Softmax, Outputs: 3, Lambda: 1}, []string{"part-2.csv", "7"}},
		{"a negative count", Data{Files: files("a,y\n1,0\n2,-7\n")}, FitOptions{Family: Poisson, Lambda: 1}, []string{"part-2.csv", "-7"}},
		{"a column more", Data{Files: files("a,b,y\n1,2,0\n")}, FitOptions{Family: Logistic, Lambda: 1}, []string{"features"}},
		{"no such column", Data{Files: files(good), Target: "z"}, FitOptions{Family: Logistic, Lambda: 1}, []string{"z"}},
		{"no rows", Data{Files: files("a,y\n")}, FitOptions{Family: Logistic, Lambda: 1}, []string{"part-2.csv", "no rows"}},
		{"half a file", Data{Files: writeText(t, t.TempDir(), []string{good})[:0]}, FitOptions{Family: Logistic}, []string{"no files"}},
		{"twice", Data{Files: append(files(good), files(good)[:0]...)}, FitOptions{Family: "normal"}, []string{"normal", "gaussian"}},
		{"classes apart", Data{Files: separable}, FitOptions{Family: Logistic}, []string{"Lambda"}},
		{"classes that touch", Data{Files: writeText(t, t.TempDir(), []string{"a,y\n1,0\n2,0\n3,1\n", "a,y\n2,1\n5,1\n"})}, FitOptions{Family: Logistic}, []string{"Lambda"}},
		{"one class", Data{Files: writeText(t, t.TempDir(), []string{"a,y\n1,0\n2,0\n3,0\n"})}, FitOptions{Family: Logistic}, []string{"Lambda"}},
		{"one class with a penalty", Data{Files: writeText(t, t.TempDir(), []string{"a,y\n1,0\n2,0\n3,0\n"})}, FitOptions{Family: Logistic, Lambda: 1}, []string{"class"}},
		{"too many passes", Data{Files: files(good)}, FitOptions{Family: Logistic, Lambda: 1e-3, MaxPasses: 1}, []string{"1 passes"}},
		{"Lambda", Data{Files: files(good)}, FitOptions{Family: Logistic, Lambda: math.NaN()}, []string{"Lambda"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := e.Fit(t.Context(), c.data, c.opt)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
		})
	}
	if tries > 0 {
		t.Errorf("%d jobs were repeated for faults of the data", tries)
	}
	missing := Data{Files: []string{filepath.Join(t.TempDir(), "no.csv")}}
	if _, err := start(t, Settings{Retries: -1}).Fit(t.Context(), missing, FitOptions{Family: Gaussian}); err == nil || !strings.Contains(err.Error(), "no.csv") {
		t.Errorf("a missing file: error %v", err)
	}
}

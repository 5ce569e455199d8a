package preprocess_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/sparse"
)

// mean adds up with the rounding errors kept (Neumaier), so that what a test
// calls the mean is not itself wrong in the last digits.
func mean(v []float64) float64 {
	sum, lost := 0.0, 0.0
	for _, x := range v {
		t := sum + x
		if math.Abs(sum) >= math.Abs(x) {
			lost += (sum - t) + x
		} else {
			lost += (x - t) + sum
		}
		sum = t
	}
	return (sum + lost) / float64(len(v))
}

// TestStandardScalerMeanIsExact has a column far from 0, where the rounding
// errors of a plain sum are a visible share of the deviation.
func TestStandardScalerMeanIsExact(t *testing.T) {
	const rows = 100000
	x := mat.NewDense(rows, 1, nil)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range rows {
		x.Set(i, 0, 1e8/3+0.01*(2*rng.Float64()-1))
	}
	s := preprocess.NewStandardScaler()
	z, err := preprocess.FitTransform(s, x)
	if err != nil {
		t.Fatal(err)
	}
	if m := mean(mat.Col(nil, 0, z)); !(math.Abs(m) < 1e-6) {
		t.Errorf("the mean of the result is %v", m)
	}
	want := mean(mat.Col(nil, 0, x))
	p := preprocess.NewImputer()
	if err := p.Fit(x); err != nil || p.Values[0] != want {
		t.Errorf("the mean for missing values is %v, want %v: %v", p.Values, want, err)
	}
	zero := &preprocess.StandardScaler{WithStd: true}
	if err := zero.Fit(sparse.FromDense(x)); err != nil {
		t.Fatal(err)
	}
	if zero.Mean[0] != want || s.Mean[0] != want {
		t.Errorf("the mean is %v, of the sparse matrix %v, want %v", s.Mean[0], zero.Mean[0], want)
	}
	if zero.Scale[0] != s.Scale[0] {
		t.Errorf("the deviation is %v, of the sparse matrix %v", s.Scale[0], zero.Scale[0])
	}
}

// TestConstantIsRelative has columns whose spread is tiny beside 1 or beside
// their mean, and yet no rounding.
func TestConstantIsRelative(t *testing.T) {
	stamps := make([]float64, 1000000)
	for i := range stamps {
		stamps[i] = 1.7e15 + float64(i)
	}
	m := float64(len(stamps))
	s := &preprocess.StandardScaler{WithStd: true}
	for _, x := range []mat.Matrix{mat.NewDense(len(stamps), 1, stamps), sparse.FromDense(mat.NewDense(len(stamps), 1, stamps))} {
		// σ² = (m² − 1)/12 for m consecutive numbers; the sum of m squares may be
		// wrong by mε.
		if err := s.Fit(x); err != nil || math.Abs(s.Scale[0]/math.Sqrt((m*m-1)/12)-1) > m*0x1p-52 {
			t.Errorf("%T: microseconds have the scale %v, want 288675.1: %v", x, s.Scale[0], err)
		}
	}
	for _, unit := range []float64{1, 1e-16, 1e-200, 1e-310, 1e200, 0x1p1020} {
		column := []float64{unit, 2 * unit, 3 * unit, 4 * unit, 5 * unit}
		x := mat.NewDense(5, 1, column)
		tolerance := 1e-15
		if unit == 1e-310 {
			tolerance = 1e-13 // a subnormal number has fewer digits
		}
		for _, c := range []struct {
			t    preprocess.Transformer
			want []float64
		}{
			{preprocess.NewMinMaxScaler(), []float64{0, 0.25, 0.5, 0.75, 1}},
			{preprocess.NewRobustScaler(), []float64{-1, -0.5, 0, 0.5, 1}},
			{preprocess.NewStandardScaler(), []float64{-math.Sqrt2, -math.Sqrt2 / 2, 0, math.Sqrt2 / 2, math.Sqrt2}},
		} {
			z, err := preprocess.FitTransform(c.t, x)
			if err != nil {
				t.Errorf("%T of %v: %v", c.t, column, err)
				continue
			}
			for i, want := range c.want {
				if got := z.At(i, 0); !(math.Abs(got-want) <= tolerance) {
					t.Errorf("%T of %v: row %d becomes %v, want %v", c.t, column, i, got, want)
				}
			}
		}
	}
	// Quartiles that differ are not constant because there is a wild value.
	z, err := preprocess.FitTransform(preprocess.NewRobustScaler(), mat.NewDense(6, 1, []float64{1, 2, 3, 4, 5, 1e20}))
	if err != nil || math.Abs(z.At(0, 0)+1) > 1e-15 {
		t.Errorf("beside 1e20, 1 becomes %v, want -1: %v", z.At(0, 0), err)
	}
	// What differs in the last bit only is constant: 0.1 + 0.2 is not 0.3.
	x := []float64{0.1, 0.2, 0.3}
	noise := mat.NewDense(4, 1, []float64{x[0] + x[1], x[2], x[2], x[0] + x[1]})
	for _, tr := range []preprocess.Transformer{preprocess.NewMinMaxScaler(), preprocess.NewRobustScaler(), preprocess.NewStandardScaler()} {
		z, err := preprocess.FitTransform(tr, noise)
		if err != nil || math.Abs(z.At(0, 0)) > 1e-16 || math.Abs(z.At(1, 0)) > 1e-16 {
			t.Errorf("%T: rounding is stretched to %v, %v", tr, mat.Col(nil, 0, z), err)
		}
	}
}

// TestMinMaxEndsExactly: a loss for targets in [0, 1] refuses
// 1.000000000000007, which x·s + o makes of the second column's maximum.
func TestMinMaxEndsExactly(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	column := []float64{96.21594099018563, 94.7411056646608, 94.71293707469326}
	for trial := range 5000 {
		low, high := -1.0, 2.0
		switch trial % 3 {
		case 0:
			low, high = 0, 1
		case 1:
			low, high = -0.1, 0.3
		}
		for _, clip := range []bool{false, true} {
			s := &preprocess.MinMaxScaler{Low: low, High: high, Clip: clip}
			z, err := preprocess.FitTransform(s, mat.NewDense(3, 1, column))
			if err != nil {
				t.Fatal(err)
			}
			out := mat.Col(nil, 0, z)
			if slices.Min(out) != low || slices.Max(out) != high {
				t.Fatalf("%v becomes %v, want the ends %v and %v", column, out, low, high)
			}
			back, err := s.Inverse(z)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range mat.Col(nil, 0, back) {
				if (out[i] == low || out[i] == high) && v != column[i] {
					t.Fatalf("the end %v comes back as %v", column[i], v)
				}
			}
		}
		offset := math.Exp(20 * (rng.Float64() - 0.5))
		for i := range column {
			column[i] = offset + rng.Float64()
		}
	}
}

// TestMinMaxOldFile reads what earlier versions wrote.
func TestMinMaxOldFile(t *testing.T) {
	file := `{"format":"descent/preprocess","version":1,"kind":"MinMaxScaler","state":{"Low":-1,"High":1,"Clip":false,"Scale":[0.5,2],"Offset":[-2,-7]}}`
	s, err := preprocess.Load[*preprocess.MinMaxScaler](strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	z, err := s.Transform(mat.NewDense(3, 2, []float64{2, 3, 6, 4, 4, 3.5}))
	if want := mat.NewDense(3, 2, []float64{-1, -1, 1, 1, 0, 0}); err != nil || !mat.Equal(z, want) {
		t.Errorf("it transforms to\n%v, %v", mat.Formatted(z), err)
	}
	var again bytes.Buffer
	if err := preprocess.Save(&again, s); err != nil || strings.Contains(again.String(), "Offset") {
		t.Errorf("saved again: %s, %v", &again, err)
	}
}

// TestNormalizerLengths has rows whose length, or the sum on the way to it, is
// no float64.
func TestNormalizerLengths(t *testing.T) {
	for _, c := range []struct {
		norm preprocess.Norm
		row  []float64
		want []float64
	}{
		{preprocess.L2Norm, []float64{1.2e308, 1.6e308}, []float64{0.6, 0.8}},
		{preprocess.L1Norm, []float64{1.2e308, -1.2e308}, []float64{0.5, -0.5}},
		{preprocess.MaxNorm, []float64{1.2e308, 0.6e308}, []float64{1, 0.5}},
		{preprocess.L2Norm, []float64{3e-170, 4e-170}, []float64{0.6, 0.8}},
		{preprocess.L2Norm, []float64{3 * 0x1p-1074, -4 * 0x1p-1074}, []float64{0.6, -0.8}},
		{preprocess.L2Norm, []float64{0x1p-1074, 0x1p-1074}, []float64{math.Sqrt2 / 2, math.Sqrt2 / 2}},
		{preprocess.L1Norm, []float64{0x1p-1074, 0x1p-1074}, []float64{0.5, 0.5}},
		{preprocess.MaxNorm, []float64{0x1p-1074, 0}, []float64{1, 0}},
		{preprocess.L2Norm, []float64{0, 0}, []float64{0, 0}},
	} {
		x := mat.NewDense(1, 2, c.row)
		for _, in := range []mat.Matrix{x, sparse.FromDense(x)} {
			y, err := preprocess.FitTransform(&preprocess.Normalizer{Norm: c.norm}, in)
			if err != nil {
				t.Fatal(err)
			}
			for j, want := range c.want {
				if got := y.At(0, j); !(math.Abs(got-want) <= 2e-16) {
					t.Errorf("%s of %v, %T: column %d is %v, want %v", c.norm, c.row, in, j, got, want)
				}
			}
		}
	}
}

// TestLabelsNotANumber: NaN equals nothing, itself included, so that it is in
// no group.
func TestLabelsNotANumber(t *testing.T) {
	nan := math.NaN()
	labels := []float64{1, nan, 1, 2, nan, 2}
	half := preprocess.Fractions{Test: 0.5}
	for name, f := range map[string]func() error{
		"StratifiedKFold":         func() error { return second(preprocess.StratifiedKFoldInOrder(labels, 2)) },
		"RepeatedStratifiedKFold": func() error { return second(preprocess.RepeatedStratifiedKFold(labels, 2, 2, 1)) },
		"GroupKFold":              func() error { return second(preprocess.GroupKFold(labels, 2)) },
		"SplitStratified":         func() error { return second(preprocess.SplitStratified(labels, half, 1)) },
		"SplitGrouped":            func() error { return second(preprocess.SplitGrouped(labels, half, 1)) },
		"SplitByTime":             func() error { return second(preprocess.SplitByTime(labels, half)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("panic: %v", r)
				}
			}()
			if err := f(); err == nil || !strings.Contains(fmt.Sprint(err), "row 1 is NaN") {
				t.Errorf("error is %v, want one that names row 1", err)
			}
		})
	}
}

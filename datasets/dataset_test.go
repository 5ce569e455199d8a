package datasets_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/datasets"
	"gonum.org/v1/gonum/mat"
)

func TestCopiesAreIndependent(t *testing.T) {
	a := datasets.Iris()
	a.X.Set(0, 0, -1)
	a.Y.Set(0, 0, 2)
	a.Features[0], a.Classes[0], a.Units[0] = "changed", "changed", "changed"
	b := datasets.Iris()
	if b.X.At(0, 0) != 5.1 || b.Y.At(0, 0) != 0 || b.Features[0] != "sepal length" || b.Classes[0] != "setosa" || b.Units[0] != "cm" {
		t.Error("a change of one copy shows in the next")
	}
	copies := map[string]func() *datasets.Dataset{
		"Clone":  b.Clone,
		"Head":   func() *datasets.Dataset { return b.Head(150) },
		"Subset": func() *datasets.Dataset { return b.Subset([]int{0, 1}) },
		"Select": func() *datasets.Dataset { s, _ := b.Select("sepal length"); return s },
	}
	for name, get := range copies {
		c := get()
		c.X.Set(0, 0, 99)
		c.Y.Set(0, 0, 2)
		c.Features[0], c.Units[0], c.Classes[0] = "changed", "changed", "changed"
		if b.X.At(0, 0) != 5.1 || b.Y.At(0, 0) != 0 || b.Features[0] != "sepal length" || b.Units[0] != "cm" || b.Classes[0] != "setosa" {
			t.Errorf("%s shares memory with the original", name)
		}
	}
}

func TestColumn(t *testing.T) {
	d := datasets.Iris()
	x, err := d.Column("petal width")
	if err != nil || len(x) != 150 || x[149] != 1.8 {
		t.Errorf("petal width: %v values, error %v", len(x), err)
	}
	y, err := d.Column("species")
	if err != nil || y[149] != 2 {
		t.Errorf("species: error %v", err)
	}
	_, err = d.Column("petal lenght")
	wantError(t, err, `iris has no feature "petal lenght"`, "petal length, petal width")
	_, err = datasets.Digits().Column("x")
	wantError(t, err, "pixel_3_5 and 34 more")
}

func TestSelect(t *testing.T) {
	d := datasets.Diabetes()
	s, err := d.Select("bp", "age")
	if err != nil {
		t.Fatal(err)
	}
	if m, n := s.Dims(); m != 442 || n != 2 {
		t.Errorf("shape %d×%d", m, n)
	}
	if s.X.At(1, 0) != 87 || s.X.At(1, 1) != 48 || s.Y.At(1, 0) != 75 {
		t.Errorf("row 1 is %v → %v", s.X.RawRowView(1), s.Y.At(1, 0))
	}
	if !slices.Equal(s.Units, []string{"mm Hg", "years"}) {
		t.Errorf("units %q", s.Units)
	}
	for name, c := range map[string]struct {
		features []string
		want     string
	}{
		"unknown": {[]string{"age", "blood"}, `no feature "blood": it has age, sex`},
		"twice":   {[]string{"age", "age"}, `"age" twice`},
		"none":    {nil, "at least one feature of diabetes: age, sex"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.Select(c.features...)
			wantError(t, err, c.want)
		})
	}
}

func TestSubsetAndHead(t *testing.T) {
	d := datasets.Wine()
	s := d.Subset([]int{177, 0, 177})
	if m, _ := s.Dims(); m != 3 {
		t.Fatalf("%d rows", m)
	}
	for k, i := range []int{177, 0, 177} {
		if !slices.Equal(s.X.RawRowView(k), d.X.RawRowView(i)) || s.Y.At(k, 0) != d.Y.At(i, 0) {
			t.Errorf("row %d is not row %d", k, i)
		}
	}
	h := d.Head(2)
	if m, _ := h.Dims(); m != 2 || !mat.Equal(h.X, d.X.Slice(0, 2, 0, 13)) {
		t.Error("Head(2) is not the first two rows")
	}
	if m, _ := d.Head(1000).Dims(); m != 178 {
		t.Errorf("Head(1000) has %d rows", m)
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name     string
		d        *datasets.Dataset
		fraction float64
		test     int
		counts   []int // of the test set
	}{
		{"iris in fifths", datasets.Iris(), 0.2, 30, []int{10, 10, 10}},
		// 178·¼ = 44.5 → 45 (rounded to even would be 44): shares 14.92, 17.95, 12.13.
		{"wine in quarters", datasets.Wine(), 0.25, 45, []int{15, 18, 12}},
		// 212·171/569 = 63.71, 357·171/569 = 107.29.
		{"breast cancer", datasets.BreastCancer(), 0.3, 171, []int{64, 107}},
		{"regression", datasets.Diabetes(), 0.25, 111, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, _ := c.d.Dims()
			numbered := c.d.Clone() // the first feature becomes the row's number
			for i := range m {
				numbered.X.Set(i, 0, float64(i))
			}
			train, test := numbered.Split(c.fraction, 7)
			if n, _ := test.Dims(); n != c.test {
				t.Errorf("%d samples in the test set, want %d", n, c.test)
			}
			if got := test.ClassCounts(); !slices.Equal(got, c.counts) {
				t.Errorf("classes of the test set %v, want %v", got, c.counts)
			}
			order := append(mat.Col(nil, 0, train.X), mat.Col(nil, 0, test.X)...)
			if slices.IsSorted(order[:m-c.test]) || slices.IsSorted(order[m-c.test:]) {
				t.Error("a part is not shuffled")
			}
			slices.Sort(order)
			for i, v := range order {
				if v != float64(i) {
					t.Fatalf("place %d of all samples in order holds sample %v", i, v)
				}
			}
			for _, part := range []*datasets.Dataset{train, test} {
				for k := range part.X.RawMatrix().Rows {
					if part.Y.At(k, 0) != c.d.Y.At(int(part.X.At(k, 0)), 0) {
						t.Fatal("a target has left its sample")
					}
				}
			}
			again, _ := numbered.Split(c.fraction, 7)
			other, _ := numbered.Split(c.fraction, 8)
			if !mat.Equal(again.X, train.X) || mat.Equal(other.X, train.X) {
				t.Error("the split does not follow the seed")
			}
		})
	}
}

func TestPanics(t *testing.T) {
	d := datasets.Iris()
	bad := datasets.Iris()
	bad.Y.Set(3, 0, 1.5)
	nan := math.NaN()
	noClass := datasets.Iris()
	noClass.Y.Set(3, 0, nan)
	texts := &datasets.Corpus{Texts: []string{"a", "b"}, Y: mat.NewDense(2, 1, []float64{0, nan}), Classes: []string{"no", "yes"}}
	for name, c := range map[string]struct {
		do   func()
		want string
	}{
		"Subset of none":         {func() { d.Subset(nil) }, "no rows"},
		"Subset beyond":          {func() { d.Subset([]int{150}) }, "row 150: iris has rows 0 to 149"},
		"Subset negative":        {func() { d.Subset([]int{-1}) }, "row -1"},
		"Head(0)":                {func() { d.Head(0) }, "at least 1"},
		"Table(0)":               {func() { d.Table(0) }, "at least 1"},
		"Split(0)":               {func() { d.Split(0, 1) }, "between 0 and 1"},
		"Split(1)":               {func() { d.Split(1, 1) }, "between 0 and 1"},
		"Split(NaN)":             {func() { d.Split(nan, 1) }, "between 0 and 1"},
		"Split leaves none":      {func() { d.Split(0.001, 1) }, "a part empty"},
		"not a class":            {func() { bad.ClassCounts() }, "target 1.5 of sample 3"},
		"not a label":            {func() { bad.Labels() }, "target 1.5 of sample 3"},
		"labels of values":       {func() { datasets.Diabetes().Labels() }, "diabetes has no labels: its target"},
		"no class":               {func() { noClass.Split(0.5, 1) }, "target NaN of sample 3"},
		"no class of a text":     {func() { texts.Split(0.5, 1) }, "target NaN of sample 1"},
		"texts printed":          {func() { _ = texts.String() }, "target NaN of sample 1"},
		"Plane 0":                {func() { datasets.Plane(0, []float64{1}, 0, 0, 1) }, "Plane: 0 samples"},
		"Plane no weights":       {func() { datasets.Plane(1, nil, 0, 0, 1) }, "no weights"},
		"Plane noise":            {func() { datasets.Plane(1, []float64{1}, 0, -1, 1) }, "noise is -1"},
		"Plane NaN":              {func() { datasets.Plane(1, []float64{1}, 0, nan, 1) }, "noise is NaN"},
		"Polynomial no coef":     {func() { datasets.Polynomial(1, nil, 0, 1) }, "no coefficients"},
		"Correlated rho":         {func() { datasets.Correlated(1, []float64{1}, 1.1, 0, 1) }, "rho is 1.1"},
		"Correlated no weights":  {func() { datasets.Correlated(1, nil, 0, 0, 1) }, "no weights"},
		"Blobs classes":          {func() { datasets.Blobs(10, 0, 2, 1, 1) }, "0 classes"},
		"Blobs too few":          {func() { datasets.Blobs(2, 3, 2, 1, 1) }, "2 samples, want at least 3"},
		"Moons 1":                {func() { datasets.Moons(1, 0, 1) }, "want at least 2"},
		"Circles factor":         {func() { datasets.Circles(10, 0, 1, 1) }, "factor is 1"},
		"Circles infinite noise": {func() { datasets.Circles(10, math.Inf(1), 0.5, 1) }, "noise is +Inf"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				text, _ := recover().(string)
				if !strings.HasPrefix(text, "datasets: ") || !strings.Contains(text, c.want) {
					t.Errorf("panic %q, want one that says %q", text, c.want)
				}
			}()
			c.do()
		})
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", parts)
	}
	if !strings.HasPrefix(err.Error(), "datasets: ") {
		t.Errorf("error %q does not begin with the package's name", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

func TestLabels(t *testing.T) {
	d := datasets.Iris()
	labels := d.Labels()
	for i, label := range labels {
		if float64(label) != d.Y.At(i, 0) {
			t.Fatalf("label %d is %d, want %g", i, label, d.Y.At(i, 0))
		}
	}
	if len(labels) != 150 || d.Classes[labels[149]] != "virginica" {
		t.Errorf("%d labels, the last %q", len(labels), d.Classes[labels[149]])
	}
	c := datasets.DebianPackages().Subset([]int{3, 1, 4})
	for i, label := range c.Labels() {
		if float64(label) != c.Y.At(i, 0) {
			t.Errorf("label %d is %d, want %g", i, label, c.Y.At(i, 0))
		}
	}
}

package datasets_test

import (
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/datasets"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

func TestGeneratorsFollowTheSeed(t *testing.T) {
	for name, make := range map[string]func(seed uint64) *datasets.Dataset{
		"article":    datasets.Article,
		"linear":     func(s uint64) *datasets.Dataset { return datasets.Plane(20, []float64{1, -2, 3}, 4, 0.5, s) },
		"polynomial": func(s uint64) *datasets.Dataset { return datasets.Polynomial(20, []float64{1, -2, 3}, 0.1, s) },
		"sine":       func(s uint64) *datasets.Dataset { return datasets.Sine(20, 0.1, s) },
		"correlated": func(s uint64) *datasets.Dataset { return datasets.Correlated(20, []float64{1, 2, 3}, 0.9, 0.1, s) },
		"blobs":      func(s uint64) *datasets.Dataset { return datasets.Blobs(20, 3, 2, 0.5, s) },
		"moons":      func(s uint64) *datasets.Dataset { return datasets.Moons(20, 0.1, s) },
		"circles":    func(s uint64) *datasets.Dataset { return datasets.Circles(20, 0.1, 0.5, s) },
	} {
		t.Run(name, func(t *testing.T) {
			a, b, c := make(1), make(1), make(2)
			if !mat.Equal(a.X, b.X) || !mat.Equal(a.Y, b.Y) {
				t.Error("the same seed gives other data")
			}
			if mat.Equal(a.X, c.X) || mat.Equal(a.Y, c.Y) && a.Classes == nil {
				t.Error("another seed gives the same data")
			}
			if a.Name != name || a.Title == "" || a.Notes == "" || a.Licence == "" || a.Source == "" {
				t.Errorf("described as %q, %q, %q", a.Name, a.Title, a.Notes)
			}
			m, n := a.Dims()
			if rows, columns := a.Y.Dims(); rows != m || columns != 1 || len(a.Features) != n || len(a.Units) != n {
				t.Error("shapes do not agree")
			}
			if a.Classes != nil {
				if counts := a.ClassCounts(); slices.Max(counts)-slices.Min(counts) > 1 {
					t.Errorf("classes of unequal sizes: %v", counts)
				}
			}
		})
	}
}

func TestFormulasWithoutNoise(t *testing.T) {
	for name, c := range map[string]struct {
		d         *datasets.Dataset
		f         func(x []float64) float64
		low, high float64
	}{
		"linear":     {datasets.Plane(50, []float64{2, 3}, -1, 0, 3), func(x []float64) float64 { return -1 + 2*x[0] + 3*x[1] }, 0, 1},
		"polynomial": {datasets.Polynomial(50, []float64{1, -2, 0, 4}, 0, 3), func(x []float64) float64 { return 1 - 2*x[0] + 4*x[0]*x[0]*x[0] }, -1, 1},
		"sine":       {datasets.Sine(50, 0, 3), func(x []float64) float64 { return math.Sin(2 * math.Pi * x[0]) }, 0, 1},
		"correlated": {datasets.Correlated(50, []float64{2, -1}, 0.5, 0, 3), func(x []float64) float64 { return 2*x[0] - x[1] }, -6, 6},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range 50 {
				x := c.d.X.RawRowView(i)
				near(t, "y", c.d.Y.At(i, 0), c.f(x))
				if slices.Min(x) < c.low || slices.Max(x) >= c.high {
					t.Errorf("sample %v lies outside [%v, %v)", x, c.low, c.high)
				}
			}
		})
	}
}

// With many samples the statistics come close to the truth: within five standard errors.
func TestStatistics(t *testing.T) {
	const m = 40000
	bound := 5 / math.Sqrt(m)
	within := func(what string, got, want, spread float64) {
		t.Helper()
		if math.Abs(got-want) > bound*spread {
			t.Errorf("%s is %v, want %v ± %v", what, got, want, bound*spread)
		}
	}
	d := datasets.Plane(m, []float64{2, 3}, 1, 0.5, 5)
	noise := make([]float64, m)
	for i := range noise {
		noise[i] = d.Y.At(i, 0) - 1 - 2*d.X.At(i, 0) - 3*d.X.At(i, 1)
	}
	within("mean of the noise", stat.Mean(noise, nil), 0, 0.5)
	within("deviation of the noise", stat.StdDev(noise, nil), 0.5, 0.5/math.Sqrt2)
	within("mean of x1", stat.Mean(mat.Col(nil, 0, d.X), nil), 0.5, math.Sqrt(1.0/12))
	within("correlation of x1 and x2", stat.Correlation(mat.Col(nil, 0, d.X), mat.Col(nil, 1, d.X), nil), 0, 1)

	c := datasets.Correlated(m, []float64{1, 1, 1}, 0.8, 0, 5)
	for j := range 3 {
		within("deviation of a feature", stat.StdDev(mat.Col(nil, j, c.X), nil), 1, 1/math.Sqrt2)
		within("correlation", stat.Correlation(mat.Col(nil, j, c.X), mat.Col(nil, (j+1)%3, c.X), nil), 0.8, 1-0.8*0.8)
	}

	b := datasets.Blobs(m, 2, 3, 0.25, 5)
	for k := range 2 {
		for j := range 3 {
			var x []float64
			for i := range m {
				if b.Y.At(i, 0) == float64(k) {
					x = append(x, b.X.At(i, j))
				}
			}
			within("deviation of a cloud", stat.StdDev(x, nil), 0.25, 0.25)
			if centre := stat.Mean(x, nil); math.Abs(centre) > 10.1 {
				t.Errorf("centre at %v", centre)
			}
		}
	}
}

func TestShapesAreScikitLearns(t *testing.T) {
	g := goldens(t)
	for name, d := range map[string]*datasets.Dataset{
		"moons":   datasets.Moons(11, 0, 1),
		"circles": datasets.Circles(11, 0, 0.4, 1),
	} {
		want := g[name].Rows
		var got [][]float64
		for i := range 11 {
			got = append(got, []float64{d.Y.At(i, 0), d.X.At(i, 0), d.X.At(i, 1)})
		}
		if slices.EqualFunc(got, want, func(a, b []float64) bool { return a[0] == b[0] }) {
			t.Errorf("%s: not shuffled", name)
		}
		for _, w := range want { // each of theirs is one of ours
			found := slices.IndexFunc(got, func(g []float64) bool {
				return g[0] == w[0] && math.Abs(g[1]-w[1]) < 1e-14 && math.Abs(g[2]-w[2]) < 1e-14
			})
			if found < 0 {
				t.Errorf("%s: no sample at %v", name, w)
				continue
			}
			got = slices.Delete(got, found, found+1)
		}
	}
	if d := datasets.Moons(2, 0, 1); d.ClassCounts()[0] != 1 {
		t.Error("two samples are not one on each moon")
	}
}

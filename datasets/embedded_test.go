package datasets_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/datasets"
	"gonum.org/v1/gonum/mat"
)

type golden struct {
	Shape                [2]int
	Sum, Min, Max        []float64
	RowWeightedSum       []float64 `json:"row_weighted_sum"`
	TargetSum            float64   `json:"target_sum"`
	TargetRowWeightedSum float64   `json:"target_row_weighted_sum"`
	First, Last          []float64
	Counts               []int
	Classes              []string
	LeastSquares         []float64 `json:"least_squares"`
	Rows                 [][]float64
}

func goldens(t *testing.T) map[string]golden {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g map[string]golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestEmbedded(t *testing.T) {
	all := goldens(t)
	for _, d := range []*datasets.Dataset{datasets.Iris(), datasets.Wine(), datasets.BreastCancer(), datasets.Diabetes(),
		datasets.Digits(), datasets.ArticleNumPy()} {
		t.Run(d.Name, func(t *testing.T) {
			want, ok := all[d.Name]
			if !ok {
				t.Fatal("no golden values")
			}
			m, n := d.Dims()
			if [2]int{m, n} != want.Shape || len(d.Features) != n || len(d.Units) != n {
				t.Fatalf("%d×%d with %d names and %d units, want %v", m, n, len(d.Features), len(d.Units), want.Shape)
			}
			for j := range n {
				x := mat.Col(nil, j, d.X)
				near(t, d.Features[j]+" sum", sum(x), want.Sum[j])
				near(t, d.Features[j]+" sum weighted by row", weighted(x), want.RowWeightedSum[j])
				if slices.Min(x) != want.Min[j] || slices.Max(x) != want.Max[j] {
					t.Errorf("%s from %v to %v, want %v to %v", d.Features[j], slices.Min(x), slices.Max(x), want.Min[j], want.Max[j])
				}
			}
			y := mat.Col(nil, 0, d.Y)
			near(t, "target sum", sum(y), want.TargetSum)
			near(t, "target sum weighted by row", weighted(y), want.TargetRowWeightedSum)
			if !slices.Equal(d.X.RawRowView(0), want.First) || !slices.Equal(d.X.RawRowView(m-1), want.Last) {
				t.Error("the first or the last sample differs")
			}
			if !slices.Equal(d.Classes, want.Classes) || !slices.Equal(d.ClassCounts(), want.Counts) {
				t.Errorf("classes %v %v, want %v %v", d.Classes, d.ClassCounts(), want.Classes, want.Counts)
			}
			for what, text := range map[string]string{"title": d.Title, "source": d.Source, "licence": d.Licence, "notes": d.Notes, "target": d.Target} {
				if text == "" {
					t.Errorf("no %s", what)
				}
			}
			if _, err := d.Select(d.Features...); err != nil { // also: no name twice
				t.Error(err)
			}
		})
	}
}

// The exact solution of the article's own data is what NumPy finds.
func TestArticleNumPyLeastSquares(t *testing.T) {
	d := datasets.ArticleNumPy()
	m, _ := d.Dims()
	a := mat.NewDense(m, 3, nil)
	for i := range m {
		a.SetRow(i, append([]float64{1}, d.X.RawRowView(i)...))
	}
	var theta mat.Dense
	if err := theta.Solve(a, d.Y); err != nil {
		t.Fatal(err)
	}
	for k, want := range goldens(t)["article_numpy"].LeastSquares {
		near(t, "θ", theta.At(k, 0), want)
	}
}

func TestParseTableErrors(t *testing.T) {
	pack := func(text string) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write([]byte(text))
		w.Close()
		return b.Bytes()
	}
	for name, c := range map[string]struct {
		packed []byte
		want   string
	}{
		"not gzip":  {[]byte("1,2\n3,4\n5,6\n7,8\n"), "gzip"},
		"ragged":    {pack("1,2\n3\n"), "wrong number of fields"},
		"no number": {pack("1,2\n3,x\n"), "line 2, field 2"},
		"empty":     {pack(""), "no lines"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := datasets.ParseTable(bytes.NewReader(c.packed)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
}

func sum(x []float64) (s float64) {
	for _, v := range x {
		s += v
	}
	return s
}

func weighted(x []float64) (s float64) {
	for i, v := range x {
		s += float64(i+1) * v
	}
	return s
}

// near allows for another order of summation, nothing else.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-12*max(1, math.Abs(want))) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

package datasets_test

import (
	"flag"
	"math"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/datasets"
)

var update = flag.Bool("update", false, "write testdata/*.golden.txt anew")

func TestStringGolden(t *testing.T) {
	for name, text := range map[string]string{
		"iris":          datasets.Iris().String(),
		"breast_cancer": datasets.BreastCancer().String(),
		"wine_table":    datasets.Wine().Table(3),
	} {
		file := "testdata/" + name + ".golden.txt"
		if *update {
			if err := os.WriteFile(file, []byte(text+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if text+"\n" != string(want) {
			t.Errorf("%s prints as\n%s\nwant\n%s", name, text, want)
		}
	}
}

func TestWidth(t *testing.T) {
	long := datasets.Correlated(3, make([]float64, 13), 0.5, 1e12, 1)
	for j := range long.Features {
		long.Features[j] = strings.Repeat("very long name ", 5)
		long.Units[j] = strings.Repeat("long unit ", 5)
	}
	for _, d := range []*datasets.Dataset{datasets.Iris(), datasets.Wine(), datasets.BreastCancer(), datasets.Diabetes(),
		datasets.Digits(), datasets.ArticleNumPy(), datasets.Article(1), datasets.Moons(10, 0.1, 1), long, datasets.Iris().Head(1)} {
		for line := range strings.SplitSeq(d.String()+"\n"+d.Table(4), "\n") {
			if n := utf8.RuneCountInString(line); n > 100 {
				t.Errorf("%s: %d columns: %s", d.Name, n, line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("%s: spaces at the end of %q", d.Name, line)
			}
		}
	}
}

func TestSummary(t *testing.T) {
	d := datasets.Article(1).Head(4)
	nan := math.NaN()
	for i, x := range [][]float64{{1, nan}, {nan, nan}, {5, nan}, {3, nan}} {
		d.X.SetRow(i, x)
	}
	s := d.Summary()
	want := datasets.FeatureSummary{Name: "x1", Min: 1, Max: 5, Mean: 3, Std: math.Sqrt(8.0 / 3), Missing: 1}
	if s[0] != want {
		t.Errorf("summary %+v, want %+v", s[0], want)
	}
	if s[1].Missing != 4 || !math.IsNaN(s[1].Mean) || !math.IsNaN(s[1].Min) || !math.IsNaN(s[1].Max) || !math.IsNaN(s[1].Std) {
		t.Errorf("summary of nothing: %+v", s[1])
	}
	if text := d.String(); !strings.Contains(text, "5 values missing") {
		t.Errorf("nothing about missing values in\n%s", text)
	}
}

// A dataset that a user has put together without names and descriptions prints too.
func TestStringOfBareDataset(t *testing.T) {
	d := &datasets.Dataset{Name: "mine", X: datasets.Iris().X, Y: datasets.Iris().Y}
	d.X.Set(0, 0, 1234567.8)
	d.X.Set(1, 0, 1.5e9)
	text := d.String()
	for _, want := range []string{"1234568", "1.5e+09", "mine\n150 samples × 4 features\n", "x4"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if text := d.Table(1); !strings.Contains(text, "x4") {
		t.Errorf("no x4 in\n%s", text)
	}
}

// A text that is too long is not cut between a letter and its accent.
func TestCorpusKeepsAccents(t *testing.T) {
	c := &datasets.Corpus{Texts: []string{strings.Repeat("a", 68) + "e\u0301 and more"}, Y: mat.NewDense(1, 1, nil), Classes: []string{"one"}}
	if text := c.String(); !strings.Contains(text, strings.Repeat("a", 68)+"…") {
		t.Errorf("the text is cut so:\n%s", text)
	}
}

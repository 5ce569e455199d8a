package plots_test

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/plots"
)

// Whatever the chart and its axes: a picture or an error, and never a panic.
func TestLogarithmicAxesOfEveryChart(t *testing.T) {
	for name, build := range charts {
		for axes, set := range map[string]func(*plots.Chart) *plots.Chart{
			"x": (*plots.Chart).LogX, "y": (*plots.Chart).LogY,
			"x and y": func(c *plots.Chart) *plots.Chart { return c.LogX().LogY() },
		} {
			c := set(build()).Note(0, 0, "a note").Note(-1, 1e300, "another").VLine(0, "zero").HLine(-1, "below")
			if _, err := c.PNG(); (err == nil) != (c.Err() == nil) {
				t.Errorf("%s with a logarithmic %s: PNG says %v, Err %v", name, axes, err, c.Err())
			}
		}
	}
}

func TestImpossibleCharts(t *testing.T) {
	series := func(y ...float64) plots.Series { return plots.Series{Name: "loss", Y: y} }
	for name, test := range map[string]struct {
		chart *plots.Chart
		want  string // in the error
	}{
		"negative on a log axis":         {plots.Lines("A", "x", "y", series(-1, -2)).LogY(), "no value above 0"},
		"negative on a log axis before":  {plots.New("A", "x", "y").LogY().Lines(series(-1, -2)), "no value above 0"},
		"a map":                          {plots.Heatmap("A", "", "", []string{"a"}, []string{"b"}, [][]float64{{1}}).LogY(), "have names"},
		"bars' names":                    {plots.Bars("A", "", "", []string{"a"}, series(1)).LogX(), "names cannot be logarithmic"},
		"weights' names":                 {plots.Weights("A", "", []string{"a"}, []float64{1}, false).LogY(), "names cannot be logarithmic"},
		"bars below 0":                   {plots.Bars("A", "", "", []string{"a"}, series(-1)).LogY(), "no value is above 0"},
		"a histogram from below 0":       {plots.Histogram("A", "", 3, series(-1, 5)).LogX(), "smallest value is -1"},
		"a histogram as long as it gets": {plots.Histogram("A", "", 3, series(-1e308, 0, 1e308)), "longer than a float64"},
		"a line as long as it gets":      {plots.Lines("A", "x", "y", series(-1e308, 0, 1e308)), "longer than a float64"},
		"a Chinese title":                {plots.Lines("损失曲线", "x", "y", series(1, 2)), "lacks: 损 失 曲 线"},
		"a Chinese axis":                 {plots.Lines("A", "x", "损", series(1, 2)), "lacks: 损"},
		"a Chinese legend":               {plots.Lines("A", "x", "y", plots.Series{Name: "训练", Y: []float64{1, 2}}), "lacks: 训 练"},
		"a Chinese category":             {plots.Bars("A", "", "", []string{"猫"}, series(1)), "lacks: 猫"},
		"a Chinese weight":               {plots.Weights("A", "", []string{"猫"}, []float64{1}, false), "lacks: 猫"},
		"a Chinese note":                 {plots.Lines("A", "x", "y", series(1, 2)).Note(1, 1, "这里"), "lacks: 这 里"},
		"in a grid":                      {plots.Grid("B", 1, plots.Lines("损", "x", "y", series(1, 2))), "lacks: 损"},
	} {
		err := test.chart.Err()
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: the error is %v, want one that says %q", name, err, test.want)
		}
		if _, err := test.chart.PNG(); err == nil {
			t.Errorf("%s: PNG has no error", name)
		}
	}
}

func TestPossibleCharts(t *testing.T) {
	series := func(y ...float64) plots.Series { return plots.Series{Name: "loss", Y: y} }
	for name, c := range map[string]*plots.Chart{
		"a histogram of counts with gaps": plots.Histogram("A", "", 9, series(1, 1, 1, 100)).LogY(),
		"a histogram on a log axis":       plots.Histogram("A", "", 9, series(1, 10, 1, 100)).LogX(),
		"bars with a zero":                plots.Bars("A", "", "", []string{"a", "b", "c"}, series(0, 10, -2)).LogY(),
		"weights with a zero":             plots.Weights("A", "", []string{"a", "b", "c"}, []float64{0, 10, -2}, true).LogX(),
		"a large constant":                plots.Histogram("A", "", 9, series(1e300, 1e300)),
		"letters of formulas":             plots.Lines("θ₁ ← θ₀ − η∇L, ‖w‖² ≤ ½ for é and Ж", "x", "10⁻³", series(1, 2)),
		"one epoch":                       plots.Loss("A", plots.LossOptions{}, plots.Run{"", history(1, falling3, none)}),
	} {
		if _, err := c.PNG(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func falling3(x float64) float64 { return 3 / x }

// pixelsOf counts the pixels of a colour in the part of the picture that is given in shares, from the top left.
func pixelsOf(img image.Image, c color.Color, left, top, right, bottom float64) int {
	r, g, b, _ := c.RGBA()
	size := img.Bounds().Size()
	n := 0
	for y := int(top * float64(size.Y)); y < int(bottom*float64(size.Y)); y++ {
		for x := int(left * float64(size.X)); x < int(right*float64(size.X)); x++ {
			if r1, g1, b1, _ := img.At(x, y).RGBA(); r1 == r && g1 == g && b1 == b {
				n++
			}
		}
	}
	return n
}

// A loss that reaches 0 leaves a logarithmic axis through its lower edge; it does not go on at the height before.
func TestZeroOnALogarithmicAxisIsMarked(t *testing.T) {
	y := []float64{1, 0.9, 0.8, 0, 0, 0, 0, 0, 0, 0.5}
	img := decode(t, plots.New("A", "x", "y").LogY().Lines(plots.Series{Y: y}))
	blue := plots.Color(0)
	if n := pixelsOf(img, blue, 0.45, 0, 0.8, 0.7); n != 0 {
		t.Errorf("%d pixels of a line are above the zeros, want none", n)
	}
	if n := pixelsOf(img, blue, 0.3, 0.7, 0.5, 0.95); n < 50 {
		t.Errorf("%d pixels mark the first zero, want a triangle at the lower edge", n)
	}
	points := decode(t, plots.Scatter("A", "x", "y", plots.Series{X: []float64{0, 1, 2}, Y: []float64{5, 5, 6}}).LogX())
	if n := pixelsOf(points, blue, 0, 0.1, 0.2, 1); n < 50 {
		t.Errorf("%d pixels mark x = 0, want a triangle at the left edge", n)
	}
}

// A single epoch and a point between two that are NaN are dots.
func TestSinglePointsAreDots(t *testing.T) {
	one := decode(t, plots.Loss("A", plots.LossOptions{}, plots.Run{"", &train.History{Records: []train.Record{{Epoch: 1, Loss: 3, ValLoss: nan}}}}))
	if n := pixelsOf(one, plots.Color(0), 0, 0.1, 1, 1); n < 50 {
		t.Errorf("one epoch has %d pixels", n)
	}
	between := decode(t, plots.Lines("A", "x", "y", plots.Series{Y: []float64{1, nan, 2, nan, 3, 3, 3}}))
	if n := pixelsOf(between, plots.Color(0), 0.3, 0.2, 0.6, 0.8); n < 50 {
		t.Errorf("a point between two NaN has %d pixels", n)
	}
}

// What is thinned looks like what is not: a dense line fills the band between its extremes.
func TestMillionPoints(t *testing.T) {
	const n = 1_000_000
	s := plots.Series{X: make([]float64, n), Y: make([]float64, n)}
	random := rand.New(rand.NewPCG(1, 1))
	for i := range s.X {
		s.X[i], s.Y[i] = float64(i), random.Float64()
	}
	s.Y[n/2] = 3 // one point that stands out
	img := decode(t, plots.Lines("A", "x", "y", s))
	blue := plots.Color(0)
	size := img.Bounds().Size()
	band := pixelsOf(img, blue, 0.2, 0.75, 0.8, 0.8)
	if want := int(0.6*float64(size.X)) * int(0.05*float64(size.Y)); band < want*95/100 {
		t.Errorf("the band has %d blue pixels of %d", band, want)
	}
	if n := pixelsOf(img, blue, 0.4, 0.2, 0.65, 0.5); n < 100 || n > 5000 {
		t.Errorf("the point that stands out has %d pixels, want a thin line", n)
	}
}

func TestLegendsAndNamesHaveRoom(t *testing.T) {
	var many []plots.Series
	for i := range 25 {
		many = append(many, plots.Series{Name: strings.Repeat("a long name ", 3) + string(rune('a'+i)), Y: []float64{float64(i), 1, 2}})
	}
	img := decode(t, plots.Lines("A", "x", "y", many...))
	plain := decode(t, plots.Lines("A", "x", "y", many[0]))
	if img.Bounds().Dy() < plain.Bounds().Dy()+200 {
		t.Errorf("with 25 names the card is %d pixels high, with one %d: the plot has no room", img.Bounds().Dy(), plain.Bounds().Dy())
	}
	// A long name is written to its end, and its end is not beyond the card.
	long := func(last string) *image.Paletted {
		return decode(t, plots.Lines("A", "x", "y", plots.Series{Name: strings.Repeat("word ", 40) + last, Y: []float64{1, 2}}))
	}
	if a, b := long("x"), long("wwww"); string(a.Pix) == string(b.Pix) {
		t.Error("the end of a long name is cut")
	}
	names := make([]string, 60)
	values := make([]float64, 60)
	for i := range names {
		names[i], values[i] = strings.Repeat("n", 3+i%5), math.Sqrt(float64(i))
	}
	bars := plots.Bars("A", "", "", names, plots.Series{Y: values})
	decode(t, bars)
	if bars.Width < 800 {
		t.Errorf("60 bars are %v points wide", bars.Width)
	}
}

func BenchmarkMillionPoints(b *testing.B) {
	const n = 1_000_000
	s := plots.Series{Y: make([]float64, n)}
	random := rand.New(rand.NewPCG(1, 1))
	for i := range s.Y {
		s.Y[i] = random.Float64()
	}
	for b.Loop() {
		if _, err := plots.Lines("A", "x", "y", s).PNG(); err != nil {
			b.Fatal(err)
		}
	}
}

package plots_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/plots"
)

var nan, inf = math.NaN(), math.Inf(1)

// history makes a run of n epochs of four steps; the penalty is a tenth of the loss.
func history(n int, loss, val func(epoch float64) float64) *train.History {
	h := &train.History{Status: train.Completed}
	for e := range n {
		x := float64(e + 1)
		h.Records = append(h.Records, train.Record{
			Epoch: e + 1, Step: 4 * (e + 1), Passes: x / 2, Loss: loss(x), Penalty: loss(x) / 10, ValLoss: val(x)})
	}
	return h
}

func none(float64) float64 { return nan }

func falling(rate float64) *train.History {
	return history(60, func(x float64) float64 { return 0.1 + 2*math.Exp(-rate*x) }, none)
}

func growing(factor float64) *train.History {
	return history(40, func(x float64) float64 { return 2 * math.Pow(factor, x-1) }, none)
}

func blobs() (x, y *mat.Dense) {
	r := rand.New(rand.NewPCG(1, 2))
	x, y = mat.NewDense(60, 2, nil), mat.NewDense(60, 1, nil)
	for i := range 60 {
		k := float64(i % 3)
		y.Set(i, 0, k)
		x.SetRow(i, []float64{3*k + r.NormFloat64(), k*(3-k) + r.NormFloat64()})
	}
	return x, y
}

func classes(n int) []plots.Series {
	x, y := blobs()
	return plots.ByClass(x, 0, 1, y, "setosa", "versicolor", "virginica")[:n]
}

var scored = []plots.Scored{
	{Name: "one", Truth: []int{0, 0, 1, 1}, Score: []float64{0.1, 0.4, 0.35, 0.8}},
	{Name: "two", Truth: []int{0, 0, 1, 1}, Score: []float64{0.1, 0.2, 0.7, 0.8}},
}

func valley(a, b float64) float64 { return a*a/2 + 3*b*b + 0.3 }

func descent(rate float64) *train.History {
	h := &train.History{}
	a, b := -2.0, 1.5
	for range 30 {
		h.Path = append(h.Path, []float64{9, a, b})
		a, b = a-rate*a, b-rate*6*b
	}
	return h
}

func confusion() *metric.Confusion {
	c := metric.NewConfusion([]int{0, 0, 0, 1, 1, 7}, []int{0, 0, 1, 1, 1, 0}, nil)
	c.Names = []string{"malignant", "benign"}
	return c
}

func weights() *plots.Chart {
	return plots.Weights("Weights", "weight", []string{"age", "body mass index", "bp", "none"}, []float64{-3, 25, 10, 0}, true)
}

func lasso() *plots.Chart {
	return plots.RegularizationPath("Lasso", []float64{1, 0.01, 0.1}, [][]float64{{0, 0, 0.5}, {3, -2, 1}, {2, 0, 0.9}},
		[]string{"bmi", "bp", "age"})
}

func digits(n int) []plots.Image {
	var images []plots.Image
	for k := range n {
		img := plots.Image{Caption: fmt.Sprintf("%d → 3", k), Width: 8, Pixels: make([]float64, 64)}
		for i := range img.Pixels {
			img.Pixels[i] = float64((i * (k + 1)) % 17)
		}
		images = append(images, img)
	}
	return images
}

// charts are one of each kind.
var charts = map[string]func() *plots.Chart{
	"loss": func() *plots.Chart {
		return plots.Loss("Three optimizers", plots.LossOptions{Passes: true},
			plots.Run{"gradient descent", falling(0.03)}, plots.Run{"SGD", falling(0.3)}, plots.Run{"Adam", falling(0.1)})
	},
	"validation": func() *plots.Chart {
		h := history(50, func(x float64) float64 { return 1 / x }, func(x float64) float64 { return 1/x + x/100 })
		return plots.Loss("Overfitting", plots.LossOptions{Log: true}, plots.Run{"", h}).VLine(10, "early stopping").HLine(0.2, "target").Note(10, 0.2, "here")
	},
	"gap": func() *plots.Chart {
		return plots.Gap("Distance to the optimum", 0.11, plots.LossOptions{}, plots.Run{"Adam", falling(0.2)})
	},
	"divergence": func() *plots.Chart {
		return plots.Loss("A rate that is too large", plots.LossOptions{}, plots.Run{"η = 0.1", falling(0.1)}, plots.Run{"η = 1", growing(9)})
	},
	"lines": func() *plots.Chart { return plots.Lines("Rates", "step", "rate", plots.Series{Y: []float64{1, 2, 4}}) },
	"scatter": func() *plots.Chart {
		return plots.Scatter("Iris", "petal length (cm)", "petal width (cm)", classes(3)...)
	},
	"line": func() *plots.Chart {
		return plots.ScatterLine("A fit", "x (m)", "y (s)", classes(1)[0], plots.Curve("least squares", math.Sin, -2, 2), plots.Curve("other", math.Cos, -2, 2))
	},
	"residuals": func() *plots.Chart {
		return plots.Residuals("Residuals", "mg/dl", []float64{1, 2, 3}, []float64{1.5, 1.5, 3})
	},
	"contour": func() *plots.Chart {
		return plots.Contour("A valley", "θ₁", "θ₂", plots.Surface{F: valley, Log: true, Minima: [][2]float64{{0, 0}}},
			plots.PathOf("gradient descent", descent(0.1), 1, 2), plots.PathOf("fast", descent(0.3), 1, 2))
	},
	"boundary": func() *plots.Chart {
		return plots.DecisionBoundary("Two classes", "x₁ (cm)", "x₂ (cm)",
			func(a, b float64) float64 { return 1 / (1 + math.Exp(-4*(a-1.5))) }, classes(2)...)
	},
	"regions": func() *plots.Chart {
		return plots.DecisionRegions("Three classes", "x₁", "x₂",
			func(a, b float64) int { return min(max(int(math.Round(a/3)), 0), 2) }, classes(3)...)
	},
	"roc":         func() *plots.Chart { return plots.ROC("ROC", scored...) },
	"pr":          func() *plots.Chart { return plots.PrecisionRecall("Precision and recall", scored...) },
	"calibration": func() *plots.Chart { return plots.Calibration("Calibration", 4, scored...) },
	"confusion":   func() *plots.Chart { return plots.ConfusionMatrix("Confusion", confusion()) },
	"long names": func() *plots.Chart {
		c := metric.NewConfusion([]int{0, 1, 2, 3, 4, 5, 6, 7}, []int{0, 1, 2, 3, 4, 5, 6, 0}, nil)
		c.Names = []string{"a rather long name", "programming", "Python modules", "games", "kernels and boot", "science", "text and fonts", "web servers"}
		return plots.ConfusionMatrix("Confusion of long names", c)
	},
	"negative weights": func() *plots.Chart {
		return plots.Weights("Weights", "weight", []string{"aaa", "bbb", "a long name"}, []float64{-3, -25.1, -1234567}, true).Size(320, 240)
	},
	"heatmap": func() *plots.Chart {
		return plots.Heatmap("Loss", "batch size", "rate", []string{"0.1", "1"}, []string{"1", "16", "256"},
			[][]float64{{0.1, 0.25, 1.5}, {0.2, nan, -3}})
	},
	"graph": func() *plots.Chart {
		return plots.Graph("A sum and its gradient",
			[]plots.Vertex{{Y: 1, Name: "x₁", Value: "0.8", Gradient: "−0.3"}, {Name: "x₂", Value: "0.5"}, {X: 1, Y: 0.5, Name: "a", Gradient: "1", Marked: true}},
			[]plots.Edge{{From: 0, To: 2, Value: "0.6", Gradient: "−0.24", Marked: true}, {From: 1, To: 2, Value: "2"}})
	},
	"weights": weights,
	"path":    lasso,
	"bars": func() *plots.Chart {
		return plots.Bars("Accuracy", "", "accuracy", []string{"iris", "wine"}, plots.Series{Name: "a", Y: []float64{0.9, 0.8}}, plots.Series{Name: "b", Y: []float64{-0.1, 0}})
	},
	"histogram": func() *plots.Chart {
		return plots.Histogram("Radii", "radius (µm)", 5, plots.Series{Name: "benign", Y: []float64{1, 2, 2, 3, nan}}, plots.Series{Name: "malignant", Y: []float64{3, 4, 5}})
	},
	"images": func() *plots.Chart { return plots.Images("Digits", 4, digits(6)...) },
	"boxes": func() *plots.Chart {
		img := digits(1)[0]
		img.Boxes = []plots.LabelledBox{{Box: metric.Box{X1: 1, Y1: 1, X2: 4, Y2: 5}, Label: "7"}, {Box: metric.Box{X1: 2, Y1: 1, X2: 5, Y2: 5}, Label: "7 (0.9)", Dashed: true}}
		return plots.Images("Found", 1, img)
	},
	"grid": func() *plots.Chart {
		return plots.Grid("Two views", 2, weights().Size(300, 200), lasso().Size(400, 300), weights().Size(300, 200))
	},
}

func decode(t *testing.T, c *plots.Chart) *image.Paletted {
	t.Helper()
	data, err := c.PNG()
	if err != nil {
		t.Fatal(err)
	}
	return decodePNG(t, data)
}

func decodePNG(t *testing.T, data []byte) *image.Paletted {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img.(*image.Paletted)
}

func TestEveryChart(t *testing.T) {
	for name, build := range charts {
		t.Run(name, func(t *testing.T) {
			c := build()
			first, err := c.PNG()
			if err != nil {
				t.Fatal(err)
			}
			img := decodePNG(t, first)
			want := image.Pt(int(float64(c.Width)/72*192+0.5), int(float64(c.Height)/72*192+0.5))
			if got := img.Bounds().Size(); got != want {
				t.Errorf("the picture has %v pixels, want %v, two for each CSS pixel", got, want)
			}
			if n := len(img.Palette); n < 8 {
				t.Errorf("the picture has %d colours, so there is hardly anything on it", n)
			}
			if r, g, b, a := img.At(0, 0).RGBA(); r+g+b+a != 4*0xffff {
				t.Error("the margin is not white")
			}
			again, _ := build().PNG()
			if !bytes.Equal(first, again) {
				t.Error("the same data give other bytes")
			}
			if len(first) > 70_000 {
				t.Errorf("the file has %d bytes, want at most 70 kB", len(first))
			}
		})
	}
}

// A text is what was written on a chart, and the space that it takes.
type written struct {
	text string
	box  vg.Rectangle
}

// texts returns what is written horizontally on a chart.
func texts(c *plots.Chart) []written {
	var canvas recorder.Canvas
	c.Draw(draw.NewCanvas(&canvas, c.Width, c.Height))
	var out []written
	turned := []bool{false}
	for _, action := range canvas.Actions {
		switch a := action.(type) {
		case *recorder.Push:
			turned = append(turned, turned[len(turned)-1])
		case *recorder.Pop:
			turned = turned[:len(turned)-1]
		case *recorder.Rotate:
			turned[len(turned)-1] = true
		case *recorder.FillString:
			if turned[len(turned)-1] {
				continue
			}
			face := c.Plot.Title.TextStyle.Handler.Cache().Lookup(a.Font, a.Size)
			out = append(out, written{a.String, vg.Rectangle{Min: a.Point,
				Max: a.Point.Add(vg.Point{X: face.Width(a.String), Y: a.Size * 0.7})}})
		}
	}
	return out
}

func has(c *plots.Chart, want string) bool {
	var all strings.Builder
	for _, w := range texts(c) {
		all.WriteString(w.text + "|")
	}
	return strings.Contains(all.String(), want)
}

func TestNoTextIsClippedOrOverlaps(t *testing.T) {
	for name, build := range charts {
		t.Run(name, func(t *testing.T) {
			c := build()
			all := texts(c)
			if len(all) < 2 {
				t.Fatalf("there are %d texts, want a title and more", len(all))
			}
			for i, a := range all {
				if a.box.Min.X < 0 || a.box.Min.Y < 0 || a.box.Max.X > c.Width || a.box.Max.Y > c.Height {
					t.Errorf("%q at %v leaves the card of %v × %v points", a.text, a.box, c.Width, c.Height)
				}
				for _, b := range all[:i] {
					if name != "boxes" && overlap(a.box, b.box) {
						t.Errorf("%q at %v overlaps %q at %v", a.text, a.box, b.text, b.box)
					}
				}
			}
		})
	}
}

// Names that are written upright end below the cells or bars.
func TestUprightNamesHaveRoom(t *testing.T) {
	columns := strings.Fields("space alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau")
	row := make([]float64, len(columns))
	for i := range row {
		row[i] = float64(i + 1)
	}
	for name, c := range map[string]*plots.Chart{
		"heat map": plots.Heatmap("t", "x", "y", []string{"row"}, columns, [][]float64{row}).Size(500, 200),
		"bars":     plots.Bars("t", "x", "y", columns, plots.Series{Y: row}).Size(500, 300),
	} {
		var canvas recorder.Canvas
		c.Draw(draw.NewCanvas(&canvas, c.Width, c.Height))
		lowest, found := c.Height, 0
		for _, action := range canvas.Actions {
			if a, ok := action.(*recorder.Fill); ok {
				for _, part := range a.Path {
					if part.Pos.Y > 1 { // not the card
						lowest = min(lowest, part.Pos.Y)
					}
				}
			}
		}
		for _, action := range canvas.Actions {
			a, ok := action.(*recorder.FillString)
			if !ok || !slices.Contains(columns, a.String) {
				continue
			}
			found++
			face := c.Plot.Title.TextStyle.Handler.Cache().Lookup(a.Font, a.Size)
			if end := a.Point.X + face.Width(a.String); end > lowest-2 { // turned by 90°: x is up
				t.Errorf("%s: %q ends at a height of %.1f, what is painted begins at %.1f", name, a.String, end, lowest)
			}
		}
		if found != len(columns) {
			t.Errorf("%s: %d names are written, want %d", name, found, len(columns))
		}
	}
}

func overlap(a, b vg.Rectangle) bool {
	const slack = 0.5
	return a.Min.X < b.Max.X-slack && b.Min.X < a.Max.X-slack && a.Min.Y < b.Max.Y-slack && b.Min.Y < a.Max.Y-slack
}

func TestWords(t *testing.T) {
	for _, test := range []struct {
		chart string
		words []string
	}{
		{"loss", []string{"Three optimizers", "gradient descent", "SGD", "Adam", "passes over the data"}},
		{"validation", []string{"training", "validation", "early stopping", "target", "here", "epoch"}},
		{"divergence", []string{"η = 0.1|", "η = 1 (diverges)"}},
		{"contour", []string{"minimum", "gradient descent", "fast"}},
		{"boundary", []string{"p = 0.5", "setosa", "versicolor", "0.5"}},
		{"roc", []string{"one: AUC 0.750", "two: AUC 1.000", "guessing"}},
		{"pr", []string{"one: AP 0.833", "two: AP 1.000", "guessing"}},
		{"calibration", []string{"perfectly calibrated"}},
		{"confusion", []string{"malignant", "benign", "7", "predicted class", "|2|1|0|0|2|0|1|0|0|"}},
		{"heatmap", []string{"|0.1|0.25|1.5|0.2|−3|"}},
		{"weights", []string{"body mass index", "|25|10|−3|0|"}},
		{"path", []string{"exact zeros:", "|0|1|2|", "strength of the penalty λ", "bmi"}},
		{"bars", []string{"iris", "wine", "|0.9|0.8|−0.1|0|"}},
		{"residuals", []string{"predicted (mg/dl)", "no error"}},
		{"images", []string{"0 → 3", "5 → 3"}},
		{"boxes", []string{"7 (0.9)"}},
		{"graph", []string{"|−0.3|", "0.8", "−0.3", "0.6", "−0.24"}},
		{"grid", []string{"Two views", "Lasso", "Weights"}},
	} {
		c := charts[test.chart]()
		for _, word := range test.words {
			if !has(c, word) {
				t.Errorf("%s: nowhere is %q", test.chart, word)
			}
		}
	}
}

func TestWeightsAreSorted(t *testing.T) {
	y := map[string]vg.Length{}
	for _, w := range texts(weights()) {
		y[w.text] = w.box.Min.Y
	}
	if !(y["body mass index"] > y["bp"] && y["bp"] > y["age"] && y["age"] > y["none"]) {
		t.Errorf("from top to bottom there should be bmi, bp, age, none; heights are %v", y)
	}
}

func TestDivergenceDoesNotFlattenTheOthers(t *testing.T) {
	stopped := growing(9)
	stopped.Records = stopped.Records[:3]
	stopped.Status = train.Diverged
	for name, h := range map[string]*train.History{
		"grows":   growing(9),
		"stopped": stopped,
		"Inf":     history(9, func(x float64) float64 { return []float64{2, 3, inf}[min(int(x)-1, 2)] }, none),
		"huge":    growing(1e7),
	} {
		for _, log := range []bool{false, true} {
			c := plots.Loss(name, plots.LossOptions{Log: log}, plots.Run{"good", falling(0.1)}, plots.Run{"bad", h})
			limit := 10.0
			if log {
				limit = 2500
			}
			if c.Plot.Y.Max > limit {
				t.Errorf("%s, log %t: the axis ends at %g, want at most %g", name, log, c.Plot.Y.Max, limit)
			}
			if !has(c, "bad (diverges)") || has(c, "good (diverges)") {
				t.Errorf("%s: the legend does not say which run diverges", name)
			}
			decode(t, c)
		}
	}
}

// coloured counts the pixels of a colour.
func coloured(img *image.Paletted, want color.Color) int {
	n := 0
	for i, c := range img.Palette {
		if near(c, want) {
			n += bytes.Count(img.Pix, []byte{byte(i)})
		}
	}
	return n
}

func near(a, b color.Color) bool {
	r, g, u, _ := a.RGBA()
	s, h, v, _ := b.RGBA()
	d := func(x, y uint32) float64 { return math.Abs(float64(x) - float64(y)) }
	return d(r, s)+d(g, h)+d(u, v) < 0x600
}

func TestEndsAreMarked(t *testing.T) {
	// The marks are the difference between a line that ends and one that goes on beyond the last value.
	ends := []float64{1, 2, 1, 2, 1, 2}
	plain := coloured(decode(t, plots.Lines("t", "x", "y", plots.Series{Y: ends})), plots.Color(0))
	for name, v := range map[string]float64{"NaN": nan, "Inf": inf} {
		c := plots.Lines("t", "x", "y", plots.Series{Y: append(slices.Clone(ends), v)})
		c.Plot.X.Max = 6
		if got := coloured(decode(t, c), plots.Color(0)); got < plain+80 {
			t.Errorf("a line that ends with %s has %d pixels, without it %d: where is the mark?", name, got, plain)
		}
	}
}

func TestLossOptions(t *testing.T) {
	h := history(3, func(x float64) float64 { return 10 - x }, none)
	for _, test := range []struct {
		name       string
		chart      *plots.Chart
		xmax, ymax float64
	}{
		{"epochs", plots.Loss("", plots.LossOptions{}, plots.Run{"", h}), 3, 9},
		{"passes", plots.Loss("", plots.LossOptions{Passes: true}, plots.Run{"", h}), 1.5, 9},
		{"objective", plots.Loss("", plots.LossOptions{Objective: true}, plots.Run{"", h}), 3, 9.9},
		{"gap", plots.Gap("", 4, plots.LossOptions{}, plots.Run{"", h}), 3, 5.9},
	} {
		if p := test.chart.Plot; p.X.Max != test.xmax || math.Abs(p.Y.Max-test.ymax) > 1e-12 {
			t.Errorf("%s: axes end at %g and %g, want %g and %g", test.name, p.X.Max, p.Y.Max, test.xmax, test.ymax)
		}
	}
}

func TestGapEndsWhereRoundingDoes(t *testing.T) {
	h := history(40, func(x float64) float64 { return 1 + math.Pow(0.1, x) }, none)
	for i := range h.Records {
		h.Records[i].Penalty = 0
	}
	c := plots.Gap("", 1, plots.LossOptions{}, plots.Run{"", h})
	if c.Plot.Y.Min < 1e-17 {
		t.Errorf("the axis begins at %g, where there is only rounding", c.Plot.Y.Min)
	}
	decode(t, c) // the last gaps are exactly 0, which has no logarithm
}

func TestBoundaryColours(t *testing.T) {
	img := decode(t, charts["boundary"]())
	// Low on the left the model is sure of the first class, on the right of the second.
	left, right := img.At(200, 700), img.At(900, 700)
	lr, _, lb, _ := left.RGBA()
	rr, _, rb, _ := right.RGBA()
	if lb <= lr || rr <= rb {
		t.Errorf("left %v should be blue and right %v vermilion", left, right)
	}
}

func TestContourIsLightestAtTheMinimum(t *testing.T) {
	img := decode(t, plots.Contour("", "a", "b", plots.Surface{F: valley, AMin: -3, AMax: 3, BMin: -2, BMax: 2}))
	b := img.Bounds()
	middle, _, _, _ := img.At(b.Dx()*45/100, b.Dy()*45/100).RGBA()
	edge, _, _, _ := img.At(b.Dx()*45/100, 40).RGBA()
	if middle < edge+0x4000 {
		t.Errorf("red is %#x near the minimum and %#x at the edge, want light and dark", middle, edge)
	}
}

func TestContourChoosesTheRectangle(t *testing.T) {
	path := plots.Path{Name: "p", Points: [][2]float64{{0, 10}, {4, 10}, {nan, 3}}}
	c := plots.Contour("", "a", "b", plots.Surface{F: valley, Minima: [][2]float64{{2, 30}}}, path)
	p := c.Plot
	got := [4]float64{p.X.Min, p.X.Max, p.Y.Min, p.Y.Max}
	if want := [4]float64{-1, 5, 5, 35}; got != want {
		t.Errorf("the rectangle is %v, want %v", got, want)
	}
	decode(t, c)
}

func TestContourWithOverflowAndFlat(t *testing.T) {
	for name, f := range map[string]func(a, b float64) float64{
		"overflows": func(a, b float64) float64 { return math.Exp(1000 * a) },
		"NaN":       func(a, b float64) float64 { return math.Log(a) },
		"flat":      func(a, b float64) float64 { return 7 },
	} {
		t.Run(name, func(t *testing.T) {
			decode(t, plots.Contour("", "a", "b", plots.Surface{F: f, AMin: -1, AMax: 1, BMin: -1, BMax: 1}))
		})
	}
}

func TestContourFrames(t *testing.T) {
	frames := plots.ContourFrames(3, "Walk", "a", "b", plots.Surface{F: valley}, plots.PathOf("p", descent(0.1), 1, 2))
	blue := make([]int, 3)
	for i, c := range frames {
		if c.Plot.X.Min != frames[0].Plot.X.Min {
			t.Error("the axes change between frames")
		}
		blue[i] = coloured(decode(t, c), plots.Color(0))
	}
	if !(blue[0] < blue[2]) {
		t.Errorf("the path has %v pixels in the frames, want more and more", blue)
	}
}

func TestPathThatLeavesTheMap(t *testing.T) {
	s := plots.Surface{F: valley, AMin: -3, AMax: 3, BMin: -3, BMax: 3}
	decode(t, plots.Contour("", "a", "b", s, plots.PathOf("far", descent(0.5), 1, 2)))
	decode(t, plots.Contour("", "a", "b", s, plots.Path{Name: "never there", Points: [][2]float64{{9, 9}, {8, 8}}}))
}

func TestImagesHaveTheColoursOfTheirValues(t *testing.T) {
	big := func(v ...float64) plots.Image { return plots.Image{Pixels: v, Width: 2} }
	at := func(c *plots.Chart, column, row int) color.Color {
		img := decode(t, c)
		side := img.Bounds().Dx() - 80
		return img.At(27+side/4+side/2*column, img.Bounds().Dy()-60-side*3/4+side/2*row)
	}
	c := plots.Images("t", 1, big(0, 8, 16, 16))
	if !near(at(c, 0, 0), color.White) || !near(at(c, 1, 1), color.Black) {
		t.Errorf("0 and 16 are %v and %v, want white and black", at(c, 0, 0), at(c, 1, 1))
	}
	c = plots.Images("t", 1, big(0, -2, 2, 1))
	if !near(at(c, 1, 0), plots.Color(1)) || !near(at(c, 0, 1), plots.Color(0)) {
		t.Errorf("−2 and 2 are %v and %v, want vermilion and blue", at(c, 1, 0), at(c, 0, 1))
	}
}

func TestLogAxesLeaveOutWhatHasNoLogarithm(t *testing.T) {
	c := plots.Lines("t", "x", "y", plots.Series{X: []float64{0, 1, 10, 100}, Y: []float64{5, -1, 2, 20}}).LogX().LogY()
	p := c.Plot
	if p.X.Min != 10 || p.X.Max != 100 || p.Y.Min != 2 || p.Y.Max != 20 {
		t.Errorf("axes are %g…%g and %g…%g, want 10…100 and 2…20", p.X.Min, p.X.Max, p.Y.Min, p.Y.Max)
	}
	decode(t, c)
}

func TestOneValueHasAnAxis(t *testing.T) {
	for _, log := range []bool{false, true} {
		c := plots.Lines("t", "x", "y", plots.Series{Y: []float64{3}})
		if log {
			c.LogY()
		}
		if c.Plot.Y.Min >= 3 || c.Plot.Y.Max <= 3 {
			t.Errorf("log %t: the axis of the value 3 is %g…%g", log, c.Plot.Y.Min, c.Plot.Y.Max)
		}
		decode(t, c)
	}
}

func TestSameAxes(t *testing.T) {
	a := plots.Lines("a", "x", "y", plots.Series{X: []float64{0, 1}, Y: []float64{-1, 5}})
	b := plots.Lines("b", "x", "y", plots.Series{X: []float64{0, 9}, Y: []float64{2, 3}})
	plots.SameAxes(a, b)
	for _, c := range []*plots.Chart{a, b} {
		if p := c.Plot; p.X.Max != 9 || p.Y.Min != -1 || p.Y.Max != 5 {
			t.Errorf("axes end at %g, %g, %g, want 9, −1, 5", p.X.Max, p.Y.Min, p.Y.Max)
		}
	}
}

func TestNothingToDraw(t *testing.T) {
	empty := &train.History{}
	broken := history(3, none, none)
	for name, c := range map[string]*plots.Chart{
		"series of NaN":         plots.Lines("t", "x", "y", plots.Series{Name: "s", Y: []float64{nan, nan}}),
		"series without points": plots.Scatter("t", "x", "y", plots.Series{Name: "s"}),
		"no series":             plots.Lines("t", "x", "y"),
		"no group":              plots.Scatter("t", "x", "y"),
		"history without epoch": plots.Loss("t", plots.LossOptions{}, plots.Run{"r", empty}),
		"history of NaN":        plots.Loss("t", plots.LossOptions{}, plots.Run{"r", broken}),
		"one class":             plots.ROC("t", plots.Scored{"c", []int{1, 1}, []float64{0.1, 0.2}}),
		"no positive":           plots.PrecisionRecall("t", plots.Scored{"c", []int{0, 0}, []float64{0.1, 0.2}}),
		"no probability":        plots.Calibration("t", 3, plots.Scored{"c", []int{0, 1}, []float64{0.1, 2}}),
		"no classifier":         plots.ROC("t"),
		"λ of 0":                plots.RegularizationPath("t", []float64{0, 1}, [][]float64{{1}, {0}}, []string{"a"}),
		"NaN coefficient":       plots.RegularizationPath("t", []float64{1}, [][]float64{{nan}}, []string{"a"}),
		"no λ":                  plots.RegularizationPath("t", nil, nil, nil),
		"NaN weight":            plots.Weights("t", "w", []string{"a"}, []float64{nan}, false),
		"no weight":             plots.Weights("t", "w", nil, nil, false),
		"infinite bar":          plots.Bars("t", "x", "y", []string{"a"}, plots.Series{Y: []float64{inf}}),
		"no bar":                plots.Bars("t", "x", "y", nil),
		"histogram of NaN":      plots.Histogram("t", "x", 3, plots.Series{Y: []float64{nan}}),
		"heat map of NaN":       plots.Heatmap("t", "x", "y", []string{"a"}, []string{"b"}, [][]float64{{nan}}),
		"no image":              plots.Images("t", 3),
		"NaN pixel":             plots.Images("t", 3, plots.Image{Pixels: []float64{nan}, Width: 1}),
		"no vertex":             plots.Graph("t", nil, nil),
		"vertex at NaN":         plots.Graph("t", []plots.Vertex{{X: nan}}, nil),
		"no surface":            plots.Contour("t", "a", "b", plots.Surface{F: func(a, b float64) float64 { return nan }, AMax: 1, BMax: 1}),
		"no rectangle":          plots.Contour("t", "a", "b", plots.Surface{F: valley}),
		"line for a rectangle":  plots.Contour("t", "a", "b", plots.Surface{F: valley, AMax: 1, BMin: 1}),
		"path without points":   plots.Contour("t", "a", "b", plots.Surface{F: valley, AMax: 1, BMax: 1}, plots.Path{Name: "p"}),
		"no samples":            plots.DecisionBoundary("t", "x", "y", valley),
		"no samples in regions": plots.DecisionRegions("t", "x", "y", func(a, b float64) int { return 0 }),
		"class without samples": plots.DecisionBoundary("t", "x", "y", valley, plots.Series{Name: "a"}),
		"grid with an error":    plots.Grid("t", 1, plots.Lines("t", "x", "y")),
	} {
		err := c.Err()
		if err == nil || !strings.HasPrefix(err.Error(), "plots: ") {
			t.Errorf("%s: the error is %v", name, err)
			continue
		}
		if _, got := c.PNG(); got != err {
			t.Errorf("%s: PNG returns %v, want %v", name, got, err)
		}
		if _, got := plots.GIF(1, c); got != err {
			t.Errorf("%s: GIF returns %v, want %v", name, got, err)
		}
	}
}

func TestMistakesPanic(t *testing.T) {
	x, y := blobs()
	line := plots.Series{Name: "s", X: []float64{1}, Y: []float64{1, 2}}
	for name, f := range map[string]func(){
		"plots: series \"s\" has 1 x and 2 y":                          func() { plots.Lines("", "", "", line) },
		"plots: x has 60 rows, y has 2":                                func() { plots.ByClass(x, 0, 1, mat.NewDense(2, 1, nil)) },
		"plots: class 1 in row 1, but there are 1 names":               func() { plots.ByClass(x, 0, 1, y, "a") },
		"plots: a loss chart needs at least one run":                   func() { plots.Loss("", plots.LossOptions{}) },
		"plots: the history of run r is nil: did Fit return an error?": func() { plots.Loss("", plots.LossOptions{}, plots.Run{Name: "r"}) },
		"plots: 1 predictions and 2 actual values":                     func() { plots.Residuals("", "", line.X, line.Y) },
		"plots: path of parameters 0 and 3, but there are 3":           func() { plots.PathOf("p", descent(1), 0, 3) },
		"plots: the history of p has no path: set RecordPath":          func() { plots.PathOf("p", &train.History{}, 0, 1) },
		"plots: edge 0 goes from 0 to 1, and there are 1 vertices": func() {
			plots.Graph("", []plots.Vertex{{}}, []plots.Edge{{To: 1}})
		},
		"plots: 1 names for 2 weights":                                   func() { plots.Weights("", "", []string{"a"}, line.Y, true) },
		"plots: group \"s\" has 2 values for 1 categories":               func() { plots.Bars("", "", "", []string{"a"}, line) },
		"plots: a histogram of 0 bins":                                   func() { plots.Histogram("", "", 0) },
		"plots: 1 rows of coefficients for 2 λ":                          func() { plots.RegularizationPath("", line.Y, [][]float64{{1}}, nil) },
		"plots: 1 coefficients for λ = 1 and 0 names":                    func() { plots.RegularizationPath("", line.X, [][]float64{{1}}, nil) },
		"plots: 2 rows of values and 1 names of rows":                    func() { plots.Heatmap("", "", "", []string{"a"}, nil, [][]float64{{1}, {2}}) },
		"plots: 1 values in row 0 and 2 names of columns":                func() { plots.Heatmap("", "", "", []string{"a"}, []string{"b", "c"}, [][]float64{{1}}) },
		"plots: image 0 has 3 pixels, which are no rows of 2":            func() { plots.Images("", 1, plots.Image{Pixels: []float64{1, 2, 3}, Width: 2}) },
		"plots: images in 0 columns":                                     func() { plots.Images("", 0) },
		"plots: a grid of 0 charts in 1 columns":                         func() { plots.Grid("", 1) },
		"plots: 0 frames":                                                func() { plots.ContourFrames(0, "", "", "", plots.Surface{F: valley}) },
		"plots: a player of 0 charts with 1 labels":                      func() { plots.Player("", []string{"a"}, nil, "d") },
		"plots: the description is empty: say in one sentence what ther": func() { plots.Show(weights(), " ") },
		"plots: the description is empty":                                func() { plots.Live("", plots.LossOptions{}, "") },
		"plots: the description is empty: say in one sentence":           func() { plots.Animate(1, []*plots.Chart{weights()}, "") },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, name) {
					t.Errorf("panic with %q", got)
				}
			}()
			f()
		})
	}
}

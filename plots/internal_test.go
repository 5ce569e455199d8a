package plots

import (
	"image"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

func labels(ticks []plot.Tick) string {
	var out []string
	for _, t := range ticks {
		if t.Label != "" {
			out = append(out, t.Label)
		}
	}
	return strings.Join(out, " ")
}

func TestTicks(t *testing.T) {
	for _, test := range []struct {
		ticker plot.Ticker
		lo, hi float64
		want   string
	}{
		{linearTicks{}, 0, 1, "0 0.2 0.4 0.6 0.8 1.0"},
		{linearTicks{}, -1, 1, "−1.0 −0.5 0 0.5 1.0"},
		{linearTicks{}, 0, 2500, "0 500 1000 1500 2000 2500"},
		{linearTicks{}, 100.2, 100.31, "100.20 100.22 100.24 100.26 100.28 100.30"},
		{linearTicks{}, 0, 5e7, "0 1·10⁷ 2·10⁷ 3·10⁷ 4·10⁷ 5·10⁷"},
		{linearTicks{}, 0, 1e-7, "0 2·10⁻⁸ 4·10⁻⁸ 6·10⁻⁸ 8·10⁻⁸ 1.0·10⁻⁷"},
		{linearTicks{}, 3, 3, ""},
		{linearTicks{}, math.Inf(-1), 3, ""},
		{logTicks{}, 0.01, 100, "0.01 0.1 1 10 100"},
		{logTicks{}, 1, 20, "1 2 5 10 20"},
		{logTicks{}, 1e-6, 5e-6, "10⁻⁶ 2·10⁻⁶ 5·10⁻⁶"},
		{logTicks{}, 1e-12, 1e4, "10⁻¹² 10⁻⁹ 10⁻⁶ 10⁻³ 10⁰ 10³"},
		{logTicks{}, 0, 1, ""},
		{ticksFrom{0.1}, 0.0001, 10, "0.1 0.2 0.5 1 2 5 10"},
	} {
		if got := labels(test.ticker.Ticks(test.lo, test.hi)); got != test.want {
			t.Errorf("%T from %g to %g: %s, want %s", test.ticker, test.lo, test.hi, got, test.want)
		}
	}
}

func TestShort(t *testing.T) {
	for v, want := range map[float64]string{0: "0", -0.1234: "−0.123", 1234567: "1.23·10⁶", 2e-9: "2·10⁻⁹", 250: "250"} {
		if got := short(v); got != want {
			t.Errorf("short(%g) = %s, want %s", v, got, want)
		}
	}
}

func TestSpans(t *testing.T) {
	got := spans("θ₁ₙ−10⁻³∇∇L")
	want := []span{{text: "θ"}, {text: "1n", rise: subRise}, {text: "−10"}, {text: "−3", rise: superRise},
		{text: "Δ", turned: true}, {text: "Δ", turned: true}, {text: "L"}}
	if !slices.Equal(got, want) {
		t.Errorf("spans are %v, want %v", got, want)
	}
	sty := textStyle(10, ink)
	if one, two := sty.Width("10³"), sty.Width("103"); one >= two {
		t.Errorf("10³ is %v wide and 103 %v: an exponent is small", one, two)
	}
}

func TestWrap(t *testing.T) {
	sty := textStyle(10, ink)
	if got := wrap("one two three", sty, sty.Width("one two")); got != "one two\nthree" {
		t.Errorf("wrapped: %q", got)
	}
	if got := wrap("unbreakable", sty, 1); got != "unbreak\nable" { // at least as wide as four letters
		t.Errorf("wrapped: %q", got)
	}
}

func TestApart(t *testing.T) {
	for _, test := range []struct{ want, places []vg.Length }{
		{[]vg.Length{10, 50}, []vg.Length{10, 50}},                                                         // far enough
		{[]vg.Length{50, 50}, []vg.Length{45, 55}},                                                         // a pair around its middle
		{[]vg.Length{0, 1, 2}, []vg.Length{0, 10, 20}},                                                     // held by the lower end
		{[]vg.Length{99, 100, 100}, []vg.Length{80, 90, 100}},                                              // and by the upper
		{[]vg.Length{40, 44, 60}, []vg.Length{37, 47, 60}},                                                 // and leaves others alone
		{[]vg.Length{40, 44, 50}, []vg.Length{34.666666666666664, 44.666666666666664, 54.666666666666664}}, // a block that grows
	} {
		got := apart(test.want, 10, 0, 100)
		for i := range got {
			if math.Abs(float64(got[i]-test.places[i])) > 1e-9 {
				t.Errorf("apart(%v) = %v, want %v", test.want, got, test.places)
				break
			}
		}
	}
}

func TestReduce(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 40, 40))
	for i := range 1600 { // white, and 400 greys with a little red
		img.SetRGBA(i%40, i/40, white)
		if i < 400 {
			img.SetRGBA(i%40, i/40, color.RGBA{uint8(i / 2), uint8(i / 2), uint8(i/2 + i%2), 0xff})
		}
	}
	out := reduce(img)
	if len(out.Palette) < 65 || len(out.Palette) > 128 {
		t.Errorf("%d colours, want 65 to 128", len(out.Palette))
	}
	for i := range 1600 {
		a, b := img.RGBAAt(i%40, i/40), out.At(i%40, i/40).(color.RGBA)
		for _, d := range []int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B)} {
			if d < -3 || d > 3 {
				t.Fatalf("pixel %d is %v and became %v", i, a, b)
			}
		}
	}
}

func TestShapesHaveAboutTheSameSize(t *testing.T) {
	for s := square; s <= star; s++ {
		for _, p := range s.corners() {
			if r := math.Hypot(float64(p.X), float64(p.Y)); r > 1.75 {
				t.Errorf("shape %d reaches to %g times its radius", s, r)
			}
		}
	}
}

func TestSlug(t *testing.T) {
	for title, want := range map[string]string{"GD, SGD & Adam (λ = 0.1)": "gd-sgd-adam-λ-0-1", "…": "chart", "../etc/passwd": "etc-passwd"} {
		if got := slug(title); got != want {
			t.Errorf("slug(%q) = %q, want %q", title, got, want)
		}
	}
}

func TestWordsOnColoursAreReadable(t *testing.T) {
	if l := luminance(white); math.Abs(l-1) > 1e-12 {
		t.Errorf("the luminance of white is %g", l)
	}
	for i := range 101 {
		fill := mix(lightest, darkest, float64(i)/100)
		a, b := luminance(fill), luminance(readable(fill))
		if contrast := (max(a, b) + 0.05) / (min(a, b) + 0.05); contrast < 4.5 {
			t.Errorf("words on %v have a contrast of %.2f, want at least 4.5", fill, contrast)
		}
	}
	if readable(mix(lightest, darkest, 0.63)) != white {
		t.Error("the numbers of a good diagonal should be white")
	}
}

func TestThin(t *testing.T) {
	// Ten columns of pixels with a hundred points each.
	var points []vg.Point
	lo, hi := map[int]vg.Length{}, map[int]vg.Length{}
	for i := range 1000 {
		p := vg.Point{X: vg.Length(i) / 100 * 72 / defaultDPI, Y: vg.Length((i * 7919) % 1009)}
		points = append(points, p)
		k := device(p.X)
		if _, ok := lo[k]; !ok {
			lo[k], hi[k] = p.Y, p.Y
		}
		lo[k], hi[k] = min(lo[k], p.Y), max(hi[k], p.Y)
	}
	var thin thinner
	var kept []vg.Point
	for _, p := range points {
		kept = thin.add(kept, p)
	}
	kept = thin.flush(kept)
	if len(kept) > 4*len(lo) {
		t.Errorf("%d points are kept of %d columns, want at most 4 each", len(kept), len(lo))
	}
	if kept[0] != points[0] || kept[len(kept)-1] != points[999] {
		t.Error("the ends of the line are gone")
	}
	at := 0
	for _, p := range kept { // in their order, and with every extreme
		for points[at] != p {
			at++
		}
		k := device(p.X)
		if p.Y == lo[k] {
			delete(lo, k)
		}
		if p.Y == hi[k] {
			delete(hi, k)
		}
	}
	if len(lo)+len(hi) > 0 {
		t.Errorf("extremes of %d columns are gone", len(lo)+len(hi))
	}
	few := []vg.Point{{X: 0, Y: 1}, {X: 5, Y: 2}, {X: 5.01, Y: 9}, {X: 2, Y: 0}}
	var all []vg.Point
	thin = thinner{}
	for _, p := range few {
		all = thin.add(all, p)
	}
	if all = thin.flush(all); !slices.Equal(all, few) {
		t.Errorf("a line of few points became %v", all)
	}
}

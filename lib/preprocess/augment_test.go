package preprocess_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/descent-go/descent/lib/preprocess"
)

func TestWarpQuarterTurn(t *testing.T) {
	image := []float64{
		1, 2, 3,
		4, 5, 6,
		7, 8, 9}
	w := preprocess.NewWarp()
	w.Degrees = 90
	got := make([]float64, 9)
	w.Apply(got, image, 1, 3, 3)
	for k, want := range []float64{
		3, 6, 9, // counter-clockwise: the right edge comes to the top
		2, 5, 8,
		1, 4, 7} {
		if math.Abs(got[k]-want) > 1e-12 {
			t.Fatalf("a quarter turn gives %v", got)
		}
	}
	preprocess.NewWarp().Apply(got, image, 1, 3, 3)
	if !slices.Equal(got, image) {
		t.Errorf("NewWarp gives %v, want the image", got)
	}
}

// images has 200 rows of one 1×4×5 image.
func images() *mat.Dense {
	x := mat.NewDense(200, 20, nil)
	for i := range 200 {
		for k := range 20 {
			x.Set(i, k, float64(k+1))
		}
	}
	return x
}

func everything() preprocess.Augment {
	return preprocess.Augment{Channels: 1, Height: 4, Width: 5, Shift: 1, Rotate: 20, Zoom: 0.2, FlipX: true, FlipY: true, Noise: 0.1}
}

func TestAugmentFollowsTheSeed(t *testing.T) {
	a, x := everything(), images()
	before := mat.DenseCopyOf(x)
	var p, q, r mat.Dense
	a.Apply(&p, x, 5)
	a.Apply(&q, x, 5)
	a.Apply(&r, x, 6)
	if !same(&p, &q) || mat.EqualApprox(&p, &r, 1e-3) {
		t.Error("the result does not follow the seed")
	}
	if !same(x, before) {
		t.Error("x was modified")
	}
	if slices.Equal(p.RawRowView(0), p.RawRowView(1)) {
		t.Error("two rows were changed alike")
	}
	one := make([]float64, 20)
	a.ApplyImage(one, x.RawRowView(7), 5, 7)
	if !slices.Equal(one, p.RawRowView(7)) {
		t.Error("ApplyImage and Apply differ")
	}
	preprocess.Augment{Channels: 1, Height: 4, Width: 5}.Apply(&p, x, 5)
	if !same(&p, x) {
		t.Error("with nothing to change, the images change")
	}
}

func TestAugmentRanges(t *testing.T) {
	x := images()
	var y mat.Dense
	preprocess.Augment{Channels: 1, Height: 4, Width: 5, FlipX: true}.Apply(&y, x, 1)
	mirrored := 0
	for i := range 200 {
		switch y.At(i, 0) {
		case 5:
			mirrored++
		case 1:
		default:
			t.Fatalf("row %d begins with %v, want 1 or 5", i, y.At(i, 0))
		}
	}
	if mirrored < 70 || mirrored > 130 {
		t.Errorf("%d of 200 images were mirrored", mirrored)
	}
	// Each pixel is the number of its column, so the centre tells the shift.
	ramp := mat.NewDense(500, 81, nil)
	for i := range 500 {
		for k := range 81 {
			ramp.Set(i, k, float64(k%9))
		}
	}
	var z mat.Dense
	preprocess.Augment{Channels: 1, Height: 9, Width: 9, Shift: 2}.Apply(&z, ramp, 3)
	centre := mat.Col(nil, 40, &z)
	if low, high := slices.Min(centre), slices.Max(centre); low < 2 || low > 2.1 || high > 6 || high < 5.9 {
		t.Errorf("with shifts of up to 2 the centre is from %v to %v, want 2 to 6", low, high)
	}
}

func TestGaussianNoise(t *testing.T) {
	x := mat.NewDense(100, 101, nil)
	var y mat.Dense
	preprocess.GaussianNoise{Std: 3}.Apply(&y, x, 9)
	values := y.RawMatrix().Data
	mean, std := stat.MeanStdDev(values, nil)
	// Standard errors: 3/√10100 = 0.030 and 3/√20200 = 0.021.
	if math.Abs(mean) > 0.12 || math.Abs(std-3) > 0.085 {
		t.Errorf("mean %v and standard deviation %v, want 0 and 3", mean, std)
	}
	if k := stat.ExKurtosis(values, nil); math.Abs(k) > 0.2 {
		t.Errorf("excess kurtosis %v, want 0", k)
	}
	// Rows have neighbouring seeds, and must not look alike.
	for i := range 99 {
		if r := stat.Correlation(y.RawRowView(i), y.RawRowView(i+1), nil); math.Abs(r) > 0.45 {
			t.Errorf("rows %d and %d correlate by %v", i, i+1, r)
		}
	}
	if r := stat.Correlation(mat.Col(nil, 0, y.Slice(0, 99, 0, 1)), mat.Col(nil, 0, y.Slice(1, 100, 0, 1)), nil); math.Abs(r) > 0.4 {
		t.Errorf("the first numbers of neighbouring rows correlate by %v", r)
	}
	in := mat.DenseCopyOf(x)
	preprocess.GaussianNoise{Std: 3}.Apply(in, in, 9)
	if !same(in, &y) {
		t.Error("in place the noise differs")
	}
	preprocess.GaussianNoise{}.Apply(&y, x, 9)
	if !same(x, &y) {
		t.Error("no noise changes x")
	}
}

func TestAugmentDoesNotAllocate(t *testing.T) {
	a, x := everything(), images()
	y := mat.NewDense(200, 20, nil)
	if n := testing.AllocsPerRun(5, func() { a.Apply(y, x, 1) }); n != 0 {
		t.Errorf("Augment.Apply allocates %v times", n)
	}
	g := preprocess.GaussianNoise{Std: 1}
	if n := testing.AllocsPerRun(5, func() { g.Apply(y, x, 1) }); n != 0 {
		t.Errorf("GaussianNoise.Apply allocates %v times", n)
	}
}

func TestAugmentPanicsAndErrors(t *testing.T) {
	good := everything()
	for name, change := range map[string]func(*preprocess.Augment){
		"shape": func(a *preprocess.Augment) { a.Width = 0 },
		"range": func(a *preprocess.Augment) { a.Rotate = -1 },
		"zoom":  func(a *preprocess.Augment) { a.Zoom = 1 },
		"noise": func(a *preprocess.Augment) { a.Noise = math.NaN() },
	} {
		bad := good
		change(&bad)
		if bad.Validate() == nil {
			t.Errorf("%s: Validate accepts %+v", name, bad)
		}
		panics(t, name, func() { bad.Apply(&mat.Dense{}, images(), 1) })
	}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	panics(t, "noise", func() { preprocess.GaussianNoise{Std: -1}.Apply(&mat.Dense{}, images(), 1) })
	panics(t, "shape of dst", func() { good.Apply(mat.NewDense(1, 1, nil), images(), 1) })
	panics(t, "image size", func() { good.ApplyImage(make([]float64, 3), make([]float64, 3), 1, 1) })
	panics(t, "zoom 0", func() { preprocess.Warp{}.Apply(make([]float64, 1), make([]float64, 1), 1, 1, 1) })
	panics(t, "no rows", func() { preprocess.Rows(images(), nil) })
	panics(t, "row -1", func() { preprocess.Rows(images(), []int{-1}) })
}

func panics(t *testing.T, name string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s: no panic", name)
		}
	}()
	f()
}

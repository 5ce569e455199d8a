package playground

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/lib/loss"
)

// A Surface is a loss of two parameters, with what one should see of it.
type Surface struct {
	Name    string       `json:"name"`
	Title   string       `json:"title"`
	Formula string       `json:"formula"`
	Lo      [2]float64   `json:"lo"` // the corner of the view with the smallest coordinates
	Hi      [2]float64   `json:"hi"`
	Start   [2]float64   `json:"start"`
	Minima  [][2]float64 `json:"minima"` // none where the surface has no minimum
	Rate    float64      `json:"rate"`   // with which plain gradient descent gets somewhere
	Noise   float64      `json:"noise"`  // the standard deviation of the gradient's noise to begin with
	value   func(x, y float64) float64
	slope   func(x, y float64) (dx, dy float64)
}

// Surfaces are all surfaces, the simplest first.
var Surfaces = sync.OnceValue(func() []Surface {
	valley := func(a, b float64) (func(x, y float64) float64, func(x, y float64) (float64, float64)) {
		return func(x, y float64) float64 { return (a*x*x + b*y*y) / 2 },
			func(x, y float64) (float64, float64) { return a * x, b * y }
	}
	bowl, bowlSlope := valley(1, 1)
	narrow, narrowSlope := valley(1, 50)
	cancer, cancerSlope, cancerMinimum := logistic()
	root := func(v float64) float64 { return math.Sqrt(v) }
	return []Surface{
		{
			Name: "valley", Title: "A long valley", Formula: "½(x² + 50y²)",
			Lo: [2]float64{-3, -1.5}, Hi: [2]float64{3, 1.5}, Start: [2]float64{-2.6, 1.1},
			Minima: [][2]float64{{0, 0}}, Rate: 0.03, value: narrow, slope: narrowSlope,
		},
		{
			Name: "rosenbrock", Title: "Rosenbrock's banana", Formula: "(1 − x)² + 100(y − x²)²",
			Lo: [2]float64{-2, -1}, Hi: [2]float64{2, 3}, Start: [2]float64{-1.5, 2.4},
			Minima: [][2]float64{{1, 1}}, Rate: 0.001,
			value: func(x, y float64) float64 {
				u, v := 1-x, y-x*x
				return u*u + 100*v*v
			},
			slope: func(x, y float64) (float64, float64) {
				v := y - x*x
				return 2*(x-1) - 400*x*v, 200 * v
			},
		},
		{
			Name: "himmelblau", Title: "Himmelblau's four valleys", Formula: "(x² + y − 11)² + (x + y² − 7)²",
			Lo: [2]float64{-5, -5}, Hi: [2]float64{5, 5}, Start: [2]float64{0, -0.5},
			Minima: [][2]float64{
				{3, 2}, {-2.805118086952745, 3.131312518250573},
				{-3.779310253377747, -3.283185991286170}, {3.584428340330492, -1.848126526964404},
			}, Rate: 0.01,
			value: func(x, y float64) float64 {
				u, v := x*x+y-11, x+y*y-7
				return u*u + v*v
			},
			slope: func(x, y float64) (float64, float64) {
				u, v := x*x+y-11, x+y*y-7
				return 4*x*u + 2*v, 2*u + 4*y*v
			},
		},
		{
			Name: "beale", Title: "Beale's plateau", Formula: "(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
			Lo: [2]float64{-1, -1.5}, Hi: [2]float64{4.5, 1.5}, Start: [2]float64{0.5, 1.2},
			Minima: [][2]float64{{3, 0.5}}, Rate: 0.01,
			value: func(x, y float64) float64 {
				a, b, c := 1.5-x+x*y, 2.25-x+x*y*y, 2.625-x+x*y*y*y
				return a*a + b*b + c*c
			},
			slope: func(x, y float64) (float64, float64) {
				a, b, c := 1.5-x+x*y, 2.25-x+x*y*y, 2.625-x+x*y*y*y
				return 2*a*(y-1) + 2*b*(y*y-1) + 2*c*(y*y*y-1), 2*a*x + 4*b*x*y + 6*c*x*y*y
			},
		},
		{
			Name: "saddle", Title: "A saddle", Formula: "½(x² − y²) + ¼y⁴",
			Lo: [2]float64{-2, -1.6}, Hi: [2]float64{2, 1.6}, Start: [2]float64{-1.7, 0.002},
			Minima: [][2]float64{{0, 1}, {0, -1}}, Rate: 0.1,
			value: func(x, y float64) float64 { return (x*x-y*y)/2 + y*y*y*y/4 },
			slope: func(x, y float64) (float64, float64) { return x, y*y*y - y },
		},
		{
			Name: "noisy", Title: "A noisy bowl", Formula: "½(x² + y²), and a gradient with noise, as of a small batch",
			Lo: [2]float64{-2.5, -1.5}, Hi: [2]float64{2.5, 1.5}, Start: [2]float64{-2.1, 1.2},
			Minima: [][2]float64{{0, 0}}, Rate: 0.1, Noise: 1, value: bowl, slope: bowlSlope,
		},
		{
			Name: "kink", Title: "A kink", Formula: "|x| + 5|y|, smoothed near 0",
			Lo: [2]float64{-2.5, -1.5}, Hi: [2]float64{2.5, 1.5}, Start: [2]float64{-2.1, 1.2},
			Minima: [][2]float64{{0, 0}}, Rate: 0.05,
			value: func(x, y float64) float64 { return root(x*x+1e-4) + 5*root(y*y+1e-4) - 0.06 },
			slope: func(x, y float64) (float64, float64) { return x / root(x*x+1e-4), 5 * y / root(y*y+1e-4) },
		},
		{
			Name: "cancer", Title: "Real data: tumours", Formula: "the log loss of a logistic regression on two features of 569 tumours",
			Lo: [2]float64{-4, -4}, Hi: [2]float64{8, 6}, Start: [2]float64{6.5, -3},
			Minima: [][2]float64{cancerMinimum}, Rate: 1, value: cancer, slope: cancerSlope,
		},
	}
})

// Value returns f(x, y).
func (s *Surface) Value(x, y float64) float64 { return s.value(x, y) }

// Gradient returns the gradient of f at (x, y).
func (s *Surface) Gradient(x, y float64) (dx, dy float64) { return s.slope(x, y) }

// Curvature returns the eigenvalues of the Hessian at (x, y), the smaller first,
// by central differences of the gradient, and the direction along which the
// surface bends most, of length 1. Where the larger eigenvalue is λ, plain gradient
// descent with a rate above 2/λ moves away from what lies below.
func (s *Surface) Curvature(x, y float64) (least, most float64, steepest [2]float64) {
	const h = 1e-5
	ax, ay := s.slope(x+h, y)
	bx, by := s.slope(x-h, y)
	cx, cy := s.slope(x, y+h)
	dx, dy := s.slope(x, y-h)
	xx, yy, xy := (ax-bx)/(2*h), (cy-dy)/(2*h), (ay-by+cx-dx)/(4*h)
	mean, radius := (xx+yy)/2, math.Hypot((xx-yy)/2, xy)
	angle := math.Atan2(2*xy, xx-yy) / 2
	return mean - radius, mean + radius, [2]float64{math.Cos(angle), math.Sin(angle)}
}

// Distance returns how far (x, y) is from the nearest minimum, or NaN where there is none.
func (s *Surface) Distance(x, y float64) float64 {
	nearest := math.NaN()
	for _, m := range s.Minima {
		if d := math.Hypot(x-m[0], y-m[1]); !(d >= nearest) {
			nearest = d
		}
	}
	return nearest
}

// logistic is the loss of w₁ and w₂ for the mean radius and the mean texture of the tumours, both standardised,
// with the intercept at its best for weights of 0; and its minimum by Newton's method.
func logistic() (value func(x, y float64) float64, slope func(x, y float64) (dx, dy float64), minimum [2]float64) {
	d := datasets.BreastCancer()
	m, _ := d.Dims()
	features := mat.NewDense(m, 2, nil)
	for j := range 2 {
		column := mat.Col(nil, j, d.X)
		mean, spread := 0.0, 0.0
		for _, v := range column {
			mean += v / float64(m)
		}
		for _, v := range column {
			spread += (v - mean) * (v - mean) / float64(m)
		}
		for i, v := range column {
			features.Set(i, j, (mean-v)/math.Sqrt(spread)) // large is malignant, which is class 0
		}
	}
	share := mat.Sum(d.Y) / float64(m)
	intercept := math.Log(share / (1 - share))
	scores, pull := mat.NewDense(m, 1, nil), mat.NewDense(m, 1, nil)
	score := func(x, y float64) {
		for i := range m {
			scores.Set(i, 0, intercept+x*features.At(i, 0)+y*features.At(i, 1))
		}
	}
	value = func(x, y float64) float64 {
		score(x, y)
		return loss.BinaryCrossEntropy{}.Loss(nil, scores, d.Y, nil)
	}
	slope = func(x, y float64) (dx, dy float64) {
		score(x, y)
		loss.BinaryCrossEntropy{}.Loss(pull, scores, d.Y, nil)
		for i := range m {
			dx += pull.At(i, 0) * features.At(i, 0)
			dy += pull.At(i, 0) * features.At(i, 1)
		}
		return dx, dy
	}
	s := Surface{slope: slope}
	for range 50 {
		x, y := minimum[0], minimum[1]
		gx, gy := slope(x, y)
		const h = 1e-5
		ax, ay := s.slope(x+h, y)
		bx, by := s.slope(x-h, y)
		cx, cy := s.slope(x, y+h)
		ex, ey := s.slope(x, y-h)
		xx, yx, xy, yy := (ax-bx)/(2*h), (ay-by)/(2*h), (cx-ex)/(2*h), (cy-ey)/(2*h)
		det := xx*yy - xy*yx
		minimum[0] -= (yy*gx - xy*gy) / det
		minimum[1] -= (xx*gy - yx*gx) / det
	}
	return value, slope, minimum
}

// noise returns the two errors of the gradient of a step: the same for every optimizer, so that they can be compared.
func noise(seed uint64, step int, sigma float64) (dx, dy float64) {
	r := rand.New(rand.NewPCG(seed, uint64(step)))
	return sigma * r.NormFloat64(), sigma * r.NormFloat64()
}

// Heights returns f on a grid of width×height points that fills the view, row by
// row from the top.
func (s *Surface) Heights(width, height int) ([]float64, error) {
	if width < 2 || height < 2 || width*height > 1<<20 {
		return nil, fmt.Errorf("a grid of %d×%d points, want at least 2×2 and a million at most", width, height)
	}
	v := make([]float64, 0, width*height)
	for i := range height {
		y := s.Hi[1] - (s.Hi[1]-s.Lo[1])*float64(i)/float64(height-1)
		for j := range width {
			v = append(v, s.value(s.Lo[0]+(s.Hi[0]-s.Lo[0])*float64(j)/float64(width-1), y))
		}
	}
	return v, nil
}

package solve

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
)

// A broad problem has at least singleColumns columns, or samples for the dual.
type broad struct {
	name                string
	samples, columns    int
	outputs             int
	mean, deviation     float64 // of the columns
	shared              float64 // deviation of what all columns have in common
	lambda              float64
	intercept, weighted bool
	single              bool // whether float32 is enough
}

func (b broad) data() (m *model.Linear, data objective.Data) {
	r := rand.New(rand.NewPCG(uint64(b.samples), uint64(b.columns)))
	x, y := mat.NewDense(b.samples, b.columns, nil), mat.NewDense(b.samples, b.outputs, nil)
	for i := range b.samples {
		shared := b.shared * r.NormFloat64()
		row := x.RawRowView(i)
		for j := range row {
			row[j] = b.mean + shared + b.deviation*r.NormFloat64()
		}
		for k := range b.outputs {
			sum := r.NormFloat64()
			for j, v := range row {
				sum += v * float64((j+k)%5-1)
			}
			y.Set(i, k, sum)
		}
	}
	data = objective.Data{X: x, Y: y}
	if b.weighted {
		for range b.samples {
			data.SampleWeights = append(data.SampleWeights, 0.5+3*r.Float64())
		}
	}
	if b.intercept {
		return model.NewLinear(b.columns, b.outputs), data
	}
	return model.NewLinearNoIntercept(b.columns, b.outputs), data
}

var broads = []broad{
	{name: "least squares", samples: 900, columns: 230, outputs: 1, deviation: 1, intercept: true, single: true},
	{name: "two outputs, weights", samples: 900, columns: 230, outputs: 2, deviation: 1, intercept: true, weighted: true, single: true},
	{name: "ridge without an intercept", samples: 700, columns: 300, outputs: 1, deviation: 1e-3, lambda: 1e-6, single: true},
	{name: "as many columns as samples", samples: 300, columns: 300, outputs: 1, deviation: 1, lambda: 1e-2, intercept: true, single: true},
	{name: "a mean a thousand times the deviation", samples: 900, columns: 230, outputs: 1, mean: 1000, deviation: 1, intercept: true, single: true},
	{name: "the same without an intercept", samples: 900, columns: 230, outputs: 1, mean: 1e6, deviation: 1},
	{name: "columns that are nearly the same", samples: 900, columns: 230, outputs: 1, deviation: 1e-5, shared: 1, intercept: true},
	{name: "numbers beyond a float32", samples: 900, columns: 230, outputs: 1, deviation: 1e60, intercept: true},
	{name: "dual", samples: 230, columns: 600, outputs: 2, deviation: 1, lambda: 1e-2, intercept: true, weighted: true, single: true},
	{name: "dual without an intercept", samples: 230, columns: 600, outputs: 1, deviation: 1, lambda: 1e-2, single: true},
	{name: "dual far from zero", samples: 230, columns: 600, outputs: 1, mean: 1e5, deviation: 1, lambda: 1e-6, intercept: true},
}

// TestSingle compares the solution through products in float32 with one of a QR
// factorisation of all samples, which is refined in twice the precision, and says where
// float32 must decline; on one core and on three with the same bits.
func TestSingle(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for i, b := range broads {
		t.Run(b.name, func(t *testing.T) {
			if testing.Short() && i%4 != 0 {
				t.Skip("takes long where the processor is emulated")
			}
			m, data := b.data()
			solved := func() (theta [][]float64, ok bool) {
				p := newRegression(m, data, b.lambda)
				if b.samples >= b.columns {
					return p.solveSingle()
				}
				d, ok := newDual(p, true)
				for k := 0; ok && k < b.outputs; k++ {
					var solution []float64
					solution, ok = d.solve(k)
					theta = append(theta, solution)
				}
				return theta, ok
			}
			runtime.GOMAXPROCS(1)
			got, ok := solved()
			if ok != b.single {
				t.Fatalf("float32 is enough: %v, want %v", ok, b.single)
			}
			if !ok {
				return
			}
			runtime.GOMAXPROCS(3)
			if again, ok := solved(); ok && fmt.Sprint(again) != fmt.Sprint(got) {
				t.Error("three cores come to another solution than one")
			}
			want, err := solveByQR(m, data, b.lambda)
			if err != nil {
				t.Fatal(err)
			}
			for k, theta := range want {
				largest := slices.Max(theta) - slices.Min(theta)
				for j, v := range theta {
					if math.Abs(got[k][j]-v) > 4e-16*math.Abs(v)+1e-18*largest {
						t.Errorf("output %d: θ[%d] is %.17g, want %.17g", k, j, got[k][j], v)
					}
				}
			}
		})
	}
}

// TestNarrowProducts: through products in float32 an elastic net comes as near to its
// minimum as through those in float64, and to a gap that float32 alone cannot know.
func TestNarrowProducts(t *testing.T) {
	for _, shared := range []float64{0, 3} {
		b := broad{samples: 700, columns: 320, outputs: 1, mean: 0.5, deviation: 1, shared: shared, intercept: true}
		_, data := b.data()
		fits := map[bool]*descent{}
		for _, single := range []bool{true, false} {
			c := centre(data, true, 1)
			d, _ := c.descent(0)
			dense := c.columns.(*denseColumns)
			if !single {
				dense.products()
			}
			target := d.tracker.(*working).y
			d.tracker = dense.covariances(d.w, target, d.xy)
			if got := d.tracker.(*covariances).x != nil; got != single {
				t.Fatalf("products in float32: %v, want %v", got, single)
			}
			l1 := 1e-3 * math.Sqrt(d.yy)
			if _, gap, ok := d.solve(l1, 1e-4, 1e-14, 10000); !ok {
				t.Fatalf("single %v: the gap is %.1e", single, d.relative(gap))
			}
			// The gap once more, from the samples.
			d.tracker = &residuals{x: c.columns, y: target, r: slices.Clone(target), stale: true}
			if gap := d.relative(d.gap(l1, 1e-4)); gap > 1e-13 {
				t.Errorf("single %v: the gap of the samples is %.1e", single, gap)
			}
			fits[single] = d
		}
		for j, w := range fits[false].w {
			if got := fits[true].w[j]; math.Abs(got-w) > 1e-6*normInf(fits[false].w) {
				t.Errorf("shared %g: w[%d] is %.17g, want %.17g", shared, j, got, w)
			}
		}
	}
}

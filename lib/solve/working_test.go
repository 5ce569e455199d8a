package solve

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/objective"
)

// The columns in use, copied in several turns, are the centred ones, their products
// are those of these columns, and so are the products of all columns.
func TestDenseColumns(t *testing.T) {
	const count, cols = 150, 40
	r := rand.New(rand.NewPCG(3, 4))
	x := mat.NewDense(count, cols, nil)
	x.Apply(func(_, j int, _ float64) float64 { return r.NormFloat64() + float64(j%3) }, x)
	c := &centred{means: make([]float64, cols), squares: make([]float64, cols)}
	for j := range cols {
		c.means[j] = mat.Sum(x.ColView(j)) / count
	}
	want := mat.NewDense(count, cols, nil)
	want.Apply(func(_, j int, v float64) float64 { return (v - c.means[j]) / math.Sqrt(count) }, x)
	var products mat.Dense
	products.Mul(want.T(), want)
	d := newDenseColumns(x.RawMatrix(), c.means, 1/math.Sqrt(count), c.squares)
	for _, some := range [][]int{{7}, {3, 9, 7}, {0, 39, 38, 37, 36, 12, 13, 14}, {5, 6}} {
		d.use(some)
		if len(some) != 2 { // the last two come with those before them
			d.multiply()
		}
	}
	d.multiply()
	if len(d.used) != 13 {
		t.Fatalf("%d columns are in use", len(d.used))
	}
	for p, i := range d.used {
		for k, v := range d.column(i) {
			if math.Abs(v-want.At(k, i)) > 1e-15 {
				t.Fatalf("column %d, row %d: %v, want %v", i, k, v, want.At(k, i))
			}
		}
		for q, j := range d.used {
			if got := d.gram.Data[p*d.gram.Stride+q]; math.Abs(got-products.At(i, j)) > 1e-14 {
				t.Errorf("the product of columns %d and %d is %v, want %v", i, j, got, products.At(i, j))
			}
		}
	}
	all := d.products()
	for i := range cols {
		for j := range cols {
			if math.Abs(all.At(i, j)-products.At(i, j)) > 1e-14 {
				t.Errorf("of all, the product of columns %d and %d is %v, want %v", i, j, all.At(i, j), products.At(i, j))
			}
		}
	}
}

// Columns far from 0 are copied and centred before anything else, as their products
// with the residuals would lose digits.
func TestFarColumnsAreCopied(t *testing.T) {
	x, y := sample(200, fewColumns+20)
	for _, far := range []float64{0, 1000} {
		x.Set(0, 3, 1)
		moved := mat.DenseCopyOf(x)
		moved.Apply(func(_, j int, v float64) float64 {
			if j == 3 {
				return v + far
			}
			return v
		}, moved)
		d := centre(objective.Data{X: moved, Y: y}, true, 1).columns.(*denseColumns)
		if copied := d.means == nil; copied != (far > 0) {
			t.Errorf("a column %g from 0: copied: %v", far, copied)
		}
	}
}

// A jump lowers the objective, though it makes coordinates 0 that would change signs,
// and where that would raise it, it ends before.
func TestJumpFalls(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		x, y := mat.NewDense(12, 8, nil), mat.NewDense(12, 1, nil)
		common := make([]float64, 12)
		for i := range common {
			common[i] = r.NormFloat64()
			y.Set(i, 0, common[i]+r.NormFloat64())
			for j := range 8 {
				x.Set(i, j, 3*common[i]+r.NormFloat64())
			}
		}
		d, _ := centre(objective.Data{X: x, Y: y}, true, 1).descent(0)
		for j := range d.w {
			d.w[j] = r.NormFloat64()
			d.active = append(d.active, j)
		}
		const l1, l2 = 0.1, 0.01
		value := func() float64 {
			d.correlations(d.c, d.w)
			sum := d.yy / 2
			for j, w := range d.w {
				sum += l1*math.Abs(w) + l2*w*w/2 - w*(d.xy[j]+d.c[j])/2
			}
			return sum
		}
		d.refresh(d.w)
		before := value()
		d.jump(l1, l2)
		c := append([]float64(nil), d.tracker.(*covariances).c...)
		d.refresh(d.w)
		if after := value(); after > before*(1+1e-12) {
			t.Errorf("seed %d: from %v to %v", seed, before, after)
		}
		for j, v := range c {
			if math.Abs(v-d.c[j]) > 1e-10 {
				t.Errorf("seed %d: correlation %d is %v after the jump, is %v", seed, j, v, d.c[j])
			}
		}
	}
}

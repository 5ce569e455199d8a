package solve

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
	"github.com/descent-go/descent/lib/sparse"
)

// correlated returns samples whose columns share nine tenths of their variance, with a
// target that needs all of them, and a sparse copy.
func correlated(m, n int) (dense *mat.Dense, csr *sparse.CSR, y *mat.Dense) {
	r := rand.New(rand.NewPCG(8, uint64(n)))
	dense, y = mat.NewDense(m, n, nil), mat.NewDense(m, 1, nil)
	for i := range m {
		shared := 3 * r.NormFloat64()
		sum := r.NormFloat64() / 10
		for j := range n {
			v := 1 + shared + r.NormFloat64()
			dense.Set(i, j, v)
			sum += v * (1 + float64(j%3))
		}
		y.Set(i, 0, sum)
	}
	return dense, sparse.FromDense(dense), y
}

// TestExtrapolation: for fewer coordinates than cycles are combined, whose signs stay, the
// combination is the minimum, where going round takes hundreds of cycles; whether residuals
// or products are tracked, centred or not, dense or sparse.
func TestExtrapolation(t *testing.T) {
	x, csr, y := correlated(60, 4)
	const l1, l2 = 1e-3, 1e-4
	for name, c := range map[string]*centred{
		"products":  centre(objective.Data{X: x, Y: y}, true, 1),
		"residuals": {y: y, v: shares(nil, 60), means: make([]float64, 4), squares: make([]float64, 4)},
		"sparse":    {y: y, v: shares(nil, 60), means: make([]float64, 4), squares: make([]float64, 4), intercept: true},
	} {
		switch name {
		case "residuals":
			c.columns = c.columnsOf(rows.Of(x))
		case "sparse":
			for j := range c.means {
				c.means[j] = mat.Sum(x.ColView(j)) / 60
			}
			c.columns = c.copySparse(rows.Of(csr))
		}
		plain, _ := c.descent(0)
		for cycles := 0; plain.gap(l1, l2) > 1e-12*plain.yy; cycles++ {
			plain.cycle(plain.all, l1, l2)
			if cycles == 100 {
				break
			}
		}
		if plain.relative(plain.gap(l1, l2)) < 1e-12 {
			t.Fatalf("%s: a hundred cycles are enough without extrapolation, so this tests nothing", name)
		}
		d, _ := c.descent(0)
		if cycles, gap, ok := d.solve(l1, l2, 1e-12, 30); !ok {
			t.Errorf("%s: after %d cycles the gap is %.1e", name, cycles, d.relative(gap))
		}
	}
}

// TestExtrapolationNeverRaises: where signs change the combination of cycles may be worse,
// and then w and the tracker stay as they were.
func TestExtrapolationNeverRaises(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for try := range 200 {
		x, _, y := correlated(30, 12)
		c := centre(objective.Data{X: x, Y: y}, try%2 == 0, 1)
		d, _ := c.descent(0)
		l1, l2 := 0.02*d.yy*r.Float64()/math.Sqrt(d.yy), 0.1*r.Float64()
		for range 3 + r.IntN(3) {
			d.cycle(d.all, l1, l2)
		}
		d.keepNonZeros(d.all)
		var e extrapolation
		for !e.add(d) {
			d.cycle(d.active, l1, l2)
			for _, j := range d.active { // some step that no cycle makes
				if r.IntN(8) == 0 {
					old := d.w[j]
					d.w[j] = -old
					d.move(j, -2*old)
				}
			}
		}
		before := d.objective(l1, l2)
		d.extrapolate(&e, l1, l2)
		after := d.objective(l1, l2)
		if after > before+1e-12*d.yy {
			t.Errorf("try %d: the objective rises from %.17g to %.17g", try, before, after)
		}
		tracked := append([]float64(nil), d.state()...)
		d.refresh(d.w)
		for i, v := range d.state() {
			if math.Abs(v-tracked[i]) > 1e-9*math.Sqrt(d.yy) {
				t.Fatalf("try %d: element %d of what is tracked is %.17g, want %.17g", try, i, tracked[i], v)
			}
		}
	}
}

// TestStaleResiduals: after moves that only the products of the columns in use have
// followed, the correlations are still those of w.
func TestStaleResiduals(t *testing.T) {
	x, _, y := correlated(300, 130)
	m := model.NewLinear(130, 1)
	report, err := ElasticNet(m, x, y, ElasticNetOptions{Lambda: 1e-4, L1Ratio: 0.5, Tolerance: 1e-13})
	if err != nil || report.Gap > 1e-13 {
		t.Fatalf("gap %.1e, %v", report.Gap, err)
	}
}

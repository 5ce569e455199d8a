package solve

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/raced"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/sparse"
)

// sample returns a matrix of which a tenth is not 0, and a target.
func sample(rows, cols int) (x, y *mat.Dense) {
	r := rand.New(rand.NewPCG(1, 1))
	x, y = mat.NewDense(rows, cols, nil), mat.NewDense(rows, 1, nil)
	for i := range rows {
		for j := range cols {
			if r.Float64() < 0.1 {
				x.Set(i, j, r.NormFloat64())
			}
		}
		y.Set(i, 0, x.At(i, 0)-x.At(i, 1)+r.NormFloat64())
	}
	return x, y
}

// Which way coordinate descent goes follows from the shape, and no way
// allocates.
func TestDescentAllocatesNothing(t *testing.T) {
	tall, tallY := sample(60, 20)
	wide, wideY := sample(20, 60)
	for _, test := range []struct {
		name string
		x    mat.Matrix
		y    *mat.Dense
		gram bool
	}{
		{"covariances", tall, tallY, true},
		{"working", wide, wideY, false},
		{"sparse", sparse.FromDense(tall), tallY, false},
	} {
		d, _ := centre(objective.Data{X: test.x, Y: test.y}, true, 1).descent(0)
		if _, gram := d.tracker.(*covariances); gram != test.gram {
			t.Errorf("%s: tracked by %T", test.name, d.tracker)
		}
		if n := testing.AllocsPerRun(10, func() {
			clear(d.w)
			d.refresh(d.w)
			d.solve(0.05, 0.05, 1e-8, 1000) // in few cycles: a jump would allocate
		}); n != 0 {
			t.Errorf("%s: %g allocations", test.name, n)
		}
	}
}

// Many descents share XᵀX, which is formed before the first of them and in place of
// a copy of the rows.
func TestManyDescentsFormProductsFirst(t *testing.T) {
	x, y := sample(300, fewColumns+1)
	for descents, want := range map[int]bool{1: false, manyDescents: true} {
		c := centre(objective.Data{X: x, Y: y}, true, descents)
		if got := c.products != nil; got != want || got != (c.columns == nil) {
			t.Errorf("%d descents: products are formed first: %v, want %v", descents, got, want)
		}
	}
}

func TestObjectiveAllocatesNothing(t *testing.T) {
	raced.SkipAllocations(t)
	x, y := sample(60, 20)
	m := model.NewLinear(20, 1)
	o := newSmooth(m, objective.Data{X: x, Y: y}, loss.MSE{}, regularizer.L2{Lambda: 0.1}, 0)
	theta := make([]float64, 21)
	if n := testing.AllocsPerRun(10, func() {
		theta[0]++
		o.value(theta)
		o.gradient(theta)
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

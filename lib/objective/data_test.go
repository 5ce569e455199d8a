package objective

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/sparse"
)

// anyTarget is a loss that takes whatever targets fit the model.
type anyTarget struct{}

func (anyTarget) Loss(_, _, _ *mat.Dense, _ []float64) float64 { return 0 }

func TestCheck(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	dense := func(rows, cols int, v ...float64) *mat.Dense { return mat.NewDense(rows, cols, v) }
	x, y := dense(2, 1, 1, 2), dense(2, 1, 3, 4)
	for _, c := range []struct {
		want string
		data Data
		loss loss.Loss
	}{
		{"", Data{X: x, Y: y}, loss.MSE{}},
		{"", Data{X: sparse.FromDense(x), Y: y, SampleWeights: []float64{0, 1}}, loss.MSE{}},
		{"", Data{X: dense(2, 1, nan, 2), Y: dense(2, 1, inf, 4), SampleWeights: []float64{0, 1}}, loss.MSE{}},
		{"x or y is nil", Data{X: x}, loss.MSE{}},
		{"there are no samples", Data{X: new(mat.Dense), Y: y}, loss.MSE{}},
		{"x has 2 columns, the model takes 1", Data{X: dense(1, 2, 1, 2), Y: y}, loss.MSE{}},
		{"x has 2 rows, y has 1", Data{X: x, Y: dense(1, 1, 1)}, loss.MSE{}},
		{"x is NaN in row 1, column 0: impute", Data{X: dense(2, 1, 1, nan), Y: y}, loss.MSE{}},
		{"y is +Inf in row 0, column 0: impute", Data{X: x, Y: dense(2, 1, inf, 1)}, loss.MSE{}},
		{"in row 1, column 0 is 4, want 0 or 1", Data{X: x, Y: dense(2, 1, 0, 4)}, loss.BinaryCrossEntropy{}},
		{"y has 2 columns, the model has 1", Data{X: x, Y: dense(2, 2, 1, 2, 3, 4)}, anyTarget{}},
		{"there are 1 sample weights for 2 rows", Data{X: x, Y: y, SampleWeights: []float64{1}}, loss.MSE{}},
		{"weight of row 1 is -1", Data{X: x, Y: y, SampleWeights: []float64{1, -1}}, loss.MSE{}},
		{"all sample weights are 0", Data{X: x, Y: y, SampleWeights: []float64{0, 0}}, loss.MSE{}},
		{"x is NaN in row 1", Data{X: dense(3, 1, nan, nan, 1), Y: dense(3, 1, 1, 2, 3), SampleWeights: []float64{0, 1, 1}}, loss.MSE{}},
	} {
		err := c.data.Check(model.NewLinear(1, 1), c.loss)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	ids := Data{X: dense(1, 2, 0, 7), Y: dense(1, 1, 3)}
	if err := ids.Check(model.NewMatrixFactorization(2, 3, 1, 1), loss.MSE{}); err == nil || !strings.Contains(err.Error(), "7") {
		t.Errorf("an item that does not exist gives %v", err)
	}
}

func TestTakeAndUsed(t *testing.T) {
	d := Data{X: mat.NewDense(3, 1, []float64{1, 2, 3}), Y: mat.NewDense(3, 1, []float64{4, 5, 6}), SampleWeights: []float64{7, 0, 9}}
	for name, got := range map[string]Data{"taken": d.Take([]int{0, 2}), "used": d.Used()} {
		if !mat.Equal(got.X, mat.NewDense(2, 1, []float64{1, 3})) || !mat.Equal(got.Y, mat.NewDense(2, 1, []float64{4, 6})) || !slices.Equal(got.SampleWeights, []float64{7, 9}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	unlabelled := Data{X: d.X, Y: mat.NewDense(3, 1, []float64{1, -1, 0})}
	binary := loss.BinaryCrossEntropy{AllowUnlabelled: true}
	if got := unlabelled.Labelled(binary); !mat.Equal(got.X, mat.NewDense(2, 1, []float64{1, 3})) || got.SampleWeights != nil {
		t.Errorf("labelled: %v", got)
	}
	for name, l := range map[string]loss.Loss{"not allowed": loss.BinaryCrossEntropy{}, "of numbers": loss.MSE{}} {
		if got := unlabelled.Labelled(l); got.Y != unlabelled.Y {
			t.Errorf("%s: %v", name, got)
		}
	}
	if err := unlabelled.Check(model.NewLogistic(1), binary); err != nil {
		t.Error(err)
	}
	d.SampleWeights = []float64{0, 0, 0}
	if rows, _ := d.Used().X.Dims(); rows != 3 {
		t.Errorf("without any weight %d rows are used", rows)
	}
}

// TestScatteredRows takes rows of a network's batch from where they lie, with the
// dropout of a seed, and other models' as copies.
func TestScatteredRows(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	x, y := random(r, 40, 3), random(r, 40, 1)
	order := r.Perm(40)
	net, err := model.NewNetwork(model.Features(3), 1, model.Dense{Units: 8}, model.Dropout{Rate: 0.5}, model.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	dim := len(net.Params())
	got, want := make([]float64, dim), make([]float64, dim)
	gradient := func(grad []float64, m model.Model) float64 {
		o := New(m, loss.MSE{}, Data{X: x, Y: y}, Options{Order: order, Batch: 10})
		o.Seed(3, 4)
		value := o.Gradient(grad, 10, 20)
		o.Seed(3, 4)
		golden.Close(t, "value", o.Value(10, 20), value, 1e-14)
		return value
	}
	golden.Close(t, "loss", gradient(got, net), gradient(want, struct {
		model.Model
		model.Stateful
	}{net, net}), 1e-14)
	golden.CloseSlice(t, "gradient", got, want, 1e-13)
}

// TestGramGoesOn where an anchor was saved, with the bits of a run that was not
// interrupted.
func TestGramGoesOn(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 11))
	data := Data{X: random(r, 400, 3), Y: random(r, 400, 1)}
	l := trained(r, model.NewLinear(3, 1))
	var anchor []float64
	keep := func(_ string, dim int) ([]float64, bool) {
		if anchor != nil {
			return slices.Clone(anchor), false
		}
		anchor = make([]float64, dim)
		return anchor, true
	}
	opt := Options{Gradients: 100, Keep: keep}
	first := New(l, loss.MSE{}, data, opt)
	got, want := make([]float64, 4), make([]float64, 4)
	first.Gradient(want, 0, 400)
	l.Params()[1] += 1e-3
	first.Gradient(want, 0, 400)
	theta := slices.Clone(l.Params())
	New(l, loss.MSE{}, data, opt).Gradient(got, 0, 400)
	if !slices.Equal(got, want) || !slices.Equal(l.Params(), theta) {
		t.Errorf("the gradient is %v, want %v; θ is %v, want %v", got, want, l.Params(), theta)
	}
}

// TestNoWeight: where no row of a range has a weight, loss and gradient are 0.
func TestNoWeight(t *testing.T) {
	const m = 9000
	r := rand.New(rand.NewPCG(12, 13))
	wide := random(r, m, 2)
	data := Data{X: random(r, m, 20), Y: wide.Slice(0, m, 0, 1).(*mat.Dense), SampleWeights: make([]float64, m)}
	grad := []float64{7, 20: 7}
	o := New(model.NewLinear(20, 1), loss.MSE{}, data, Options{})
	if value := o.Gradient(grad, 0, m); value != 0 || o.Value(0, m) != 0 || slices.Max(grad) != 0 || slices.Min(grad) != 0 {
		t.Errorf("the loss is %g, the gradient %v", value, grad)
	}
}

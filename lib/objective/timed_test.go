package objective

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
)

// timedData are n rows of 20 columns with a label of three classes, of which every
// tenth is missing, and every tenth row has weight 0.
func timedData(n int) Data {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	d := Data{X: random(r, n, 20), Y: mat.NewDense(n, 1, nil), SampleWeights: make([]float64, n)}
	for i := range n {
		d.Y.Set(i, 0, float64(r.IntN(3)))
		d.SampleWeights[i] = r.Float64()
		if i%10 == 3 {
			d.Y.Set(i, 0, -1)
		}
		if i%10 == 6 {
			d.SampleWeights[i] = 0
		}
	}
	return d
}

var timedLoss = loss.CrossEntropy{AllowUnlabelled: true}

// data makes a benchmark of what is done with such rows.
func data(run func(d Data)) func(n int) func() {
	return func(n int) func() {
		d := timedData(n)
		return func() { run(d) }
	}
}

// objectives makes a benchmark of what an objective of such rows does; its first use is
// not timed.
func objectives(run func(o *Objective, n int, v []float64)) func(n int) func() {
	return func(n int) func() {
		d := timedData(n).Used().Labelled(timedLoss)
		m := model.NewSoftmax(20, 3)
		n, _ = d.X.Dims()
		o := New(m, timedLoss, d, Options{})
		v := make([]float64, len(m.Params()))
		o.Gradient(v, 0, n)
		return func() { run(o, n, v) }
	}
}

var benchmarks = timed.List{
	"Data.Check": func(n int) func() {
		d, m := timedData(n).Used(), model.NewSoftmax(20, 3)
		return func() {
			if err := d.Check(m, timedLoss); err != nil {
				panic(err)
			}
		}
	},
	"Data.Used":     data(func(d Data) { d.Used() }),
	"Data.Labelled": data(func(d Data) { d.Labelled(timedLoss) }),
	"Data.Counts": func(n int) func() { // until the first row that does
		d := timedData(n)
		for i := range n {
			d.Y.Set(i, 0, -1)
		}
		return func() { d.Counts(timedLoss) }
	},
	"Data.Take": func(n int) func() {
		d, order := timedData(n), rand.New(rand.NewPCG(1, 1)).Perm(n)
		return func() { d.Take(order) }
	},
	"Data.TokenWeights": func(n int) func() { // n tokens in rows of 16
		m, err := model.NewNetwork(model.Tokens(16), 1, model.NewEmbedding(3, 2), model.Dense{Units: 3})
		if err != nil {
			panic(err)
		}
		rows := max(1, n/16)
		d := Data{X: mat.NewDense(rows, 16, nil), Y: mat.NewDense(rows, 16, nil)}
		return func() { d.TokenWeights(m, loss.NewTokenCrossEntropy()) }
	},
	"Tokens.Of": func(n int) func() { // weights for n tokens in rows of 16
		rows := max(1, n/16)
		pred, y, w := mat.NewDense(16*rows, 3, nil), mat.NewDense(rows, 16, nil), make([]float64, rows)
		var t Tokens
		return func() { t.Of(pred, y, w) }
	},
	"New": func(n int) func() { // forms a Gram matrix, since there will be many gradients
		r := rand.New(rand.NewPCG(1, 1))
		d := Data{X: random(r, n, 20), Y: random(r, n, 1)}
		return func() {
			m := model.NewLinear(20, 1)
			New(m, loss.MSE{}, d, Options{Gradients: 1000}).Gradient(make([]float64, 21), 0, n)
		}
	},
	"Objective.Gradient": objectives(func(o *Objective, n int, v []float64) { o.Gradient(v, 0, n) }),
	"Objective.Narrow": func(n int) func() {
		d := timedData(n).Used().Labelled(timedLoss)
		m, err := model.NewNetwork32(model.Features(20), 1, model.Dense{Units: 3})
		if err != nil {
			panic(err)
		}
		o := New(m, timedLoss, d, Options{})
		n, _ = d.X.Dims()
		return func() { o.Narrow(0, n) }
	},
	"Objective.Value":   objectives(func(o *Objective, n int, _ []float64) { o.Value(0, n) }),
	"Objective.Hessian": objectives(func(o *Objective, n int, _ []float64) { o.Hessian(0, n) }),
	"Hessian.Product": func(n int) func() {
		var h *Hessian
		var hv []float64
		run := objectives(func(o *Objective, n int, v []float64) {
			if h == nil {
				h, hv = o.Hessian(0, n), make([]float64, len(v))
			}
			h.Product(hv, v)
		})(n)
		run()
		return run
	},
}

func BenchmarkObjective(b *testing.B) { benchmarks.Run(b) }

// TestAllOfObjectiveIsTimed: what grows with the rows has a benchmark at three sizes.
func TestAllOfObjectiveIsTimed(t *testing.T) {
	benchmarks.Check(t, "Hessian.Exact", "Objective.Seed", "Objective.Rows", "Objective.SetData") // a field, a number, views
	benchmarks.Once()
}

package objective

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/internal/raced"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/sparse"
)

func random(r *rand.Rand, rows, cols int) *mat.Dense {
	x := mat.NewDense(rows, cols, nil)
	x.Apply(func(int, int, float64) float64 { return max(-0.5, r.NormFloat64()) }, x)
	return x
}

func weights(r *rand.Rand, n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = max(0, r.NormFloat64())
	}
	return w
}

// trained returns a model with other parameters than 0.
func trained(r *rand.Rand, m *model.Linear) *model.Linear {
	for j := range m.Params() {
		m.Params()[j] = r.NormFloat64() / 4
	}
	return m
}

// TestShortCutsAgainstPlain asks each way for the same gradients and losses.
func TestShortCutsAgainstPlain(t *testing.T) {
	const m = 9000
	r := rand.New(rand.NewPCG(1, 2))
	type problem struct {
		name    string
		n, k    int
		loss    loss.Loss
		gram    bool
		scatter bool
		weights bool
	}
	for _, p := range []problem{
		{name: "scan", n: 30, k: 1, loss: loss.BinaryCrossEntropy{}},
		{name: "scan of weighted rows", n: 30, k: 1, loss: loss.LogCosh{}, weights: true},
		{name: "scattered", n: 30, k: 1, loss: loss.NewHuber(), scatter: true, weights: true},
		{name: "scan of labels that lack", n: 30, k: 1, loss: loss.BinaryCrossEntropy{AllowUnlabelled: true}, weights: true},
		{name: "blocks of labels that lack", n: 20, k: 3, loss: loss.BinaryCrossEntropy{AllowUnlabelled: true, PositiveWeight: []float64{1, 3, 0.5}}, weights: true, scatter: true},
		{name: "blocks of classes that lack", n: 20, k: 3, loss: loss.CrossEntropy{AllowUnlabelled: true, ClassWeight: []float64{1, 3, 0.5}}, weights: true},
		{name: "one column", n: 1, k: 1, loss: loss.MSE{}},
		{name: "blocks", n: 20, k: 3, loss: loss.MSE{}, weights: true},
		{name: "gram", n: 20, k: 1, loss: loss.MSE{}, gram: true, weights: true},
		{name: "gram of two", n: 20, k: 2, loss: loss.MSE{}, gram: true},
	} {
		x, y := random(r, m, p.n), random(r, m, p.k)
		switch l := p.loss.(type) { // labels for those that want them
		case loss.BinaryCrossEntropy:
			y.Apply(func(i, j int, _ float64) float64 {
				if l.AllowUnlabelled && (i+j)%5 == 0 {
					return -1
				}
				return float64(i % 2)
			}, y)
		case loss.CrossEntropy:
			y = mat.NewDense(m, 1, nil)
			y.Apply(func(i, _ int, _ float64) float64 { return float64(i%4 - 1) }, y)
		}
		wide := random(r, m, p.n+2)
		strided := wide.Slice(0, m, 1, p.n+1).(*mat.Dense)
		strided.Copy(x)
		for kind, x := range map[string]mat.Matrix{
			"dense": x, "strided": strided, "sparse": sparse.FromDense(x), "other": mat.DenseCopyOf(x.T()).T(),
		} {
			for _, build := range []func(n, k int) *model.Linear{model.NewLinear, model.NewLinearNoIntercept} {
				l := trained(r, build(p.n, p.k))
				data := Data{X: x, Y: y}
				opt := Options{}
				if p.weights {
					data.SampleWeights = weights(r, m)
				}
				if p.scatter {
					opt.Order = r.Perm(m)
				}
				if p.gram {
					opt.Gradients = 1000
				}
				dim := len(l.Params())
				want, got := make([]float64, dim), make([]float64, dim)
				plain, fast := opt, opt
				plain.Plain = true
				definition, o := New(l, p.loss, data, plain), New(l, p.loss, data, fast)
				if kind == "dense" && p.gram && o.gram == nil || !p.gram && p.n > 8 && kind != "sparse" && o.blocks == nil {
					t.Fatalf("%s, %s: the short cut declines", p.name, kind)
				}
				for range 2 {
					name := fmt.Sprintf("%s, %s, intercept %t", p.name, kind, l.HasIntercept())
					wantLoss := definition.Gradient(want, 0, m)
					golden.Close(t, name+": loss", o.Gradient(got, 0, m), wantLoss, 1e-12)
					golden.CloseSlice(t, name+": gradient", got, want, 1e-11)
					golden.Close(t, name+": value", o.Value(0, m), wantLoss, 1e-12)
					if p.scatter { // a last batch that is smaller
						wantLoss = definition.Gradient(want, m-100, m)
						golden.Close(t, name+": loss of the last", o.Gradient(got, m-100, m), wantLoss, 1e-12)
						golden.CloseSlice(t, name+": gradient of the last", got, want, 1e-11)
					}
					trained(r, l)
				}
			}
		}
	}
}

// TestSameBitsOnAllCores compares one core with four.
func TestSameBitsOnAllCores(t *testing.T) {
	const m, n = 20000, 12
	r := rand.New(rand.NewPCG(3, 4))
	l := trained(r, model.NewLinear(n, 1))
	data := Data{X: random(r, m, n), Y: random(r, m, 1)}
	run := func(cores, gradients int) (float64, []float64) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		defer crew.Fix(1)() // everything is shared
		grad := make([]float64, n+1)
		o := New(l, loss.MSE{}, data, Options{Gradients: gradients})
		value := o.Gradient(grad, 0, m)
		return value + o.Value(0, m), grad
	}
	for _, gradients := range []int{0, 1000} {
		value, grad := run(1, gradients)
		if again, same := run(4, gradients); again != value || !slices.Equal(same, grad) {
			t.Errorf("%d gradients: four cores compute %v and %v, one %v and %v", gradients, again, same, value, grad)
		}
	}
}

// TestNothingIsAllocated by an evaluation, once the buffers have grown.
func TestNothingIsAllocated(t *testing.T) {
	raced.SkipAllocations(t)
	const m, n = 9000, 20
	r := rand.New(rand.NewPCG(5, 6))
	x, y := random(r, m, n), random(r, m, 1)
	grad := make([]float64, n+1)
	for name, opt := range map[string]Options{
		"plain": {Plain: true}, "blocks": {}, "scattered": {Order: r.Perm(m)}, "gram": {Gradients: 1000},
	} {
		o := New(trained(r, model.NewLinear(n, 1)), loss.LogCosh{}, Data{X: x, Y: y}, opt)
		if name == "gram" {
			o = New(trained(r, model.NewLinear(n, 1)), loss.MSE{}, Data{X: x, Y: y}, opt)
		}
		if allocated := testing.AllocsPerRun(5, func() { o.Gradient(grad, 0, m); o.Value(0, m) }); allocated > 0 {
			t.Errorf("%s: %v allocations", name, allocated)
		}
	}
}

// TestScan compares with Forward and Backward, for short rows and long ones.
func TestScan(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 15, 16, 100, 190, 300, 900} {
		for _, m := range []int{1, 7, 8, 300} {
			x, y := random(r, m, n), random(r, m, 1)
			for _, build := range []func(n, k int) *model.Linear{model.NewLinear, model.NewLinearNoIntercept} {
				l := trained(r, build(n, 1))
				name := fmt.Sprintf("%d×%d, intercept %t: ", m, n, l.HasIntercept())
				want, got := make([]float64, len(l.Params())), sums{grad: make([]float64, len(l.Params()))}
				value := New(l, loss.MSE{}, Data{X: x, Y: y}, Options{Plain: true}).Gradient(want, 0, m)
				var s scan
				s.init(l, loss.MSE{})
				if !s.add(&got, &block{x: x, y: y}) {
					t.Fatal("the scan declines")
				}
				golden.Close(t, name+"loss", got.loss.Value()/float64(m), value, 1e-12)
				for j := range got.grad {
					got.grad[j] /= float64(m)
				}
				golden.CloseSlice(t, name+"gradient", got.grad, want, 1e-11)
			}
		}
	}
}

func TestAddGram(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	x, w := random(r, 40, 5), weights(r, 40)
	for _, side := range []int{5, 6} {
		for _, w := range [][]float64{nil, w} {
			g := blas64.Symmetric{N: side, Stride: side, Data: make([]float64, side*side), Uplo: blas.Upper}
			for _, part := range [][2]int{{0, 15}, {15, 40}} {
				rows, _ := rows.Of(x.Slice(part[0], part[1], 0, 5)).Dense()
				if w == nil {
					addGram(g, rows, nil)
				} else {
					addGram(g, rows, w[part[0]:part[1]])
				}
			}
			for a := range side {
				for b := a; b < side; b++ {
					want := 0.0
					for i := range 40 {
						at := func(j int) float64 {
							if j += 5 - side; j < 0 {
								return 1
							}
							return x.At(i, j)
						}
						v := at(a) * at(b)
						if w != nil {
							v *= w[i]
						}
						want += v
					}
					golden.Close(t, fmt.Sprintf("G[%d, %d]", a, b), g.Data[a*side+b], want, 1e-13)
				}
			}
		}
	}
}

// apart is an Affine whose θ is not a matrix: the intercept is last.
type apart struct{ *model.Linear }

func (m apart) Affine(v []float64) (intercept []float64, weights blas64.General) {
	n := len(v) - 1
	return v[n:], blas64.General{Rows: n, Cols: 1, Stride: 1, Data: v[:n]}
}

func TestGramDeclines(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 7))
	data := Data{X: random(r, 400, 3), Y: random(r, 400, 1)}
	for name, o := range map[string]*Objective{
		"few gradients":    New(model.NewLinear(3, 1), loss.MSE{}, data, Options{Gradients: 2}),
		"another loss":     New(model.NewLinear(3, 1), loss.MAE{}, data, Options{Gradients: 100}),
		"another order":    New(model.NewLinear(3, 1), loss.MSE{}, data, Options{Gradients: 100, Order: r.Perm(400)}),
		"an odd layout":    New(apart{model.NewLinear(3, 1)}, loss.MSE{}, data, Options{Gradients: 100}),
		"no short cuts":    New(model.NewLinear(3, 1), loss.MSE{}, data, Options{Gradients: 100, Plain: true}),
		"more than Affine": New(struct{ model.Model }{model.NewLinear(3, 1)}, loss.MSE{}, data, Options{Gradients: 100}),
	} {
		if o.gram != nil {
			t.Errorf("%s: a Gram matrix is used", name)
		}
	}
	if New(model.NewLinear(3, 1), loss.MSE{}, data, Options{Gradients: 100}).gram == nil {
		t.Error("no Gram matrix is used")
	}
}

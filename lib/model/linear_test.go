package model_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/sparse"
)

// A linearCase is a linear model in PyTorch, and the largest eigenvalue of the
// second moments of its data in NumPy: see testdata/golden.py.
type linearCase struct {
	Name            string
	Inputs, Outputs int
	Intercept       bool
	Rows            int
	X, Theta        []float64
	Y, DY, Grad     []float64
	Curvature       float64
}

func (c linearCase) model() *model.Linear {
	l := model.NewLinear(c.Inputs, c.Outputs)
	if !c.Intercept {
		l = model.NewLinearNoIntercept(c.Inputs, c.Outputs)
	}
	copy(l.Params(), c.Theta)
	return l
}

// inputs are the same data as each kind of matrix.
func (c linearCase) inputs() map[string]mat.Matrix {
	x := mat.NewDense(c.Rows, c.Inputs, c.X)
	return map[string]mat.Matrix{
		"dense":      x,
		"sparse":     sparse.FromDense(x),
		"transposed": mat.DenseCopyOf(x.T()).T(),
		"part":       inside(x),
	}
}

func TestLinearAgainstPyTorch(t *testing.T) {
	for _, c := range golden.Load[[]linearCase](t, "testdata/linear.json") {
		for kind, x := range c.inputs() {
			t.Run(c.Name+", "+kind, func(t *testing.T) {
				l := c.model()
				if len(l.Params()) != len(c.Theta) || l.HasIntercept() != c.Intercept {
					t.Fatalf("%d parameters, want %d; HasIntercept %t", len(l.Params()), len(c.Theta), l.HasIntercept())
				}
				golden.CloseSlice(t, "y", forward(l, x).RawMatrix().Data, c.Y, 1e-14)
				grad := make([]float64, len(c.Theta))
				l.Backward(grad, mat.NewDense(c.Rows, c.Outputs, c.DY))
				golden.CloseSlice(t, "∂L/∂θ", grad, c.Grad, 1e-14)
			})
		}
	}
}

func TestCurvatureBound(t *testing.T) {
	for _, c := range golden.Load[[]linearCase](t, "testdata/linear.json") {
		for kind, x := range c.inputs() {
			golden.Close(t, c.Name+", "+kind, c.model().CurvatureBound(x), c.Curvature, 1e-9)
		}
	}
}

// TestCurvatureBoundLarge has more features than the iteration has steps, and
// eigenvalues that are known: those of a diagonal matrix. Where they crowd at
// the top, the result is still no less than the largest.
func TestCurvatureBoundLarge(t *testing.T) {
	const n = 2000
	for _, c := range []struct {
		name       string
		eigenvalue func(j float64) float64
		above      float64 // by how much the result may be too large, relatively
	}{
		{"one apart", func(j float64) float64 { return 5 / (1 + j) }, 1e-9},
		{"crowded", func(j float64) float64 { return 5 - j/n }, 1e-3},
		{"all equal", func(float64) float64 { return 5 }, 1e-9},
	} {
		ptr, cols, values := []int{0}, []int{}, []float64{}
		for j := range n {
			ptr, cols = append(ptr, j+1), append(cols, j)
			values = append(values, math.Sqrt(n*c.eigenvalue(float64(j))))
		}
		x, err := sparse.NewCSR(n, n, ptr, cols, values)
		if err != nil {
			t.Fatal(err)
		}
		got := model.NewLinearNoIntercept(n, 1).CurvatureBound(x)
		if got < 5*(1-1e-12) || got > 5*(1+c.above) {
			t.Errorf("%s: %.15g, want 5 or a little more", c.name, got)
		}
	}
}

func TestCurvatureBoundOfOddData(t *testing.T) {
	l := model.NewLinearNoIntercept(2, 1)
	golden.Close(t, "zeros", l.CurvatureBound(mat.NewDense(3, 2, nil)), 0, 0)
	// The eigenvector (1, −1) is orthogonal to the tempting start (1, 1).
	golden.Close(t, "opposed", l.CurvatureBound(mat.NewDense(1, 2, []float64{1, -1})), 2, 1e-12)
	for _, bad := range []float64{math.NaN(), inf, 1e200} {
		if got := l.CurvatureBound(mat.NewDense(1, 2, []float64{1, bad})); !math.IsNaN(got) && !math.IsInf(got, 0) {
			t.Errorf("with %g in the data: %g, want NaN or infinity", bad, got)
		}
	}
	mustPanic(t, "x has 3 columns, want 2", func() { l.CurvatureBound(mat.NewDense(1, 3, nil)) })
}

func TestLinearParts(t *testing.T) {
	l := model.NewLinear(2, 3)
	for i := range l.Params() {
		l.Params()[i] = float64(i)
	}
	golden.CloseSlice(t, "intercept", l.Intercept(), []float64{0, 1, 2}, 0)
	golden.CloseSlice(t, "weights", l.Weights().RawMatrix().Data, []float64{3, 4, 5, 6, 7, 8}, 0)
	l.Weights().Set(1, 2, 9)
	if l.Params()[8] != 9 {
		t.Error("the weights are a copy")
	}
	if got := model.NewLinearNoIntercept(2, 3).Intercept(); len(got) != 0 {
		t.Errorf("a model without an intercept has %v", got)
	}
	mustPanic(t, "got 0 and 1", func() { model.NewLinear(0, 1) })
	if in, out := model.NewLogistic(4).Dims(); in != 4 || out != 1 {
		t.Errorf("logistic regression is %d to %d", in, out)
	}
	if in, out := model.NewSoftmax(4, 3).Dims(); in != 4 || out != 3 {
		t.Errorf("softmax regression is %d to %d", in, out)
	}
}

// TestShare lets two shares remember Forwards of their own; their gradients add
// up to that of all rows.
func TestShare(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 2))
	x, d := fill(9, 20, r.NormFloat64), fill(9, 1, r.NormFloat64)
	l := model.NewLinear(20, 1)
	l.Init(2)
	a, b := l.Share(), l.Share()
	if &a.Params()[0] != &l.Params()[0] {
		t.Fatal("a share has parameters of its own")
	}
	forward(a, x.Slice(0, 4, 0, 20))
	forward(b, x.Slice(4, 9, 0, 20))
	got, want := make([]float64, 21), make([]float64, 21)
	b.Backward(got, d.Slice(4, 9, 0, 1).(*mat.Dense))
	a.Backward(got, d.Slice(0, 4, 0, 1).(*mat.Dense))
	forward(l, x)
	l.Backward(want, d)
	golden.CloseSlice(t, "gradient", got, want, 1e-14)
}

// The bound follows the unit of the data, where the squares of eigenvalues vanish
// or leave the range of a float64, too.
func TestCurvatureBoundOfAnySize(t *testing.T) {
	x := mat.NewDense(6, 3, nil)
	for i := range x.RawMatrix().Data {
		x.RawMatrix().Data[i] = math.Sin(float64(i * i))
	}
	m := model.NewLinearNoIntercept(3, 1)
	want := m.CurvatureBound(x)
	for _, exponent := range []int{-450, -300, 300, 450} {
		var scaled mat.Dense
		scaled.Scale(math.Ldexp(1, exponent), x)
		golden.Close(t, "bound", math.Ldexp(m.CurvatureBound(&scaled), -2*exponent), want, 1e-8)
	}
}

package grad_test

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/grad"
)

type goldenCase struct {
	Name     string
	Y, U     []float64
	YShape   []int
	Operands []struct {
		Shape        []int
		Values, Grad []float64
	}
}

// byName is the operations as the golden file calls them: a name, and numbers.
var byName = map[string]func(x []node, c []float64) node{
	"Add": two(node.Add), "Sub": two(node.Sub), "Mul": two(node.Mul), "Div": two(node.Div), "Pow": two(node.Pow),
	"Maximum": two(node.Maximum), "Minimum": two(node.Minimum), "MatMul": two(node.MatMul), "Gather": two(node.Gather), "Pick": two(node.Pick),
	"CrossEntropy": two(node.CrossEntropy),
	"AddScalar":    func(x []node, c []float64) node { return x[0].AddScalar(c[0]) },
	"MulScalar":    func(x []node, c []float64) node { return x[0].MulScalar(c[0]) },
	"PowScalar":    func(x []node, c []float64) node { return x[0].PowScalar(c[0]) },
	"Clip":         func(x []node, c []float64) node { return x[0].Clip(c[0], c[1]) },
	"Neg":          one(node.Neg), "Square": one(node.Square), "Sqrt": one(node.Sqrt), "Abs": one(node.Abs), "Exp": one(node.Exp), "Log": one(node.Log),
	"Sin": one(node.Sin), "Cos": one(node.Cos), "Tanh": one(node.Tanh), "Sigmoid": one(node.Sigmoid), "Softplus": one(node.Softplus), "ReLU": one(node.ReLU),
	"GELU": one(node.GELU), "GELUTanh": one(node.GELUTanh), "Flatten": one(node.Flatten),
	"Sum": over(node.Sum), "Mean": over(node.Mean), "Max": over(node.Max), "Min": over(node.Min), "Variance": over(node.Variance), "LogSumExp": over(node.LogSumExp),
	"Transpose":  over(node.Transpose),
	"Reshape":    func(x []node, _ []float64) node { return x[0].Reshape(3, -1) },
	"Broadcast":  func(x []node, _ []float64) node { return x[0].Broadcast(2, 3, 4) },
	"Slice":      func(x []node, c []float64) node { return x[0].Slice(int(c[0]), int(c[1]), int(c[2])) },
	"Concat":     func(x []node, c []float64) node { return grad.Concat(int(c[0]), x...) },
	"Stack":      func(x []node, c []float64) node { return grad.Stack(int(c[0]), x...) },
	"Conv2D":     func(x []node, c []float64) node { return x[0].Conv2D(x[1], int(c[0]), int(c[1])) },
	"MaxPool":    func(x []node, c []float64) node { return x[0].MaxPool(int(c[0]), int(c[1])) },
	"AvgPool":    func(x []node, c []float64) node { return x[0].AvgPool(int(c[0]), int(c[1])) },
	"Softmax":    func(x []node, c []float64) node { return x[0].Softmax(int(c[0])) },
	"LogSoftmax": func(x []node, c []float64) node { return x[0].LogSoftmax(int(c[0])) },
	"Where":      func(x []node, _ []float64) node { return grad.Where(x[0], x[1], x[2]) },
	"LayerNorm": func(x []node, _ []float64) node {
		centred := x[0].Sub(x[0].Mean(-1).Keep())
		return centred.Div(x[0].Variance(-1).Keep().AddScalar(1e-5).Sqrt()).Mul(x[1]).Add(x[2])
	},
	"LSTM": func(x []node, _ []float64) node {
		steps, w, u, b := x[0], x[1].Transpose(), x[2].Transpose(), x[3]
		h, c := zeros(x[0].Graph(), 2, 3), zeros(x[0].Graph(), 2, 3)
		for i := range steps.Len(0) {
			step := steps.Slice(0, i, i+1).Reshape(2, 5)
			gates := step.MatMul(w).Add(h.MatMul(u)).Add(b)
			in, forget := gates.Slice(1, 0, 3).Sigmoid(), gates.Slice(1, 3, 6).Sigmoid()
			cell, out := gates.Slice(1, 6, 9).Tanh(), gates.Slice(1, 9, 12).Sigmoid()
			c = forget.Mul(c).Add(in.Mul(cell))
			h = out.Mul(c.Tanh())
		}
		return h
	},
	"Attention": func(x []node, _ []float64) node {
		scores := x[0].MatMul(x[1].Transpose(0, 2, 1)).MulScalar(1 / math.Sqrt(4))
		return scores.Softmax(-1).MatMul(x[2])
	},
}

func one(f func(node) node) func([]node, []float64) node {
	return func(x []node, _ []float64) node { return f(x[0]) }
}

func two(f func(a, b node) node) func([]node, []float64) node {
	return func(x []node, _ []float64) node { return f(x[0], x[1]) }
}

func over(f func(x node, axes ...int) node) func([]node, []float64) node {
	return func(x []node, c []float64) node {
		axes := make([]int, len(c))
		for i, v := range c {
			axes[i] = int(v)
		}
		return f(x[0], axes...)
	}
}

// TestOperationsAgainstPyTorch compares values and derivatives of every operation, to 10⁻¹²
// of the largest of each.
func TestOperationsAgainstPyTorch(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range golden.Load[[]goldenCase](t, "testdata/golden.json") {
		words := strings.Fields(c.Name)
		f, ok := byName[words[0]]
		if !ok {
			t.Fatalf("there is no %s", words[0])
		}
		seen[words[0]] = true
		var numbers []float64
		for _, w := range words[1:] {
			v, err := strconv.ParseFloat(w, 64)
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, v)
		}
		g := grad.New()
		var leaves, operands []node
		for _, o := range c.Operands {
			n := g.Var(o.Values, len(o.Values))
			leaves, operands = append(leaves, n), append(operands, n.Reshape(o.Shape...))
		}
		y := f(operands, numbers)
		if !slices.Equal(y.Shape(), c.YShape) {
			t.Errorf("%s: the shape is %v, want %v", c.Name, y.Shape(), c.YShape)
			continue
		}
		close(t, c.Name, y.Value(), c.Y)
		y.BackwardFrom(c.U)
		for i, o := range c.Operands {
			if o.Grad != nil {
				close(t, c.Name+": derivative", leaves[i].Grad(), o.Grad)
			}
		}
	}
	for name := range byName {
		if !seen[name] {
			t.Errorf("no golden values for %s", name)
		}
	}
}

func close(t *testing.T, name string, got, want []float64) {
	t.Helper()
	scale := 1.0
	for _, w := range want {
		scale = max(scale, math.Abs(w))
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", name, len(got), len(want))
		return
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= 1e-12*scale) {
			t.Errorf("%s: number %d is %.17g, want %.17g", name, i, got[i], w)
		}
	}
}

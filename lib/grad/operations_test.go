package grad_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/descent-go/descent/lib/grad"
)

// An operation is one formula of operands of given shapes. Kinks says that it has
// places without a derivative, from which random operands stay away.
type operation struct {
	name   string
	shapes [][]int
	f      func(x []*grad.Node) *grad.Node
	low    float64     // of the operands; high is 2 where low is set, else they are from −2 to 2
	ids    map[int]int // operands that are whole numbers below a limit
}

func unary(name string, low float64, f func(x *grad.Node) *grad.Node, shapes ...[]int) (list []operation) {
	if shapes == nil {
		shapes = [][]int{{}, {3}, {2, 3}, {0, 2}, {2, 1, 2}}
	}
	for _, s := range shapes {
		list = append(list, operation{name: name, shapes: [][]int{s}, low: low, f: func(x []*grad.Node) *grad.Node { return f(x[0]) }})
	}
	return list
}

func binary(name string, low float64, f func(a, b *grad.Node) *grad.Node, shapes ...[2][]int) (list []operation) {
	if shapes == nil {
		shapes = [][2][]int{
			{{3}, {3}}, {{2, 3}, {2, 3}}, {{2, 3}, {3}}, {{3}, {2, 3}}, {{2, 1}, {1, 3}}, {{1, 3}, {2, 1}},
			{{}, {2, 2}}, {{2, 2}, {}}, {{0, 3}, {3}}, {{0, 1}, {1, 3}}, {{2, 3, 1, 2}, {3, 4, 1}}, {{1}, {1}}, {{2, 1, 2}, {2, 3, 2}},
		}
	}
	for _, s := range shapes {
		list = append(list, operation{name: name, shapes: s[:], low: low, f: func(x []*grad.Node) *grad.Node { return f(x[0], x[1]) }})
	}
	return list
}

type node = *grad.Node

func shapesOf(s ...[]int) [][]int { return s }

// operations are all of them, at ordinary and at awkward shapes.
func operations() (list []operation) {
	add := func(more []operation) { list = append(list, more...) }
	add(binary("Add", 0, node.Add))
	add(binary("Sub", 0, node.Sub))
	add(binary("Mul", 0, node.Mul))
	add(binary("Div", 0.5, node.Div))
	add(binary("Pow", 0.5, node.Pow))
	add(binary("Maximum", 0, node.Maximum))
	add(binary("Minimum", 0, node.Minimum))
	add(unary("AddScalar", 0, func(x node) node { return x.AddScalar(3) }))
	add(unary("MulScalar", 0, func(x node) node { return x.MulScalar(-3) }))
	add(unary("PowScalar", 0.5, func(x node) node { return x.PowScalar(2.5) }))
	add(unary("PowScalar -1", 0.5, func(x node) node { return x.PowScalar(-1) }))
	add(unary("Neg", 0, node.Neg))
	add(unary("Square", 0, node.Square))
	add(unary("Sqrt", 0.5, node.Sqrt))
	add(unary("Abs", 0, node.Abs))
	add(unary("Clip", 0, func(x node) node { return x.Clip(-1, 0.7) }))
	add(unary("Exp", 0, node.Exp))
	add(unary("Log", 0.5, node.Log))
	add(unary("Sin", 0, node.Sin))
	add(unary("Cos", 0, node.Cos))
	add(unary("Tanh", 0, node.Tanh))
	add(unary("Sigmoid", 0, node.Sigmoid))
	add(unary("Softplus", 0, node.Softplus))
	add(unary("ReLU", 0, node.ReLU))
	add(unary("GELU", 0, node.GELU))
	add(unary("GELUTanh", 0, node.GELUTanh))

	for name, reduce := range map[string]func(x node, axes ...int) node{
		"Sum": node.Sum, "Mean": node.Mean, "Max": node.Max, "Min": node.Min, "Variance": node.Variance, "LogSumExp": node.LogSumExp,
	} {
		for _, axes := range [][]int{nil, {0}, {-1}, {1}, {0, 2}, {2, 0}, {0, 1, 2}} {
			all := [][]int{{2, 3, 2}, {2, 1, 3}, {1, 4, 1}}
			if name == "Sum" { // others have no finite value of nothing
				all = append(all, []int{2, 0, 3})
			}
			add(unary(fmt.Sprint(name, axes), 0, func(x node) node { return reduce(x, axes...) }, all...))
		}
	}
	add(unary("Keep", 0, func(x node) node { return x.Sub(x.Mean(1).Keep()) }, []int{2, 3}, []int{2, 3, 2}))

	add(unary("Reshape", 0, func(x node) node { return x.Reshape(3, -1) }, []int{2, 3}, []int{6}, []int{3, 2, 2}))
	add(unary("Flatten", 0, node.Flatten, []int{2, 3, 2}, []int{3}))
	add(unary("ExpandDims", 0, func(x node) node { return x.ExpandDims(1) }, []int{2, 3}, []int{2}))
	add(unary("Transpose", 0, func(x node) node { return x.Transpose() }))
	add(unary("Transpose 1,0,2", 0, func(x node) node { return x.Transpose(1, 0, 2) }, []int{2, 3, 4}, []int{1, 3, 2}, []int{2, 0, 3}))
	add(unary("Transpose 2,0,1", 0, func(x node) node { return x.Transpose(2, 0, 1) }, []int{2, 3, 4}))
	add(unary("Slice 0", 0, func(x node) node { return x.Slice(0, 1, 3) }, []int{4}, []int{3, 2}, []int{4, 2, 2}))
	add(unary("Slice -1", 0, func(x node) node { return x.Slice(-1, 1, 2) }, []int{4}, []int{3, 2}, []int{4, 2, 2}))
	add(unary("Slice empty", 0, func(x node) node { return x.Slice(0, 1, 1) }, []int{4}, []int{3, 2}))
	add(unary("Broadcast", 0, func(x node) node { return x.Broadcast(2, 3, 4) }, []int{}, []int{4}, []int{3, 1}, []int{2, 1, 1}, []int{2, 3, 4}))
	add(binary("Concat 0", 0, func(a, b node) node { return grad.Concat(0, a, b, a) }, [2][]int{{2, 3}, {1, 3}}, [2][]int{{2}, {3}}, [2][]int{{0, 2}, {2, 2}}))
	add(binary("Concat -1", 0, func(a, b node) node { return grad.Concat(-1, a, b) }, [2][]int{{2, 3}, {2, 1}}, [2][]int{{2, 2, 2}, {2, 2, 1}}))
	add(binary("Stack 0", 0, func(a, b node) node { return grad.Stack(0, a, b) }, [2][]int{{2, 3}, {2, 3}}, [2][]int{{}, {}}))
	add(binary("Stack -1", 0, func(a, b node) node { return grad.Stack(-1, a, b) }, [2][]int{{2, 3}, {2, 3}}))

	add(binary("MatMul", 0, node.MatMul, [2][]int{{2, 3}, {3, 4}}, [2][]int{{1, 3}, {3, 1}}, [2][]int{{2, 1}, {1, 3}},
		[2][]int{{0, 3}, {3, 2}}, [2][]int{{2, 0}, {0, 3}}, [2][]int{{2, 3}, {0, 3, 4}}, [2][]int{{0, 2, 3}, {1, 3, 4}}, [2][]int{{0, 2, 3}, {3, 4}}, [2][]int{{0, 2, 3}, {0, 3, 4}}, [2][]int{{2, 3}, {3}}, [2][]int{{3}, {3, 2}}, [2][]int{{3}, {3}},
		[2][]int{{2, 2, 3}, {3, 2}}, [2][]int{{2, 2, 3}, {2, 3, 2}}, [2][]int{{2, 3}, {4, 3, 2}}, [2][]int{{2, 1, 2, 3}, {3, 3, 2}},
		[2][]int{{2, 2, 2, 3}, {2, 1, 3, 2}}, [2][]int{{2, 2, 3}, {3}}, [2][]int{{3}, {2, 3, 2}}))

	for _, c := range []struct{ stride, padding int }{{1, 0}, {1, 1}, {2, 0}, {2, 1}, {3, 2}} {
		add(binary(fmt.Sprint("Conv2D", c), 0, func(a, b node) node { return a.Conv2D(b, c.stride, c.padding) },
			[2][]int{{2, 3, 4, 5}, {2, 3, 3, 2}}, [2][]int{{1, 1, 3, 3}, {1, 1, 1, 1}}, [2][]int{{0, 1, 3, 3}, {2, 1, 2, 2}}, [2][]int{{9, 2, 4, 4}, {3, 2, 2, 2}}))
	}
	for _, c := range []struct{ size, stride int }{{2, 2}, {2, 1}, {3, 2}} {
		add(unary(fmt.Sprint("MaxPool", c), 0, func(x node) node { return x.MaxPool(c.size, c.stride) }, []int{0, 1, 4, 4}, []int{2, 3, 4, 4}, []int{2, 2, 4, 5}, []int{1, 1, 3, 3}, []int{0, 1, 3, 3}))
		add(unary(fmt.Sprint("AvgPool", c), 0, func(x node) node { return x.AvgPool(c.size, c.stride) }, []int{2, 2, 4, 5}, []int{1, 1, 3, 3}, []int{0, 1, 3, 3}))
	}

	for _, axis := range []int{0, 1, -1} {
		add(unary(fmt.Sprint("Softmax", axis), 0, func(x node) node { return x.Softmax(axis) }, []int{2, 3}, []int{3, 1}, []int{2, 3, 2}, []int{0, 3}))
		add(unary(fmt.Sprint("LogSoftmax", axis), 0, func(x node) node { return x.LogSoftmax(axis) }, []int{2, 3}, []int{3, 1}, []int{2, 3, 2}, []int{0, 3}))
	}

	list = append(list,
		operation{name: "Gather", shapes: shapesOf([]int{4, 3}, []int{5}), ids: map[int]int{1: 4}, f: func(x []node) node { return x[0].Gather(x[1]) }},
		operation{name: "Gather", shapes: shapesOf([]int{4}, []int{2, 3}), ids: map[int]int{1: 4}, f: func(x []node) node { return x[0].Gather(x[1]) }},
		operation{name: "Gather", shapes: shapesOf([]int{3, 2, 2}, []int{2, 1}), ids: map[int]int{1: 3}, f: func(x []node) node { return x[0].Gather(x[1]) }},
		operation{name: "Pick", shapes: shapesOf([]int{3, 4}, []int{3}), ids: map[int]int{1: 4}, f: func(x []node) node { return x[0].Pick(x[1]) }},
		operation{name: "Pick", shapes: shapesOf([]int{3, 4}, []int{3, 1}), ids: map[int]int{1: 4}, f: func(x []node) node { return x[0].Pick(x[1]) }},
		operation{name: "Pick", shapes: shapesOf([]int{2, 2, 4}, []int{2, 2}), ids: map[int]int{1: 4}, f: func(x []node) node { return x[0].Pick(x[1]) }},
		operation{name: "CrossEntropy", shapes: shapesOf([]int{3, 4}, []int{3}), ids: map[int]int{1: 4}, f: func(x []node) node { return x[0].CrossEntropy(x[1]) }},
		operation{name: "Where", shapes: shapesOf([]int{2, 3}, []int{2, 3}, []int{2, 3}), ids: map[int]int{0: 2}, f: func(x []node) node { return grad.Where(x[0], x[1], x[2]) }},
		operation{name: "Where", shapes: shapesOf([]int{3}, []int{2, 1}, []int{}), ids: map[int]int{0: 2}, f: func(x []node) node { return grad.Where(x[0], x[1], x[2]) }},
	)
	return list
}

// flat is the operation as a function of one vector, the operands one after the other.
// What is whole numbers is constant.
// With uses, the operands are used once more after the operation, so that their derivatives
// come to those that are there.
func (o operation) flat(values [][]float64, uses bool) (n int, f func(g *grad.Graph, x *grad.Node) *grad.Node) {
	for i := range o.shapes {
		if o.ids[i] == 0 {
			n += len(values[i])
		}
	}
	return n, func(g *grad.Graph, x *grad.Node) *grad.Node {
		at := 0
		var operands []*grad.Node
		for i, s := range o.shapes {
			if o.ids[i] > 0 {
				operands = append(operands, constant(g, values[i], s))
				continue
			}
			operands = append(operands, x.Slice(0, at, at+len(values[i])).Reshape(s...))
			at += len(values[i])
		}
		y := o.f(operands)
		for i, x := range operands {
			if uses && o.ids[i] == 0 {
				y = y.Add(x.Square().Sum())
			}
		}
		return y
	}
}

func constant(g *grad.Graph, values []float64, shape []int) *grad.Node {
	return g.Const(values, len(values)).Reshape(shape...)
}

// draw returns operands.
func (o operation) draw(r *rand.Rand) (values [][]float64, flat []float64) {
	for i, s := range o.shapes {
		n := 1
		for _, d := range s {
			n *= d
		}
		v := make([]float64, n)
		for j := range v {
			switch {
			case o.ids[i] > 0:
				v[j] = float64(r.IntN(o.ids[i]))
			case o.low != 0:
				v[j] = o.low + (2-o.low)*r.Float64()
			default:
				v[j] = 4*r.Float64() - 2
			}
		}
		values = append(values, v)
		if o.ids[i] == 0 {
			flat = append(flat, v...)
		}
	}
	return values, flat
}

func normals(r *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	return v
}

func moved(x, v []float64, h float64) []float64 {
	y := make([]float64, len(x))
	for i := range x {
		y[i] = x[i] + h*v[i]
	}
	return y
}

func inner(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

// TestOperationsAgainstDifferences checks Jv, uᵀJ and Hv of every operation along random
// directions with central differences.
func TestOperationsAgainstDifferences(t *testing.T) {
	const h, tolerance = 1e-5, 1e-7
	for k, o := range operations() {
		t.Run(fmt.Sprint(o.name, o.shapes), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(k), 7))
			values, x := o.draw(r)
			n, f := o.flat(values, false)
			fn, err := grad.NewFunction(n, f)
			if err != nil {
				t.Fatal(err)
			}
			_, m := fn.Dims()
			u, v := normals(r, m), normals(r, n)
			above := append([]float64(nil), fn.Value(moved(x, v, h))...)
			below := append([]float64(nil), fn.Value(moved(x, v, -h))...)
			jv, uj := make([]float64, m), make([]float64, n)
			fn.VJP(uj, x, normals(r, m)) // leaves numbers in the memory of the derivatives
			fn.JVP(jv, x, v)
			fn.VJP(uj, x, u)
			for i := range jv {
				if want := (above[i] - below[i]) / (2 * h); !(math.Abs(jv[i]-want) <= tolerance*(1+math.Abs(want))) {
					t.Errorf("component %d of Jv is %g, differences give %g", i, jv[i], want)
				}
			}
			if a, b := inner(u, jv), inner(uj, v); !(math.Abs(a-b) <= 1e-12*(1+math.Abs(a))) {
				t.Errorf("u·Jv is %g, uᵀJ·v %g", a, b)
			}
			// L = Σ uᵢ(yᵢ + yᵢ³): the second derivatives of the operation, and the chain rule.
			_, f = o.flat(values, true)
			scalar, err := grad.NewFunction(n, func(g *grad.Graph, x *grad.Node) *grad.Node {
				y := f(g, x)
				return y.Add(y.Mul(y).Mul(y)).Mul(constant(g, u, y.Shape())).Sum()
			})
			if err != nil {
				t.Fatal(err)
			}
			hv, up, down := make([]float64, n), make([]float64, n), make([]float64, n)
			scalar.HVP(hv, x, v)
			scalar.Gradient(up, moved(x, v, h))
			scalar.Gradient(down, moved(x, v, -h))
			for i := range hv {
				if want := (up[i] - down[i]) / (2 * h); !(math.Abs(hv[i]-want) <= 2e-6*(1+math.Abs(want))) {
					t.Errorf("component %d of Hv is %g, differences give %g", i, hv[i], want)
				}
			}
		})
	}
}

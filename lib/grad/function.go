package grad

import "fmt"

// A Function is y = f(x) for vectors, with its derivatives. Use it for experiments
// and with gonum/optimize. It is not safe for concurrent use.
type Function struct {
	n, m  int
	graph *Graph
	x, y  *Node
	slots []slot
	at    []float64
}

// NewFunction returns the function that f writes for x, of shape (n). The result
// may have any shape; its elements, row by row, are y.
func NewFunction(n int, f func(g *Graph, x *Node) *Node) (fn *Function, err error) {
	defer catch(&err)
	if n < 0 || f == nil {
		return nil, fmt.Errorf("grad: want a function of 0 variables or more")
	}
	g := newGraph(&tape64{}, &parameters{closed: "a function has no parameters: make them a part of x"}, true)
	fn = &Function{n: n, graph: g, at: make([]float64, n)}
	fn.x = g.input("x", []int{n}, true)
	fn.y = f(g, fn.x)
	if fn.y == nil || fn.y.graph != g {
		return nil, fmt.Errorf("grad: the function returned %v, want a node of its graph", fn.y)
	}
	g.closed = "its function has returned"
	fn.m = fn.y.Size()
	fn.slots = []slot{{fn.x.id, 0, n}}
	return fn, nil
}

// Dims returns the lengths of x and y.
func (f *Function) Dims() (n, m int) { return f.n, f.m }

// Value returns f(x), which is valid until the next call.
func (f *Function) Value(x []float64) []float64 {
	f.set(x)
	return f.y.Value()
}

// VJP sets dst to uᵀJ, the vector–Jacobian product at x: the gradient of Σ uᵢyᵢ. It
// takes one forward and one backward pass.
func (f *Function) VJP(dst, x, u []float64) {
	f.set(x)
	f.reverse(dst, u)
}

// JVP sets dst to Jv, the Jacobian–vector product at x: the derivative of y when x
// moves along v. It takes two forward passes.
func (f *Function) JVP(dst, x, v []float64) {
	checkLength("dst", dst, f.m)
	checkLength("v", v, f.n)
	f.set(x)
	clear(dst)
	if f.y.needs {
		f.graph.machine.move(v, f.slots)
		copy(dst, f.graph.machine.tangent(f.y.id))
	}
}

// Gradient sets dst to the gradient at x and returns f(x). The function must have one
// value.
func (f *Function) Gradient(dst, x []float64) float64 {
	f.scalar("Gradient")
	f.set(x)
	f.reverse(dst, one)
	return f.y.Value()[0]
}

// HVP sets dst to Hv, the Hessian matrix at x times v: the derivative of the gradient when
// x moves along v, by forward over reverse. It costs about two gradients. The function must
// have one value.
//
// Source: Pearlmutter, Fast Exact Multiplication by the Hessian, Neural Computation 6, 1994.
func (f *Function) HVP(dst, x, v []float64) {
	f.scalar("HVP")
	checkLength("v", v, f.n)
	f.set(x)
	f.reverse(dst, one)
	clear(dst)
	if f.y.needs {
		f.graph.machine.move(v, f.slots)
		f.graph.machine.bend(f.y.id, zero, dst, f.slots)
	}
}

var one, zero = []float64{1}, []float64{0}

func (f *Function) set(x []float64) {
	checkLength("x", x, f.n)
	copy(f.at, x)
	f.graph.machine.load(f.x.id, f.at)
	f.graph.Forward()
}

func (f *Function) reverse(dst, u []float64) {
	checkLength("dst", dst, f.n)
	checkLength("u", u, f.m)
	clear(dst)
	if f.y.needs {
		f.graph.machine.differentiate(f.y.id, u, dst, f.slots)
	}
}

func (f *Function) scalar(method string) {
	if f.m != 1 {
		panic(fmt.Sprintf("grad: %s of a function with %d values, want one: use VJP or JVP, or Sum", method, f.m))
	}
}

func checkLength(name string, v []float64, want int) {
	if len(v) != want {
		panic(fmt.Sprintf("grad: %s has length %d, want %d", name, len(v), want))
	}
}

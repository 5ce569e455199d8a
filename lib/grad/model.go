package grad

import (
	"fmt"
	"iter"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/model"
)

// A Model is a model.Model made from its forward pass alone. It works with
// everything that takes a model: training, optimizers, penalties, gradient checks,
// checkpoints, files and solvers.
//
// It implements model.Stateful, model.InputChecker and model.SecondOrder.
type Model struct {
	inputs, outputs int
	forward         func(g *Graph, x *Node) *Node
	single          bool // float32
	params          *parameters

	seed, step uint64
	training   shelf // of Forward and Backward
	last       *run  // of the last Forward
	mu         sync.Mutex
	idle       []*run // for Predict
}

var (
	_ model.Model        = (*Model)(nil)
	_ model.Stateful     = (*Model)(nil)
	_ model.InputChecker = (*Model)(nil)
	_ model.SecondOrder  = (*Model)(nil)
)

// NewModel returns the model that predicts what forward returns for x, a batch of
// samples of shape (rows, inputs). The result must have the shape (rows, outputs).
// Forward gets its parameters from g by name; they are drawn from seed.
//
// Forward is called once for each number of rows, and its operations are then
// replayed, so it must not depend on anything that changes. NewModel calls it for
// two rows, and returns an error that names the operation and the line if shapes do
// not fit.
func NewModel(inputs int, seed uint64, forward func(g *Graph, x *Node) *Node) (*Model, error) {
	return newModel(inputs, seed, false, forward)
}

// NewModel32 is like NewModel, but the model computes in float32. θ, predictions
// and gradients are still float64, as in model.NewNetwork32.
func NewModel32(inputs int, seed uint64, forward func(g *Graph, x *Node) *Node) (*Model, error) {
	return newModel(inputs, seed, true, forward)
}

func newModel(inputs int, seed uint64, single bool, forward func(g *Graph, x *Node) *Node) (m *Model, err error) {
	defer catch(&err)
	if inputs < 1 {
		return nil, fmt.Errorf("grad: a model of %d inputs, want at least 1", inputs)
	}
	if forward == nil {
		return nil, fmt.Errorf("grad: the model has no forward")
	}
	m = &Model{inputs: inputs, forward: forward, single: single, params: newParameters(seed)}
	const rows = 2
	r := m.write(rows, true)
	m.outputs = r.out.shape[1]
	m.params.closed = "every graph of a model must ask for the same parameters"
	m.params.theta = make([]float64, m.params.size())
	m.training.put(r)
	m.Init(seed)
	return m, nil
}

// A run is a graph of a model for a number of rows.
type run struct {
	*Graph
	rows   int
	x, out *Node
	input  []float64 // rows of x that do not lie as they should
}

// write calls forward for a number of rows.
func (m *Model) write(rows int, training bool) *run {
	var tape machine = &tape64{}
	if m.single {
		tape = &tape32{}
	}
	r := &run{Graph: newGraph(tape, m.params, training), rows: rows}
	r.single = m.single
	r.x = r.Graph.input("x", []int{rows, m.inputs}, false)
	r.out = m.forward(r.Graph, r.x)
	switch {
	case r.out == nil:
		panic(&mistake{"grad: the forward of the model returned no node"})
	case r.out.graph != r.Graph:
		panic(&mistake{fmt.Sprintf("grad: the forward of the model returned %v, a node of another graph", r.out)})
	case len(r.out.shape) != 2 || r.out.shape[0] != rows:
		panic(&mistake{fmt.Sprintf("grad: the model's forward returned %v for %d rows, want the shape (%d, outputs)", r.out, rows, rows)})
	case m.outputs > 0 && r.out.shape[1] != m.outputs:
		panic(&mistake{fmt.Sprintf("grad: the model's forward returned %v, and %d outputs for another number of rows", r.out, m.outputs)})
	}
	r.closed = "the forward of its model has returned"
	return r
}

// A shelf keeps the graphs of two numbers of rows: of a batch, and of the smaller one at
// the end of an epoch.
type shelf struct{ runs []*run }

// get returns the graph for a number of rows, or nil.
func (s *shelf) get(rows int) *run {
	for i, r := range s.runs {
		if r.rows == rows {
			if i > 0 { // the last one that was used stands in front
				s.runs[0], s.runs[i] = r, s.runs[0]
			}
			return r
		}
	}
	return nil
}

func (s *shelf) put(r *run) {
	if len(s.runs) == 2 {
		s.runs = s.runs[:1]
	}
	s.runs = slices.Insert(s.runs, 0, r)
}

// Init draws the parameters again, from seed, and resets running statistics.
func (m *Model) Init(seed uint64) {
	m.params.init(seed)
	m.seed, m.step = seed, 0
}

// Clone returns a model with equal parameters and seed that shares no memory with
// m.
func (m *Model) Clone() model.Model {
	c, err := newModel(m.inputs, m.seed, m.single, m.forward)
	if err != nil {
		panic("grad: a forward that was written before fails now: " + err.Error())
	}
	copy(c.params.theta, m.params.theta)
	for i, b := range m.params.buffers {
		copy(c.params.buffers[i].values, b.values)
	}
	c.step = m.step
	return c
}

func (m *Model) Dims() (inputs, outputs int) { return m.inputs, m.outputs }

func (m *Model) Params() []float64 { return m.params.theta }

// Layout returns the parts of θ, in the order in which forward first uses them.
func (m *Model) Layout() []model.Param { return slices.Clone(m.params.parts) }

// Param returns the part of θ with this name, aliasing the model, or nil if there
// is none.
func (m *Model) Param(name string) []float64 {
	for _, p := range m.params.parts {
		if p.Name == name {
			return p.In(m.params.theta)
		}
	}
	return nil
}

// Buffers yields the running statistics of the forward pass, aliasing the model.
func (m *Model) Buffers() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		for _, b := range m.params.buffers {
			if !yield(b.name, b.values) {
				return
			}
		}
	}
}

// Seed sets the seed of dropout for the next Forward. The Forward after that uses
// step+1, unless Seed is called again.
func (m *Model) Seed(seed, step uint64) { m.seed, m.step = seed, step }

// Forward sets dst ← f(x; θ), with dropout, and updates running statistics.
func (m *Model) Forward(dst *mat.Dense, x mat.Matrix) {
	count := checkColumns(x, m.inputs)
	r := m.training.get(count)
	if r == nil {
		r = m.write(count, true)
		m.training.put(r)
	}
	m.last = r
	r.seed, r.step = m.seed, m.step
	m.step++
	m.run(r, dst, x, 0, count)
	for _, a := range r.averages {
		a.move(r.machine)
	}
}

// predictRows is how many rows go through a graph at a time in Predict.
const predictRows = 256

// Predict sets dst ← f(x; θ), without dropout. Several goroutines may call it at once.
func (m *Model) Predict(dst *mat.Dense, x mat.Matrix) {
	count := checkColumns(x, m.inputs)
	shape(dst, count, m.outputs)
	for lo := 0; lo < count; lo += predictRows {
		hi := min(lo+predictRows, count)
		r := m.borrow(hi - lo)
		m.run(r, dst, x, lo, hi)
		m.giveBack(r)
	}
}

// borrow returns a graph for prediction that nobody uses.
func (m *Model) borrow(rows int) *run {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, r := range m.idle {
		if r.rows == rows {
			m.idle = slices.Delete(m.idle, i, i+1)
			return r
		}
	}
	return m.write(rows, false)
}

func (m *Model) giveBack(r *run) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.idle) == 8 {
		m.idle = slices.Delete(m.idle, 0, 1)
	}
	m.idle = append(m.idle, r)
}

// run computes rows lo to hi of dst.
func (m *Model) run(r *run, dst *mat.Dense, x mat.Matrix, lo, hi int) {
	if lo == 0 && r.training {
		shape(dst, hi, m.outputs)
	}
	r.load(m)
	r.machine.load(r.x.id, r.contiguous(x, lo, hi))
	r.Forward()
	d := dst.RawMatrix()
	for i := lo; i < hi; i++ {
		r.machine.read(d.Data[i*d.Stride:][:d.Cols], r.out.id, (i-lo)*d.Cols)
	}
}

// load takes θ as it is now.
func (r *run) load(m *Model) {
	for _, s := range r.slots {
		r.machine.load(s.id, s.in(m.params.theta))
	}
	if !r.training {
		for _, a := range r.averages {
			r.machine.load(a.id, a.values)
		}
	}
}

// contiguous returns rows lo to hi of x: as they lie there, or a copy.
func (r *run) contiguous(x mat.Matrix, lo, hi int) []float64 {
	m := rows.Of(x)
	_, cols := m.Dims()
	if raw, ok := m.Dense(); ok && raw.Stride == cols {
		return raw.Data[lo*cols : hi*cols]
	}
	r.input = grow(r.input, (hi-lo)*cols)
	for i := lo; i < hi; i++ {
		m.Copy(r.input[(i-lo)*cols:(i-lo+1)*cols], i)
	}
	return r.input
}

// Backward adds ∂L/∂θ to grad, given ∂L/∂f of the last Forward.
func (m *Model) Backward(grad []float64, dPred *mat.Dense) {
	r := m.last
	if r == nil {
		panic("grad: Backward before Forward")
	}
	if len(grad) != len(m.params.theta) {
		panic(fmt.Sprintf("grad: the gradient has length %d, want %d", len(grad), len(m.params.theta)))
	}
	if rows, cols := dPred.Dims(); rows != r.rows || cols != m.outputs {
		panic(fmt.Sprintf("grad: ∂L/∂f is %d×%d, want %d×%d as in the last Forward", rows, cols, r.rows, m.outputs))
	}
	if r.out.needs {
		r.machine.differentiate(r.out.id, r.contiguous(dPred, 0, r.rows), grad, r.slots)
	}
}

// Tangent sets dst to ∂f/∂θ·v: how the predictions of the last Forward move when θ moves
// along v.
func (m *Model) Tangent(dst *mat.Dense, v []float64) {
	r := m.last
	if r == nil {
		panic("grad: Tangent before Forward")
	}
	if len(v) != len(m.params.theta) {
		panic(fmt.Sprintf("grad: the direction has length %d, want %d", len(v), len(m.params.theta)))
	}
	shape(dst, r.rows, m.outputs)
	if !r.out.needs {
		dst.Zero()
		return
	}
	r.machine.move(v, r.slots)
	d, out := dst.RawMatrix(), r.machine.tangent(r.out.id)
	for i := range r.rows {
		copy(d.Data[i*d.Stride:][:d.Cols], out[i*d.Cols:])
	}
}

// BackwardTangent adds to hv the derivative of the last Backward's gradient when θ
// moves along the v of the last Tangent, and ∂L/∂f along dPredTangent.
func (m *Model) BackwardTangent(hv []float64, dPredTangent *mat.Dense) {
	r := m.last
	if r == nil {
		panic("grad: BackwardTangent before Forward")
	}
	if r.out.needs {
		r.machine.bend(r.out.id, r.contiguous(dPredTangent, 0, r.rows), hv, r.slots)
	}
}

// CheckInput reports data of the wrong width, and the first row with an id that is
// out of range for a Gather or a Pick.
func (m *Model) CheckInput(x mat.Matrix) (err error) {
	count, cols := x.Dims()
	if cols != m.inputs {
		return fmt.Errorf("grad: the data have %d columns, but the model has %d inputs", cols, m.inputs)
	}
	r := m.borrow(1)
	defer m.giveBack(r)
	r.load(m)
	return r.checkIDs(count, func(row int) {
		r.machine.load(r.x.id, r.contiguous(x, row, row+1))
	})
}

// checkIDs reports the first row of the data, which load puts into the graph, with an id that a
// Gather or a Pick has no row for.
func (g *Graph) checkIDs(rows int, load func(row int)) (err error) {
	nodes, row := g.idNodes(), 0
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *mistake:
			err = fmt.Errorf("%w, in row %d of the data: give what is unknown an id of its own, or make room for more", p, row)
		default:
			panic(p)
		}
	}()
	for ; len(nodes) > 0 && row < rows; row++ {
		load(row)
		for _, id := range nodes {
			g.machine.compute(id)
		}
	}
	return nil
}

// idNodes returns the nodes whose result depends on ids, and all that they need, in order.
func (g *Graph) idNodes() (ids []int) {
	wanted := make([]bool, len(g.nodes))
	found := false
	for i := len(g.nodes) - 1; i >= 0; i-- {
		n := g.nodes[i]
		if n.op == "Gather" || n.op == "Pick" {
			wanted[i], found = true, true
		}
		if wanted[i] {
			for _, in := range n.inputs {
				wanted[in.id] = true
			}
		}
	}
	for i, w := range wanted {
		if w && found {
			ids = append(ids, i)
		}
	}
	return ids
}

// shape resizes an empty dst to r×c and panics if another shape is there.
func shape(dst *mat.Dense, r, c int) {
	if dst.IsEmpty() {
		dst.ReuseAs(r, c)
		return
	}
	if dr, dc := dst.Dims(); dr != r || dc != c {
		panic(fmt.Sprintf("grad: destination is %d×%d, want %d×%d", dr, dc, r, c))
	}
}

func checkColumns(x mat.Matrix, want int) (rows int) {
	rows, cols := x.Dims()
	if cols != want {
		panic(fmt.Sprintf("grad: x has %d columns, want %d", cols, want))
	}
	return rows
}

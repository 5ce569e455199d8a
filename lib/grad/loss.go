package grad

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/lib/loss"
)

// A Loss is a loss.Loss made from the formula of one sample. It works with
// training, solvers and gradient checks.
//
// It implements loss.Separable, loss.TargetChecker and loss.Smooth. Several goroutines may use it at
// once.
type Loss struct {
	sample func(g *Graph, pred, target *Node) *Node
	mu     sync.Mutex
	idle   []*lossRun
}

// NewLoss returns the loss whose value for each sample is what sample returns, a
// node of shape (rows) or (rows, 1), for predictions of shape (rows, outputs) and
// targets of shape (rows, columns). The value of a row must depend on that row
// alone. The loss takes the mean over rows, weighted by the sample weights, so
// sample must not take the mean over axis 0.
//
// The formula is written once for each shape, and then replayed. NewLoss returns
// mistakes that do not depend on the number of columns; CheckTarget returns the
// others before training starts.
func NewLoss(sample func(g *Graph, pred, target *Node) *Node) (*Loss, error) {
	if sample == nil {
		return nil, fmt.Errorf("grad: the loss has no formula")
	}
	l := &Loss{sample: sample}
	var first error
	for _, s := range []lossShape{{2, 1, 1}, {2, 3, 1}, {2, 4, 4}} {
		switch err := l.try(s); {
		case err == nil:
			return l, nil
		case first == nil:
			first = err
		case err.Error() != first.Error():
			return l, nil
		}
	}
	return nil, first
}

// CheckTarget reports a formula that does not fit the shapes of predictions and
// targets, and the first row with a class or an id that does not exist.
func (l *Loss) CheckTarget(target *mat.Dense, outputs int) (err error) {
	count, columns := target.Dims()
	if err := l.try(lossShape{2, outputs, columns}); err != nil {
		return err
	}
	r := l.write(lossShape{1, outputs, columns})
	return r.checkIDs(count, func(row int) {
		r.machine.load(r.target.id, target.RawRowView(row))
	})
}

var (
	_ loss.Separable     = (*Loss)(nil)
	_ loss.Smooth        = (*Loss)(nil)
	_ loss.TargetChecker = (*Loss)(nil)
)

type lossShape struct{ rows, outputs, columns int }

// A lossRun is the graph of a loss for a shape.
type lossRun struct {
	*Graph
	lossShape
	pred, target, out *Node
	slots             []slot    // of pred
	p, t              []float64 // rows that do not lie as they should
	seed, grad        []float64 // ∂L/∂ out and ∂L/∂ pred
	v, hv             []float64
}

// try writes the formula for a shape.
func (l *Loss) try(s lossShape) (err error) {
	defer catch(&err)
	l.write(s)
	return nil
}

func (l *Loss) write(s lossShape) *lossRun {
	g := newGraph(&tape64{}, &parameters{closed: "a loss has no parameters: put them into the model"}, true)
	r := &lossRun{Graph: g, lossShape: s}
	r.pred = g.input("pred", []int{s.rows, s.outputs}, true)
	r.target = g.input("target", []int{s.rows, s.columns}, false)
	r.out = l.sample(g, r.pred, r.target)
	switch {
	case r.out == nil || r.out.graph != g:
		panic(&mistake{fmt.Sprintf("grad: the formula of the loss returned %v, want a node of its graph", r.out)})
	case !slices.Equal(r.out.shape, []int{s.rows}) && !slices.Equal(r.out.shape, []int{s.rows, 1}):
		panic(&mistake{fmt.Sprintf("grad: the formula of the loss returned %v for %d samples, want one number for each: take the mean over axis 1, not over all", r.out, s.rows)})
	}
	g.closed = "the formula of its loss has returned"
	r.slots = []slot{{r.pred.id, 0, s.rows * s.outputs}}
	r.seed, r.grad = make([]float64, s.rows), make([]float64, s.rows*s.outputs)
	return r
}

// Loss returns Σ wᵢℓᵢ/Σ wᵢ and writes its gradient.
func (l *Loss) Loss(dPred, pred, target *mat.Dense, weight []float64) float64 {
	r := l.begin(pred, target, weight)
	if dPred != nil {
		shape(dPred, r.rows, r.outputs)
	}
	value, total := r.mean(weight)
	if dPred != nil {
		r.differentiate(weight, total)
		d := dPred.RawMatrix()
		for i := range r.rows {
			copy(d.Data[i*d.Stride:][:d.Cols], r.grad[i*d.Cols:])
		}
	}
	l.giveBack(r)
	return value
}

// begin computes ℓ of all rows.
func (l *Loss) begin(pred, target *mat.Dense, weight []float64) *lossRun {
	rows, outputs := pred.Dims()
	count, columns := target.Dims()
	if count != rows {
		panic(fmt.Sprintf("grad: predictions are %d×%d, targets %d×%d", rows, outputs, count, columns))
	}
	if weight != nil && len(weight) != rows {
		panic(fmt.Sprintf("grad: %d weights for %d samples", len(weight), rows))
	}
	r := l.borrow(lossShape{rows, outputs, columns})
	r.machine.load(r.pred.id, dense(pred, &r.p))
	r.machine.load(r.target.id, dense(target, &r.t))
	r.Forward()
	return r
}

// mean returns the loss and the sum of the weights. A row of weight 0 is not looked at.
func (r *lossRun) mean(weight []float64) (value, total float64) {
	var values, weights accurate.Sum
	for i, v := range r.out.Value() {
		if w := at(weight, i); w != 0 {
			values.Add(w * v)
			weights.Add(w)
		}
	}
	if weights.Value() == 0 {
		return 0, 0
	}
	return values.Value() / weights.Value(), weights.Value()
}

// differentiate sets grad to ∂L/∂pred.
func (r *lossRun) differentiate(weight []float64, total float64) {
	for i := range r.seed {
		r.seed[i] = 0
		if w := at(weight, i); w != 0 {
			r.seed[i] = w / total
		}
	}
	clear(r.grad)
	if r.out.needs {
		r.machine.differentiate(r.out.id, r.seed, r.grad, r.slots)
	}
	r.clearRows(r.grad, weight)
}

// clearRows sets the rows of weight 0 to 0, in which there may be NaN.
func (r *lossRun) clearRows(v, weight []float64) {
	for i := range r.rows {
		if at(weight, i) == 0 {
			clear(v[i*r.outputs:][:r.outputs])
		}
	}
}

func at(weight []float64, i int) float64 {
	if weight == nil {
		return 1
	}
	return weight[i]
}

func (l *Loss) Total(target *mat.Dense, weight []float64) float64 {
	rows, _ := target.Dims()
	var total accurate.Sum
	for i := range rows {
		total.Add(at(weight, i))
	}
	return total.Value()
}

// Curvature returns +Inf: no bound on the second derivative is known.
func (l *Loss) Curvature() float64 { return math.Inf(1) }

// HessianProduct sets dst to ∂²L/∂pred² times v.
func (l *Loss) HessianProduct(dst, pred, target *mat.Dense, weight []float64, v *mat.Dense) {
	r := l.begin(pred, target, weight)
	shape(dst, r.rows, r.outputs)
	_, total := r.mean(weight)
	r.differentiate(weight, total)
	if r.hv == nil {
		r.hv = make([]float64, len(r.grad))
	}
	clear(r.hv)
	if r.out.needs {
		r.machine.move(dense(v, &r.v), r.slots)
		clear(r.seed)
		r.machine.bend(r.out.id, r.seed, r.hv, r.slots)
	}
	r.clearRows(r.hv, weight)
	d := dst.RawMatrix()
	for i := range r.rows {
		copy(d.Data[i*d.Stride:][:d.Cols], r.hv[i*d.Cols:])
	}
	l.giveBack(r)
}

// borrow returns a graph for a shape that nobody uses.
func (l *Loss) borrow(s lossShape) *lossRun {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, r := range l.idle {
		if r.lossShape == s {
			l.idle = slices.Delete(l.idle, i, i+1)
			return r
		}
	}
	return l.write(s)
}

func (l *Loss) giveBack(r *lossRun) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.idle) == 8 {
		l.idle = slices.Delete(l.idle, 0, 1)
	}
	l.idle = append(l.idle, r)
}

// dense returns the elements of m: as they lie there, or a copy.
func dense(m *mat.Dense, buffer *[]float64) []float64 {
	d := m.RawMatrix()
	if d.Stride == d.Cols {
		return d.Data[:d.Rows*d.Cols]
	}
	*buffer = grow(*buffer, d.Rows*d.Cols)
	for i := range d.Rows {
		copy((*buffer)[i*d.Cols:][:d.Cols], d.Data[i*d.Stride:])
	}
	return *buffer
}

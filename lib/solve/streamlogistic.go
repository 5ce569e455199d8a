package solve

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
)

// StreamLogistic sets the parameters of m, a linear model with one output, to the
// minimum of the mean binary cross-entropy plus ½λ‖w‖², as [Logistic] does, on a source
// that need not fit into memory. Each step of Newton's method is one pass: it sums the
// loss, the gradient and the Hessian
//
//	L = Σᵢ vᵢ ℓ(yᵢ, fᵢ),   g = X̃ᵀV(p − y),   H = X̃ᵀV diag(p(1−p))X̃
//
// From parameters that are all 0 it usually takes five to eight passes. A step that does
// not lower the objective is halved, which takes one more. Memory holds a few batches, and
// the square of the number of columns. Columns are shifted and scaled as in Logistic, by
// what the first batch shows.
//
// Sample weights are those of the batches; opt.SampleWeights is an error. The
// iterations of the report are steps; the first point takes one more pass.
// Errors are those of Logistic, and that of a source that cannot be read; m is then at
// the last point.
func StreamLogistic(m *model.Linear, source objective.Source, opt NewtonOptions) (*Report, error) {
	if _, outputs := m.Dims(); outputs != 1 {
		return nil, fmt.Errorf("solve: logistic regression has one output, this model has %d", outputs)
	}
	if opt.SampleWeights != nil {
		return nil, errors.New("solve: a stream has its sample weights in its batches: leave SampleWeights nil")
	}
	if err := opt.check(); err != nil {
		return nil, err
	}
	if err := checkStart(m); err != nil {
		return nil, err
	}
	l := &logisticPasses{passes: newPasses(m, source), lambda: opt.Lambda}
	if err := l.begin(); err != nil {
		return nil, err
	}
	report, err := inFrame(l.frame, m, func() (*Report, error) {
		n := l.newton(nil)
		n.passes = l
		objective := n.evaluate(n.theta, true)
		if l.err != nil {
			return nil, l.err
		}
		if err := l.targets.check(m); err != nil {
			return nil, err
		}
		return n.run(opt, objective)
	})
	if l.err != nil {
		return nil, l.err
	}
	return report, err
}

// logisticPasses evaluates the objective of logistic regression by passes.
type logisticPasses struct {
	*passes
	frame   *frame
	lambda  float64
	targets targetRange
	part    *newton // for a batch
	made    int     // the rows for which part was made
	err     error   // of the last pass: it ends the search
}

// begin looks at the first batch.
func (l *logisticPasses) begin() error {
	found := false
	err := l.each(func(d objective.Data) error {
		l.frame = newFrame(d.X, l.lambda, l.model.HasIntercept())
		found = true
		return errEnough
	})
	if err == nil && !found {
		return errors.New("solve: the source has no samples")
	}
	return err
}

// newton returns Newton's method on the rows of a batch, or without rows.
func (l *logisticPasses) newton(d *objective.Data) *newton {
	if d == nil {
		none := objective.Data{X: mat.NewDense(1, l.params-l.first, nil), Y: mat.NewDense(1, 1, nil)}
		return newNewton(l.model, none.X, none.Y, NewtonOptions{Lambda: l.lambda}, 1, l.frame)
	}
	return newNewton(l.model, d.X, d.Y, NewtonOptions{SampleWeights: d.SampleWeights}, 1, l.frame)
}

// take makes l.part that of the batch, with weights as they are, not as shares.
func (l *logisticPasses) take(d objective.Data) {
	count, _ := d.X.Dims()
	if count != l.made {
		l.made, l.part = count, l.newton(&d)
	}
	n := l.part
	n.x = rows.Of(d.X)
	for i := range count {
		n.y[i], n.shares[i] = d.Y.At(i, 0), weight(d.SampleWeights, i)
	}
}

// evaluate is newton.evaluate in one pass. After an error it returns NaN.
func (l *logisticPasses) evaluate(n *newton, theta *mat.VecDense) float64 {
	if l.err != nil {
		return math.NaN()
	}
	params := len(n.lambda)
	var loss, total accurate.Sum
	grad, hessian := make([]accurate.Sum, params), make([]accurate.Sum, params*params)
	n.largest = 0
	l.err = l.each(func(d objective.Data) error {
		if err := l.targets.add(d.Y, d.SampleWeights); err != nil {
			return err
		}
		l.take(d)
		loss.Add(l.part.evaluate(theta, true))
		n.largest = max(n.largest, l.part.largest)
		for _, w := range l.part.shares {
			total.Add(w)
		}
		for i, g := range l.part.grad.RawVector().Data {
			grad[i].Add(g)
			for j, h := range l.part.hessian.RawSymmetric().Data[i*params:][:params] {
				hessian[i*params+j].Add(h)
			}
		}
		return nil
	})
	if l.err != nil {
		return math.NaN()
	}
	weight := total.Value()
	var objective accurate.Sum
	objective.Add(loss.Value() / weight)
	n.hessian = mat.NewSymDense(params, nil)
	for i, lambda := range n.lambda {
		v := theta.AtVec(i)
		objective.Add(lambda / 2 * v * v)
		n.grad.SetVec(i, grad[i].Value()/weight+lambda*v)
		for j := i; j < params; j++ {
			n.hessian.SetSym(i, j, hessian[i*params+j].Value()/weight)
		}
		n.hessian.SetSym(i, i, n.hessian.At(i, i)+lambda)
	}
	return objective.Value()
}

// grows is newton.grows in one pass.
func (l *logisticPasses) grows(n *newton) (found bool) {
	if l.err != nil {
		return false
	}
	l.err = l.each(func(d objective.Data) error {
		l.take(d)
		if found = l.part.grows(n.theta.RawVector().Data, n.step.RawVector().Data); found {
			return errEnough
		}
		return nil
	})
	return found
}

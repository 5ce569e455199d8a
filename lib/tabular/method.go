package tabular

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/train"
)

// A Method trains models on prepared rows. [Linear], [Path] and [Network] are methods.
// Several goroutines may use one at once.
//
// A method of another package must be a type that encoding/json can encode, for the
// file of a model, and [Load] needs it as an argument.
type Method interface {
	// Fit makes a model with d.Outputs() outputs and trains it on d. For
	// Classification the outputs are logits or scores, as losses take them.
	Fit(ctx context.Context, d Prepared) (model.Model, error)
	// New returns a model of the shape that Fit makes, for [Load] to fill. The number
	// of its parameters is checked first: Size says what it will be.
	New(inputs, outputs int) (model.Model, error)
	// Size returns the number of parameters of a model that New makes, at most
	// math.MaxInt if it is larger.
	Size(inputs, outputs int) int
}

// savedMethod is a method in a file.
type savedMethod struct {
	Name     string          `json:"name"`
	Settings json.RawMessage `json:"settings"`
}

func nameOf(m Method) string { return reflect.Indirect(reflect.ValueOf(m)).Type().Name() }

func packMethod(m Method) (savedMethod, error) {
	settings, err := json.Marshal(m)
	if err != nil {
		return savedMethod{}, fmt.Errorf("tabular: the settings of %s: %w", nameOf(m), err)
	}
	return savedMethod{nameOf(m), settings}, nil
}

// unpack returns the method of a file: one of this package, or other with its settings.
func (s savedMethod) unpack(other []Method) (Method, error) {
	for _, m := range append([]Method{Linear{}, Path{}, Network{}}, other...) {
		if nameOf(m) != s.Name {
			continue
		}
		v := reflect.New(reflect.Indirect(reflect.ValueOf(m)).Type())
		d := json.NewDecoder(bytes.NewReader(s.Settings))
		d.DisallowUnknownFields()
		if err := d.Decode(v.Interface()); err != nil {
			return nil, fmt.Errorf("the settings of %s: %w", s.Name, err)
		}
		if reflect.TypeOf(m).Kind() == reflect.Pointer {
			return v.Interface().(Method), nil
		}
		return v.Elem().Interface().(Method), nil
	}
	return nil, fmt.Errorf("the method %q is not one of this package: pass it to Load", s.Name)
}

// lossOf returns the loss of a task.
func (d Prepared) lossOf() loss.Loss {
	switch {
	case d.Task == Regression:
		return loss.MSE{}
	case d.Outputs() == 1:
		return loss.BinaryCrossEntropy{}
	}
	return loss.CrossEntropy{}
}

// Linear is a linear model on the prepared features: ridge regression, the lasso or the
// elastic net for Regression; logistic or softmax regression for Classification. It
// minimizes the weighted mean of the loss plus
//
//	λ(ρ‖w‖₁ + ½(1−ρ)‖w‖²)
//
// by a solver, without a learning rate: see package solve. Intercepts are not penalised.
// With ρ = 0 it is scikit-learn's LogisticRegression for C = 1/(λ·m) with m rows, and
// its Ridge for alpha = λ·m/2.
//
// With λ = 0 there may be no minimum: features that one-hot encoding makes depend on
// each other, and a plane may separate the classes. That is an error. Create it with
// [NewLinear].
type Linear struct {
	Lambda  float64 // λ ≥ 0
	L1Ratio float64 // ρ, 0 to 1
}

// NewLinear returns a linear model with a small L2 penalty, λ = 0.001.
func NewLinear() Linear { return Linear{Lambda: 1e-3} }

// manyColumns is the number of columns from which products with the Hessian matrix are
// sooner than the matrix itself.
const manyColumns = 1500

// Fit trains a model.Linear.
func (l Linear) Fit(ctx context.Context, d Prepared) (model.Model, error) {
	if err := (regularizer.ElasticNet{Lambda: l.Lambda, L1Ratio: l.L1Ratio}).Validate(); err != nil {
		return nil, fmt.Errorf("tabular: Linear: %w", err)
	}
	_, inputs := d.X.Dims()
	m := model.NewLinear(inputs, d.Outputs())
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	switch {
	case d.Task == Regression && l.L1Ratio == 0:
		return m, solve.Ridge(m, d.X, d.Y, d.SampleWeights, l.Lambda)
	case d.Task == Regression:
		_, err := solve.ElasticNet(m, d.X, d.Y, solve.ElasticNetOptions{Lambda: l.Lambda, L1Ratio: l.L1Ratio, SampleWeights: d.SampleWeights})
		return m, err
	case l.L1Ratio > 0:
		f, err := newProximal(d)
		if err != nil {
			return nil, err
		}
		return m, f.fit(ctx, m, l.Lambda, l.L1Ratio)
	case d.Outputs() == 1 && inputs <= manyColumns:
		_, err := solve.Logistic(m, d.X, d.Y, solve.NewtonOptions{Lambda: l.Lambda, SampleWeights: d.SampleWeights})
		return m, err
	}
	history, err := solve.NewtonCG(ctx, m, d.X, d.Y, solve.NewtonCGOptions{
		Loss: d.lossOf(), Regularizer: regularizer.L2{Lambda: l.Lambda}, Weights: d.SampleWeights})
	return m, converged(history, err)
}

// New returns a model.Linear.
func (l Linear) New(inputs, outputs int) (model.Model, error) {
	return model.NewLinear(inputs, outputs), nil
}

// Size returns (inputs + 1)·outputs.
func (l Linear) Size(inputs, outputs int) int { return denseSize(inputs, outputs) }

// proximal minimizes a smooth loss with L1 on some rows.
type proximal struct {
	d    Prepared
	step float64
}

func newProximal(d Prepared) (*proximal, error) {
	_, inputs := d.X.Dims()
	step, err := solve.StepBound(model.NewLinear(inputs, d.Outputs()), d.X, d.SampleWeights, d.lossOf())
	return &proximal{d, step}, err
}

// fit moves m to the minimum from where it is.
func (p *proximal) fit(ctx context.Context, m model.Model, lambda, ratio float64) error {
	return converged(p.search(ctx, m, lambda, ratio, 1e-6, 20000))
}

// search moves m towards the minimum.
func (p *proximal) search(ctx context.Context, m model.Model, lambda, ratio, tolerance float64, iterations int) (*train.History, error) {
	return solve.FISTA(ctx, m, p.d.X, p.d.Y, solve.ProximalOptions{
		Loss: p.d.lossOf(), Proximal: regularizer.ElasticNet{Lambda: lambda, L1Ratio: ratio},
		SampleWeights: p.d.SampleWeights, Step: p.step, Restart: true, Tolerance: tolerance, MaxIterations: iterations,
	})
}

// converged makes an error of a search that ran out of iterations.
func converged(history *train.History, err error) error {
	if err == nil && history.Status == train.Completed {
		return fmt.Errorf("tabular: Linear: not at the minimum after %d iterations: raise Lambda", len(history.Records))
	}
	return err
}

// describeMethod returns the name and the settings of a method: "Linear Lambda=0.001
// L1Ratio=0".
func describeMethod(m Method) string {
	text := nameOf(m)
	v := reflect.Indirect(reflect.ValueOf(m))
	if v.Kind() != reflect.Struct {
		return text
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && f.Type.Kind() != reflect.Func {
			text += fmt.Sprintf(" %s=%v", f.Name, v.Field(i))
		}
	}
	return text
}

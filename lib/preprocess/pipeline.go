package preprocess

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Pipeline chains transformers: the rows go through the steps in order. Fit fits
// each step to the training rows as transformed by the steps before it, so that no
// step learns from other rows. A Pipeline is itself a Transformer.
type Pipeline struct {
	Steps []Transformer
}

// NewPipeline returns the chain of steps.
func NewPipeline(steps ...Transformer) *Pipeline { return &Pipeline{Steps: steps} }

// Fit fits the steps in order. If a step fails, the steps before it are already
// fitted to the new rows, so fit again before Transform.
func (p *Pipeline) Fit(x mat.Matrix) error {
	if err := p.Validate(); err != nil {
		return err
	}
	last := len(p.Steps) - 1
	x, err := fitTransform(p.Steps[:last], x)
	if err != nil {
		return err
	}
	return stepError(last, p.Steps[last].Fit(x))
}

// FitTransform fits the steps and returns the training rows transformed, in one
// pass instead of the two of Fit and Transform.
func (p *Pipeline) FitTransform(x mat.Matrix) (mat.Matrix, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return fitTransform(p.Steps, x)
}

func fitTransform(steps []Transformer, x mat.Matrix) (mat.Matrix, error) {
	for k, t := range steps {
		next, err := FitTransform(t, x)
		if err != nil {
			return nil, stepError(k, err)
		}
		x = next
	}
	return x, nil
}

func (p *Pipeline) Transform(x mat.Matrix) (mat.Matrix, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	for k, t := range p.Steps {
		next, err := t.Transform(x)
		if err != nil {
			return nil, stepError(k, err)
		}
		x = next
	}
	return x, nil
}

// Inverse inverts the steps from the last to the first. It returns an error if a
// step is not an Inverter.
func (p *Pipeline) Inverse(y mat.Matrix) (mat.Matrix, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	for k := len(p.Steps) - 1; k >= 0; k-- {
		t, ok := p.Steps[k].(Inverter)
		if !ok {
			return nil, fmt.Errorf("preprocess: Pipeline: step %d, %T, has no inverse", k, p.Steps[k])
		}
		previous, err := t.Inverse(y)
		if err != nil {
			return nil, stepError(k, err)
		}
		y = previous
	}
	return y, nil
}

// FeatureNames returns the names of the columns after the last step.
func (p *Pipeline) FeatureNames(in []string) ([]string, error) {
	for k, t := range p.Steps {
		out, err := t.FeatureNames(in)
		if err != nil {
			return nil, stepError(k, err)
		}
		in = out
	}
	return in, nil
}

// Validate returns an error if there are no steps or one of them is nil.
func (p *Pipeline) Validate() error {
	if len(p.Steps) == 0 {
		return fmt.Errorf("preprocess: Pipeline: no steps")
	}
	for k, t := range p.Steps {
		if t == nil {
			return fmt.Errorf("preprocess: Pipeline: step %d is nil", k)
		}
	}
	return nil
}

// stepError says in which step an error occurred.
func stepError(step int, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("preprocess: Pipeline: step %d: %w", step, err)
}

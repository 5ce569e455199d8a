package train_test

import (
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/train"
)

// wrong is a linear model with a mistake in its gradient.
type wrong struct {
	*model.Linear
	spoil func(grad []float64)
}

func (w wrong) Backward(grad []float64, dPred *mat.Dense) {
	w.Linear.Backward(grad, dPred)
	w.spoil(grad)
}

func TestCheckGradient(t *testing.T) {
	x, y := line(10, 0.5, 1)
	right := model.NewLinear(2, 1)
	right.Init(1)
	if err := train.CheckGradient(right, x, y, loss.MSE{}); err != nil {
		t.Error(err)
	}
	tests := map[string]struct {
		spoil func(g []float64)
		want  string
	}{
		"twice":     {func(g []float64) { g[1] *= 2; g[2] *= 2 }, `block "weights" is wrong: component 1`},
		"factor":    {func(g []float64) { g[0] *= 2 }, `block "intercept" is wrong: component 0`},
		"says 2":    {func(g []float64) { g[1] *= 2; g[2] *= 2 }, "2 times too large everywhere"},
		"sign":      {func(g []float64) { g[1] *= -1; g[2] *= -1 }, "the sign is reversed"},
		"none":      {func(g []float64) { g[0] = 0 }, "no gradient reaches"},
		"direction": {func(g []float64) { g[1], g[2] = g[2], g[1] }, "the directions differ"},
		"NaN":       {func(g []float64) { g[0] /= 0; g[0] -= g[0] }, "NaN"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := wrong{right, test.spoil}
			err := train.CheckGradient(m, x, y, loss.MSE{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

// dead is a model with a parameter that nothing depends on.
type dead struct{ *model.Linear }

func (d dead) Params() []float64 { return append(d.Linear.Params(), 0) }

func (d dead) Layout() []model.Param {
	return []model.Param{{Name: "unused", Shape: []int{1}, Offset: 3}}
}

func (d dead) Backward(grad []float64, dPred *mat.Dense) { grad[3] = 1 }

func TestCheckGradientOfAnUnusedBlock(t *testing.T) {
	x, y := line(10, 0.5, 1)
	err := train.CheckGradient(dead{model.NewLinear(2, 1)}, x, y, loss.MSE{})
	if err == nil || !strings.Contains(err.Error(), "does not depend on this block") {
		t.Error(err)
	}
}

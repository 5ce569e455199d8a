package solve_test

import (
	"context"
	"slices"
	"testing"

	"gonum.org/v1/gonum/optimize"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/solve"
)

// elsewhere is L-BFGS that optimize.Minimize runs.
type elsewhere struct{ *optimize.LBFGS }

// TestDirect: L-BFGS comes the same way as by optimize.Minimize, and ends there for the same reason.
func TestDirect(t *testing.T) {
	x, y := linearData(50)
	for name, opt := range map[string]solve.MinimizeOptions{
		"to the gradient's tolerance": {Loss: loss.LogCosh{}, Regularizer: regularizer.L2{Lambda: 0.2}},
		"to where rounding ends it":   {Loss: loss.MSE{}, GradTolerance: 1e-300},
		"to gonum's own tolerance":    {Loss: loss.LogCosh{}, GradTolerance: 1e-13},
		"to a kink":                   {Loss: loss.MAE{}},
		"for three iterations":        {Loss: loss.LogCosh{}, MaxIterations: 3},
	} {
		opt.RecordPath = true
		var paths [2][][]float64
		var ends [2]string
		for i, method := range []optimize.Method{&optimize.LBFGS{}, elsewhere{&optimize.LBFGS{}}} {
			opt.Method = method
			m := model.NewLinear(5, 1)
			h, err := solve.Minimize(context.Background(), m, x, y, opt)
			paths[i], ends[i] = append(h.Path, m.Params()), string(h.Status)+": "+h.Reason
			if err != nil {
				ends[i] += err.Error()
			}
		}
		if ends[0] != ends[1] {
			t.Errorf("%s: ended with %q, in gonum with %q", name, ends[0], ends[1])
		}
		if !slices.EqualFunc(paths[0], paths[1], slices.Equal[[]float64]) {
			t.Errorf("%s: %d points, in gonum %d, or others", name, len(paths[0]), len(paths[1]))
		}
	}
}

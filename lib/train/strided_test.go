package train_test

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

// TestTargetsInAWiderMatrix takes x and y as columns of one table: they lie
// apart in memory, in full batches as in small ones.
func TestTargetsInAWiderMatrix(t *testing.T) {
	const rows, cols = 1500, 100
	for _, c := range fastCases() {
		if c.outputs > 1 {
			continue
		}
		x, y, weights := c.data(rows, cols)
		table := mat.NewDense(rows, cols+3, nil)
		table.Slice(0, rows, 1, cols+1).(*mat.Dense).Copy(x)
		table.Slice(0, rows, cols+2, cols+3).(*mat.Dense).Copy(y)
		for _, batch := range []int{0, 1, 700} {
			opt := train.Options{Loss: c.loss, Schedule: optim.Constant(0.01), BatchSize: batch, Epochs: 3, Seed: 9, SampleWeights: weights}
			want := fitted(t, plain{model.NewLinear(cols, 1)}, x, y, opt)
			got := fitted(t, model.NewLinear(cols, 1), table.Slice(0, rows, 1, cols+1), table.Slice(0, rows, cols+2, cols+3).(*mat.Dense), opt)
			same(t, got, want, 1e-13)
		}
	}
}

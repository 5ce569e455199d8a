package train_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

// A second core that costs more than it gives is left alone: no step of a small
// network is handed over where a helper takes 20 milliseconds to come, and every
// product of any size where it takes none. How long a product takes is measured
// while the test runs, on machines of any speed and load, so the price is far from
// any that could pay; TestWorth in internal/crew tries the ones in between.
func TestSmallStepsAreNotHandedOver(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	const rows = 640
	x, y := mat.NewDense(rows, 33, nil), mat.NewDense(rows, 1, nil)
	for i, raw := 0, x.RawMatrix().Data; i < len(raw); i++ {
		raw[i] = float64(i*7%13) - 6
	}
	handovers := func(price time.Duration, batch int) int64 {
		defer crew.Fix(price)()
		m, err := model.NewNetwork(model.Features(33), 1,
			model.Dense{Units: 64}, model.ReLU{}, model.Dense{Units: 64}, model.ReLU{}, model.Dense{Units: 1})
		if err != nil {
			t.Fatal(err)
		}
		before := crew.Shared()
		opt := train.Options{Loss: loss.MSE{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.001), Epochs: 2, BatchSize: batch}
		if _, err := train.Fit(context.Background(), m, x, y, opt); err != nil {
			t.Fatal(err)
		}
		var p mat.Dense
		m.Predict(&p, x.Slice(0, batch, 0, 33))
		return crew.Shared() - before
	}
	for _, batch := range []int{1, 32, 64} {
		if n := handovers(20*time.Millisecond, batch); n != 0 {
			t.Errorf("batches of %d: %d jobs were handed over", batch, n)
		}
	}
	if n := handovers(1, 64); n == 0 {
		t.Error("nothing was handed over where that costs nothing")
	}
}

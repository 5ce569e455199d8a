package model_test

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/lib/model"
)

// TestLargeStepAllocatesNothing takes a network whose products gonum's own
// routines would divide among new goroutines.
func TestLargeStepAllocatesNothing(t *testing.T) {
	const batch = 64
	m, err := model.NewNetwork(model.Features(784), 1, model.Dense{Units: 128}, model.ReLU{}, model.Dense{Units: 10})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	x, y := mat.NewDense(batch, 784, nil), mat.NewDense(batch, 10, nil)
	for i := range x.RawMatrix().Data {
		x.RawMatrix().Data[i] = r.NormFloat64()
	}
	grad := make([]float64, len(m.Params()))
	step := func() {
		m.Forward(y, x)
		m.Backward(grad, y)
	}
	if n := testing.AllocsPerRun(20, step); n != 0 {
		t.Errorf("%g allocations in a step on one core", n)
	}
	if testing.Short() {
		return // 600 steps take two minutes where the processor is emulated
	}
	// AllocsPerRun allows one core only: count on several too.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	defer crew.Fix(1)() // everything is shared
	const steps = 300   // enough that new threads of the runtime do not count
	var before, after runtime.MemStats
	for i := range 2 * steps {
		if i == steps {
			runtime.ReadMemStats(&before)
		}
		step()
	}
	runtime.ReadMemStats(&after)
	if n := (after.Mallocs - before.Mallocs) / steps; n != 0 {
		t.Errorf("%d allocations in a step on four cores", n)
	}
}

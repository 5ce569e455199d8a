package model_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/sparse"
)

// BackwardNarrow returns what Backward adds, of layers that write their gradient and of
// those that add to it, twice in a row and for sparse rows.
func TestBackwardNarrow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	n, err := model.NewNetwork32(model.Features(6), 1, model.Dense{Units: 8}, model.NewBatchNorm(), model.ReLU{},
		model.Residual{model.Dense{Units: 8}, model.Tanh{}, model.Dense{Units: 8, NoBias: true}},
		model.SwiGLU{Units: 4}, model.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	x := mat.NewDense(5, 6, nil)
	x.Apply(func(int, int, float64) float64 { return float64(max(0, r.IntN(5)-2)) }, x)
	d := mat.NewDense(5, 1, []float64{1, -2, 3, 0, 5})
	var pred mat.Dense
	for _, in := range []mat.Matrix{x, sparse.FromDense(x), x} {
		pred.Reset()
		n.Seed(3, 4)
		n.Forward(&pred, in)
		narrow := n.BackwardNarrow(d)
		kept := make([]float64, len(narrow))
		for i, v := range narrow {
			kept[i] = float64(v)
		}
		got := make([]float64, len(kept))
		for i := range got {
			got[i] = 1
		}
		n.Backward(got, d)
		for i, v := range kept {
			kept[i] = 1 + v
		}
		golden.CloseSlice(t, "gradient", got, kept, 0)
	}
}

// KeepRounded has one Forward compute with Rounded.
func TestKeepRounded(t *testing.T) {
	n, err := model.NewNetwork32(model.Features(1), 1, model.Dense{Units: 1, NoBias: true})
	if err != nil {
		t.Fatal(err)
	}
	x := mat.NewDense(1, 1, []float64{1})
	forward := func(want float64) {
		t.Helper()
		var pred mat.Dense
		n.Forward(&pred, x)
		if got := pred.At(0, 0); got != want {
			t.Errorf("prediction %v, want %v", got, want)
		}
	}
	n.Params()[0] = 2
	forward(2)
	n.Rounded()[0] = 3
	n.KeepRounded()
	forward(3)
	forward(2)

	wide, err := model.NewNetwork(model.Features(1), 1, model.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	if wide.Rounded() != nil {
		t.Error("a network in float64 has θ in float32")
	}
	var pred mat.Dense
	wide.Forward(&pred, x)
	defer func() {
		if recover() == nil {
			t.Error("BackwardNarrow in float64 does not panic")
		}
	}()
	wide.BackwardNarrow(x)
}

package model_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/sparse"
)

// pair is a network in both precisions.
func pair(t *testing.T, input model.Shape, layers ...model.Layer) (wide, narrow *model.Network) {
	t.Helper()
	narrow, err := model.NewNetwork32(input, 1, layers...)
	if err != nil {
		t.Fatal(err)
	}
	return network(t, input, layers...), narrow
}

var pictures = []model.Layer{
	model.Conv2D{Filters: 6, Kernel: 3, Padding: 1}, model.ReLU{}, model.MaxPool{Size: 2},
	model.Conv2D{Filters: 8, Kernel: 3}, model.NewBatchNorm(), model.ReLU{}, model.AvgPool{Size: 2},
	model.Flatten{}, model.Dense{Units: 20}, model.NewLayerNorm(), model.GELU{}, model.Dropout{Rate: 0.2}, model.Dense{Units: 5},
}

// TestPrecisionsAgree trains a network in both precisions, with the same noise.
func TestPrecisionsAgree(t *testing.T) {
	wide, narrow := pair(t, model.Image(12, 12, 1), pictures...)
	if !slices.Equal(wide.Params(), narrow.Params()) || !slices.EqualFunc(wide.Layout(), narrow.Layout(), equalParam) {
		t.Fatal("the start differs")
	}
	r := rand.New(rand.NewPCG(1, 2))
	x, y := fill(48, 144, r.Float64), fill(48, 1, func() float64 { return float64(r.IntN(5)) })
	losses, grads := map[*model.Network][]float64{}, map[*model.Network][]float64{}
	for _, n := range []*model.Network{wide, narrow} {
		sgd := optim.SGD{Momentum: 0.9}
		sgd.Init(len(n.Params()))
		for range 30 {
			var pred, dPred mat.Dense
			n.Forward(&pred, x)
			losses[n] = append(losses[n], loss.CrossEntropy{}.Loss(&dPred, &pred, y, nil))
			grad := make([]float64, len(n.Params()))
			n.Backward(grad, &dPred)
			if grads[n] == nil {
				grads[n] = slices.Clone(grad)
			}
			sgd.Step(n.Params(), grad, 0.05)
		}
	}
	golden.CloseSlice(t, "first gradient", grads[narrow], grads[wide], 1e-5)
	golden.CloseSlice(t, "losses", losses[narrow], losses[wide], 1e-3)
	if slices.Equal(grads[narrow], grads[wide]) {
		t.Error("float32 gives the digits of float64")
	}
	golden.CloseSlice(t, "predictions", predict(narrow, x).RawMatrix().Data, predict(wide, x).RawMatrix().Data, 1e-2)
}

func TestFloat32StepAllocatesNothing(t *testing.T) {
	_, n := pair(t, model.Image(12, 12, 1), pictures...)
	r := rand.New(rand.NewPCG(1, 2))
	x, y := fill(48, 144, r.Float64), fill(48, 5, r.NormFloat64)
	last, yLast := rowsOf(x, 0, 5), fill(5, 5, r.NormFloat64)
	grad := make([]float64, len(n.Params()))
	allocs := testing.AllocsPerRun(20, func() {
		n.Forward(y, x)
		n.Backward(grad, y)
		n.Forward(yLast, last)
		n.Backward(grad, yLast)
	})
	if allocs != 0 {
		t.Errorf("%g allocations in two steps", allocs)
	}
}

// TestFloat32SeesEveryKindOfInput reads dense, sparse and other matrices, adds
// to a gradient, and is cloned in its precision.
func TestFloat32SeesEveryKindOfInput(t *testing.T) {
	wide, narrow := pair(t, model.Features(6), model.Dense{Units: 5}, model.Tanh{}, model.Dense{Units: 2})
	x := fill(9, 6, rand.New(rand.NewPCG(1, 2)).NormFloat64)
	want, c := gradient(wide, x)
	for kind, x := range map[string]mat.Matrix{
		"dense": x, "sparse": sparse.FromDense(x), "transposed": mat.DenseCopyOf(x.T()).T(), "part": inside(x),
	} {
		golden.CloseSlice(t, kind, predict(narrow, x).RawMatrix().Data, predict(wide, x).RawMatrix().Data, 1e-6)
		n := narrow.Clone()
		forward(n, x)
		grad := slices.Repeat([]float64{1}, len(want))
		n.Backward(grad, inside(c))
		for i := range grad {
			grad[i]--
		}
		golden.CloseSlice(t, kind+": ∂L/∂θ", grad, want, 1e-6)
		if slices.Equal(grad, want) {
			t.Error("the clone computes in float64")
		}
	}
}

func TestFloat32PredictsFromSeveralGoroutines(t *testing.T) {
	_, n := pair(t, model.Image(12, 12, 1), pictures...)
	x := fill(300, 144, rand.New(rand.NewPCG(1, 2)).Float64)
	want := predict(n, x)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3 {
				if !mat.Equal(predict(n, x), want) {
					t.Error("a concurrent Predict differs")
				}
			}
		})
	}
	wg.Wait()
}

// TestVocabularyBeyondFloat32 expects an error where float32 confuses ids.
func TestVocabularyBeyondFloat32(t *testing.T) {
	layers := []model.Layer{model.Embedding{Vocabulary: 1<<24 + 1, Size: 1}}
	_, err := model.NewNetwork32(model.Features(1), 1, layers...)
	if want := "16777217 words, more than float32 can tell apart"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want one about %q", err, want)
	}
}

func ExampleNewNetwork32() {
	net, _ := model.NewNetwork32(model.Features(1), 1, model.Dense{Units: 1})
	copy(net.Params(), []float64{1.0 / 3, 0}) // rounded to 24 bits before it is used
	var y mat.Dense
	net.Predict(&y, mat.NewDense(1, 1, []float64{3}))
	fmt.Println(y.At(0, 0), net.Params()[0])
	// Output: 1 0.3333333333333333
}

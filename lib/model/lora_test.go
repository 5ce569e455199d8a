package model_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
)

// pretrained is a small language model, and a LoRA of it with the same predictions.
func pretrained(t *testing.T, build func(model.Shape, uint64, ...model.Layer) (*model.Network, error)) (base, tuned *model.Network) {
	gpt := model.GPT{Vocabulary: 7, Context: 5, Size: 6, Blocks: 2, Heads: 2, Units: 9}
	base, err := build(gpt.Input(), 1, gpt.Layers()...)
	if err != nil {
		t.Fatal(err)
	}
	varied(base)
	tuned, err = base.LoRA(2, 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	return base, tuned
}

// TestLoRABeginsAsTheNetwork: the predictions are the same bits, and θ is small.
func TestLoRABeginsAsTheNetwork(t *testing.T) {
	for _, build := range []func(model.Shape, uint64, ...model.Layer) (*model.Network, error){model.NewNetwork, model.NewNetwork32} {
		base, tuned := pretrained(t, build)
		x := texts(5, 7)(6, rand.New(rand.NewPCG(1, 2)))
		if !mat.Equal(predict(base, x), predict(tuned, x)) {
			t.Error("the predictions differ")
		}
		// Rank 2: 6 → 18, 6 → 6, 6 → 9 and 9 → 6, in two blocks.
		if got, want := len(tuned.Params()), 2*2*(6+18+6+6+6+9+9+6); got != want {
			t.Errorf("%d parameters, want %d", got, want)
		}
		for _, p := range tuned.Layout() {
			if !strings.HasSuffix(p.Name, ".lora.a") && !strings.HasSuffix(p.Name, ".lora.b") {
				t.Errorf("θ has %s", p.Name)
			}
		}
		frozen := map[string]bool{}
		for name, v := range tuned.Buffers() {
			frozen[name] = true
			if !slices.Equal(v, base.Param(name)) {
				t.Errorf("%s differs from the network's", name)
			}
		}
		if len(frozen) != len(base.Layout()) {
			t.Errorf("%d of %d parts are frozen", len(frozen), len(base.Layout()))
		}
	}
}

// TestLoRATrainsOnlyItself takes steps with decay, then merges.
func TestLoRATrainsOnlyItself(t *testing.T) {
	for i, build := range []func(model.Shape, uint64, ...model.Layer) (*model.Network, error){model.NewNetwork, model.NewNetwork32} {
		base, tuned := pretrained(t, build)
		r := rand.New(rand.NewPCG(1, 2))
		x := texts(5, 7)(6, r)
		y := fill(30, 1, func() float64 { return float64(r.IntN(7)) })
		adam := optim.NewAdamW()
		adam.Init(len(tuned.Params()))
		var losses []float64
		for range 60 {
			var pred, dPred mat.Dense
			tuned.Forward(&pred, x)
			losses = append(losses, loss.NewTokenCrossEntropy().Loss(&dPred, &pred, y, nil))
			grad := make([]float64, len(tuned.Params()))
			tuned.Backward(grad, &dPred)
			adam.Step(tuned.Params(), grad, 0.02)
		}
		if first, last := losses[0], losses[59]; last > 0.8*first {
			t.Errorf("the loss went from %g to %g", first, last)
		}
		for name, v := range tuned.Buffers() {
			if !slices.Equal(v, base.Param(name)) {
				t.Errorf("training moved %s", name)
			}
		}
		whole, err := tuned.Merge()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(whole.Layout(), base.Layout(), equalParam) {
			t.Error("the merged network has another layout")
		}
		golden.CloseSlice(t, "merged", predict(whole, x).RawMatrix().Data, predict(tuned, x).RawMatrix().Data, []float64{1e-13, 1e-5}[i])
	}
}

// TestLoRAGradients compares with those of the merged matrix: for W + s·AB they are
// s·∂L/∂W·Bᵀ and s·Aᵀ·∂L/∂W.
func TestLoRAGradients(t *testing.T) {
	const in, units, rank, scale = 5, 4, 3, 2.0
	inner := model.Residual{model.Dense{Units: in}, model.Tanh{}}
	tuned := varied(network(t, model.Features(in), inner, model.LoRA{Layer: model.Dense{Units: units}, Rank: rank, Alpha: scale * rank}, model.Tanh{}))
	whole, err := tuned.Merge()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	x, dy := fill(6, in, r.NormFloat64), fill(6, units, r.NormFloat64)
	golden.CloseSlice(t, "y", forward(tuned, x).RawMatrix().Data, forward(whole, x).RawMatrix().Data, 1e-14)
	got, want := make([]float64, len(tuned.Params())), make([]float64, len(whole.Params()))
	tuned.Backward(got, dy)
	whole.Backward(want, dy)
	dw := mat.NewDense(in, units, part(t, whole, want, "1.dense.weights"))
	a, b := mat.NewDense(in, rank, tuned.Param("1.dense.lora.a")), mat.NewDense(rank, units, tuned.Param("1.dense.lora.b"))
	var da, db mat.Dense
	da.Mul(dw, b.T())
	da.Scale(scale, &da)
	db.Mul(a.T(), dw)
	db.Scale(scale, &db)
	golden.CloseSlice(t, "∂L/∂A", part(t, tuned, got, "1.dense.lora.a"), da.RawMatrix().Data, 1e-13)
	golden.CloseSlice(t, "∂L/∂B", part(t, tuned, got, "1.dense.lora.b"), db.RawMatrix().Data, 1e-13)
	name := "0.residual.0.dense.weights" // below it
	golden.CloseSlice(t, name, part(t, tuned, got, name), part(t, whole, want, name), 1e-13)
}

// part returns the part of a gradient that is called name.
func part(t *testing.T, m model.Model, v []float64, name string) []float64 {
	for _, p := range m.Layout() {
		if p.Name == name {
			return p.In(v)
		}
	}
	t.Fatalf("there is no %s", name)
	return nil
}

func TestLoRAErrors(t *testing.T) {
	dense := model.Dense{Units: 2}
	for _, c := range []struct {
		layer model.Layer
		want  string
	}{
		{model.LoRA{Layer: dense, Alpha: 1}, "rank 0, want at least 1"},
		{model.LoRA{Layer: dense, Rank: 1}, "Alpha 0, want a finite number above 0"},
		{model.LoRA{Layer: dense, Rank: 1, Alpha: inf}, "Alpha +Inf"},
		{model.LoRA{Layer: model.LoRA{Layer: dense, Rank: 1, Alpha: 1}, Rank: 1, Alpha: 1}, "LoRA within LoRA"},
		{model.LoRA{Layer: model.NewLayerNorm(), Rank: 1, Alpha: 1}, "no Dense to adapt"},
		{model.LoRA{Rank: 1, Alpha: 1}, "is <nil>"},
		{model.Frozen{Layer: &dense}, "want a value such as"},
	} {
		if _, err := model.NewNetwork(model.Features(3), 1, c.layer); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error is %v, want one about %q", c.layer, err, c.want)
		}
	}
	_, tuned := pretrained(t, model.NewNetwork)
	if _, err := tuned.LoRA(1, 1, 1); err == nil || !strings.Contains(err.Error(), "Merge it first") {
		t.Errorf("LoRA of LoRA: %v", err)
	}
	none := network(t, model.Tokens(3), model.NewEmbedding(4, 2))
	if _, err := none.LoRA(1, 1, 1); err == nil || !strings.Contains(err.Error(), "no Dense to adapt") {
		t.Errorf("LoRA of an embedding: %v", err)
	}
}

// TestFrozenLayers trains what is before and after a layer that stays.
func TestFrozenLayers(t *testing.T) {
	dense := model.Dense{Units: 3}
	free := network(t, model.Features(3), dense, model.Tanh{}, dense, model.Tanh{}, dense)
	kept := network(t, model.Features(3), dense, model.Tanh{}, model.Frozen{Layer: dense}, model.Tanh{}, dense)
	for name, v := range kept.Buffers() {
		copy(v, free.Param(name))
	}
	for _, p := range kept.Layout() {
		copy(kept.Param(p.Name), free.Param(p.Name))
	}
	r := rand.New(rand.NewPCG(1, 2))
	x, dy := fill(5, 3, r.NormFloat64), fill(5, 3, r.NormFloat64)
	if !mat.Equal(forward(free, x), forward(kept, x)) {
		t.Error("the predictions differ")
	}
	want, got := make([]float64, len(free.Params())), make([]float64, len(kept.Params()))
	free.Backward(want, dy)
	kept.Backward(got, dy)
	if len(kept.Layout()) != 4 {
		t.Errorf("%d parts are trained, want 4", len(kept.Layout()))
	}
	for _, p := range kept.Layout() {
		golden.CloseSlice(t, p.Name, p.In(got), part(t, free, want, p.Name), 0)
	}
}

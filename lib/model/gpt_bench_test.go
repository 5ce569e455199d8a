package model_test

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
)

// BenchmarkGPT is a step of training on one core, in float32: 4 blocks of 128, 64
// tokens, batches of 32.
func BenchmarkGPT(b *testing.B) {
	for name, gpt := range map[string]model.GPT{"gpt": model.NewGPT(256, 64), "llama": model.NewLlama(256, 64)} {
		b.Run(name, func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			net, err := model.NewNetwork32(gpt.Input(), 1, gpt.Layers()...)
			if err != nil {
				b.Fatal(err)
			}
			r := rand.New(rand.NewPCG(1, 2))
			draw := func() float64 { return float64(r.IntN(256)) }
			x, y := fill(32, 64, draw), fill(32*64, 1, draw)
			adam := optim.NewAdamW()
			adam.Init(len(net.Params()))
			grad := make([]float64, len(net.Params()))
			var pred, dPred mat.Dense
			l := loss.NewTokenCrossEntropy()
			b.ReportAllocs()
			for b.Loop() {
				net.Forward(&pred, x)
				l.Loss(&dPred, &pred, y, nil)
				clear(grad)
				net.Backward(grad, &dPred)
				adam.Step(net.Params(), grad, 1e-3)
			}
		})
	}
}

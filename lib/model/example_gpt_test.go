package model_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/train"
)

// A small GPT learns a text by its characters and writes on.
func ExampleNewGPT() {
	text := strings.Repeat("the cat sat on the mat. ", 40)
	letters := " .acehmnost"
	const length = 12
	gpt := model.NewGPT(len(letters), length)
	gpt.Size, gpt.Blocks, gpt.Heads, gpt.Units = 16, 2, 2, 64
	net, err := model.NewNetwork(gpt.Input(), 1, gpt.Layers()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	// A row of x is a piece of the text, and the row of y the same, one letter later.
	const rows = 64
	x, y := mat.NewDense(rows, length, nil), mat.NewDense(rows, length, nil)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range rows {
		start := r.IntN(len(text) - length)
		for t := range length {
			x.Set(i, t, float64(strings.IndexByte(letters, text[start+t])))
			y.Set(i, t, float64(strings.IndexByte(letters, text[start+t+1])))
		}
	}
	history, err := train.Fit(context.Background(), net, x, y, train.Options{
		Loss: loss.NewTokenCrossEntropy(), Optimizer: optim.NewAdamW(), Schedule: optim.Constant(0.01),
		Epochs: 30, BatchSize: 16, Seed: 1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("the loss fell by more than 80 %%: %t\n", history.Losses()[29] < history.Losses()[0]/5)

	prompt := []int{strings.IndexByte(letters, 't')}
	sampler := model.Sampler{Temperature: 0.1, TopP: 1}
	tokens, err := model.Generate(net, prompt, 30, sampler, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print("t")
	for _, token := range tokens {
		fmt.Print(string(letters[token]))
	}
	fmt.Println()
	// Output:
	// the loss fell by more than 80 %: true
	// t sat on the mat. the cat sat o
}

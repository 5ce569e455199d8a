// Gpt trains a small GPT on a novel, longer than a notebook has time for, and
// compares it with counting. Notebook 6e shows the curve that it prints.
//
//	go run ./examples/gpt -model gpt
//
// takes six minutes on two cores and writes the parameters to gpt.safetensors. The
// same command gives the same bits, whatever the number of cores.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"os/signal"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/datasets/texts"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/ngram"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/save"
	"github.com/descent-go/descent/lib/train"
)

// The model and its training.
const (
	vocabulary = 1024 // tokens, by BPE
	length     = 64   // tokens of context
	batch      = 32   // rows in a step
	together   = 100  // steps from one record of the curve to the next
	rate       = 3e-3
	warmUp     = 100 // steps
	dropout    = 0.1
)

func main() {
	log.SetFlags(0)
	steps := flag.Int("steps", 2400, "number of steps, a multiple of 100")
	path := flag.String("model", "", "write the parameters to this file, with .safetensors behind it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *steps, *path); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, steps int, path string) error {
	if steps < together || steps%together != 0 {
		return fmt.Errorf("gpt: %d steps: want a multiple of %d", steps, together)
	}
	first, second, _ := texts.PrideAndPrejudice().Split(0.1, 0.1)
	tokens := preprocess.NewBPE(vocabulary)
	if err := tokens.Fit([]string{first}); err != nil {
		return err
	}
	training, err := tokens.Encode(first)
	if err != nil {
		return err
	}
	validation, err := tokens.Encode(second)
	if err != nil {
		return err
	}
	bits := float64(len(validation)) / float64(len(second)) / math.Ln2 // per character, for a loss of 1 per token

	counted := ngram.New(4, tokens.Size())
	if err := counted.Fit(training); err != nil {
		return err
	}
	baseline, err := counted.Loss(validation)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "n-gram, n = 4: %.3f bits per character\n", baseline*bits)

	gpt := model.NewGPT(tokens.Size(), length)
	gpt.Dropout = dropout
	net, err := model.NewNetwork32(gpt.Input(), 1, gpt.Layers()...)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 1))
	x, y := mat.NewDense(together*batch, length, nil), mat.NewDense(together*batch, length, nil)
	draw(x, y, training, r)
	vx, vy := consecutive(validation)
	_, err = train.Fit(ctx, net, x, y, train.Options{
		Loss: loss.NewTokenCrossEntropy(), Optimizer: optim.ClipNorm{Max: 1, Optimizer: optim.NewAdamW()},
		Schedule: optim.ScheduleFunc(func(step int) float64 {
			return rate * min(1, float64(step+1)/warmUp) * (0.5 + 0.5*math.Cos(math.Pi*float64(step)/float64(steps)))
		}),
		BatchSize: batch, Epochs: steps / together, Seed: 1, Validation: &train.Data{X: vx, Y: vy},
		OnEpoch: []train.Callback{func(s *train.State) error {
			fmt.Fprintf(out, "step %4d: %.3f bits per character\n", s.Step, s.ValLoss*bits)
			draw(x, y, training, r) // new pieces for the next epoch
			return nil
		}},
	})
	if err != nil || path == "" {
		return err
	}
	return save.Model(path, net, gpt)
}

// draw fills the rows of x with random pieces of the text, and those of y with the
// same, one token later.
func draw(x, y *mat.Dense, text []int, r *rand.Rand) {
	n, _ := x.Dims()
	for i := range n {
		fill(x.RawRowView(i), y.RawRowView(i), text[r.IntN(len(text)-length):])
	}
}

// consecutive cuts the text into rows.
func consecutive(text []int) (x, y *mat.Dense) {
	n := (len(text) - 1) / length
	x, y = mat.NewDense(n, length, nil), mat.NewDense(n, length, nil)
	for i := range n {
		fill(x.RawRowView(i), y.RawRowView(i), text[i*length:])
	}
	return x, y
}

func fill(x, y []float64, text []int) {
	for t := range x {
		x[t], y[t] = float64(text[t]), float64(text[t+1])
	}
}

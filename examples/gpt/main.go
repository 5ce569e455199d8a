// Gpt trains a small GPT on a novel, longer than a notebook has time for, and
// compares it with counting. Notebook 6e shows the curve that it prints.
//
//	go run ./examples/gpt -theta examples/gpt/theta.npy
//
// takes six minutes on two cores and writes the parameters, rounded to float16. They
// are in the program, and
//
//	go run ./examples/gpt -write
//
// reads them, and writes text at three temperatures. The same command gives the same
// bits on one machine, whatever the number of cores.
package main

import (
	"bytes"
	"context"
	_ "embed"
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
	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/ngram"
	"github.com/descent-go/descent/lib/objective"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/preprocess"
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
	path := flag.String("theta", "", "write the parameters to this file, as NumPy reads them")
	only := flag.Bool("write", false, "do not train: write text with the parameters that are stored")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if *only {
		err = write(os.Stdout)
	} else {
		err = run(ctx, os.Stdout, *steps, *path)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// A book is the novel as tokens.
type book struct {
	tokens               *preprocess.BPE
	training, validation []int
	bits                 float64 // per character, for a loss of 1 per token
}

func read() (b book, err error) {
	first, second, _ := texts.PrideAndPrejudice().Split(0.1, 0.1)
	b.tokens = preprocess.NewBPE(vocabulary)
	if err := b.tokens.Fit([]string{first}); err != nil {
		return b, err
	}
	if b.training, err = b.tokens.Encode(first); err != nil {
		return b, err
	}
	b.validation, err = b.tokens.Encode(second)
	b.bits = float64(len(b.validation)) / float64(len(second)) / math.Ln2
	return b, err
}

// counting returns the loss of the n-gram model on the validation text, in bits per character.
func (b book) counting() (float64, error) {
	counted := ngram.New(4, b.tokens.Size())
	if err := counted.Fit(b.training); err != nil {
		return 0, err
	}
	baseline, err := counted.Loss(b.validation)
	return baseline * b.bits, err
}

func (b book) network() (*model.Network, error) {
	gpt := model.NewGPT(b.tokens.Size(), length)
	gpt.Dropout = dropout
	return model.NewNetwork32(gpt.Input(), 1, gpt.Layers()...)
}

func run(ctx context.Context, out io.Writer, steps int, path string) error {
	if steps < together || steps%together != 0 {
		return fmt.Errorf("gpt: %d steps: want a multiple of %d", steps, together)
	}
	b, err := read()
	if err != nil {
		return err
	}
	baseline, err := b.counting()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "n-gram, n = 4: %.3f bits per character\n", baseline)
	net, err := b.network()
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 1))
	x, y := mat.NewDense(together*batch, length, nil), mat.NewDense(together*batch, length, nil)
	draw(x, y, b.training, r)
	vx, vy := consecutive(b.validation)
	_, err = train.Fit(ctx, net, x, y, train.Options{
		Loss: loss.NewTokenCrossEntropy(), Optimizer: optim.ClipNorm{Max: 1, Optimizer: optim.NewAdamW()},
		Schedule: optim.ScheduleFunc(func(step int) float64 {
			return rate * min(1, float64(step+1)/warmUp) * (0.5 + 0.5*math.Cos(math.Pi*float64(step)/float64(steps)))
		}),
		BatchSize: batch, Epochs: steps / together, Seed: 1, Validation: &train.Data{X: vx, Y: vy},
		OnEpoch: []train.Callback{func(s *train.State) error {
			fmt.Fprintf(out, "step %4d: %.3f bits per character\n", s.Step, s.ValLoss*b.bits)
			draw(x, y, b.training, r) // new pieces for the next epoch
			return nil
		}},
	})
	if err != nil || path == "" {
		return err
	}
	return format.WriteFile(path, func(w io.Writer) error {
		return format.WriteNPY(w, format.Tensor{Shape: []int{len(net.Params())}, Data: net.Params(), Type: format.Float16})
	})
}

//go:embed theta.npy
var theta []byte

// stored returns the network with the parameters that the long run has found.
func (b book) stored() (*model.Network, error) {
	net, err := b.network()
	if err != nil {
		return nil, err
	}
	t, err := format.ReadNPY(bytes.NewReader(theta), len(net.Params()))
	if err != nil {
		return nil, err
	}
	if n := copy(net.Params(), t.Data); n != len(net.Params()) {
		return nil, fmt.Errorf("gpt: %d parameters are stored, the network has %d", n, len(net.Params()))
	}
	return net, nil
}

// loss returns that of the network on the validation text, in bits per character.
func (b book) loss(net *model.Network) float64 {
	x, y := consecutive(b.validation)
	n, _ := x.Dims()
	var pred mat.Dense
	var tokens objective.Tokens
	sum := 0.0
	for lo := 0; lo < n; lo += batch {
		hi := min(lo+batch, n)
		pred.Reset()
		net.Predict(&pred, x.Slice(lo, hi, 0, length))
		target, _ := tokens.Of(&pred, y.Slice(lo, hi, 0, length).(*mat.Dense), nil)
		sum += float64(hi-lo) * loss.NewTokenCrossEntropy().Loss(nil, &pred, target, nil)
	}
	return sum / float64(n) * b.bits
}

// write compares the stored network with counting, and has it write.
func write(out io.Writer) error {
	b, err := read()
	if err != nil {
		return err
	}
	net, err := b.stored()
	if err != nil {
		return err
	}
	baseline, err := b.counting()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "n-gram %.3f, GPT %.3f bits per character\n", baseline, b.loss(net))
	prompt, err := b.tokens.Encode("Elizabeth could not")
	if err != nil {
		return err
	}
	for _, temperature := range []float64{0.5, 1, 1.5} {
		s := model.NewSampler()
		s.Temperature = temperature
		more, err := model.Generate(net, prompt, 60, s, 1)
		if err != nil {
			return err
		}
		text, err := b.tokens.Decode(append(prompt[:len(prompt):len(prompt)], more...))
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\ntemperature %g: %s\n", temperature, text)
	}
	return nil
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

// Digits trains a small convolutional network to read handwritten digits, and resumes
// where it was stopped.
//
//	go run ./examples/digits [-epochs 20] [-folder .]
//
// Stop it with Ctrl-C, or kill it; started again it resumes from its last
// checkpoint, and ends with the very numbers of a run that was never stopped.
// The trained model is digits.safetensors.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/save"
	"github.com/descent-go/descent/lib/train"
)

func main() {
	log.SetFlags(0)
	epochs := flag.Int("epochs", 20, "passes over the training images")
	folder := flag.String("folder", ".", "where the checkpoint and the model are kept")
	flag.Parse()
	if err := run(train.Interruptible(), os.Stdout, *folder, *epochs); err != nil {
		log.Fatal("digits: ", err)
	}
}

// network is two convolutions with pooling, then a dense layer with a score for each digit.
func network() (*model.Network, error) {
	return model.NewNetwork(model.Image(8, 8, 1), 1,
		model.Conv2D{Filters: 16, Kernel: 3, Padding: 1}, model.ReLU{}, model.MaxPool{Size: 2},
		model.Conv2D{Filters: 32, Kernel: 3, Padding: 1}, model.ReLU{}, model.MaxPool{Size: 2},
		model.Flatten{}, model.Dropout{Rate: 0.25}, model.Dense{Units: 10})
}

func run(ctx context.Context, out io.Writer, folder string, epochs int) error {
	training, test := datasets.Digits().Split(0.25, 1)
	training, validation := training.Split(0.2, 2)
	m, err := network()
	if err != nil {
		return err
	}

	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	file := filepath.Join(folder, "digits-checkpoint.safetensors")
	before, err := save.LoadCheckpoint(file)
	switch {
	case err == nil:
		fmt.Fprintf(out, "going on after epoch %d\n", before.Epoch)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	history, err := train.Fit(ctx, m, training.X, training.Y, train.Options{
		Loss:       loss.CrossEntropy{},
		Optimizer:  optim.NewAdam(),
		Schedule:   optim.Constant(0.002),
		BatchSize:  32,
		Epochs:     epochs,
		Seed:       1,
		Validation: &train.Data{X: validation.X, Y: validation.Y},
		OnStep:     []train.Callback{train.PrintProgress(os.Stderr)},
		OnEpoch:    []train.Callback{train.EarlyStopping(5, 0), save.Every(file, 1)},
		Resume:     before,
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, history)
	if history.Status == train.Interrupted {
		fmt.Fprintln(out, "start it again to go on")
		return nil
	}

	truth, read := test.Labels(), model.Classes(m, test.X)
	fmt.Fprintf(out, "%.1f %% of %d digits that it has never seen are right\n", 100*metric.Accuracy(truth, read, nil), len(truth))
	return save.Model(filepath.Join(folder, "digits"), m, nil)
}

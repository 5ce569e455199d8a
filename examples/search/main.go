// Search looks for the learning rate, the penalty and the width of a network, and reports what it found.
//
//	go run ./examples/search [-trials 30] [-folder .]
//
// Each trial is a cross-validation on the training rows; the winner is judged
// once on rows that the search never saw. Stopped by Ctrl-C and started again,
// it resumes after the last finished trial. FOLDER/report.md and its chart say
// what was tried; search.json keeps it for the next run.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
	"github.com/descent-go/descent/plots"
)

func main() {
	log.SetFlags(0)
	trials := flag.Int("trials", 30, "how many settings to try")
	folder := flag.String("folder", ".", "where the search and its report are kept")
	flag.Parse()
	if err := run(train.Interruptible(), os.Stdout, *folder, *trials); err != nil {
		log.Fatal("search: ", err)
	}
}

var space = tune.Space{
	"rate":  tune.LogUniform{Low: 1e-4, High: 1},
	"decay": tune.LogUniform{Low: 1e-4, High: 1},
	"units": tune.IntUniform{Low: 2, High: 32},
}

// learner is a network with one hidden layer on scaled features.
func learner(t tune.Trial) tune.Learner {
	return tune.Learner{
		Transform: func() preprocess.Transformer { return preprocess.NewStandardScaler() },
		Train: func(ctx context.Context, d train.Data) (model.Model, error) {
			_, n := d.X.Dims()
			m, err := model.NewNetwork(model.Features(n), uint64(t.ID), model.Dense{Units: t.Int("units")}, model.ReLU{}, model.Dense{Units: 1})
			if err != nil {
				return nil, err
			}
			adam := optim.NewAdamW()
			adam.Lambda = t.Float("decay")
			_, err = train.Fit(ctx, m, d.X, d.Y, train.Options{
				Loss:      loss.BinaryCrossEntropy{},
				Optimizer: adam,
				Schedule:  optim.Constant(t.Float("rate")),
				BatchSize: 32,
				Epochs:    20,
				Seed:      uint64(t.ID),
			})
			return m, err
		},
		Score: tune.Probability(metric.LogLoss),
	}
}

func run(ctx context.Context, out io.Writer, folder string, trials int) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	training, test := datasets.BreastCancer().Split(0.25, 1)
	data := train.Data{X: training.X, Y: training.Y}
	folds, err := preprocess.StratifiedKFold(training.Labels(), 5, 1)
	if err != nil {
		return err
	}
	result, err := tune.Minimize(ctx, tune.Random{Space: space, Trials: trials, Seed: 1},
		func(ctx context.Context, t tune.Trial) (float64, error) {
			scores, err := tune.CrossValidate(ctx, folds, learner(t).On(data), 1)
			if err != nil {
				return 0, err
			}
			return scores.Mean(), nil
		},
		tune.Options{
			File: filepath.Join(folder, "search.json"),
			OnTrial: func(r *tune.Result, t tune.Trial) error {
				fmt.Fprintln(out, t)
				return nil
			},
		})
	if err != nil {
		return err
	}
	if result.Status == train.Interrupted {
		fmt.Fprintln(out, "start it again to go on")
		return nil
	}
	return report(ctx, out, folder, result, data, test)
}

// report trains the winner on all training rows, judges it on the test rows, and writes what was found.
func report(ctx context.Context, out io.Writer, folder string, result *tune.Result, data train.Data, test *datasets.Dataset) error {
	best, err := result.Best()
	if err != nil {
		return err
	}
	l := learner(best)
	scaler := l.Transform()
	if err := scaler.Fit(data.X); err != nil {
		return err
	}
	x, err := scaler.Transform(data.X)
	if err != nil {
		return err
	}
	m, err := l.Train(ctx, train.Data{X: x, Y: data.Y})
	if err != nil {
		return err
	}
	unseen, err := scaler.Transform(test.X)
	if err != nil {
		return err
	}
	loss, err := l.Score(m, train.Data{X: unseen, Y: test.Y})
	if err != nil {
		return err
	}

	points := plots.Series{Name: "trials"}
	for _, t := range result.Trials {
		if t.Status == train.Completed {
			points.X, points.Y = append(points.X, t.Float("rate")), append(points.Y, t.Score)
		}
	}
	chart := plots.Scatter("Each trial", "learning rate", "log loss", points).LogX().LogY()
	if err := plots.Save(chart, filepath.Join(folder, "report.png")); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %d trials\n\nThe best: %v\n\nOn %d rows that the search never saw its log loss is %.3f.\n\n", len(result.Trials), best, len(test.Labels()), loss)
	fmt.Fprint(&b, "![Each trial](report.png)\n\n| log loss | rate | decay | units |\n|---|---|---|---|\n")
	for _, t := range result.Sorted() {
		if t.Status == train.Completed {
			fmt.Fprintf(&b, "| %.4f | %.2g | %.2g | %d |\n", t.Score, t.Float("rate"), t.Float("decay"), t.Int("units"))
		} else {
			fmt.Fprintf(&b, "| %v | %.2g | %.2g | %d |\n", t.Err, t.Float("rate"), t.Float("decay"), t.Int("units"))
		}
	}
	file := filepath.Join(folder, "report.md")
	fmt.Fprintf(out, "on rows that the search never saw the log loss is %.3f; the report is %s\n", loss, file)
	return os.WriteFile(file, []byte(b.String()), 0o666)
}

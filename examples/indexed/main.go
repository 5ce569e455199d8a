// Indexed is one share of a search: many processes, each with an index, do the trials together.
//
//	go run ./examples/indexed -folder F -shares 4 -index 0     computes every fourth trial
//	go run ./examples/indexed -folder F -shares 4 -report      gathers them, and names what is missing
//
// On Kubernetes an Indexed Job starts the shares and says which is which: see job.yaml. Nothing else is needed, since trials do not
// need each other. Each trial is a file, which is there whole or not at all; a share that is killed goes on after its last one
// when it is started again.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
)

func main() {
	log.SetFlags(0)
	var s search
	index := os.Getenv("JOB_COMPLETION_INDEX")
	flag.StringVar(&s.folder, "folder", ".", "where the trials are kept: the same for all shares")
	flag.IntVar(&s.trials, "trials", 64, "how many settings to try")
	flag.IntVar(&s.shares, "shares", 1, "how many processes divide them")
	flag.DurationVar(&s.pause, "pause", 0, "wait before each trial")
	flag.StringVar(&index, "index", index, "which share this is, counted from 0; Kubernetes sets JOB_COMPLETION_INDEX")
	report := flag.Bool("report", false, "gather the trials of all shares")
	flag.Parse()
	err := s.check()
	switch {
	case err != nil:
	case *report:
		err = s.report(os.Stdout)
	default:
		var i int
		if i, err = strconv.Atoi(index); err != nil || i < 0 || i >= s.shares {
			err = fmt.Errorf("the index is %q, want 0 to %d", index, s.shares-1)
			break
		}
		err = s.share(train.Interruptible(), os.Stdout, i)
	}
	if err != nil {
		log.Fatal("indexed: ", err)
	}
}

// A search is the same in all shares.
type search struct {
	folder         string
	trials, shares int
	pause          time.Duration
}

func (s search) check() error {
	if s.trials < 1 || s.shares < 1 {
		return fmt.Errorf("-trials is %d and -shares %d, want at least 1", s.trials, s.shares)
	}
	return nil
}

// proposals are the trials of all shares. Each share draws them itself, from the same seed.
func (s search) proposals() ([]tune.Trial, error) {
	method := tune.Random{Space: tune.Space{"lambda": tune.LogUniform{Low: 1e-7, High: 1}}, Trials: s.trials, Seed: 1}
	trials, err := method.Propose(&tune.Result{Goal: tune.Least})
	for i := range trials {
		trials[i].ID = i
	}
	return trials, err
}

func (s search) file(trial int) string {
	return filepath.Join(s.folder, fmt.Sprintf("trial-%05d.json", trial))
}

// share computes those trials of a share that have no file yet.
func (s search) share(ctx context.Context, out io.Writer, index int) error {
	trials, err := s.proposals()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.folder, 0o777); err != nil {
		return err
	}
	data := datasets.BreastCancer()
	folds, err := preprocess.StratifiedKFold(metric.Labels(data.Y), 5, 1)
	if err != nil {
		return err
	}
	for i := index; i < len(trials); i += s.shares {
		if _, err := s.read(trials[i]); err == nil {
			continue
		} else if !errors.Is(err, os.ErrNotExist) {
			fmt.Fprintln(out, err, "– computed again")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(s.pause):
		}
		t := trials[i]
		scores, err := tune.CrossValidate(ctx, folds, learner(t).On(train.Data{X: data.X, Y: data.Y}), 1)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			t.Status, t.Err = train.Failed, err // a result, too
		default:
			t.Status, t.Score = train.Completed, scores.Mean()
		}
		err = format.WriteFile(s.file(i), func(w io.Writer) error { return json.NewEncoder(w).Encode(t) })
		if err != nil {
			return err
		}
		fmt.Fprintln(out, t)
	}
	return nil
}

// learner is logistic regression on scaled features.
func learner(t tune.Trial) tune.Learner {
	return tune.Learner{
		Transform: func() preprocess.Transformer { return preprocess.NewStandardScaler() },
		Train: func(ctx context.Context, d train.Data) (model.Model, error) {
			_, n := d.X.Dims()
			m := model.NewLogistic(n)
			_, err := solve.Logistic(m, d.X, d.Y, solve.NewtonOptions{Lambda: t.Float("lambda")})
			return m, err
		},
		Score: tune.Probability(metric.LogLoss),
	}
}

// read reads a trial, which must be the one that was proposed.
func (s search) read(want tune.Trial) (tune.Trial, error) {
	var t tune.Trial
	b, err := os.ReadFile(s.file(want.ID))
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(b, &t); err != nil {
		return t, fmt.Errorf("%s: %w", s.file(want.ID), err)
	}
	if t.ID != want.ID || t.Params.String() != want.Params.String() {
		return t, fmt.Errorf("%s is of another search", s.file(want.ID))
	}
	return t, nil
}

// report writes what was found. What is missing is an error that names the shares to start again.
func (s search) report(out io.Writer) error {
	trials, err := s.proposals()
	if err != nil {
		return err
	}
	result := &tune.Result{Goal: tune.Least, Status: train.Completed}
	var missing, shares []int
	for _, want := range trials {
		t, err := s.read(want)
		if err != nil {
			missing = append(missing, want.ID)
			if share := want.ID % s.shares; !slices.Contains(shares, share) {
				shares = append(shares, share)
			}
			continue
		}
		result.Trials = append(result.Trials, t)
	}
	fmt.Fprintf(out, "%d of %d trials\n", len(result.Trials), len(trials))
	if best, err := result.Best(); err == nil {
		fmt.Fprintln(out, "best:", best)
	}
	if len(missing) > 0 {
		slices.Sort(shares)
		return fmt.Errorf("trials %v are missing: start the shares %v again", missing, shares)
	}
	return nil
}

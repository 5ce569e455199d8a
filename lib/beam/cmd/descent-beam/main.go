// Descent-beam trains a generalized linear model on shards, with worker processes:
//
//	descent-beam                                 on example shards, which it makes
//	descent-beam [flags] FILE…                   on .npy, .csv or .parquet files with the same columns
//	descent-beam pool [-listen localhost:50000]  serves workers to an engine, on each of its machines
//
// Without -endpoint it starts Prism and the workers itself. It scales the columns unless -scale=false, fits, evaluates on
// the same rows, and writes what -model and -predict ask for.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/descent-go/descent/lib/beam"
	"github.com/descent-go/descent/lib/beam/internal/sample"
	"github.com/descent-go/descent/lib/save"
)

func main() {
	beam.WorkerMain()
	slog.SetDefault(slog.New(slog.DiscardHandler)) // Prism's words about every job
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "descent-beam:", err)
		}
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, args []string) (err error) {
	if len(args) > 0 && args[0] == "pool" {
		return pool(ctx, w, args[1:])
	}
	var (
		s beam.Settings
		d beam.Data
		o beam.FitOptions
	)
	f := flag.NewFlagSet("descent-beam", flag.ContinueOnError)
	f.IntVar(&s.Workers, "workers", 2, "worker `processes`")
	f.StringVar(&s.Endpoint, "endpoint", "", "`address` of the engine's job service; none is Prism in this process")
	f.StringVar(&s.Pool, "pool", "", "`address` of the worker pool as the engine's machines see it; none is one in this process")
	f.StringVar(&s.Dir, "dir", "", "`folder` that all machines see, for the sums of a pass")
	f.StringVar(&d.Target, "target", "", "`column` of the target; none is the last")
	family := f.String("family", "logistic", "gaussian, logistic, softmax or poisson")
	f.IntVar(&o.Outputs, "classes", 0, "`number` of classes, for softmax")
	f.Float64Var(&o.Lambda, "lambda", 1e-4, "strength λ of the penalty")
	f.Float64Var(&o.L1Ratio, "l1", 0, "share ρ of the L1 penalty")
	f.BoolVar(&o.LocalStart, "local", false, "start from the mean of the shards' own optima")
	f.StringVar(&o.Checkpoint, "checkpoint", "", "`file` that keeps the fit after each pass")
	scale := f.Bool("scale", true, "scale the columns to mean 0 and variance 1 first")
	out := f.String("model", "", "`path` to which the model is saved, without an ending")
	predict := f.String("predict", "", "`folder` for a file of predictions for each shard")
	shards := f.Int("shards", 16, "of the example")
	rows := f.Int("rows", 2000, "of each shard of the example")
	cols := f.Int("columns", 20, "of the example")
	keep := f.String("example", "", "`folder` in which the example's shards are made and kept")
	if err := f.Parse(args); err != nil {
		return err
	}
	o.Family = beam.Family(*family)
	if d.Files = f.Args(); len(d.Files) == 0 {
		dir := *keep
		if dir == "" {
			if dir, err = os.MkdirTemp("", "descent-beam-example-"); err != nil {
				return err
			}
			defer os.RemoveAll(dir)
		}
		if d.Files, err = sample.Logistic(dir, *shards, *rows, *cols); err != nil {
			return err
		}
		fmt.Fprintf(w, "example: %d shards of %d rows and %d columns in %s\n", *shards, *rows, *cols, dir)
	}
	slices.Sort(d.Files)
	s.Log = func(p beam.Pass) {
		switch {
		case p.Failed != nil:
			fmt.Fprintf(w, "%-12s a job failed after %v, again: %.150v\n", p.Name, p.Time.Round(time.Millisecond), p.Failed)
		case p.Gradient != 0 || p.Objective != 0:
			fmt.Fprintf(w, "%-12s %8v, processor %8v  objective %.12g  gradient %.2g\n", p.Name, p.Time.Round(time.Millisecond), p.CPU.Round(time.Millisecond), p.Objective, p.Gradient)
		default:
			fmt.Fprintf(w, "%-12s %8v, processor %8v\n", p.Name, p.Time.Round(time.Millisecond), p.CPU.Round(time.Millisecond))
		}
	}
	e, err := beam.Start(s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	if *scale {
		m, err := e.Moments(ctx, d)
		if err != nil {
			return err
		}
		if d, err = d.Prepared(m.StandardScaler()); err != nil {
			return err
		}
	}
	fit, err := e.Fit(ctx, d, o)
	if err != nil {
		return err
	}
	v, err := e.Evaluate(ctx, fit, d)
	if err != nil {
		return err
	}
	switch fit.Family {
	case beam.Gaussian, beam.Poisson:
		fmt.Fprintf(w, "%.0f rows: loss %.6g, MSE %.6g, MAE %.6g, R² %.4f\n", v.Rows, v.Loss, v.MSE, v.MAE, v.R2)
	case beam.Logistic:
		fmt.Fprintf(w, "%.0f rows: loss %.6g, accuracy %.4f, AUC %.4f ± %.1g, calibration error %.4f\n", v.Rows, v.Loss, v.Accuracy, v.AUC, v.AUCError, v.ECE)
	default:
		fmt.Fprintf(w, "%.0f rows: loss %.6g, accuracy %.4f, calibration error %.4f\n", v.Rows, v.Loss, v.Accuracy, v.ECE)
	}
	if *predict != "" {
		if err := os.MkdirAll(*predict, 0o755); err != nil {
			return err
		}
		files, err := e.Predict(ctx, fit, d, *predict)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "predictions in %d files in %s\n", len(files), *predict)
	}
	if *out != "" {
		type about struct {
			Family  beam.Family `json:"family"`
			Prepare string      `json:"prepare,omitempty"` // as preprocess.Save writes it
		}
		if err := save.Model(*out, fit.Model, about{fit.Family, string(d.Prepare)}); err != nil {
			return err
		}
		fmt.Fprintf(w, "the model is in %s.safetensors\n", *out)
	}
	return nil
}

// pool serves workers until it is stopped.
func pool(ctx context.Context, w io.Writer, args []string) error {
	f := flag.NewFlagSet("descent-beam pool", flag.ContinueOnError)
	listen := f.String("listen", "localhost:50000", "`address`; there is neither encryption nor a password, so keep it private")
	if err := f.Parse(args); err != nil {
		return err
	}
	p, err := beam.NewPool(*listen, os.Stderr)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "a worker pool at %s\n", p.Address())
	<-ctx.Done()
	return p.Close()
}

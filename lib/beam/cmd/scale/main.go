// Scale measures training on Beam next to training on one machine, and writes docs/scale.md:
//
//	go run ./cmd/scale [-jars FOLDER] [-document ../../docs/scale.md]
//
// With -jars, the folder that holds what internal/flink/pom.xml names, it also runs on a Flink cluster of this machine with two task
// managers, one of which it kills.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"syscall"
	"text/template"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/beam"
	"github.com/descent-go/descent/lib/beam/internal/flink"
	"github.com/descent-go/descent/lib/beam/internal/sample"
	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/solve"
)

//go:embed scale.md.tmpl
var document string

const lambda = 1e-4

func main() {
	beam.WorkerMain()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	jars := flag.String("jars", "", "folder with the artifacts of internal/flink/pom.xml; none leaves Flink out")
	path := flag.String("document", "", "file to write; none is standard output")
	shards := flag.Int("shards", 16, "")
	rows := flag.Int("rows", 25000, "of a shard")
	cols := flag.Int("columns", 50, "")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *jars, *path, *shards, *rows, *cols); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err) // log would go to the logger of Prism
		os.Exit(1)
	}
}

// A row of the table.
type row struct {
	What      string
	Passes    int
	Time, CPU time.Duration
	Bytes     int // staged for the whole fit
	Gap       float64
	Repeated  int           // jobs that were run again by the driver
	Pass      time.Duration // the median
	Death     time.Duration // what a pass with a kill took longer than that, on average; 0 for none
	Bits      bool          // as on Prism with one worker
}

type report struct {
	Machine            string
	Shards, Rows, Cols int
	MB                 float64
	Binary             float64 // MB of a program with Beam
	Results            []row
	Flink              []row
	FlinkVersion, Beam string
}

func run(ctx context.Context, jars, path string, shards, rows, cols int) error {
	dir, err := os.MkdirTemp("", "descent-scale-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	files, err := sample.Logistic(dir, shards, rows, cols)
	if err != nil {
		return err
	}
	r := report{
		Machine: fmt.Sprintf("%s/%s, %d cores, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version()),
		Shards:  shards, Rows: shards * rows, Cols: cols, MB: float64(shards*rows*(cols+1)*8) / 1e6,
		FlinkVersion: flink.FlinkVersion, Beam: flink.BeamVersion,
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if s, err := os.Stat(self); err == nil {
		r.Binary = float64(s.Size()) / 1e6
	}

	reference, one, err := single(files)
	if err != nil {
		return err
	}
	r.Results = append(r.Results, one)
	data := beam.Data{Files: files}
	opt := beam.FitOptions{Family: beam.Logistic, Lambda: lambda, Tolerance: 1e-12}
	local := opt
	local.LocalStart = true
	var bits []float64
	for _, c := range []struct {
		what    string
		workers int
		opt     beam.FitOptions
		kill    bool
	}{
		{"Prism, 1 worker", 1, opt, false},
		{"Prism, 2 workers", 2, opt, false},
		{"Prism, 2 workers, local start", 2, local, false},
		{"Prism, 2 workers, one killed in each of the first two passes", 2, opt, true},
	} {
		one, theta, err := onEngine(ctx, c.what, beam.Settings{Workers: c.workers}, data, c.opt, reference, c.kill, nil)
		if err != nil {
			return err
		}
		if bits == nil {
			bits = theta
		}
		one.Bits = slices.Equal(bits, theta)
		r.Results = append(r.Results, one)
	}
	if jars != "" {
		if r.Flink, err = onFlink(ctx, jars, dir, data, opt, reference, bits); err != nil {
			return err
		}
	}
	t, err := template.New("scale").Funcs(template.FuncMap{
		"s":    func(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) },
		"e":    func(v float64) string { return fmt.Sprintf("%.1e", v) },
		"kB":   func(n int) string { return fmt.Sprintf("%.0f", float64(n)/1e3) },
		"f0":   func(v float64) string { return fmt.Sprintf("%.0f", v) },
		"bits": func(b bool) string { return map[bool]string{true: "the same", false: "others"}[b] },
	}).Parse(document)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, r); err != nil {
		return err
	}
	if path == "" {
		_, err = os.Stdout.Write(b.Bytes())
		return err
	}
	return format.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	})
}

// single fits all rows on one machine, in this process.
func single(files []string) ([]float64, row, error) {
	begun, busy := time.Now(), processor()
	var x *mat.Dense
	var y []float64
	for k, f := range files {
		b, err := os.Open(f)
		if err != nil {
			return nil, row{}, err
		}
		t, err := format.ReadNPY(b, 1<<31)
		b.Close()
		if err != nil {
			return nil, row{}, err
		}
		d, err := t.Dense()
		if err != nil {
			return nil, row{}, err
		}
		rows, cols := d.Dims()
		if x == nil {
			x = mat.NewDense(rows*len(files), cols-1, nil)
		}
		x.Slice(k*rows, (k+1)*rows, 0, cols-1).(*mat.Dense).Copy(d.Slice(0, rows, 0, cols-1))
		y = append(y, mat.Col(nil, cols-1, d)...)
	}
	_, cols := x.Dims()
	m := model.NewLogistic(cols)
	rep, err := solve.Logistic(m, x, mat.NewDense(len(y), 1, y), solve.NewtonOptions{Lambda: lambda, Tolerance: 1e-12})
	if err != nil {
		return nil, row{}, err
	}
	return m.Params(), row{What: "one machine, solve.Logistic, all rows in memory", Passes: rep.Iterations + 1, Time: time.Since(begun), CPU: processor() - busy, Bits: true}, nil
}

// onEngine fits on an engine. With kill, it kills a worker in each of the first two passes; killed is called in the middle of the
// second pass if it is not nil.
func onEngine(ctx context.Context, what string, s beam.Settings, d beam.Data, opt beam.FitOptions, reference []float64, kill bool, killed func()) (row, []float64, error) {
	r := row{What: what}
	var passes atomic.Int64
	var times []time.Duration
	var struckAt []int64
	s.Errors = io.Discard
	s.Log = func(p beam.Pass) {
		if p.Failed != nil {
			return
		}
		passes.Add(1)
		r.Bytes += p.Bytes
		r.Repeated += p.Tries - p.Jobs
		times = append(times, p.Time)
		fmt.Fprintf(os.Stderr, "%s: %s: %v, gradient %.2g\n", what, p.Name, p.Time.Round(time.Millisecond), p.Gradient)
	}
	begun, busy := time.Now(), processor()
	e, err := beam.Start(s)
	if err != nil {
		return r, nil, err
	}
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		struck := int64(-1)
		for {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
			}
			ids := e.Pool().Workers()
			at := passes.Load()
			if len(ids) == 0 || at == struck {
				continue
			}
			switch {
			case kill && at < 2:
				time.Sleep(150 * time.Millisecond)
				if p, err := os.FindProcess(slices.Min(ids)); err == nil && p.Kill() == nil {
					struck = at
					struckAt = append(struckAt, at)
				}
			case killed != nil && at == 1:
				time.Sleep(150 * time.Millisecond)
				killed()
				struck = at
				struckAt = append(struckAt, at)
			}
		}
	}()
	fit, err := e.Fit(ctx, d, opt)
	close(stop)
	<-done
	err = errors.Join(err, e.Close())
	if err != nil {
		return r, nil, err
	}
	r.Time, r.CPU, r.Passes = time.Since(begun), processor()-busy, fit.Passes
	sorted := slices.Sorted(slices.Values(times))
	r.Pass = sorted[len(sorted)/2]
	for _, k := range struckAt {
		r.Death += (times[k] - r.Pass) / time.Duration(len(struckAt))
	}
	r.Gap = floats.Distance(fit.Model.Params(), reference, math.Inf(1))
	if r.Gap > 1e-9 {
		return r, nil, fmt.Errorf("%s: θ is %g from that of one machine", what, r.Gap)
	}
	return r, fit.Model.Params(), nil
}

// onFlink runs on a cluster of this machine, and again with a task manager that is killed.
func onFlink(ctx context.Context, jars, dir string, d beam.Data, opt beam.FitOptions, reference, bits []float64) (_ []row, err error) {
	c, err := flink.Start(ctx, jars, filepath.Join(dir, "flink"), 2)
	defer func() { err = errors.Join(err, c.Close()) }()
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, killed := range []func(){nil, func() { c.KillTaskManager(0) }} {
		what := "Flink, 2 task managers"
		if killed != nil {
			what += ", one killed in the second pass"
		}
		s := beam.Settings{Workers: 2, Endpoint: c.Endpoint, Dir: dir}
		one, theta, err := onEngine(ctx, what, s, d, opt, reference, false, killed)
		if err != nil {
			return nil, err
		}
		one.Bits = slices.Equal(bits, theta)
		rows = append(rows, one)
	}
	return rows, nil
}

// processor returns the processor time of this process and of those that it has waited for.
func processor() time.Duration {
	var total time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			total += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	return total
}

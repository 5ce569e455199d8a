package beam

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/solve"
)

// stillborn names a file in the environment. The worker that removes it is killed before it connects to its engine.
const stillborn = "DESCENT_BEAM_STILLBORN"

func TestMain(m *testing.M) {
	if name := os.Getenv(stillborn); name != "" && os.Getenv(workerVariable) != "" && os.Remove(name) == nil {
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			self.Kill()
		}
		time.Sleep(time.Hour)
	}
	WorkerMain()
	slog.SetDefault(slog.New(slog.DiscardHandler)) // Prism's
	os.Exit(m.Run())
}

func start(t testing.TB, s Settings) *Engine {
	t.Helper()
	e, err := Start(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// sample draws rows with a target of the family in the last column.
func sample(family Family, rows, cols, classes int, seed uint64) *mat.Dense {
	r := rand.New(rand.NewPCG(seed, 1))
	w := mat.NewDense(cols, classes, nil)
	wr := rand.New(rand.NewPCG(99, 1))
	for j := range cols {
		for c := range classes {
			w.Set(j, c, wr.NormFloat64()/math.Sqrt(float64(cols)))
		}
	}
	x := mat.NewDense(rows, cols+1, nil)
	for i := range rows {
		row := x.RawRowView(i)
		score := make([]float64, classes)
		for j := range cols {
			row[j] = r.NormFloat64()*float64(j+1) + float64(j)
			for c := range classes {
				score[c] += w.At(j, c) * (row[j] - float64(j)) / float64(j+1)
			}
		}
		switch family {
		case Gaussian:
			row[cols] = 3 + score[0] + 0.3*r.NormFloat64()
		case Logistic:
			if r.Float64() < model.Sigmoid(score[0]-0.5) {
				row[cols] = 1
			}
		case Poisson:
			limit, p := math.Exp(-math.Exp(score[0]/2)), 1.0
			for p *= r.Float64(); p > limit; p *= r.Float64() {
				row[cols]++
			}
		case Softmax:
			best, at := math.Inf(-1), 0
			for c := range score {
				if v := score[c] - math.Log(-math.Log(r.Float64())); v > best {
					best, at = v, c
				}
			}
			row[cols] = float64(at)
		}
	}
	return x
}

// write writes x as shards of unequal size.
func write(t testing.TB, dir string, x *mat.Dense, shards int, kind string) []string {
	t.Helper()
	rows, cols := x.Dims()
	var files []string
	for s := range shards {
		lo, hi := rows*s*s/(shards*shards), rows*(s+1)*(s+1)/(shards*shards)
		part := mat.DenseCopyOf(x.Slice(lo, hi, 0, cols))
		name := filepath.Join(dir, fmt.Sprintf("part-%05d.%s", s, kind))
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		switch kind {
		case "npy":
			err = format.WriteNPY(f, format.FromMatrix(part))
		case "csv":
			table := &preprocess.Table{}
			for j := range cols {
				if err := table.AddFloats(fmt.Sprintf("c%d", j), mat.Col(nil, j, part)); err != nil {
					t.Fatal(err)
				}
			}
			err = table.WriteCSV(f)
		case "parquet":
			g := parquet.Group{}
			for j := range cols {
				g[fmt.Sprintf("c%d", j)] = parquet.Leaf(parquet.DoubleType)
			}
			w := parquet.NewWriter(f, parquet.NewSchema("rows", g))
			for i := range hi - lo {
				row := map[string]any{}
				for j := range cols {
					row[fmt.Sprintf("c%d", j)] = part.At(i, j)
				}
				if err := w.Write(row); err != nil {
					t.Fatal(err)
				}
			}
			err = w.Close()
		}
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	return files
}

func split(x *mat.Dense) (*mat.Dense, *mat.Dense) {
	rows, cols := x.Dims()
	return mat.DenseCopyOf(x.Slice(0, rows, 0, cols-1)), mat.DenseCopyOf(x.Slice(0, rows, cols-1, cols))
}

// TestFitAgreesWithOneMachine: two worker processes find what lib/solve finds on all rows, to 10⁻⁹.
func TestFitAgreesWithOneMachine(t *testing.T) {
	e := start(t, Settings{Workers: 2})
	cases := []struct {
		name    string
		family  Family
		outputs int
		lambda  float64
		ratio   float64
		kind    string
		one     func(m *model.Linear, x, y *mat.Dense) error // nil: the gradient must be 0
	}{
		{"least squares", Gaussian, 1, 0, 0, "npy", func(m *model.Linear, x, y *mat.Dense) error { return solve.LeastSquares(m, x, y, nil) }},
		{"ridge", Gaussian, 1, 0.3, 0, "csv", func(m *model.Linear, x, y *mat.Dense) error { return solve.Ridge(m, x, y, nil, 0.3) }},
		{"lasso", Gaussian, 1, 0.1, 1, "npy", func(m *model.Linear, x, y *mat.Dense) error {
			_, err := solve.ElasticNet(m, x, y, solve.ElasticNetOptions{Lambda: 0.1, L1Ratio: 1, Tolerance: 1e-15})
			return err
		}},
		{"elastic net", Gaussian, 1, 0.2, 0.5, "parquet", func(m *model.Linear, x, y *mat.Dense) error {
			_, err := solve.ElasticNet(m, x, y, solve.ElasticNetOptions{Lambda: 0.2, L1Ratio: 0.5, Tolerance: 1e-15})
			return err
		}},
		{"logistic", Logistic, 1, 1e-3, 0, "npy", func(m *model.Linear, x, y *mat.Dense) error {
			_, err := solve.Logistic(m, x, y, solve.NewtonOptions{Lambda: 1e-3, Tolerance: 1e-13})
			return err
		}},
		{"logistic without a penalty", Logistic, 1, 0, 0, "parquet", func(m *model.Linear, x, y *mat.Dense) error {
			_, err := solve.Logistic(m, x, y, solve.NewtonOptions{Tolerance: 1e-13})
			return err
		}},
		{"Poisson", Poisson, 1, 0.01, 0, "npy", nil},
		{"softmax", Softmax, 3, 0.05, 0, "csv", nil},
		{"softmax without a penalty", Softmax, 3, 0, 0, "npy", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			all := sample(c.family, 900, 6, c.outputs, 7)
			x, y := split(all)
			d := Data{Files: write(t, t.TempDir(), all, 5, c.kind)}
			fit, err := e.Fit(t.Context(), d, FitOptions{Family: c.family, Outputs: c.outputs, Lambda: c.lambda, L1Ratio: c.ratio, Tolerance: 1e-13})
			if err != nil {
				t.Fatal(err)
			}
			if c.one == nil {
				// The gradient on one machine is 0, and the Hessian at least λ: so near is the minimum.
				grad := make([]float64, len(fit.Model.Params()))
				l, _ := c.family.loss()
				objective.New(fit.Model, l, objective.Data{X: x, Y: y}, objective.Options{Plain: true}).Gradient(grad, 0, 900)
				for i := c.outputs; i < len(grad); i++ {
					grad[i] += c.lambda * fit.Model.Params()[i]
				}
				if g := floats.Norm(grad, math.Inf(1)); g > 1e-12 {
					t.Errorf("the gradient on one machine is %g after %d passes", g, fit.Passes)
				}
				return
			}
			m := c.family.newModel(6, c.outputs)
			if err := c.one(m, x, y); err != nil {
				t.Fatal(err)
			}
			if gap := floats.Distance(m.Params(), fit.Model.Params(), math.Inf(1)); !(gap <= 1e-9) {
				t.Errorf("θ differs by %g after %d passes:\n%v\n%v", gap, fit.Passes, m.Params(), fit.Model.Params())
			}
			for i, v := range m.Params() {
				if (v == 0) != (fit.Model.Params()[i] == 0) {
					t.Errorf("parameter %d is %g on one machine and %g here", i, v, fit.Model.Params()[i])
				}
			}
		})
	}
}

// TestSameBits: the same shards give the same bits, whatever the number of workers.
func TestSameBits(t *testing.T) {
	all := sample(Logistic, 2000, 8, 1, 3)
	d := Data{Files: write(t, t.TempDir(), all, 16, "npy")}
	var want []float64
	for _, workers := range []int{1, 2, 4} {
		e := start(t, Settings{Workers: workers})
		fit, err := e.Fit(t.Context(), d, FitOptions{Family: Logistic, Lambda: 1e-3})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = fit.Model.Params()
		}
		for i, v := range fit.Model.Params() {
			if math.Float64bits(v) != math.Float64bits(want[i]) {
				t.Fatalf("%d workers: parameter %d is %v, and %v with one", workers, i, v, want[i])
			}
		}
	}
}

// TestKilledWorker: a worker that is killed in the middle of a shard costs that part of the pass, and no bit.
func TestKilledWorker(t *testing.T) {
	files := write(t, t.TempDir(), sample(Logistic, 2000, 8, 1, 5), 9, "csv")
	opt := FitOptions{Family: Logistic, Lambda: 1e-3, MaxPasses: 20}
	want, err := start(t, Settings{Workers: 2}).Fit(t.Context(), Data{Files: files}, opt)
	if err != nil {
		t.Fatal(err)
	}

	// The second worker is killed after the first is known to be dead, whatever pass that is in.
	var d Data
	for _, f := range files {
		d.Files = append(d.Files, "held://"+f)
	}
	held := []string{files[1], files[7]}
	hold(t, held[0])
	failed := make(chan Pass, 100)
	e := start(t, Settings{Workers: 2, Log: func(p Pass) {
		if p.Failed != nil {
			if len(failed) == 0 {
				hold(t, held[1])
			}
			failed <- p
		}
	}})
	ctx, stop := context.WithCancel(t.Context())
	killed := make(chan error, 1)
	go func() {
		for _, name := range held {
			if err := killReader(ctx, name); err != nil {
				killed <- err
				return
			}
		}
		killed <- nil
	}()
	got, err := e.Fit(t.Context(), d, opt)
	stop()
	if err := <-killed; err != nil {
		t.Error(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	close(failed)
	if len(failed) != 2 {
		t.Errorf("two workers were killed and %d jobs failed", len(failed))
	}
	for p := range failed {
		if p.Tries == 0 {
			t.Errorf("a failed job of 0 tries: %+v", p)
		}
	}
	if !slices.Equal(got.Model.Params(), want.Model.Params()) {
		t.Error("θ has other bits after a worker was killed")
	}
}

// TestKilledBeforeItConnects: the engine cannot miss a worker that it has never seen, but the pool does.
func TestKilledBeforeItConnects(t *testing.T) {
	d := Data{Files: write(t, t.TempDir(), sample(Gaussian, 100, 3, 1, 5), 4, "npy")}
	failed := 0
	e := start(t, Settings{Log: func(p Pass) {
		if p.Failed != nil {
			failed++
		}
	}})
	name := filepath.Join(t.TempDir(), "stillborn")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(stillborn, name)
	begun := time.Now()
	if _, err := e.Moments(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if failed != 1 {
		t.Errorf("%d jobs failed, want 1", failed)
	}
	if took := time.Since(begun); took > 45*time.Second { // Prism alone takes 60 s
		t.Errorf("the pass took %v", took)
	}
}

// TestNothingIsLeftBehind by 30 jobs: no process, no file, no growing number of goroutines.
func TestNothingIsLeftBehind(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	data := t.TempDir()
	d := Data{Files: write(t, data, sample(Gaussian, 200, 3, 1, 1), 4, "npy")}
	e, err := Start(Settings{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	var before int
	for i := range 15 { // passes of two jobs
		if _, err := e.Moments(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		pids = append(pids, e.Pool().Workers()...)
		if i == 4 {
			before = runtime.NumGoroutine()
		}
	}
	if n := e.Pool().Started(); n != 30 {
		t.Errorf("%d workers were started, want 30", n)
	}
	deadline := time.Now().Add(10 * time.Second)
	for len(e.Pool().Workers()) > 0 && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if ids := e.Pool().Workers(); len(ids) > 0 {
		t.Errorf("workers %v still run, and their jobs are done", ids)
	}
	if after := runtime.NumGoroutine(); after > before+20 {
		t.Errorf("%d goroutines after 30 jobs, %d after 10", after, before)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for _, p := range pids {
		if runtime.GOOS == "linux" && syscall.Kill(p, 0) == nil {
			t.Errorf("process %d is left", p)
		}
	}
	for _, dir := range []string{temp, data} {
		found, _ := filepath.Glob(filepath.Join(dir, "*"))
		for _, f := range found {
			if !strings.HasSuffix(f, ".npy") {
				t.Errorf("%s is left", f)
			}
		}
	}
}

// TestInterrupted: a pass that is stopped leaves no worker and no file, whether its workers run already or are not yet asked for.
func TestInterrupted(t *testing.T) {
	d := Data{Files: write(t, t.TempDir(), sample(Logistic, 20000, 30, 1, 5), 4, "csv")}
	for _, c := range []struct {
		name  string
		after func(e *Engine)
	}{
		{"a worker", func(e *Engine) {
			for len(e.Pool().Workers()) == 0 {
				time.Sleep(time.Millisecond)
			}
		}},
		{"0 ms", func(*Engine) {}},
		{"1 ms", func(*Engine) { time.Sleep(time.Millisecond) }},
		{"2 ms", func(*Engine) { time.Sleep(2 * time.Millisecond) }},
		{"5 ms", func(*Engine) { time.Sleep(5 * time.Millisecond) }},
		{"20 ms", func(*Engine) { time.Sleep(20 * time.Millisecond) }},
		{"60 ms", func(*Engine) { time.Sleep(60 * time.Millisecond) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			e := start(t, Settings{Workers: 2, Dir: dir})
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				c.after(e)
				cancel()
			}()
			if _, err := e.Fit(ctx, d, FitOptions{Family: Logistic}); err != context.Canceled {
				t.Fatalf("error %v, want that of the context", err)
			}
			if ids := e.Pool().Workers(); len(ids) > 0 {
				t.Errorf("workers %v still run", ids)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
}

package tune_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
)

var space = tune.Space{
	"rate":  tune.LogUniform{Low: 1e-4, High: 1},
	"decay": tune.Uniform{Low: -1, High: 1},
	"depth": tune.IntUniform{Low: 1, High: 6},
	"kind":  tune.Choice{"a", "b", 7, true, 0.5},
}

// methods are all methods, small enough for a test at every trial.
var methods = map[string]tune.Method{
	"Grid":   tune.Grid{"rate": {0.1, 1.0}, "decay": {0.0, 1, -0.5}, "depth": {1, 4}, "kind": {"a"}},
	"Random": tune.Random{Space: space, Trials: 17, Seed: 5},
	"SuccessiveHalving": tune.SuccessiveHalving{
		Candidates: tune.Random{Space: space, Trials: 13, Seed: 9}, MinBudget: 1, MaxBudget: 8, Factor: 2},
	"TPE": tune.TPE{Space: space, Trials: 18, Startup: 5, Batch: 3, Candidates: 10, Seed: 2},
}

// score fails, panics and is NaN now and then; else it depends on everything.
func score(t tune.Trial) (float64, error) {
	switch {
	case t.Int("depth") == 4:
		return 0, errors.New("too deep")
	case t.Float("decay") > 0.8:
		panic(fmt.Sprintf("decay is %.2f", t.Float("decay")))
	case t.ID%7 == 6:
		return math.NaN(), nil
	}
	s := math.Pow(math.Log10(t.Float("rate"))+2, 2) + t.Float("decay") + float64(t.Int("depth"))/3 - t.Budget/10
	if t.Params["kind"] == "a" {
		s--
	}
	return s, nil
}

func objective(_ context.Context, t tune.Trial) (float64, error) { return score(t) }

// same fails the test unless the results agree to the last bit, errors by their
// texts.
func same(t *testing.T, got, want *tune.Result) {
	t.Helper()
	if g, w := plain(got), plain(want); !reflect.DeepEqual(g, w) {
		t.Fatalf("the result is\n%v\nwant\n%v", strings.Join(g, "\n"), strings.Join(w, "\n"))
	}
}

func plain(r *tune.Result) []string {
	lines := []string{string(r.Goal), string(r.Status), r.Reason}
	for _, t := range r.Trials {
		lines = append(lines, fmt.Sprintf("%d %#v %x %x %s %v", t.ID, t.Params, t.Budget, math.Float64bits(t.Score), t.Status, t.Err))
	}
	return lines
}

func TestWorkersDoNotMatter(t *testing.T) {
	for name, m := range methods {
		t.Run(name, func(t *testing.T) {
			var want *tune.Result
			for _, workers := range []int{1, 2, 5, 0} {
				r, err := tune.Maximize(t.Context(), m, func(_ context.Context, t tune.Trial) (float64, error) {
					time.Sleep(time.Duration(t.ID*7%5) * 200 * time.Microsecond) // finish out of order
					return score(t)
				}, tune.Options{Workers: workers})
				if err != nil || r.Status != train.Completed {
					t.Fatal(r, err)
				}
				if want == nil {
					want = r
				}
				same(t, r, want)
			}
			if best, err := want.Best(); err != nil || best.Status != train.Completed {
				t.Errorf("the best trial is %v, %v", best, err)
			}
		})
	}
}

// A search interrupted in any trial and started again gives what one that was
// never interrupted gives, and no finished trial is computed twice.
func TestResumeAtEveryTrial(t *testing.T) {
	for name, m := range methods {
		t.Run(name, func(t *testing.T) {
			want, err := tune.Minimize(t.Context(), m, objective, tune.Options{Workers: 1})
			if err != nil {
				t.Fatal(err)
			}
			for stop := range len(want.Trials) {
				if testing.Short() && stop%5 > 1 {
					continue // each search is a file of its own, written after every trial
				}
				workers := 1 + 2*(stop%2)
				opt := tune.Options{Workers: workers, File: filepath.Join(t.TempDir(), "search.json")}
				var mu sync.Mutex
				calls := map[int]int{}
				ctx, cancel := context.WithCancel(t.Context())
				stopping := func(ctx context.Context, tr tune.Trial) (float64, error) {
					mu.Lock()
					calls[tr.ID]++
					mu.Unlock()
					if tr.ID == stop {
						cancel()
						return 1e9, nil // what an interrupted training may return
					}
					return score(tr)
				}
				part, err := tune.Minimize(ctx, m, stopping, opt)
				if err != nil || part.Status != train.Interrupted || part.Reason != "context canceled" {
					t.Fatal(part, err)
				}
				if len(part.Trials) < stop && workers == 1 || len(part.Trials) >= len(want.Trials) {
					t.Fatalf("interrupted in trial %d it has %d trials", stop, len(part.Trials))
				}
				for _, tr := range part.Trials {
					calls[tr.ID] += 10
				}
				got, err := tune.Minimize(t.Context(), m, func(_ context.Context, tr tune.Trial) (float64, error) {
					mu.Lock()
					calls[tr.ID]++
					mu.Unlock()
					return score(tr)
				}, opt)
				if err != nil {
					t.Fatal(err)
				}
				same(t, got, want)
				for id, n := range calls {
					if n > 2 && n != 11 {
						t.Errorf("trial %d was finished and computed again", id)
					}
				}
			}
		})
	}
}

// A finished search gives its result again, and may then be made longer.
func TestFileOfFinishedSearch(t *testing.T) {
	opt := tune.Options{File: filepath.Join(t.TempDir(), "search.json")}
	short, long := methods["TPE"].(tune.TPE), methods["TPE"].(tune.TPE)
	long.Trials += 7
	calls := 0
	counting := func(_ context.Context, t tune.Trial) (float64, error) {
		calls++
		return score(t)
	}
	opt.Workers = 1
	first, err := tune.Minimize(t.Context(), short, counting, opt)
	if err != nil {
		t.Fatal(err)
	}
	again, err := tune.Minimize(t.Context(), short, counting, opt)
	if err != nil || calls != 18 {
		t.Fatalf("%d calls, %v, want 18", calls, err)
	}
	same(t, again, first)

	r, err := tune.Minimize(t.Context(), long, counting, opt)
	if err != nil || calls != 25 {
		t.Fatalf("%d calls, %v, want 25", calls, err)
	}
	whole, err := tune.Minimize(t.Context(), long, objective, tune.Options{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, r, whole)

	// The short search leaves the further trials in the file alone.
	if r, err = tune.Minimize(t.Context(), short, counting, opt); err != nil || calls != 25 {
		t.Fatalf("%d calls, %v", calls, err)
	}
	same(t, r, first)
	f, err := os.Open(opt.File)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if loaded, err := tune.Load(f); err != nil || len(loaded.Trials) != 25 {
		t.Fatal(loaded, err)
	}
}

func TestFileOfOtherSearch(t *testing.T) {
	folder := t.TempDir()
	opt := tune.Options{File: filepath.Join(folder, "search.json")}
	if _, err := tune.Minimize(t.Context(), methods["Random"], objective, opt); err != nil {
		t.Fatal(err)
	}
	other := methods["Random"].(tune.Random)
	other.Seed++
	damaged := filepath.Join(folder, "damaged.json")
	if err := os.WriteFile(damaged, []byte(`{"format":"descent/tune","version":1,"goal":"mini`), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"seed":       {second(tune.Minimize(t.Context(), other, objective, opt)), "is of another search: its trial 0"},
		"goal":       {second(tune.Maximize(t.Context(), methods["Random"], objective, opt)), "is of a search to minimize"},
		"damaged":    {second(tune.Minimize(t.Context(), other, objective, tune.Options{File: damaged})), "unexpected end of JSON input (in " + damaged},
		"unwritable": {second(tune.Minimize(t.Context(), other, objective, tune.Options{File: filepath.Join(folder, "no", "file")})), "no such file"},
		"unreadable": {second(tune.Minimize(t.Context(), other, objective, tune.Options{File: filepath.Join(damaged, "file")})), "not a directory"},
	} {
		if c.err == nil || !strings.HasPrefix(c.err.Error(), "tune: ") || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q in it", name, c.err, c.want)
		}
	}
}

func TestFailingTrials(t *testing.T) {
	grid := tune.Grid{"what": {"error", "panic", "NaN", "Inf", "missing", "type", "good", "better", "exit"}}
	cause := errors.New("no memory")
	r, err := tune.Maximize(t.Context(), grid, func(_ context.Context, t tune.Trial) (float64, error) {
		switch t.Text("what") {
		case "error":
			return 3, cause
		case "panic":
			panic("index out of range")
		case "NaN":
			return math.NaN(), nil
		case "Inf":
			return math.Inf(1), nil
		case "missing":
			return t.Float("rate"), nil
		case "type":
			return float64(t.Int("what")), nil
		case "exit":
			runtime.Goexit()
		case "better":
			return 2, nil
		}
		t.Params["what"] = "changed" // its own copy
		return 1, nil
	}, tune.Options{Workers: 3})
	if err != nil || r.Status != train.Completed || len(r.Trials) != 9 {
		t.Fatal(r, err)
	}
	for i, want := range []string{
		"no memory", "panic: index out of range", "the score is NaN", "the score is +Inf",
		`panic: tune: there is no hyper-parameter "rate", only what`,
		`panic: tune: hyper-parameter "what" is type of type string, want a value of type int`,
	} {
		tr := r.Trials[i]
		if tr.Status != train.Failed || tr.Err == nil || tr.Err.Error() != want || !math.IsNaN(tr.Score) {
			t.Errorf("trial %d is %v, want the error %s", i, tr, want)
		}
	}
	if !errors.Is(r.Trials[0].Err, cause) {
		t.Error("the error of trial 0 is not wrapped")
	}
	if sorted := r.Sorted(); sorted[0].ID != 7 || sorted[1].ID != 6 || sorted[2].ID != 0 || sorted[8].ID != 8 {
		t.Errorf("the order is\n%v", r)
	}
	if best, err := r.Best(); err != nil || best.ID != 7 || best.Text("what") != "better" || r.Trials[6].Text("what") != "good" {
		t.Errorf("the best trial is %v, %v", best, err)
	}
}

func TestBestOfNone(t *testing.T) {
	cause := errors.New("no data")
	r, err := tune.Minimize(t.Context(), tune.Grid{"a": {1, 2}}, func(context.Context, tune.Trial) (float64, error) { return 0, cause }, tune.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Best(); !errors.Is(err, cause) || err.Error() != "tune: none of 2 trials was completed; trial 0: no data" {
		t.Errorf("error is %v", err)
	}
	if _, err := new(tune.Result).Best(); err == nil {
		t.Error("an empty result has a best trial")
	}
}

// Callbacks come in the order of the trials and see those up to theirs, whatever
// the number of workers; the same for stopping.
func TestOnTrial(t *testing.T) {
	enough := fmt.Errorf("%w: good enough", train.ErrStop)
	for _, workers := range []int{1, 4} {
		var ids []int
		r, err := tune.Minimize(t.Context(), methods["Random"], func(_ context.Context, t tune.Trial) (float64, error) {
			time.Sleep(time.Duration(16-t.ID) * 100 * time.Microsecond)
			return score(t)
		}, tune.Options{Workers: workers, OnTrial: func(r *tune.Result, t tune.Trial) error {
			ids = append(ids, t.ID)
			if len(r.Trials) != t.ID+1 || r.Status != train.Running {
				return fmt.Errorf("%d trials, %s", len(r.Trials), r.Status)
			}
			if t.ID == 9 {
				return enough
			}
			return nil
		}})
		if err != nil || r.Status != train.Stopped || r.Reason != enough.Error() || len(r.Trials) != 10 {
			t.Errorf("%d workers: %v, %v", workers, r, err)
		}
		if fmt.Sprint(ids) != "[0 1 2 3 4 5 6 7 8 9]" {
			t.Errorf("%d workers: the callback was called for %v", workers, ids)
		}
	}
	bad := errors.New("disk full")
	r, err := tune.Minimize(t.Context(), methods["TPE"], objective, tune.Options{OnTrial: func(r *tune.Result, t tune.Trial) error {
		if t.ID == 7 {
			return bad
		}
		return nil
	}})
	if !errors.Is(err, bad) || r.Status != train.Failed || len(r.Trials) != 8 {
		t.Errorf("%v, %v", r, err)
	}
}

func TestProgress(t *testing.T) {
	var b strings.Builder
	_, err := tune.Maximize(t.Context(), tune.Grid{"a": {1, 2, 3}}, func(_ context.Context, t tune.Trial) (float64, error) {
		if t.Int("a") == 1 {
			return 0, errors.New("odd")
		}
		return -t.Float("a"), nil
	}, tune.Options{OnTrial: tune.PrintProgress(&b)})
	want := "trial 0: failed: odd a=1\ntrial 1: -2 a=2 (best: -2 in trial 1)\ntrial 2: -3 a=3 (best: -2 in trial 1)\n"
	if err != nil || b.String() != want {
		t.Errorf("%v, it wrote\n%s", err, b.String())
	}
}

// A search whose context has ended returns as soon as the running trials do, and
// leaves no goroutine behind.
func TestInterruptEndsPromptly(t *testing.T) {
	before := runtime.NumGoroutine()
	cause := errors.New("lunch")
	ctx, cancel := context.WithCancelCause(t.Context())
	var start sync.Once
	began := time.Now()
	r, err := tune.Minimize(ctx, tune.Random{Space: space, Trials: 1000}, func(ctx context.Context, _ tune.Trial) (float64, error) {
		start.Do(func() { cancel(cause) })
		<-ctx.Done()
		return 0, nil
	}, tune.Options{Workers: 8})
	if err != nil || r.Status != train.Interrupted || r.Reason != "lunch" || len(r.Trials) != 0 {
		t.Errorf("%v, %v", r, err)
	}
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("it took %v to end", d)
	}
	// The callback's panic is the caller's, and no trial outlives the search.
	func() {
		defer func() {
			if recover() != "bug" {
				t.Error("the panic of the callback was lost")
			}
		}()
		_, _ = tune.Minimize(t.Context(), methods["Random"], objective, tune.Options{Workers: 4, OnTrial: func(*tune.Result, tune.Trial) error { panic("bug") }})
	}()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond) // goroutines that have finished may still be counted
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

// awkward is a Method whose second batch fails.
type awkward struct{}

func (awkward) Propose(r *tune.Result) ([]tune.Trial, error) {
	if len(r.Trials) > 0 {
		return nil, errors.New("no idea")
	}
	return []tune.Trial{{Params: tune.Params{"a": 1}}}, nil
}

func TestSearchErrors(t *testing.T) {
	random := tune.Random{Space: space, Trials: 3}
	with := func(d tune.Distribution) tune.Method { return tune.Random{Space: tune.Space{"d": d}, Trials: 3} }
	tpe := tune.NewTPE(space, 0, 1)
	huge := tune.Grid{}
	for _, name := range strings.Split("abcdefg", "") {
		huge[name] = []any{1, 2, 3, 4, 5, 6, 7, 8}
	}
	for name, m := range map[string]tune.Method{
		"nil":             nil,
		"empty grid":      tune.Grid{},
		"no values":       tune.Grid{"a": {}},
		"twice":           tune.Grid{"a": {1, 2, 1}},
		"a list":          tune.Grid{"a": {[]int{1}}},
		"NaN in grid":     tune.Grid{"a": {math.NaN()}},
		"bad name":        tune.Grid{"\xff": {1}},
		"bad text":        tune.Grid{"a": {"\xff"}},
		"huge grid":       huge,
		"no trials":       tune.Random{Space: space},
		"no space":        tune.Random{Trials: 3},
		"nil in space":    with(nil),
		"name in space":   tune.Random{Space: tune.Space{"\xff": tune.Uniform{High: 1}}, Trials: 1},
		"uniform":         with(tune.Uniform{Low: 1, High: 1}),
		"infinite":        with(tune.Uniform{Low: 0, High: math.Inf(1)}),
		"too wide":        with(tune.Uniform{Low: -math.MaxFloat64, High: math.MaxFloat64}),
		"log of 0":        with(tune.LogUniform{Low: 0, High: 1}),
		"log":             with(tune.LogUniform{Low: 2, High: 1}),
		"ints":            with(tune.IntUniform{Low: 2, High: 1}),
		"too many ints":   with(tune.IntUniform{Low: math.MinInt, High: math.MaxInt}),
		"no choice":       with(tune.Choice{}),
		"choice":          with(tune.Choice{1, 1}),
		"tpe":             tpe,
		"no candidates":   tune.SuccessiveHalving{MinBudget: 1, MaxBudget: 2, Factor: 3},
		"bad candidates":  tune.NewSuccessiveHalving(tune.Grid{}, 1, 9),
		"budget 0":        tune.NewSuccessiveHalving(random, 0, 9),
		"budgets":         tune.NewSuccessiveHalving(random, 2, 1),
		"infinite budget": tune.NewSuccessiveHalving(random, 2, math.Inf(1)),
		"factor":          tune.SuccessiveHalving{Candidates: random, MinBudget: 1, MaxBudget: 2, Factor: 1},
	} {
		r, err := tune.Minimize(t.Context(), m, objective, tune.Options{})
		if r != nil || err == nil || !strings.HasPrefix(err.Error(), "tune: ") {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	if r, err := tune.Minimize(t.Context(), random, objective, tune.Options{Workers: -1}); r != nil || err == nil {
		t.Errorf("-1 workers: %v", err)
	}
	if r, err := tune.Minimize(t.Context(), random, nil, tune.Options{}); r != nil || err == nil {
		t.Errorf("no objective: %v", err)
	}
	r, err := tune.Minimize(t.Context(), awkward{}, func(context.Context, tune.Trial) (float64, error) { return 1, nil }, tune.Options{})
	if err == nil || r.Status != train.Failed || len(r.Trials) != 1 {
		t.Errorf("a method that fails: %v, %v", r, err)
	}
}

// An interrupted search returns what finished, also after a trial that did not.
func TestInterruptKeepsWhatFinished(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	finished := 0
	r, err := tune.Minimize(ctx, tune.Grid{"a": {0, 1, 2, 3, 4}}, func(ctx context.Context, t tune.Trial) (float64, error) {
		if t.ID == 0 || t.ID == 4 {
			<-ctx.Done()
			return 0, ctx.Err()
		}
		mu.Lock()
		defer mu.Unlock()
		finished++
		if finished == 3 {
			time.AfterFunc(50*time.Millisecond, cancel)
		}
		return t.Float("a"), nil
	}, tune.Options{Workers: 2})
	if err != nil || r.Status != train.Interrupted || len(r.Trials) != 3 {
		t.Fatalf("%v, %v", r, err)
	}
	for i, tr := range r.Trials {
		if tr.ID != i+1 || tr.Score != float64(i+1) {
			t.Errorf("trial %d is %v", i+1, tr)
		}
	}
	if got := fmt.Sprint(tune.Trial{ID: 2, Status: train.Running}); got != "trial 2: running" {
		t.Errorf("a running trial is %q", got)
	}
}

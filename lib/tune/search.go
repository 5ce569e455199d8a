package tune

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/train"
)

// A Method proposes trials.
type Method interface {
	// Propose returns the next batch of trials, given the results of all
	// earlier ones, or none when the search is over. It sets only Params and
	// Budget. It must depend only on its settings and on r, which it must not
	// modify; this makes a search reproducible.
	Propose(r *Result) ([]Trial, error)
}

// Options say how to run a search. The zero value is ready for use.
type Options struct {
	// Workers is how many trials run at the same time; 0 means one for each
	// core. It does not influence the result.
	Workers int
	// File names a file for the finished trials; "" means none. If the file
	// exists, the search continues from it: with the same method the result is
	// that of an uninterrupted search. A finished search returns its result
	// without calling the objective; if a Random or TPE method now has more
	// trials, the search is extended. The file does not describe the objective:
	// delete it when you change the objective.
	File string
	// OnTrial is called after each trial, in the order of their IDs, with the
	// trials so far. train.ErrStop ends the search normally; any other error
	// is a failure.
	OnTrial func(r *Result, t Trial) error
}

func (o Options) Validate() error {
	if o.Workers < 0 {
		return fmt.Errorf("tune: Workers is %d, want a positive number, or 0 for one for each core", o.Workers)
	}
	return nil
}

// PrintProgress returns a function for Options.OnTrial that writes a line to w for
// each trial.
func PrintProgress(w io.Writer) func(r *Result, t Trial) error {
	return func(r *Result, t Trial) error {
		best := ""
		if b, err := r.Best(); err == nil {
			best = fmt.Sprintf(" (best: %.6g in trial %d)", b.Score, b.ID)
		}
		_, err := fmt.Fprintf(w, "%v%s\n", t, best)
		return err
	}
}

// Minimize searches for the trial with the smallest score. The end of the
// context is not an error: Minimize then returns the finished trials, with the
// status train.Interrupted. It returns an error for invalid settings, for a
// file that cannot be read or written or belongs to another search, and for a
// callback's failure. The result is nil only if the search did not begin.
func Minimize(ctx context.Context, m Method, f Objective, opt Options) (*Result, error) {
	return run(ctx, m, f, Least, opt)
}

// Maximize searches for the trial with the greatest score. Otherwise it works
// as Minimize.
func Maximize(ctx context.Context, m Method, f Objective, opt Options) (*Result, error) {
	return run(ctx, m, f, Greatest, opt)
}

// search is a search under way.
type search struct {
	objective Objective
	opt       Options
	result    *Result
	saved     map[int]Trial // of the file, and what has been added to it
}

func run(ctx context.Context, m Method, f Objective, goal Goal, opt Options) (*Result, error) {
	if m == nil || f == nil {
		return nil, errors.New("tune: the method or the objective is nil")
	}
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	saved, err := readFile(opt.File, goal)
	if err != nil {
		return nil, err
	}
	s := &search{f, opt, &Result{Goal: goal, Status: train.Running}, saved}
	for s.result.Status == train.Running {
		trials, err := m.Propose(s.result)
		switch {
		case err != nil && len(s.result.Trials) == 0:
			return nil, err
		case err != nil:
			return s.fail(err)
		case len(trials) == 0:
			s.end(train.Completed, "the method has nothing more to try")
		default:
			if err := s.batch(ctx, trials); err != nil {
				return s.fail(err)
			}
		}
	}
	return s.result, nil
}

func (s *search) end(status train.Status, reason string) {
	s.result.Status, s.result.Reason = status, reason
}

func (s *search) fail(err error) (*Result, error) {
	s.end(train.Failed, err.Error())
	return s.result, err
}

// batch evaluates the proposed trials that are not in the file, and adds all to
// the result.
func (s *search) batch(ctx context.Context, trials []Trial) error {
	trials = slices.Clone(trials) // the method may keep its own
	first := len(s.result.Trials)
	var missing []int // places in trials
	for i := range trials {
		t := Trial{ID: first + i, Params: trials[i].Params, Budget: trials[i].Budget, Score: math.NaN(), Status: train.Running}
		old, ok := s.saved[t.ID]
		switch {
		case ok && !old.same(t):
			return fmt.Errorf("tune: the file %s is of another search: its trial %d has budget %g and %v, this search's has %g and %v: choose another File or delete this one",
				s.opt.File, t.ID, old.Budget, old.Params, t.Budget, t.Params)
		case ok:
			t = old
		default:
			missing = append(missing, i)
		}
		trials[i] = t
	}
	told := 0
	if err := s.tell(trials, &told); err != nil || s.result.Status != train.Running {
		return err
	}
	evaluate := func(ctx context.Context, k int) Trial { return s.objective.evaluate(ctx, trials[missing[k]]) }
	for k, t := range parallel(ctx, len(missing), workerCount(s.opt.Workers), evaluate) {
		trials[missing[k]] = t
		if err := s.save(t); err != nil {
			return err
		}
		if err := s.tell(trials, &told); err != nil || s.result.Status != train.Running {
			return err
		}
	}
	if told < len(trials) {
		s.interrupt(ctx, trials[told:])
	}
	return nil
}

// tell adds finished trials to the result, in order and up to the first that is
// not finished, and tells the callback.
func (s *search) tell(trials []Trial, told *int) error {
	for *told < len(trials) && trials[*told].Status != train.Running {
		t := trials[*told]
		*told++
		s.result.Trials = append(s.result.Trials, t)
		if s.opt.OnTrial == nil {
			continue
		}
		err := s.opt.OnTrial(s.result, t)
		if errors.Is(err, train.ErrStop) {
			s.end(train.Stopped, err.Error())
			return nil
		}
		if err != nil {
			return fmt.Errorf("tune: the callback after trial %d: %w", t.ID, err)
		}
	}
	return nil
}

// interrupt keeps what has finished out of order.
func (s *search) interrupt(ctx context.Context, rest []Trial) {
	for _, t := range rest {
		if t.Status != train.Running {
			s.result.Trials = append(s.result.Trials, t)
		}
	}
	s.end(train.Interrupted, context.Cause(ctx).Error())
}

// save adds a trial to the file.
func (s *search) save(t Trial) error {
	if s.opt.File == "" {
		return nil
	}
	s.saved[t.ID] = t
	all := Result{Goal: s.result.Goal}
	for _, t := range s.saved {
		all.Trials = append(all.Trials, t)
	}
	slices.SortFunc(all.Trials, func(a, b Trial) int { return a.ID - b.ID })
	if err := format.WriteFile(s.opt.File, all.Save); err != nil {
		return fmt.Errorf("tune: %w", err)
	}
	return nil
}

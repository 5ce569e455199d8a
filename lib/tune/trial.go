package tune

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"strings"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/train"
)

// Trial is one evaluation of the objective.
type Trial struct {
	ID int // counted from 0, in the order of the proposals
	Params
	// Budget is how much the objective may spend, in a unit of your choice,
	// such as epochs; 0 for methods without budgets.
	Budget float64

	Score  float64      // NaN until the trial is completed
	Status train.Status // train.Running, train.Completed or train.Failed
	Err    error        // why it failed
}

// String returns a line about the trial.
func (t Trial) String() string {
	outcome := string(t.Status)
	switch t.Status {
	case train.Completed:
		outcome = fmt.Sprintf("%.6g", t.Score)
	case train.Failed:
		outcome = fmt.Sprintf("failed: %v", t.Err)
	}
	if t.Budget > 0 {
		outcome += fmt.Sprintf(" budget=%g", t.Budget)
	}
	return strings.TrimSpace(fmt.Sprintf("trial %d: %s %v", t.ID, outcome, t.Params))
}

// An Objective evaluates a trial and returns its score. It reads the
// hyper-parameters with t.Float("rate"), t.Int, t.Text and t.Bool.
//
// It is called from several goroutines at once unless Options.Workers is 1, and
// should depend on the trial alone: derive seeds from t.ID. It should return
// soon after ctx has ended; its result is then ignored.
type Objective func(ctx context.Context, t Trial) (float64, error)

// evaluate runs the objective and returns the trial with the outcome.
func (f Objective) evaluate(ctx context.Context, t Trial) Trial {
	given := t
	given.Params = maps.Clone(t.Params)
	score, err := protect(func() (float64, error) { return f(ctx, given) })
	if err == nil && !number.IsFinite(score) {
		err = fmt.Errorf("the score is %g", score)
	}
	t.Score, t.Status, t.Err = score, train.Completed, err
	if err != nil {
		t.Score, t.Status = math.NaN(), train.Failed
	}
	return t
}

// same says whether two trials ask for the same.
func (t Trial) same(u Trial) bool {
	return t.ID == u.ID && t.Budget == u.Budget && maps.Equal(t.Params, u.Params)
}

// PanicError is the error of a trial or a fold whose function panicked.
type PanicError struct {
	Value any    // the value given to panic
	Stack []byte // the stack trace; not saved in a file
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

var errGoexit = errors.New("the function ended its goroutine (runtime.Goexit, or FailNow of a test)")

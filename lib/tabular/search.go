package tabular

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/tune"
)

// SearchOptions say how to judge the trials of a [Search], and how to run it. The zero
// value is ready for use.
type SearchOptions struct {
	// Metric is the name of the score to search by: see [Scores]. "" means log loss or
	// RMSE. Whether it is minimized or maximized follows from it.
	Metric string
	Folds  []preprocess.Fold // nil means those of Learner.Folds(table, 5, 1)
	tune.Options
}

// Search looks for the settings with the best mean score over the folds of the table.
// It calls learner for the settings of each trial that the method proposes:
//
//	result, err := tabular.Search(ctx, table, tune.Random{Space: space, Trials: 30, Seed: 1},
//		func(t tune.Trial) tabular.Learner {
//			return tabular.Learner{Target: "churned", Method: tabular.Linear{Lambda: t.Float("lambda")}}
//		}, tabular.SearchOptions{})
//	best, err := result.Best()
//
// Then fit the winner on the whole table. Its score is biased, since it is the best of
// many: evaluate it on rows that the search did not see. A trial that fails ranks last.
// Interrupts, the search's file and errors are those of tune.Minimize. The score of a
// trial is the mean over folds, so one fold in which it is undefined makes the trial
// fail.
func Search(ctx context.Context, table *preprocess.Table, method tune.Method, learner func(t tune.Trial) Learner, opt SearchOptions) (*tune.Result, error) {
	if learner == nil {
		return nil, errors.New("tabular: Search: the learner is nil")
	}
	goal := tune.Least
	if opt.Metric != "" {
		var known bool
		if goal, known = goals[opt.Metric]; !known {
			return nil, fmt.Errorf("tabular: Search: Metric is %q, want one of %q", opt.Metric, sortedKeys(goals))
		}
	}
	objective := func(ctx context.Context, t tune.Trial) (float64, error) {
		l := learner(t)
		p, err := l.plan(table)
		if err != nil {
			return 0, err
		}
		name := cmp.Or(opt.Metric, defaultMetric(p.Task))
		folds := opt.Folds
		if folds == nil {
			if folds, err = l.Folds(table, 5, 1); err != nil {
				return 0, err
			}
		}
		c, err := l.CrossValidate(ctx, table, folds, 1)
		if err != nil {
			return 0, err
		}
		return c.Mean().Value(name), nil
	}
	if goal == tune.Greatest {
		return tune.Maximize(ctx, method, objective, opt.Options)
	}
	return tune.Minimize(ctx, method, objective, opt.Options)
}
